"""Swaps, substitutes and leave (domain §6) as one table: asked → agreed → approved."""

from flask_babel import lazy_gettext as _l

from app.models.duty_change import ChangeState, DutyStep
from app.workflow import duty_guards as g
from app.workflow.types import Workflow, step

S = ChangeState

# A table, one row a line.
# fmt: off
DUTY_FLOW = Workflow("duty_change", "DutyChange", ChangeState, S.asked, (
    step("ask_change", None, S.asked, order=1,
         effect=_l("The other person is asked; the roster stays as it is."),
         then=_l("Who is asked agrees or declines.")),
    step("agree_change", S.asked, S.agreed, who=(g.the_one_who_steps_in,),
         when=(g.shifts_are_still_theirs, g.not_begun, g.nobody_in_two_places), order=5,
         effect=_l("You are willing; the roster stays as it is."), then=_l("The head of the centre approves.")),
    step("decline_change", S.asked, S.declined, who=(g.the_one_who_steps_in,), reason=True, order=20, danger=True,
         effect=_l("The roster stays as it is; who asked is told why."), then=_l("Nobody; it is over.")),
    step("approve_change", (S.asked, S.agreed), S.approved, who=(g.not_one_of_the_two,),
         when=(g.agreed_unless_leave, g.shifts_are_still_theirs, g.not_begun, g.nobody_in_two_places), order=10,
         effect=_l("The roster is changed; everybody concerned is told. Leave leaves gaps, which are shown."),
         then=_l("Nobody; it is done.")),
    step("refuse_change", (S.asked, S.agreed), S.refused, who=(g.not_one_of_the_two,), reason=True, order=30,
         danger=True, effect=_l("The roster stays as it is; who asked is told why."), then=_l("Nobody; it is over.")),
    step("withdraw_change", (S.asked, S.agreed, S.approved), S.withdrawn, who=(g.the_one_who_asked,),
         when=(g.approved_only_as_leave, g.not_begun), order=80, danger=True,
         effect=_l("The request is over; leave no longer keeps you off the roster."), then=_l("Nobody; it is over.")),
    step("take_over", S.asked, S.approved, system=True, order=90, called=_l("Taken over on the spot"),
         effect=_l("Who is there takes the shift over now; the roster says so."), then=_l("Nobody; it is done.")),
), final=frozenset({S.approved, S.declined, S.refused, S.withdrawn}), log=DutyStep, owner="change_id")
# fmt: on
