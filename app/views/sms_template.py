"""The texts of messages to telephones."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.access.actor import current_actor
from app.models.outbox import SmsTemplate
from app.services import sms_template as service
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed

PLACES = {
    "number": _l("Number"),
    "code": _l("Code"),
    "date": _l("Day"),
    "until": _l("Last day"),
    "time": _l("Time"),
    "count": _l("Count"),
    "days": _l("Days"),
    "room": _l("Room"),
    "centre": _l("Centre"),
    "phone": _l("Telephone"),
}


def _places(names: str) -> str:
    return " · ".join(f"{PLACES[name]} {{{name}}}" for name in names.split())


def _length(text: str) -> str:
    return str(len(service.sample(text)))


class SmsTemplateView(PortalModelView):
    """Text messages: fixed words with places to fill in; sent only once somebody else approved them."""

    datamodel = PortalInterface(
        SmsTemplate, eager=(joinedload(SmsTemplate.author), joinedload(SmsTemplate.approved_by))
    )
    class_permission_name = "SmsTemplate"
    route_base = "/sms_template"
    computed = {
        "sample": Computed(_l("As it arrives"), ("text",), service.sample),
        "length": Computed(_l("Characters"), ("text",), _length),
        "places": Computed(_l("May be filled in"), ("variables",), _places),
    }
    list_columns = (("name", "purpose"), "text", "length", "approved", "operator_code")
    optional_columns = ("code", "places", "changed_at")
    search_columns = ("approved",)
    quick_columns = ("name", "code", "purpose", "text")
    base_order = ("id", "asc")
    quick_filters = (("unapproved", _l("To be approved"), {"approved": False}),)
    edit_groups = ((None, ("name", "text", "operator_code")),)
    show_groups = (
        (None, ("name", "code", "purpose", "text", "sample", "length", "places", "operator_code")),
        (_l("Approval"), ("approved", "author", "approved_by", "approved_at")),
    )
    allow_add = False
    method_permission_name = {"approve": "approve_text"}
    update_verb = service.change_template

    @action("approve", _l("Approve text"), single=True, multiple=True)
    def approve(self, items: Any) -> Any:
        """Approve the text; its writer cannot."""
        rows: Sequence[SmsTemplate] = items if isinstance(items, list) else [items]
        for row in rows:
            service.approve_template(current_actor(), row)
        flash(_("Approved. The text is sent from now on."), "success")
        return redirect(f"{self.route_base}/show/{rows[0].id}" if len(rows) == 1 else f"{self.route_base}/list/")
