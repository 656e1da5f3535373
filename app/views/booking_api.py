"""REST of bookings: list and record as everywhere, booking, the steps, and what is free."""

from datetime import date, datetime
from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import expose

from app.access.actor import current_actor
from app.core.clock import today
from app.core.errors import Invalid, Malformed
from app.forms.booking import BookingForm, wish_of
from app.forms.fields import parse_day
from app.forms.step_form import formdata_of
from app.forms.steps import BOOKING
from app.models.booking import Purpose
from app.services.access_log import log_read
from app.services.booking import book_wish
from app.services.booking_rules import Wish
from app.services.queries.room_day import Busy, day, free
from app.views.api_base import PortalRestApi
from app.views.api_guard import body, guarded
from app.views.api_spec import _answer, _errors, sent
from app.views.booking import BookingView
from app.views.room import RoomView
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import find_record

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
MOMENT = {"type": "string", "format": "date-time"}
KEY = {"type": ["integer", "string"], "description": "id, or name"}
NEW_BOOKING = {
    "type": "object",
    "required": ["room", "start", "end", "purpose"],
    "properties": {
        "room": KEY,
        "start": MOMENT,
        "end": MOMENT,
        "purpose": {"type": "string", "enum": [purpose.value for purpose in Purpose]},
        "people": {"type": "array", "items": {"type": ["integer", "string"], "description": "id, or user name"}},
        "people_count": {**WHOLE, "minimum": 1},
        "title": {**TEXT, "maxLength": 200},
        "case": {"type": ["integer", "string"], "description": "id, or number"},
        "contact_name": {**TEXT, "maxLength": 64},
        "contact_phone": {**TEXT, "maxLength": 32},
        "equipment": {"type": "array", "items": {"type": ["integer", "string"], "description": "id, or code"}},
        "secret": {"type": "boolean"},
        "notes": {**TEXT, "maxLength": 2000},
    },
}
STANDING = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["room", "person"]},
        "name": TEXT,
        "from": MOMENT,
        "until": MOMENT,
        "booking": {"type": ["integer", "null"]},
        "number": {"type": ["string", "null"]},
    },
}
BOOKED = {
    "id": WHOLE,
    "result": {
        "type": "object",
        "properties": {"number": TEXT, "state": TEXT, "version": WHOLE, "start": MOMENT, "end": MOMENT},
    },
}
SPAN = {"type": "object", "properties": {"from": MOMENT, "until": MOMENT}}
BUSY = {
    "type": "object",
    "properties": {
        "from": MOMENT,
        "until": MOMENT,
        "booking": {
            "type": ["object", "null"],
            "properties": {
                "id": WHOLE,
                "number": TEXT,
                "purpose": TEXT,
                "title": {"type": ["string", "null"]},
                "state": TEXT,
            },
        },
    },
}
ROOM = {
    "type": "object",
    "properties": {
        "id": WHOLE,
        "name": TEXT,
        "kind": TEXT,
        "capacity": WHOLE,
        "free": {"type": "array", "items": SPAN},
        "busy": {"type": "array", "items": BUSY},
        "closed": {
            "type": "array",
            "items": {"type": "object", "properties": {"from": MOMENT, "until": MOMENT, "reason": TEXT}},
        },
    },
}
DATE = {"in": "query", "name": "date", "required": False, "schema": {"type": "string", "format": "date"}}
TAKEN = _answer("Taken: what stands there", {"message": TEXT, "standing": {"type": "array", "items": STANDING}})


class BookingApi(PortalRestApi):
    """Bookings."""

    view, resource_name = BookingView, "booking"
    method_permission_name = {"book": "book", "steps": "read", "step": "read"}

    def read_one(self, pk: Any, names: Any) -> dict[str, Any]:
        """One booking; the reading is noted in the trail."""
        item = super().read_one(pk, names)
        log_read(current_actor(), find_record(BOOKING, item["id"]))
        return item

    @expose("/", methods=("POST",))
    @described(
        {
            "post": {
                "requestBody": sent(NEW_BOOKING),
                "responses": {
                    "201": _answer("Booked", BOOKED),
                    **_errors("413", "415", "422"),
                    "409": TAKEN,
                },
            }
        }
    )
    @guarded
    def book(self) -> Any:
        """Book a room with its people; 409 says what stands there."""
        form = BookingForm(formdata=None, meta={"csrf": False})
        data = formdata_of(form, body())
        filled = BookingForm(formdata=data, meta={"csrf": False})
        if not filled.validate():
            raise Invalid(errors={field: [str(s) for s in said] for field, said in filled.errors.items() if field})
        booking = book_wish(current_actor(), Wish(**wish_of(filled.values())))
        result = {
            "number": booking.number,
            "state": booking.state.value,
            "version": booking.version,
            "start": booking.starts_at.isoformat(),
            "end": booking.ends_at.isoformat(),
        }
        return jsonify({"id": booking.id, "result": result}), 201

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step that can be carried out, with the reason why not and the schema of its form."""
        return steps_answer(BOOKING, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(BOOKING))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(BOOKING, pk, name)


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": start.isoformat(), "until": end.isoformat()}


def _busy(one: Busy) -> dict[str, Any]:
    """A time that is taken; without content unless it is the caller's to see."""
    known = one.id is not None and one.purpose is not None and one.state is not None
    about = (
        {
            "id": one.id,
            "number": one.number,
            "purpose": one.purpose.value if one.purpose else None,
            "title": one.title,
            "state": one.state.value if one.state else None,
        }
        if known
        else None
    )
    return {**_span(one.occupied_from, one.occupied_until), "booking": about}


class RoomApi(PortalRestApi):
    """Function rooms."""

    view, resource_name = RoomView, "room"
    method_permission_name = {"availability": "read"}

    @expose("/availability", methods=("GET",))
    @described(
        {
            "get": {
                "parameters": [DATE],
                "responses": {
                    "200": _answer(
                        "All rooms on that day",
                        {"date": TEXT, "count": WHOLE, "result": {"type": "array", "items": ROOM}},
                    ),
                    **_errors("400"),
                },
            }
        }
    )
    @guarded
    def availability(self) -> Any:
        """What is free and what is taken on a day, room by room."""
        on = self._date()
        rooms, known = day(current_actor(), on)
        found = [
            {
                "id": room.id,
                "name": room.name,
                "kind": room.kind.value,
                "capacity": room.capacity,
                "free": [_span(*span) for span in free(room, on, known)],
                "busy": [_busy(one) for one in room.bookings],
                "closed": [{**_span(row.starts_at, row.ends_at), "reason": row.reason} for row in room.closures],
            }
            for room in rooms
        ]
        return jsonify({"date": on.isoformat(), "count": len(found), "result": found})

    @staticmethod
    def _date() -> date:
        said = request.args.get("date", "")
        if not said:
            return today()
        try:
            return parse_day(said)
        except ValueError as fault:
            raise Malformed(str(fault)) from fault


ROOM_APIS = (BookingApi, RoomApi)
