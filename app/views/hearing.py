"""Hearings: the list, the page of one, its steps and its minutes on paper; those on a case go on by that case."""

from typing import Any

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import current_actor
from app.core import clock
from app.core.errors import NotFound
from app.core.strokes import drawing
from app.forms.steps import HEARING
from app.models.hearing import Hearing, HearingKind, HearingState
from app.models.organisation import Level
from app.services import decision_hearing as service
from app.services.access_log import log_read
from app.services.queries.service_facts import hearing_facts, hearing_steps
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import Buttons, arrange
from app.views.choice import at_levels, start_at_home
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import StepPages, find_record
from app.workflow.engine import available

HELD = (HearingState.held, HearingState.concluded)


def to_come(statement: Select[tuple[Hearing]]) -> Select[tuple[Hearing]]:
    """Hearings that are called and lie ahead."""
    return statement.where(Hearing.state == HearingState.called, Hearing.held_at >= clock.now())


def to_record(statement: Select[tuple[Hearing]]) -> Select[tuple[Hearing]]:
    """Hearings before a decision whose hour has passed, or that lack signatures or a conclusion."""
    due = (Hearing.state == HearingState.held) | (
        (Hearing.state == HearingState.called) & (Hearing.held_at < clock.now())
    )
    return statement.where(Hearing.kind == HearingKind.decision, due)


class HearingView(PortalModelView):
    """Hearings: when, where, on what, and where they stand."""

    datamodel = PortalInterface(
        Hearing,
        eager=(
            selectinload(Hearing.participants),
            selectinload(Hearing.opinions),
            joinedload(Hearing.chaired_by),
        ),
    )
    class_permission_name = "Hearing"
    route_base = "/hearing"
    noun = _l("Hearings")
    add_title = _l("Call a pre-decision hearing")
    list_columns = (("subject", "place"), "kind", "state", "held_at", "noticed_on")
    optional_columns = ("case", "attendance", "chosen_how", "organisation")
    search_columns = ("kind", "state", "held_at", "case", "organisation")
    quick_columns = ("subject",)
    base_order = ("held_at", "desc")
    quick_filters = (
        ("ahead", _lp("hearing", "To come"), to_come),
        ("record", _lp("hearing", "To be written down"), to_record),
        ("decision", HearingKind.decision.label, {"kind": HearingKind.decision}),
    )
    add_groups = ((None, ("organisation", "subject", "held_at", "place", "chosen_how")),)
    form_groups = add_groups
    show_groups = (
        (
            None,
            (
                *("subject", "kind", "organisation", "held_at", "place", "noticed_on", "chaired_by", "attendance"),
                *("chosen_how", "case", "reason"),
            ),
        ),
    )
    narrow_choices = {"organisation": at_levels(Level.city, Level.township, Level.village)}
    description_columns: Any = {}
    show_template = "portal/hearing_show.html"
    allow_edit = allow_delete = False
    create_verb = service.call
    method_permission_name = {"add": "call_decision", "minutes": "read"}
    add_row_message = _l("The hearing is called.")
    prefill_form = start_at_home

    def may(self, action: str) -> bool:
        """Adding is a step of its own."""
        return super().may("call_decision" if action == "add" else action)

    def show_context(self, record: Hearing) -> dict[str, Any]:
        """Steps, participants with their signatures, opinions, course."""
        actor, own = current_actor(), record.kind is HearingKind.decision
        log_read(actor, record)
        steps = available(HEARING.flow, record, actor, hearing_facts(record), HEARING.pages) if own else ()
        return {
            "buttons": arrange(steps) if own else Buttons(),
            "own": own,
            "course": [(HEARING.flow.row(row.step), row) for row in reversed(hearing_steps(record.id))] if own else [],
            "drawing": drawing,
            "printable": own and record.state in HELD,
        }

    @expose("/minutes/<pk>")
    @has_access
    def minutes(self, pk: str) -> Any:
        """The minutes on A4, with the signatures."""
        record = self.fetch(pk)
        if record.kind is not HearingKind.decision or record.state not in HELD:
            raise NotFound()
        log_read(current_actor(), record, "hearing:print")
        return self.render_template(
            "portal/hearing_minutes.html",
            hearing=record,
            drawing=drawing,
            title=_("Minutes of the hearing"),
            back=f"{self.route_base}/show/{record.id}",
        )


class HearingStepView(StepPages):
    """The steps of a hearing before a decision."""

    subject = HEARING
    route_base = "/hearing"
    class_permission_name = "Hearing"


class HearingApi(PortalRestApi):
    """Hearings."""

    view, resource_name = HearingView, "hearing"
    method_permission_name = {"post": "call_decision", "steps": "read", "step": "read"}

    def read_one(self, pk: Any, names: Any) -> dict[str, Any]:
        """One hearing; the reading is noted in the trail."""
        item = super().read_one(pk, names)
        log_read(current_actor(), find_record(HEARING, item["id"]))
        return item

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step that can be carried out, with the reason why not and the schema of its form."""
        return steps_answer(HEARING, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(HEARING))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(HEARING, pk, name)
