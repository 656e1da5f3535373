"""The neighbouring systems that are told what happens."""

from typing import Any

from flask import g, redirect
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.access.actor import current_actor
from app.forms.fields import TextField
from app.models.outbox import Webhook
from app.services import webhook as service
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from app.views.outbox import OutboxView


def _state(active: bool, paused_at: Any) -> Any:
    tone, said = (
        ("plain", _("Not in use")) if not active else ("late", _("Paused")) if paused_at else ("ok", _("In use"))
    )
    return Markup('<span class="tag {} plain">{}</span>').format(tone, said)


def _state_text(active: bool, paused_at: Any) -> str:
    return str(_state(active, paused_at).striptags())


def _create(actor: Any, values: Any) -> Webhook:
    made, g.webhook_secret = service.add_webhook(actor, values)
    return made


class WebhookView(PortalModelView):
    """Webhooks: who is told of which events, signed with a secret that is shown once."""

    datamodel = PortalInterface(Webhook)
    class_permission_name = "Webhook"
    route_base = "/webhook"
    add_title = _l("Add a webhook")
    computed = {"state": Computed(_l("State"), ("active", "paused_at"), _state, _state_text)}
    related_views = (OutboxView,)
    list_columns = ("name", "url", "events", "state", "failures")
    search_columns = ("active",)
    quick_columns = ("name", "url")
    base_order = ("name", "asc")
    form_groups = ((None, ("name", "url", "events", "active")),)
    add_form_extra_fields = edit_form_extra_fields = {
        "url": TextField(_l("Address of the receiver"), render_kw={"maxlength": 500, "placeholder": "https://"})
    }
    show_groups = ((None, ("name", "url", "events", "state", "failures", "paused_at")),)
    method_permission_name = {"renew": "renew_secret"}
    create_verb, update_verb = _create, service.change_webhook

    def after_save(self, record: Any, created: bool) -> Any:
        """The secret of a new webhook is shown once, on the answer itself."""
        if created:
            return self._secret_page(record, g.webhook_secret)
        return redirect(f"{self.route_base}/show/{record.id}")

    def _secret_page(self, record: Webhook, secret: str) -> Any:
        return self.render_template(
            "portal/webhook_secret.html",
            title=_("Secret of %(name)s", name=record.name),
            record=record,
            secret=secret,
            crumbs=self.crumbs((record.name, f"{self.route_base}/show/{record.id}"), (_("Secret"), None)),
        )

    @action("renew", _l("Renew secret"), _l("Replace the secret? The old one no longer holds at once."), multiple=False)
    def renew(self, record: Webhook) -> Any:
        """A new secret, shown once."""
        return self._secret_page(record, service.renew_secret(current_actor(), record))
