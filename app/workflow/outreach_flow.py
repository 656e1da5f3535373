"""The legal service event (domain §6) as one table, with the same words as the flow of a case."""

from flask_babel import lazy_gettext as _l

from app.models.outreach import OutreachState, OutreachStep
from app.workflow import guards_service as g
from app.workflow.types import Workflow, step

S = OutreachState

# A table, one row a line.
# fmt: off
OUTREACH_FLOW = Workflow("outreach_event", "OutreachEvent", OutreachState, S.planned, (
    step("plan_outreach", None, S.planned, order=1,
         effect=_l("The event stands in the plan of its month."), then=_l("It is held on its day.")),
    step("hold_outreach", S.planned, S.held, when=(g.event_has_begun,), order=10,
         what=(g.attendance_is_told, g.how_it_went_is_told),
         effect=_l("The event counts for its month."), then=_l("Nobody; it is over.")),
    step("cancel_outreach", S.planned, S.cancelled, reason=True, order=80, danger=True,
         effect=_l("The event does not count for its month."), then=_l("Another one can be planned.")),
), final=frozenset({S.held, S.cancelled}), log=OutreachStep, owner="event_id")
# fmt: on
