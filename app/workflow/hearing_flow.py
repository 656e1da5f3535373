"""The hearing before a decision (事前听证, domain §6) as one table, with the same words as the flow of a case."""

from flask_babel import lazy_gettext as _l

from app.models.hearing import HearingState, HearingStep
from app.workflow import guards_service as g
from app.workflow.guards_handling import hearing_is_planned
from app.workflow.types import SAME, Workflow, step

S = HearingState

# A table, one row a line.
# fmt: off
HEARING_FLOW = Workflow("hearing", "Hearing", HearingState, S.called, (
    step("call_decision", None, S.called, what=(hearing_is_planned,), order=1,
         effect=_l("The hearing is announced at least seven days before."), then=_l("It is held on its day.")),
    step("hold_decision", S.called, S.held, when=(g.before_a_decision, g.its_hour_has_come),
         what=(g.participants_and_minutes,), order=10,
         effect=_l("The hearing counts as held; participants, minutes and opinions are kept."),
         then=_l("The participants sign the minutes.")),
    step("sign_decision", S.held, SAME, when=(g.before_a_decision, g.somebody_has_not_signed),
         what=(g.signatures_are_whole,), order=10,
         effect=_l("Signatures are kept with the minutes and never changed."), then=_l("The hearing is concluded.")),
    step("conclude_decision", S.held, S.concluded, when=(g.before_a_decision, g.everybody_has_signed),
         what=(g.every_opinion_is_answered, g.conclusion_is_written), order=20,
         effect=_l("Every opinion is adopted, or not adopted with the reason."), then=_l("Nobody; it is over.")),
    step("cancel_decision", S.called, S.cancelled, when=(g.before_a_decision,), reason=True, order=80, danger=True,
         effect=_l("The hearing is not held and does not count."), then=_l("Another one can be called.")),
), final=frozenset({S.concluded, S.cancelled}), log=HearingStep, owner="hearing_id")
# fmt: on
