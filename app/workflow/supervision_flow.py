"""The course of an order of supervision as one table, with the same words as the flow of a case."""

from flask_babel import lazy_gettext as _l

from app.models.supervision import SupervisionState, SupervisionStep
from app.workflow import guards_supervision as v
from app.workflow.types import Workflow, step

S = SupervisionState

# A table, one row a line.
# fmt: off
SUPERVISION_FLOW = Workflow("supervision", "Supervision", SupervisionState, S.raised, (
    step("raise_supervision", None, S.raised, system=True, order=1,
         effect=_l("The matter stands on the desk of the supervisors."), then=_l("A supervisor looks at it.")),
    step("issue_letter", S.raised, S.ordered, order=10,
         what=(v.letter_goes_to_an_office_at_work, v.letter_is_whole, v.answer_day_fits),
         effect=_l("A supervision letter with a number goes to the office, which must answer until the day named."),
         then=_l("The office answers the letter.")),
    step("answer_supervision", S.ordered, S.answered, who=(v.own_organisation_is_asked,), what=(v.answer_is_told,),
         order=10, effect=_l("The answer goes to the supervisors."),
         then=_l("A supervisor closes it or sends it back.")),
    step("return_answer", S.answered, S.ordered, who=(v.not_the_answerer,), reason=True, order=20,
         what=(v.answer_day_fits,),
         effect=_l("The answer does not do yet; a new day is set."), then=_l("The office answers anew.")),
    step("close_supervision", S.answered, S.closed, who=(v.not_the_answerer,), order=10,
         effect=_l("The order has done its work."), then=_l("Nobody; it is over.")),
    step("drop_supervision", (S.raised, S.ordered), S.dropped, reason=True, order=80, danger=True,
         effect=_l("There is nothing to supervise any more."), then=_l("Nobody; it is over.")),
    step("lapse_supervision", S.raised, S.dropped, system=True, order=90,
         effect=_l("A letter on the same matter takes it up."), then=_l("The office answers the letter.")),
), final=frozenset({S.closed, S.dropped}), log=SupervisionStep, owner="supervision_id")
# fmt: on
