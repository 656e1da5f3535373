"""The booking of a room (domain §6) as one table, with the same words as the flow of a case."""

from flask_babel import lazy_gettext as _l

from app.models.booking import BookingState, BookingStep
from app.workflow import booking_guards as g
from app.workflow.types import SAME, Workflow, step

S = BookingState

# A table, one row a line.
# fmt: off
BOOKING_FLOW = Workflow("booking", "Booking", BookingState, S.requested, (
    step("book", None, S.requested, order=1,
         effect=_l("The room and the people are kept."),
         then=_l("The manager of the room decides, where it needs that.")),
    step("admit", S.requested, S.confirmed, system=True, order=5, called=_l("Confirmed by the rule of the room"),
         effect=_l("A room that is booked directly needs no approval."), then=_l("The people check in.")),
    step("confirm", S.requested, S.confirmed, who=(g.in_charge_of_the_room, g.not_the_booker),
         when=(g.not_yet_released,), order=10,
         effect=_l("The booking stands."), then=_l("The people check in.")),
    step("reject", S.requested, S.rejected, who=(g.in_charge_of_the_room, g.not_the_booker), reason=True, order=20,
         danger=True, effect=_l("The room is free again; who asked is told why."),
         then=_l("Whoever waits for the room.")),
    step("check_in", S.confirmed, S.checked_in, who=(g.concerned,), when=(g.nearly_time, g.not_yet_released), order=5,
         effect=_l("The people are there; the room stays theirs until the end."),
         then=_l("It is finished at its end, or before.")),
    step("finish", S.checked_in, S.finished, who=(g.concerned,), when=(g.has_begun,), order=10,
         effect=_l("What is left of the time is free again."), then=_l("Nobody; it is over.")),
    step("move", (S.requested, S.confirmed, S.checked_in), (SAME, S.requested), who=(g.concerned,),
         when=(g.not_over, g.not_yet_released_unless_there),
         what=(g.begins_before_it_ends, g.a_running_one_only_ends_elsewhen), order=30,
         effect=_l("Another time or another room; everybody concerned is told."), then=_l("The people check in.")),
    step("amend", (S.requested, S.confirmed, S.checked_in), SAME, who=(g.concerned,), when=(g.not_over,), order=40,
         effect=_l("Subject, people and contact are set anew."), then=_l("The people check in.")),
    step("cancel", (S.requested, S.confirmed), S.cancelled, who=(g.concerned,),
         when=(g.not_over, g.not_yet_released_unless_there), reason=True,
         order=80, danger=True, effect=_l("The room is free again; everybody concerned is told."),
         then=_l("Whoever waits for the room.")),
    step("release", S.confirmed, S.no_show, system=True, order=90, called=_l("Released: nobody came"),
         effect=_l("Nobody came; the room is free again."), then=_l("Whoever waits for the room.")),
    step("lapse", S.requested, S.cancelled, system=True, order=90, called=_l("Released: nobody decided"),
         effect=_l("Nobody decided before it began; the room is free again."), then=_l("Whoever waits for the room.")),
), final=frozenset({S.rejected, S.finished, S.no_show, S.cancelled}), log=BookingStep, owner="booking_id")
# fmt: on
