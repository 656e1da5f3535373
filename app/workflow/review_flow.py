"""The expert review (domain §4) as one table; docs/flow.md shows it; a test keeps the two the same."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.models.review import ReviewState
from app.models.step import ReviewStep
from app.workflow import guards_reply as r
from app.workflow import guards_review as g
from app.workflow.types import SAME, Workflow, step

R = ReviewState
BEFORE_BALLOTS = (R.filed, R.choosing, R.picked, R.inviting, R.seated, R.scheduled)
LIST = (g.nobody_is_named_twice, g.nobody_stands_in_conflict, g.all_applicants_agree, g.party_has_signed)

# A table, one row a line.
# fmt: off
REVIEW_FLOW = Workflow("review", "Review", ReviewState, R.filed, (
    step("file_review", None, R.filed, system=True, order=1, effect=_l("The application gets its number.")),
    step("join_review", (R.filed, R.choosing), SAME, system=True, order=2,
         effect=_l("Another party asks for the same review.")),
    step("accept_review", R.filed, R.choosing, when=(g.application_holds,), order=10,
         effect=_l("The party may pick experts now."), then=_l("The party picks at least five experts.")),
    step("refuse_review", R.filed, R.refused, reason=True, order=20, danger=True,
         effect=_l("The application ends here; the reply stands, and the party is told why."),
         then=_l("The party may still ask for a re-examination.")),
    step("pick_experts", (R.choosing, R.picked), R.picked, what=(g.enough_are_picked, *LIST), order=10,
         effect=_l("The list of the party stands, in its order."),
         then=_l("The review secretary invites the experts.")),
    step("draw_experts", (R.choosing, R.picked), R.picked, when=(g.not_drawn_yet,), what=(g.draw_has_a_size, *LIST),
         order=20, effect=_l("Experts are drawn by lot; the seed is kept, so that anyone can repeat the draw."),
         then=_l("The review secretary invites the experts.")),
    step("invite", R.picked, R.inviting, when=(g.five_are_listed,), order=10,
         effect=_l("The experts are asked; they have two working days."), then=_l("Each expert declares and answers.")),
    step("ask_expert", R.inviting, SAME, system=True, order=5,
         effect=_l("One expert is asked: the next on the list, or whoever is drawn by lot.")),
    step("accept_invitation", R.inviting, SAME, who=(g.invited_here,), what=(g.declares_to_be_free,), order=10,
         discreet=True,
         effect=_l("The expert declares to have no interest in the matter and takes the seat."),
         then=_l("The other experts.")),
    step("decline_invitation", R.inviting, SAME, who=(g.invited_here,), reason=True, order=20, discreet=True,
         effect=_l("The seat goes to the next reserve, or is drawn by lot."), then=_l("The next expert.")),
    step("expire_invitation", R.inviting, SAME, system=True, order=25,
         effect=_l("An expert who does not answer in two working days is replaced.")),
    step("replace_expert", (R.inviting, R.seated, R.scheduled), (R.inviting, SAME), when=(g.somebody_to_replace,),
         what=(g.a_seat_is_named, g.seat_can_be_replaced), reason=True, order=30,
         effect=_l("The seat goes to the next reserve, or is drawn by lot."), then=_l("The next expert.")),
    step("seat_panel", R.inviting, R.seated, system=True, when=(g.panel_is_whole,), order=40,
         effect=_l("Every seat is taken by an expert who has declared.")),
    step("serve_material", (R.seated, R.scheduled), when=(g.panel_is_whole,), order=10,
         effect=_l("The experts can read the material; personal data is masked."),
         then=_l("The review secretary fixes the session.")),
    step("fix_session", (R.seated, R.scheduled), R.scheduled, when=(g.panel_is_whole, g.material_is_out),
         what=(g.session_is_in_order,), order=20,
         effect=_l("Room and time are booked, and everybody is told."), then=_l("The panel meets.")),
    step("open_ballots", R.scheduled, R.balloting, when=(g.panel_is_whole, g.material_is_out), order=5,
         effect=_l("Each expert marks each claim and each point of the reply."), then=_l("Every expert votes.")),
    step("cast_ballot", R.balloting, SAME, who=(g.seated_here,), when=(g.panel_is_whole, g.not_voted_yet),
         what=(g.unsound_says_why,), order=10, discreet=True,
         effect=_l("The ballot is sealed until all have voted, and cannot be changed."), then=_l("The other experts.")),
    step("void_ballot", (R.seated, R.scheduled, R.balloting, R.counting), R.inviting, when=(g.somebody_seated,),
         what=(g.a_seat_is_named, g.seat_is_taken), reason=True, order=80, danger=True,
         effect=_l("A conflict was found later: that seat and its ballot are void, and the seat is filled anew."),
         then=_l("The next expert.")),
    step("close_ballots", R.balloting, R.counting, system=True, when=(g.panel_is_whole, g.all_have_voted), order=20,
         effect=_l("All seats have voted; the ballots are opened and counted.")),
    step("assemble_opinion", R.counting, R.signing, when=(g.panel_is_whole,), what=(g.opinion_has_words,), order=10,
         effect=_l("The majority for each claim, and every dissenting voice, become one opinion."),
         then=_l("At least five experts sign.")),
    step("sign_opinion", R.signing, (R.signed, SAME), who=(g.seated_here,), when=(g.not_signed_yet,),
         what=(g.expert_has_signed,), order=10, discreet=True, effect=_l("The expert signs the opinion."),
         then=_l("The review secretary serves it."), after={R.signing: _l("The other experts.")}),
    step("serve_opinion", R.signed, (R.closed, SAME),
         what=(g.party_awaits_opinion, g.opinion_is_served_later, r.refusal_has_two_witnesses, r.service_is_proved,
               g.applicant_says_how_satisfied), order=10,
         effect=_l("A party receives the opinion; when all have it, the review is closed."),
         then=_l("The follow-up clerk, or the organisation that drafts a new reply."),
         after={R.signed: _l("The review secretary serves it on the other parties.")}),
    step("withdraw_review", BEFORE_BALLOTS, R.withdrawn, what=(g.all_applicants_agree, g.party_has_signed),
         reason=True, order=85, danger=True, effect=_l("The party takes the application back; the reply stands."),
         then=_l("The party may apply again within its days; otherwise the follow-up clerk asks.")),
), final=frozenset({R.refused, R.closed, R.withdrawn}), log=ReviewStep, owner="review_id")

# The stages of a review as its page shows them, and where each state stands.
REVIEW_STAGES: tuple[tuple[Any, frozenset[ReviewState]], ...] = (
    (_l("Application"), frozenset({R.filed, R.refused})),
    (_l("Choice of experts"), frozenset({R.choosing, R.picked})),
    (_l("Invitations"), frozenset({R.inviting})),
    (_l("Panel and material"), frozenset({R.seated})),
    (_l("Session and ballots"), frozenset({R.scheduled, R.balloting})),
    (_l("Opinion"), frozenset({R.counting, R.signing})),
    (_l("Service"), frozenset({R.signed, R.closed})),
)
# fmt: on
