"""Data exchange by REST: the schema, an envelope of the cases of a period, and taking an envelope in."""

from typing import Any

from flask import jsonify
from flask_appbuilder.api import BaseApi
from flask_appbuilder.views import expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core import clock
from app.core.envelope import JSON_SCHEMA, head_of, read_body
from app.core.errors import Invalid
from app.forms.fields import parse_day
from app.models.organisation import Level, Organisation
from app.services import exchange as service
from app.services.problems import plain_text
from app.services.queries.choices import Chooser, at_levels
from app.views.api_guard import body, guarded
from app.views.api_spec import _answer, _errors, sent
from app.views.steps_api import described

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
DAY = {"type": "string", "format": "date"}
# The published schema stands at /schema; here its parts are named without the references of a separate document.
ENVELOPE = {
    "type": "object",
    "required": JSON_SCHEMA["required"],
    "properties": {
        **{name: part for name, part in JSON_SCHEMA["properties"].items() if name != "records"},
        "records": {"type": "array", "items": {"type": "object"}},
    },
}
RECEIPT = {
    "id": WHOLE,
    "batch_id": TEXT,
    "records": WHOLE,
    "accepted": WHOLE,
    "rejected": WHOLE,
    "results": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "number": TEXT,
                "result": {"type": "string", "enum": [service.ACCEPTED, service.KNOWN, service.REJECTED]},
                "ours": {"type": ["string", "null"]},
                "reasons": {"type": "array", "items": TEXT},
            },
        },
    },
}
WANTED = {
    "type": "object",
    "required": ["partner", "from", "until"],
    "properties": {
        "partner": {**TEXT, "description": "code of the neighbouring system"},
        "from": DAY,
        "until": DAY,
        "organisation": {**TEXT, "description": "code; left out: all that the caller sees"},
    },
}


class ExchangeApi(BaseApi):
    """Envelopes of cases for neighbouring systems."""

    resource_name = "exchange"
    class_permission_name = "Exchange"
    method_permission_name = {"schema": "read", "send": "send", "receive": "receive"}
    openapi_spec_tag = "exchange"

    @expose("/schema", methods=("GET",))
    @described({"get": {"responses": {"200": _answer("The JSON Schema of an envelope", {}), **_errors()}}})
    @guarded
    def schema(self) -> Any:
        """The JSON Schema of an envelope."""
        return jsonify(JSON_SCHEMA)

    @expose("/send", methods=("POST",))
    @described(
        {
            "post": {
                "requestBody": sent(WANTED),
                "responses": {
                    "200": {"description": "An envelope", "content": {"application/json": {"schema": ENVELOPE}}},
                    **_errors("413", "415", "422"),
                },
            }
        }
    )
    @guarded
    def send(self) -> Any:
        """The cases registered in a period, as an envelope in the codes of a neighbouring system."""
        given = body()
        partner = service.partner_of(plain_text(given.get("partner"))[:64])
        envelope = service.send(
            current_actor(), partner, _day(given, "from"), _day(given, "until"), _organisation(given)
        )[1]
        head = head_of(envelope, partner.code, clock.now().isoformat(timespec="seconds"))
        return jsonify({**head, "records": envelope.records})

    @expose("/receive", methods=("POST",))
    @described(
        {
            "post": {
                "requestBody": sent(ENVELOPE),
                "responses": {"200": _answer("The receipt", RECEIPT), **_errors("409", "413", "415", "422")},
            }
        }
    )
    @guarded
    def receive(self) -> Any:
        """Take an envelope in; the receipt says what became of each record; the same one again gives the same."""
        parcel = service.receive(current_actor(), read_body(body()))
        return jsonify(
            {
                "id": parcel.id,
                "batch_id": parcel.batch_code,
                "records": parcel.records,
                "accepted": parcel.accepted,
                "rejected": parcel.rejected,
                "results": parcel.receipt,
            }
        )


def _day(given: dict[str, Any], name: str) -> Any:
    text = plain_text(given.get(name))
    try:
        return parse_day(text) if text else None
    except ValueError as fault:
        raise Invalid(errors={name: [str(fault)]}) from fault


def _organisation(given: dict[str, Any]) -> Organisation | None:
    code = plain_text(given.get("organisation"))
    if not code:
        return None
    chooser = Chooser(Organisation, at_levels(Level.city, Level.township))
    key = chooser.by(Organisation.code, code[:64])
    found: Organisation | None = chooser.find([key]).get(key) if key is not None else None
    if found is None:
        raise Invalid(errors={"organisation": [_("This organisation is not in the list. Please choose again.")]})
    return found
