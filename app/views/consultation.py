"""Consultations: recorded by hand or from a booking; what is confidential shows to its writer alone."""

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import expose
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from wtforms.validators import Length, Optional

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.forms import fields as f
from app.forms.model_form import PortalForm
from app.models.adviser import LegalAdviser
from app.models.booking import Booking
from app.models.consultation import SEALED, Consultation, ConsultationKind, ConsultationResult
from app.services import consultation as service
from app.services.access_log import log_read
from app.services.consultation_rules import CAME, PURPOSE, gives, kinds_of, prefilled
from app.services.queries.choices import parse_key
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.api_spec import PK, _answer, _errors
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import codes_of
from app.views.fields import Computed
from app.views.steps_api import described

NOTES_MOST = 10_000
TEXT: dict[str, Any] = {"type": "string"}
DESK_ONLY, OWN_ONLY = ("adviser",), ("secret", "notes")


class ForItsWriter:
    """A record as the form of its writer shows it: what is sealed stands in the boxes."""

    def __init__(self, record: Consultation, content: dict[str, Any]) -> None:
        self._record, self._content = record, content

    def __getattr__(self, name: str) -> Any:
        if name == "notes" or (self._record.secret and name in SEALED):
            said = self._content.get(name)
            return ConsultationResult.of(said) if name == "result" and said else said
        if self._record.secret and name == "topics":
            return service.topics_of(self._content)
        return getattr(self._record, name)


def _shaped(form: type[PortalForm]) -> type[PortalForm]:
    """The form with the boxes that fit whoever fills it in: the desk names the adviser, who gives one names nobody."""

    class Shaped(form):  # type: ignore[misc, valid-type]
        def __init__(self, formdata: Any = None, obj: Any = None, **kw: Any) -> None:
            actor = current_actor()
            if isinstance(obj, Consultation) and obj.consultant_id == actor.user_id:
                obj = ForItsWriter(obj, service.content_of(actor, obj))
            super().__init__(formdata=formdata, obj=obj, **kw)
            kinds, left_out = kinds_of(actor), set(DESK_ONLY if gives(actor) else OWN_ONLY)
            if obj is None and len(kinds) == 1 and not (formdata and "kind" in formdata):
                left_out.add("kind")
            if kinds == (ConsultationKind.psychological,):
                left_out |= {"secret", "case", "visitor_phone"}
            for name in left_out & set(self._fields):
                del self[name]

    return Shaped


def _mine(statement: Select[Any]) -> Select[Any]:
    return statement.where(Consultation.consultant_id == current_actor().user_id)


def _this_month(statement: Select[Any]) -> Select[Any]:
    return statement.where(Consultation.month == clock.today().replace(day=1))


def _came(statement: Select[Any]) -> Select[Any]:
    """Bookings of consultations to which somebody came."""
    return statement.where(Booking.purpose.in_(sorted(PURPOSE)), Booking.state.in_(CAME))


def _in_service(statement: Select[Any]) -> Select[Any]:
    return statement.where(LegalAdviser.active.is_(True))


def _giver(adviser: Any, account: Any) -> str:
    return str(adviser or account or "")


class ConsultationView(PortalModelView):
    """Consultations: who asked whom, when, about what, and what became of it."""

    datamodel = PortalInterface(
        Consultation,
        eager=(
            selectinload(Consultation.consultant),
            selectinload(Consultation.adviser),
            selectinload(Consultation.topics),
            selectinload(Consultation.case),
            selectinload(Consultation.booking),
        ),
    )
    class_permission_name = "Consultation"
    route_base = "/consultation"
    add_title = _l("Record a consultation")
    computed: Any = {"giver": Computed(_l("Given by"), ("adviser", "consultant"), _giver, _giver)}
    list_columns = ("at", "kind", "giver", "topics", "result", "head_count", "secret")
    optional_columns = ("minutes", "visitor_name", "case", "summary", "organisation")
    search_columns = ("kind", "at", "adviser", "result", "topics", "organisation", "secret", "case")
    quick_columns = ("summary",)
    base_order = ("at", "desc")
    quick_filters = (
        ("mine", _lp("consultation", "Mine"), _mine),
        ("month", _l("This month"), _this_month),
        ("going_on", ConsultationResult.continuing.label, {"result": ConsultationResult.continuing}),
    )
    add_groups = (
        (_l("When and for whom"), ("kind", "adviser", "at", "minutes", "head_count", "booking")),
        (_lp("consultation", "Visitor"), ("visitor_name", "visitor_phone", "case")),
        (_l("What it was about"), ("topics", "summary", "advice", "result")),
        (_l("For you alone"), ("secret", "notes")),
    )
    edit_groups = (
        (_l("When and for whom"), ("at", "minutes", "head_count")),
        *add_groups[1:],
    )
    form_groups = add_groups
    show_groups = (
        (
            _l("When and for whom"),
            ("kind", "giver", "at", "minutes", "head_count", "organisation", "booking", "secret"),
        ),
        (
            _l("What it was about"),
            ("visitor_name", "visitor_phone", "case", "topics", "result", "summary", "advice"),
        ),
    )
    add_form_extra_fields = edit_form_extra_fields = {
        "notes": f.LongTextField(
            _l("Private notes"),
            description=_l("Sealed with a key of your own: nobody else can read them, not even an administrator."),
            validators=[Optional(), Length(max=NOTES_MOST)],
            render_kw={"maxlength": NOTES_MOST, "rows": 8},
        )
    }
    narrow_choices = {"topics": codes_of("consultation_topic"), "adviser": _in_service, "booking": _came}
    show_template = "portal/consultation_show.html"
    create_verb, update_verb = service.record_consultation, service.change_consultation

    def _init_forms(self) -> None:
        super()._init_forms()
        self.add_form, self.edit_form = _shaped(self.add_form), _shaped(self.edit_form)

    def why_not_edit(self, record: Consultation) -> Any:
        """One's own, or an open one of the own centre."""
        return service.why_not_change(current_actor(), record)

    def prefill_form(self, form: Any, pk: Any) -> None:
        """A new one begins with what its booking says (`/add?booking=5`), or just now."""
        if pk is not None:
            return
        key = parse_key(request.args.get("booking", ""))
        booking = db.session.scalar(_came(select(Booking).where(Booking.id == key))) if key is not None else None
        said = prefilled(current_actor(), booking) if booking is not None else {}
        for name, value in said.items():
            if name in form:
                form[name].process_data(value)
        if booking is None and form.at.data is None:
            form.at.data = clock.now().replace(second=0, microsecond=0)

    def name_of(self, record: Consultation) -> str:
        """What kind, and when."""
        return f"{record.kind.label} · {clock.local(record.at):%Y-%m-%d %H:%M}"

    def show_context(self, record: Consultation) -> dict[str, Any]:
        """What is sealed, for its writer; the reading is noted in the trail."""
        actor = current_actor()
        log_read(actor, record)
        mine = record.consultant_id == actor.user_id
        content = service.content_of(actor, record) if mine else {}
        return {
            "mine": mine,
            "content": content,
            "said": ConsultationResult.of(content.get("result")),
            "topics": service.topics_of(content),
        }


class ConsultationApi(PortalRestApi):
    """Consultations."""

    view, resource_name = ConsultationView, "consultation"
    method_permission_name = {"notes": "read"}

    def read_one(self, pk: Any, names: Any) -> dict[str, Any]:
        """One consultation; the reading is noted in the trail."""
        item = super().read_one(pk, names)
        log_read(current_actor(), self.page.fetch(item["id"]))
        return item

    @expose("/<pk>/notes", methods=("GET",))
    @described(
        {
            "get": {
                "parameters": [PK],
                "responses": {
                    "200": _answer(
                        "What is sealed for the caller, who wrote it",
                        {"id": {"type": "integer"}, "result": {"type": "object", "additionalProperties": True}},
                    ),
                    **_errors("404", "409"),
                },
            }
        }
    )
    @guarded
    def notes(self, pk: str) -> Any:
        """What is sealed of a consultation, for its writer; for anybody else it is not there."""
        record, actor = self.page.fetch(pk), current_actor()
        if record.consultant_id != actor.user_id:
            raise NotFound()
        log_read(actor, record)
        return jsonify({"id": record.id, "result": service.content_of(actor, record)})
