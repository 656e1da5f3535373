"""Swaps, substitutes and leave: asked for, and the page of each with its steps and its course."""

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import current_actor
from app.core.labels import LabelledEnum
from app.forms.steps import DUTY
from app.models.duty_change import ChangeKind, ChangeState, DutyChange
from app.models.roster import Shift
from app.services import duty_change as service
from app.services.queries.choices import Chooser
from app.services.queries.duty_choices import other_shifts, own_shifts, stand_ins
from app.services.queries.duty_facts import duty_steps, facts_of
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.base import Groups, PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import StepPages
from app.workflow.engine import available

CHOOSERS = {"shift": own_shifts, "other_shift": other_shifts, "other": stand_ins}


class Asking(LabelledEnum):
    """What a person can ask for in the form."""

    swap = "swap", ChangeKind.swap.label
    substitute = "substitute", ChangeKind.substitute.label
    leave = "leave", ChangeKind.leave.label


# What each kind asks; without a kind in the address all of it.
ASKS = {
    "swap": ("kind", "shift", "other_shift", "reason"),
    "substitute": ("kind", "shift", "other", "reason"),
    "leave": ("kind", "first_on", "last_on", "reason"),
}


def _to_answer(statement: Select[Any]) -> Select[Any]:
    me = current_actor().user_id
    return statement.where(DutyChange.state == ChangeState.asked, DutyChange.other_id == me)


def _to_decide(statement: Select[Any]) -> Select[Any]:
    leave = (DutyChange.state == ChangeState.asked) & (DutyChange.kind == ChangeKind.leave)
    return statement.where((DutyChange.state == ChangeState.agreed) | leave)


class DutyChangeView(PortalModelView):
    """Swaps, substitutes and leave."""

    datamodel = PortalInterface(
        DutyChange,
        eager=(
            joinedload(DutyChange.account),
            joinedload(DutyChange.other),
            selectinload(DutyChange.shift).joinedload(Shift.account),
            selectinload(DutyChange.other_shift).joinedload(Shift.account),
        ),
    )
    class_permission_name = "DutyChange"
    route_base = "/duty_change"
    add_title = _l("Ask for a swap or leave")
    list_columns = ("kind", "account", "other", "first_on", "last_on", "state", "created_at")
    optional_columns = ("shift", "other_shift", "reason", "organisation")
    search_columns = ("kind", "state", "account", "first_on")
    quick_columns = ()
    base_order = ("created_at", "desc")
    quick_filters = (
        ("answer", _l("For me to answer"), _to_answer),
        ("decide", _l("To decide"), _to_decide),
        *((kind.value, kind.label, {"kind": kind}) for kind in ChangeKind),
    )
    add_groups = ((None, ("kind", "shift", "other_shift", "other", "first_on", "last_on", "reason")),)
    show_groups = (
        (None, ("kind", "account", "shift", "other", "other_shift", "first_on", "last_on", "reason", "state")),
    )
    label_columns = {"shift": _lp("duty change", "Shift given away")}
    add_template, show_template = "portal/duty_change_form.html", "portal/duty_change_show.html"
    add_row_message = _l("Asked. You will be told what becomes of it.")
    allow_edit = False
    create_verb = service.ask

    def _chooser(self, model: type, name: str) -> Chooser | None:
        return CHOOSERS[name]() if name in CHOOSERS else super()._chooser(model, name)

    def name_of(self, record: DutyChange) -> str:
        """What is asked for, and when."""
        return f"{record.kind.label} · {service.what(record)}"

    def groups_of(self, record: DutyChange) -> Groups:
        """Only what this kind of request is about: leave has no shifts, a swap has no days."""
        ((title, names),) = self.show_groups
        return ((title, tuple(name for name in names if getattr(record, name) is not None)),)

    def show_context(self, record: DutyChange) -> dict[str, Any]:
        """What can be done with it, and its course."""
        steps = available(DUTY.flow, record, current_actor(), facts_of(record), DUTY.pages)
        return {
            "buttons": arrange(steps),
            "course": [(DUTY.flow.row(row.step), row) for row in reversed(duty_steps(record.id))],
        }

    def _form_page(self, form: Any, record: Any, status: int) -> Any:
        """Only what the kind in the address asks; taking over on the spot is asked for on the roster."""
        asked = ASKS.get(request.args.get("kind", ""))
        if asked is not None:
            form.names = tuple(name for name in form.names if name in asked)
        form.kind.enum = Asking
        return super()._form_page(form, record, status)


class DutyStepView(StepPages):
    """The steps of a swap, a substitute or leave."""

    subject = DUTY
    route_base = "/duty_change"
    class_permission_name = "DutyChange"


class DutyChangeApi(PortalRestApi):
    """Swaps, substitutes and leave."""

    view, resource_name = DutyChangeView, "duty_change"
    method_permission_name = {"steps": "read", "step": "read"}

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """The steps of a request, with the reason why not and the schema of the form."""
        return steps_answer(DUTY, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(DUTY))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(DUTY, pk, name)
