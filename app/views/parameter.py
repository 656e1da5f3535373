"""The parameters of the business: each with its words and bounds; the system's own stand in the maintenance console."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from sqlalchemy import Select

from app.core.text import listed
from app.forms.parameter import ParameterForm
from app.models.parameter import Parameter, ParameterKind
from app.services import parameter as service
from app.services.parameter_rules import BUSINESS, GROUPS, RULES, SYSTEM_GROUP, codes_of, places
from app.services.queries.indicators import BY_CODE
from app.services.queries.parameter_history import turns
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed


def in_words(code: str, kind: ParameterKind, value: str, unit: str | None) -> str:
    """What a parameter is set to, as people say it."""
    if kind is ParameterKind.flag:
        return _("Yes") if value == service.YES else _("No")
    if code in RULES and RULES[code].form == "checks":
        return listed(BY_CODE[one].label for one in value.split() if one in BY_CODE) or pgettext("parameter", "none")
    return f"{value} {unit}" if unit else value or pgettext("parameter", "none")


def _between(least: int | None, most: int | None) -> str:
    return "" if least is None else _("%(least)d to %(most)d", least=least, most=most)


class ParameterView(PortalModelView):
    """Parameters: turned between their bounds; every change stands on their page and in the trail."""

    datamodel = PortalInterface(Parameter)
    class_permission_name = "Parameter"
    route_base = "/parameter"
    computed = {
        "setting": Computed(_l("Value"), ("code", "kind", "value", "unit"), in_words),
        "bounds": Computed(_l("Allowed"), ("least", "most"), _between),
        "group": Computed(_l("Group"), ("code",), lambda code: str(GROUPS.get(service.rule_of(code).group, ""))),
    }
    list_columns = (("name", "note"), "setting", "bounds", "group")
    optional_columns = ("code", "source", "changed_at")
    quick_columns = ("name", "code", "note")
    order_columns = ("name", "code", "changed_at")
    base_order = ("id", "asc")
    quick_filters = tuple(
        (group, label, lambda group=group: Parameter.code.in_(codes_of(group)))
        for group, label in GROUPS.items()
        if group != SYSTEM_GROUP
    )
    edit_groups = ((None, ("value",)),)
    show_groups = ((None, ("name", "setting", "bounds", "note", "source", "group", "code")),)
    edit_form = ParameterForm
    allow_add = False
    show_template = "portal/parameter_show.html"
    edit_template = "portal/parameter_form.html"
    update_verb = service.change

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """The settings of the business only."""
        return statement.where(Parameter.code.in_(sorted(BUSINESS)))

    def why_not_edit(self, record: Any) -> Any:
        """What a rule has fixed stays."""
        return service.LOCKED if record.locked else None

    def show_context(self, record: Any) -> dict[str, Any]:
        """How it was turned before."""

        def said(value: str) -> str:
            return in_words(record.code, record.kind, value, record.unit)

        return {"turns": [(one.at, one.by, said(one.before), said(one.after)) for one in turns(record)]}

    def form_context(self, form: Any, record: Any) -> dict[str, Any]:
        """The codes a map can hold."""
        return {"places": places() if service.rule_of(record.code).form == "lines" else []}
