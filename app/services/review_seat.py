"""The seats of a review: picked or drawn, invited, taken, declined, expired, replaced (domain §4)."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import SYSTEM, Actor, system_scope
from app.core import clock, lots
from app.core.db import db, unit_of_work
from app.core.errors import WrongState
from app.models.expert import Expert
from app.models.review import PANEL_LEAST, Review, ReviewDraw, ReviewSeat, ReviewState, SeatOrigin, SeatState
from app.models.signature import SignaturePurpose
from app.services import deadline
from app.services.case import Data, text_of
from app.services.queries.candidates import able_to_sit, hindrances
from app.services.queries.review_facts import facts_of
from app.services.review_course import (
    by_program,
    carry_out,
    keep,
    seat_row,
    sign,
    take,
    tell_expert,
    tell_secretaries,
    text_expert,
)
from app.services.review_paper import choice_paper
from app.workflow.engine import check
from app.workflow.review_facts import SeatFact
from app.workflow.review_flow import REVIEW_FLOW

# ---- the list


def _names(experts: Iterable[Expert]) -> list[str]:
    return [expert.name for expert in experts]


def _relist(review: Review, chosen: Sequence[Expert], reserves: Sequence[Expert], draw: ReviewDraw | None) -> None:
    """The list of the party in its order, in place of an earlier one; nobody on it was invited yet."""
    drawn = set(draw.drawn) if draw is not None else set()
    with system_scope("the list of a review"):
        for row in db.session.scalars(select(ReviewSeat).where(ReviewSeat.review_id == review.id)):
            db.session.delete(row)
        db.session.flush()
        for place, expert in enumerate((*chosen, *reserves), 1):
            origin = SeatOrigin.reserve if place > len(chosen) else SeatOrigin.chosen
            is_drawn = expert.id in drawn
            seat = ReviewSeat(
                case_id=review.case_id,
                review_id=review.id,
                expert_id=expert.id,
                place=place,
                origin=SeatOrigin.drawn if is_drawn else origin,
                state=SeatState.listed,
                draw_id=draw.id if draw is not None and is_drawn else None,
            )
            db.session.add(seat)
        db.session.flush()
    db.session.expire(review, ["seats"])


def _sign_choice(actor: Actor, review: Review, data: Data) -> None:
    party = data.get("party")
    signature = sign(actor, review, data, SignaturePurpose.choice, party)
    if signature is not None:
        review.choice_signature_id = signature.id
    keep(review)
    choice_paper(actor, review, party, signature)


def _chooser(data: Data) -> dict[str, Any]:
    party = data.get("party")
    return {"party": party.name} if party is not None else {}


@unit_of_work
def pick_experts(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The party picks at least five experts, and reserves in their order, and signs for it."""
    chosen, reserves = list(data.get("experts") or ()), list(data.get("reserves") or ())
    review, facts = take(actor, review_id, version, "pick_experts")
    refused = hindrances(review.case_id, [*chosen, *reserves])
    told = {"chosen": _names(chosen), "reserves": _names(reserves), **_chooser(data)}
    carry_out(actor, review, facts, "pick_experts", {**data, "refused": refused}, told=told)
    _relist(review, chosen, reserves, None)
    review.size, review.draw_asked = len(chosen), False
    _sign_choice(actor, review, data)
    tell_secretaries(actor, review, "review_picked")
    return keep(review)


def draw_lots(review: Review, candidates: Sequence[Expert], wanted: int) -> ReviewDraw:
    """A draw with a fresh seed, kept with everything that is needed to repeat it."""
    seed, keys = lots.fresh_seed(), [expert.id for expert in candidates]
    draw: Any = ReviewDraw(
        case_id=review.case_id,
        review_id=review.id,
        at=clock.now(),
        seed=seed,
        candidates=keys,
        wanted=wanted,
        drawn=lots.drawn(seed, keys, wanted),
    )
    db.session.add(draw)
    return keep(draw)


@unit_of_work
def draw_experts(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The party asks for a draw: for the whole list, or to fill up what it has picked."""
    picked, reserves = list(data.get("experts") or ()), list(data.get("reserves") or ())
    size = data.get("size") or PANEL_LEAST
    review, facts = take(actor, review_id, version, "draw_experts")
    refused = hindrances(review.case_id, [*picked, *reserves])
    given = {**data, "size": size, "refused": refused}
    check(REVIEW_FLOW, review, "draw_experts", actor, facts, given)
    able, wanted = able_to_sit(review, [expert.id for expert in (*picked, *reserves)]), size - len(picked)
    if len(able) < wanted:
        raise WrongState(
            _l("Only %(count)s experts may sit on this review; %(wanted)s are wanted.", count=len(able), wanted=wanted)
        )
    draw = draw_lots(review, able, wanted)
    by_key = {expert.id: expert for expert in able}
    out = [by_key[key] for key in draw.drawn]
    told = {"chosen": _names(picked), "drawn": _names(out), "reserves": _names(reserves), "draw": draw.id}
    carry_out(actor, review, facts, "draw_experts", given, told={**told, "seed": draw.seed, **_chooser(data)})
    _relist(review, [*picked, *out], reserves, draw)
    review.size, review.draw_asked = size, True
    _sign_choice(actor, review, data)
    tell_secretaries(actor, review, "review_picked")
    return keep(review)


# ---- places and who takes them


def _next_listed(review: Review) -> ReviewSeat | None:
    """The next on the list who may still sit; who may not any more is passed over, with the reason kept."""
    listed = select(ReviewSeat).where(ReviewSeat.review_id == review.id, ReviewSeat.state == SeatState.listed)
    for seat in db.session.scalars(listed.order_by(ReviewSeat.place)).all():
        expert = db.session.get_one(Expert, seat.expert_id)
        why = hindrances(review.case_id, [expert]).get(expert.id)
        if why is None:
            return seat
        seat.state, seat.reason = SeatState.replaced, str(why)[:1000]
        keep(seat)
    return None


def _drawn_seat(review: Review) -> ReviewSeat | None:
    """A seat for somebody drawn by lot out of all who may sit and are not on the list; None when nobody is left."""
    known = list(db.session.scalars(select(ReviewSeat.expert_id).where(ReviewSeat.review_id == review.id)))
    able = able_to_sit(review, known)
    if not able:
        return None
    draw = draw_lots(review, able, 1)
    last = db.session.scalar(select(func.max(ReviewSeat.place)).where(ReviewSeat.review_id == review.id)) or 0
    seat: Any = ReviewSeat(
        case_id=review.case_id,
        review_id=review.id,
        expert_id=draw.drawn[0],
        place=last + 1,
        origin=SeatOrigin.drawn,
        state=SeatState.listed,
        draw_id=draw.id,
    )
    db.session.add(seat)
    return keep(seat)


def _ask(actor: Actor, review: Review, seat: ReviewSeat, in_place_of: SeatFact | None) -> None:
    """Invite one expert: two working days to answer, told in the portal and by SMS; the course says how it came."""
    expert = db.session.get_one(Expert, seat.expert_id)
    told = {"expert": expert.name, "origin": seat.origin.value, "draw": seat.draw_id}
    told["instead"] = in_place_of.name if in_place_of is not None else None
    facts = facts_of(review)
    carry_out(by_program(actor), review, facts, "ask_expert", told={k: v for k, v in told.items() if v is not None})
    seat.state, seat.invited_at = SeatState.invited, clock.now()
    seat.answer_by = deadline.last_day(deadline.INVITE, clock.today())
    seat.replaces_id = in_place_of.id if in_place_of is not None else None
    keep(seat)
    tell_expert(actor, review, "review_invited", expert.account_id, day=seat.answer_by.isoformat())
    text_expert(actor, review, expert.id, "review_invited", until=seat.answer_by)


def fill_places(actor: Actor, review: Review) -> None:
    """Ask the next on the list, then whoever is drawn by lot, until every place is held."""
    with system_scope("filling the places of a review"):
        facts = facts_of(review)
        vacant = list(facts.vacant)
        for _place in range(review.size - len(facts.sitting)):
            seat = _next_listed(review) or _drawn_seat(review)
            if seat is None:
                tell_secretaries(actor, review, "review_nobody_left")
                break
            _ask(actor, review, seat, vacant.pop(0) if vacant else None)
    db.session.expire(review, ["seats"])


@unit_of_work
def invite(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """Ask everybody whom the party chose; each has two working days."""
    note = text_of(data, "note")
    review, facts = take(actor, review_id, version, "invite", note)
    carry_out(actor, review, facts, "invite", data, reason=note)
    keep(review)
    fill_places(actor, review)
    return keep(review)


@unit_of_work
def accept_invitation(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The expert declares to have no interest in the matter, and takes the seat; the last one makes the panel."""
    review, facts = take(actor, review_id, None, "accept_invitation")
    own = facts.seat_of(actor.user_id)
    refused = None
    if own is not None:
        with system_scope("the expert who answers"):
            refused = hindrances(review.case_id, [db.session.get_one(Expert, own.expert_id)]).get(own.expert_id)
    carry_out(actor, review, facts, "accept_invitation", {**data, "refused": refused})
    assert own is not None  # the guard has seen to it
    seat = seat_row(own.id)
    seat.state, seat.declared_free, seat.answered_at = SeatState.seated, True, clock.now()
    seat.declaration = text_of(data, "declaration")
    keep(review)
    db.session.expire(review, ["seats"])
    seat_panel(actor, review)
    return keep(review)


def seat_panel(actor: Actor, review: Review) -> None:
    """When every place is taken by somebody who has declared, the panel sits; done by the program."""
    facts = facts_of(review)
    if review.state is ReviewState.inviting and len(facts.seated) >= max(review.size, PANEL_LEAST):
        carry_out(by_program(actor), review, facts, "seat_panel", told={"panel": [s.name for s in facts.seated]})
        tell_secretaries(actor, review, "review_seated")


@unit_of_work
def decline_invitation(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """The expert cannot or may not sit; the next reserve is asked, or somebody is drawn."""
    reason = text_of(data, "reason")
    review, facts = take(actor, review_id, None, "decline_invitation", reason)
    carry_out(actor, review, facts, "decline_invitation", data, reason=reason)
    own = facts.seat_of(actor.user_id)
    assert own is not None  # the guard has seen to it
    seat = seat_row(own.id)
    seat.state, seat.answered_at, seat.reason = SeatState.declined, clock.now(), (reason or "")[:1000]
    keep(review)
    fill_places(actor, review)
    tell_secretaries(actor, review, "review_declined", name=own.name)
    return keep(review)


@unit_of_work
def expire(actor: Actor, review_id: int, seat_id: int) -> Review:
    """An invitation that was not answered in its two working days; the next one is asked."""
    review, facts = take(actor, review_id, None, "expire_invitation")
    fact = facts.seat(seat_id)
    if fact is None or fact.state != SeatState.invited or fact.answer_by is None or fact.answer_by >= facts.today:
        return review
    carry_out(by_program(actor), review, facts, "expire_invitation", told={"expert": fact.name})
    seat = seat_row(seat_id)
    seat.state = SeatState.expired
    keep(review)
    fill_places(actor, review)
    tell_expert(actor, review, "review_released", fact.user_id)
    tell_secretaries(actor, review, "review_expired", name=fact.name)
    return keep(review)


def expire_invitations() -> None:
    """Every invitation whose days are over; for the job, which sees all rows."""
    late = (
        select(ReviewSeat.review_id, ReviewSeat.id)
        .join(Review, Review.id == ReviewSeat.review_id)
        .where(
            ReviewSeat.state == SeatState.invited,
            ReviewSeat.answer_by < clock.today(),
            Review.state == ReviewState.inviting,
        )
        .order_by(ReviewSeat.review_id, ReviewSeat.place)
    )
    for review_id, seat_id in db.session.execute(late).all():
        expire(SYSTEM, review_id, seat_id)


@unit_of_work
def replace_expert(actor: Actor, review_id: int, data: Data, version: int | None = None) -> Review:
    """Somebody else is asked: for an expert who cannot come, or for a place that nobody has taken."""
    reason = text_of(data, "reason")
    review, facts = take(actor, review_id, version, "replace_expert", reason)
    fact = facts.seat(data.get("seat"))
    told = {"expert": fact.name} if fact is not None else None
    carry_out(actor, review, facts, "replace_expert", data, reason=reason, to=ReviewState.inviting, told=told)
    assert fact is not None  # the guard has seen to it
    if fact in facts.sitting:
        seat = seat_row(fact.id)
        seat.state, seat.reason = SeatState.replaced, (reason or "")[:1000]
        tell_expert(actor, review, "review_released", fact.user_id)
    keep(review)
    fill_places(actor, review)
    return keep(review)
