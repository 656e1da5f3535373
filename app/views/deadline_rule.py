"""The deadline rules; what the law fixes bears a lock and its source."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models.calendar import DeadlineRule, Nature
from app.services import deadline_rule as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import with_lock
from app.views.fields import Computed


def _bounds(least: int | None, most: int | None, nature: Nature) -> str:
    said = service.bounds(least, most)
    return str(said) if said is not None else _("free")


def _locked(least: int | None, most: int | None, nature: Nature) -> Any:
    text = _bounds(least, most, nature)
    return with_lock(text) if nature == Nature.law else text


class DeadlineRuleView(PortalModelView):
    """Deadline rules: a rule from law can be made stricter, never looser."""

    datamodel = PortalInterface(DeadlineRule)
    class_permission_name = "DeadlineRule"
    route_base = "/deadline_rule"
    computed: Any = {"bounds": Computed(_l("Allowed"), ("least", "most", "nature"), _locked, _bounds)}
    list_columns = (("name", "code"), "starts_from", ("length", "unit"), "bounds", "nature", "source")
    optional_columns = ("active_from",)
    search_columns = ("nature", "unit", "source")
    quick_columns = ("name", "code", "starts_from", "source")
    base_order = ("code", "asc")
    quick_filters = tuple((nature.value, nature.label, {"nature": nature}) for nature in Nature)
    edit_groups = ((None, ("name", "length", "unit", "source", "active_from")),)
    show_groups = (
        (None, ("name", "code", "starts_from", "length", "unit", "bounds", "nature", "source", "active_from")),
    )
    allow_add = False
    edit_template = "portal/deadline_rule_form.html"
    update_verb = service.change_rule

    def form_context(self, form: Any, record: Any) -> dict[str, Any]:
        """What the law allows, beside the form."""
        return {"bounds": service.bounds(record.least, record.most), "by_law": record.nature == Nature.law}
