"""Supervision orders and proposals: their lists, the page of one with its course, and their steps."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select

from app.access.actor import current_actor
from app.core import clock
from app.forms.steps import PROPOSAL, SUPERVISION
from app.models.code_table import Category
from app.models.organisation import Level
from app.models.proposal import Proposal, ProposalState
from app.models.supervision import AT_WORK, RUNNING, Supervision, SupervisionState
from app.services import document
from app.services import proposal as proposals
from app.services.access_log import log_read
from app.services.queries.choices import at_levels
from app.services.queries.supervision_facts import facts_of, order_steps, proposal_facts_of, proposal_steps
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.fields import Computed
from app.views.lights import light_of
from app.views.transition import StepPages
from app.workflow.engine import available


def _leaves(statement: Select[Any]) -> Select[Any]:
    return statement.where(Category.leaf.is_(True))


def raised(statement: Select[Any]) -> Select[Any]:
    """Orders that a rule raised and nobody has looked at."""
    return statement.where(Supervision.state == SupervisionState.raised)


def unanswered(statement: Select[Any]) -> Select[Any]:
    """Letters that wait for their answer."""
    return statement.where(Supervision.state == SupervisionState.ordered)


def answered(statement: Select[Any]) -> Select[Any]:
    """Answers that wait for a supervisor."""
    return statement.where(Supervision.state == SupervisionState.answered)


def late(statement: Select[Any]) -> Select[Any]:
    """Letters past the day of their answer."""
    return unanswered(statement).where(Supervision.due_on < clock.today())


def proposals_open(statement: Select[Any]) -> Select[Any]:
    """Proposals that wait for their answer."""
    return statement.where(Proposal.state == ProposalState.sent)


def proposals_late(statement: Select[Any]) -> Select[Any]:
    """Proposals past the day of their answer."""
    return proposals_open(statement).where(Proposal.due_on < clock.today())


def _why(cause: Any, why: str | None) -> str:
    return why or str(cause.label)


class SupervisionView(PortalModelView):
    """Supervision orders: all of the own subtree for supervisors, the letters to the own office for the others."""

    datamodel = PortalInterface(Supervision)
    class_permission_name = "Supervision"
    route_base = "/supervision"
    noun = _l("Supervision orders")
    computed = {"about": Computed(_lp("supervision", "What was found"), ("cause", "why"), _why)}
    list_columns = (("about", "number"), "case", "organisation", "state", "due_on")
    optional_columns = ("cause", "raised_at", "ordered_at", "answered_at", "closed_at", "requirement", "answer")
    search_columns = ("state", "cause", "organisation", "due_on", "case")
    quick_columns = ("number",)
    order_columns = ("number", "due_on", "raised_at")
    base_order = ("raised_at", "desc")
    quick_filters = (
        ("raised", _lp("supervision", "To be looked at"), raised),
        ("unanswered", _lp("supervision", "Awaiting answer"), unanswered),
        ("late", _l("Overdue"), late),
        ("answered", _lp("supervision", "Answered"), answered),
    )
    count_tabs = True
    show_template = "portal/supervision_show.html"
    show_groups = (
        (
            _lp("supervision", "The letter"),
            ("case", "organisation", "cause", "why", "requirement", "due_on", "raised_at", "ordered_at"),
        ),
        (_lp("supervision", "The answer"), ("answer", "answered_at", "closed_at")),
    )
    allow_add = allow_edit = allow_delete = False

    def show_context(self, record: Supervision) -> dict[str, Any]:
        """Steps, course, light; the reading is noted in the trail."""
        actor = current_actor()
        log_read(actor, record)
        steps = available(SUPERVISION.flow, record, actor, facts_of(record), SUPERVISION.pages)
        return {
            "buttons": arrange(steps),
            "course": [(SUPERVISION.flow.row(row.step), row) for row in reversed(order_steps(record.id))],
            "light": light_of(record.due_on) if record.state in AT_WORK else None,
            "watches": actor.may("watch", "Supervision"),
            "letter": document.letter_of(actor, record),
            "running": record.state in RUNNING,
        }


class SupervisionStepView(StepPages):
    """The steps of an order."""

    subject = SUPERVISION
    route_base = "/supervision"
    class_permission_name = "Supervision"


class ProposalView(PortalModelView):
    """Proposals to other bodies, with their answers."""

    datamodel = PortalInterface(Proposal)
    class_permission_name = "Proposal"
    route_base = "/proposal"
    noun = _l("Proposals")
    add_title = _l("Make a proposal")
    list_columns = (("subject", "number"), "kind", "addressee", "state", ("due_on", "outcome"))
    optional_columns = ("case", "category", "place", "sent_on", "answered_on", "answer", "organisation")
    search_columns = ("state", "kind", "outcome", "category", "sent_on", "due_on", "case")
    quick_columns = ("number", "subject", "addressee")
    order_columns = ("number", "sent_on", "due_on")
    base_order = ("sent_on", "desc")
    quick_filters = (
        ("open", _lp("proposal", "Awaiting answer"), proposals_open),
        ("late", _l("Overdue"), proposals_late),
    )
    narrow_choices = {"category": _leaves, "place": at_levels(Level.township, Level.village)}
    add_groups = (
        (None, ("kind", "addressee", "subject", "text", "due_on")),
        (_lp("proposal", "What it is about"), ("case", "category", "place")),
    )
    show_groups = (
        (None, ("kind", "addressee", "subject", "text", "sent_on", "due_on")),
        (_lp("proposal", "What it is about"), ("case", "category", "place")),
        (_lp("proposal", "Answer"), ("outcome", "answered_on", "answer")),
    )
    show_template = "portal/proposal_show.html"
    create_verb = proposals.propose
    allow_edit = allow_delete = False

    def show_context(self, record: Proposal) -> dict[str, Any]:
        """Steps and course."""
        actor = current_actor()
        steps = available(PROPOSAL.flow, record, actor, proposal_facts_of(record), PROPOSAL.pages)
        return {
            "buttons": arrange(steps),
            "course": [(PROPOSAL.flow.row(row.step), row) for row in reversed(proposal_steps(record.id))],
            "light": light_of(record.due_on) if record.state is ProposalState.sent else None,
            "letter": document.letter_of(actor, record),
        }

    def name_of(self, record: Proposal) -> str:
        """Its subject."""
        return record.subject or _("Proposal")


class ProposalStepView(StepPages):
    """The steps of a proposal."""

    subject = PROPOSAL
    route_base = "/proposal"
    class_permission_name = "Proposal"
