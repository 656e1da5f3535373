"""What leaves the house: messages to telephones and to neighbouring systems, with their fate."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g, redirect
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access.actor import current_actor
from app.core.db import db
from app.core.errors import PortalError
from app.models.outbox import MessageChannel, MessageState, OutboxMessage, SmsTemplate
from app.services import outbox as service
from app.services import webhook as webhooks
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed


def name_of_code(code: str) -> str:
    """What a text message is called; events keep their name."""
    if "template_names" not in g:
        rows = db.session.execute(select(SmsTemplate.code, SmsTemplate.name))
        g.template_names = {row.code: row.name for row in rows}
    return str(g.template_names.get(code, code))


class OutboxView(PortalModelView):
    """The outbox: what waits, what was sent, what was given up; telephone numbers are masked."""

    datamodel = PortalInterface(
        OutboxMessage, eager=(selectinload(OutboxMessage.webhook), selectinload(OutboxMessage.case))
    )
    class_permission_name = "Outbox"
    route_base = "/outbox"
    computed = {"about": Computed(_l("Template or event"), ("code",), name_of_code)}
    list_columns = (("about", "channel"), ("recipient", "webhook"), "text", "state", "tries", "created_at", "sent_at")
    optional_columns = ("case", "uid", "next_at", "receipt", "error")
    search_columns = ("state", "channel", "code", "case", "webhook", "created_at", "sent_at")
    quick_columns = ("code", "uid", "text")
    base_order = ("id", "desc")
    quick_filters = (
        ("open", _l("Not yet sent"), lambda: OutboxMessage.state.in_(("waiting", "held", "sending"))),
        ("failed", MessageState.failed.label, {"state": MessageState.failed}),
        ("sms", MessageChannel.sms.label, {"channel": MessageChannel.sms}),
        ("webhook", MessageChannel.webhook.label, {"channel": MessageChannel.webhook}),
    )
    show_groups = (
        (None, ("uid", "channel", "about", "case", "recipient", "webhook", "text", "state")),
        (_l("Sending"), ("created_at", "tries", "next_at", "sent_at", "receipt", "error")),
    )
    allow_add = allow_edit = allow_delete = False
    related_rows = 20
    method_permission_name = {"resend": "resend", "take_back": "take_back", "replay": "resend"}

    def name_of(self, record: Any) -> str:
        """What it is about, and its number."""
        return f"{name_of_code(record.code)} {record.uid[:8]}"

    def _each(self, items: Any, verb: Callable[[Any, Any], Any], said: Any) -> Any:
        rows: Sequence[OutboxMessage] = items if isinstance(items, list) else [items]
        done, refused = 0, None
        for row in rows:
            try:
                verb(current_actor(), row)
                done += 1
            except PortalError as refusal:
                refused = refusal
        if done:
            flash(said, "success")
        if refused is not None:
            flash(str(refused), "warning")
        return redirect(f"{self.route_base}/show/{rows[0].id}" if len(rows) == 1 else f"{self.route_base}/list/")

    @action("resend", _l("Try again"), single=True, multiple=True)
    def resend(self, items: Any) -> Any:
        """Try a message again that was given up."""
        return self._each(items, service.retry, _("It is tried again within a minute."))

    @action(
        "take_back",
        _lp("message", "Take back"),
        _l("Take this message back? It will not be sent."),
        single=True,
        multiple=True,
    )
    def take_back(self, items: Any) -> Any:
        """Take back what has not left."""
        return self._each(items, service.cancel, _("Taken back."))

    @action("replay", _l("Send the event again"), single=True, multiple=True)
    def replay(self, items: Any) -> Any:
        """Send an event again under its old id."""
        return self._each(items, webhooks.replay, _("The event is sent again within a minute."))
