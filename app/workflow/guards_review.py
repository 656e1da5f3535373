"""The guards of the expert review: each one sentence, read beside the greyed button or at the field (domain §4)."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.review import PANEL_LEAST, SeatState
from app.workflow.types import Message, Situation

PICKS_MOST, RESERVES_MOST = 15, 20


# ---- who: this person and this review


def invited_here(at: Situation) -> Message | None:
    """Only an expert who is invited answers an invitation, and only the own one."""
    own = at.facts.seat_of(at.actor.user_id)
    if own is None:
        return _l("Only an expert who is invited to this review.")
    if own.state == SeatState.seated:
        return _l("You have accepted already.")
    if own.state != SeatState.invited:
        return _l("Your invitation no longer holds.")
    return None


def seated_here(at: Situation) -> Message | None:
    """Only an expert who sits on this panel."""
    own = at.facts.seat_of(at.actor.user_id)
    if own is None or own.state != SeatState.seated:
        return _l("Only an expert who sits on this panel.")
    return None


# ---- when: circumstances


def application_holds(at: Situation) -> Message | None:
    """A party applies, after having received the reply, within the days, for the version that stands."""
    reply = at.facts.case.late.standing_reply
    if reply is None or reply.id != at.record.reply_id:
        return _l("A newer version of the reply stands; a review is of the version that stands.")
    faults = [fault for applicant in at.facts.applicants if (fault := applicant_fault(applicant)) is not None]
    if len(faults) == len(at.facts.applicants):
        return faults[0] if faults else _l("Nobody has applied.")
    return None


def applicant_fault(applicant: Any) -> Message | None:
    """Why one party may not ask for the review, or None."""
    if applicant.served_on is None:
        return _l("%(name)s has not received this reply.", name=applicant.name)
    if applicant.filed_on < applicant.served_on:
        return _l("%(name)s applied before receiving the reply.", name=applicant.name)
    if applicant.last_day is not None and applicant.filed_on > applicant.last_day:
        return _l(
            "%(name)s applied on %(day)s; the last day was %(last)s.",
            name=applicant.name,
            day=applicant.filed_on.isoformat(),
            last=applicant.last_day.isoformat(),
        )
    return None


def not_drawn_yet(at: Situation) -> Message | None:
    """A list is drawn once; a draw that does not please is not repeated."""
    if at.facts.drawn:
        return _l("Experts were drawn for this list already; the draw stands. The party may still pick them.")
    return None


def five_are_listed(at: Situation) -> Message | None:
    """At least five experts are on the list before anybody is invited."""
    listed = sum(seat.state == SeatState.listed for seat in at.facts.seats)
    if listed < max(at.record.size, PANEL_LEAST):
        return _l("At least five experts must be on the list; there are %(count)s.", count=listed)
    return None


def panel_is_whole(at: Situation) -> Message | None:
    """Every seat is taken, never fewer than five."""
    seated = len(at.facts.seated)
    if seated < max(at.record.size, PANEL_LEAST):
        return _l(
            "%(count)s of %(size)s seats are taken; a panel never has fewer than five.",
            count=seated,
            size=at.record.size,
        )
    return None


def material_is_out(at: Situation) -> Message | None:
    """The experts have the material before they meet."""
    if at.record.material_at is None:
        return _l("The material has not been handed out yet.")
    return None


def not_voted_yet(at: Situation) -> Message | None:
    """One vote for each seat and round; a ballot is never changed."""
    own = at.facts.seat_of(at.actor.user_id)
    if own is not None and own.voted:
        return _l("You have voted; a ballot cannot be changed.")
    return None


def all_have_voted(at: Situation) -> Message | None:
    """Ballots are opened when every seat has voted."""
    missing = sum(not seat.voted for seat in at.facts.seated)
    if missing:
        return _l("%(count)s experts have not voted yet.", count=missing)
    return None


def not_signed_yet(at: Situation) -> Message | None:
    """An expert signs once."""
    own = at.facts.seat_of(at.actor.user_id)
    if own is not None and own.signed:
        return _l("You have signed already.")
    return None


def somebody_to_replace(at: Situation) -> Message | None:
    """There is a place to fill, or an expert who has not voted yet."""
    if not at.facts.vacant and all(seat.voted for seat in at.facts.sitting):
        return _l("Nobody is to be replaced; a vote is void only for a conflict.")
    return None


def somebody_seated(at: Situation) -> Message | None:
    """There is a seat to void."""
    if not at.facts.seated:
        return _l("Nobody is seated.")
    return None


# ---- what: the filled-in form


def enough_are_picked(at: Situation) -> tuple[str, Message] | None:
    """The party picks at least five experts; it does not go on with four."""
    picked = list(at.data.get("experts") or ())
    if len(picked) < PANEL_LEAST:
        return "experts", _l(
            "At least five experts must be chosen; %(count)s are. The party may ask for a draw to fill up.",
            count=len(picked),
        )
    return _not_too_many(at)


def _not_too_many(at: Situation) -> tuple[str, Message] | None:
    if len(list(at.data.get("experts") or ())) > PICKS_MOST:
        return "experts", _l("At most %(most)s experts.", most=PICKS_MOST)
    if len(list(at.data.get("reserves") or ())) > RESERVES_MOST:
        return "reserves", _l("At most %(most)s experts.", most=RESERVES_MOST)
    return None


def draw_has_a_size(at: Situation) -> tuple[str, Message] | None:
    """A draw fills the list up to at least five."""
    size = at.data.get("size") or PANEL_LEAST
    if not PANEL_LEAST <= size <= PICKS_MOST:
        return "size", _l("A panel has at least five and at most %(most)s experts.", most=PICKS_MOST)
    if len(list(at.data.get("experts") or ())) >= size:
        return "experts", _l("Enough experts are chosen; nobody need be drawn.")
    return _not_too_many(at)


def nobody_is_named_twice(at: Situation) -> tuple[str, Message] | None:
    """Nobody is chosen twice, nor chosen and kept in reserve."""
    chosen = [expert.id for expert in at.data.get("experts") or ()]
    reserves = [expert.id for expert in at.data.get("reserves") or ()]
    if len(set(chosen)) < len(chosen):
        return "experts", _l("An expert is chosen twice.")
    both = next((e for e in at.data.get("reserves") or () if e.id in chosen or reserves.count(e.id) > 1), None)
    if both is not None:
        return "reserves", _l("%(name)s is on the list twice.", name=both.name)
    return None


def nobody_stands_in_conflict(at: Situation) -> tuple[str, Message] | None:
    """Nobody with a conflict of interest, and nobody who does not serve; the verb has computed who."""
    refused = at.data.get("refused") or {}
    for field in ("experts", "reserves"):
        for expert in at.data.get(field) or ():
            if expert.id in refused:
                return field, _l("%(name)s: %(why)s", name=expert.name, why=refused[expert.id])
    return None


def party_has_signed(at: Situation) -> tuple[str, Message] | None:
    """The party signs for the list, or a witness stands for it."""
    if at.data.get("signature") is None:
        return "signature", _l("Please let the party sign.")
    return None


def expert_has_signed(at: Situation) -> tuple[str, Message] | None:
    """The expert signs."""
    if at.data.get("signature") is None:
        return "signature", _l("Please sign.")
    return None


def all_applicants_agree(at: Situation) -> tuple[str, Message] | None:
    """Where several parties apply, they agree."""
    if len(at.facts.applicants) > 1 and not at.data.get("agreed"):
        return "agreed", _l("Several parties applied; please note that all of them agree.")
    return None


def declares_to_be_free(at: Situation) -> tuple[str, Message] | None:
    """Who takes a seat declares to have no interest in the matter, and nothing on record speaks against it."""
    if at.data.get("refused"):
        return "declared", _l("The record says otherwise: %(why)s Please decline.", why=at.data["refused"])
    if not at.data.get("declared"):
        return "declared", _l("Without this declaration the seat cannot be taken. If it does not hold, please decline.")
    return None


def a_seat_is_named(at: Situation) -> tuple[str, Message] | None:
    """Which seat."""
    if at.data.get("seat") is None:
        return "seat", _l("Please choose the seat.")
    return None


def seat_can_be_replaced(at: Situation) -> tuple[str, Message] | None:
    """A seat that has not voted in this round, or a place nobody has taken yet."""
    seat = at.facts.seat(at.data.get("seat"))
    if seat is None or (seat not in at.facts.vacant and (seat not in at.facts.sitting or seat.voted)):
        return "seat", _l("Please choose an expert who has not voted, or a place that is not filled yet.")
    return None


def seat_is_taken(at: Situation) -> tuple[str, Message] | None:
    """A seat of the panel."""
    if at.facts.seat(at.data.get("seat")) not in at.facts.seated:
        return "seat", _l("Please choose an expert who is seated.")
    return None


def session_is_in_order(at: Situation) -> tuple[str, Message] | None:
    """A session has a beginning in the future and an end after it."""
    start, end = at.data.get("start"), at.data.get("end")
    if start is None:
        return "start", _l("Please say when the session begins.")
    if start <= clock.now():
        return "start", _l("The session lies in the past.")
    if end is None or end <= start:
        return "end", _l("The session must end after it begins.")
    if (end - start).total_seconds() > 12 * 3600:
        return "end", _l("A session lasts at most twelve hours.")
    return None


def unsound_says_why(at: Situation) -> tuple[str, Message] | None:
    """Every line is marked, and what is not sound has its comment."""
    if at.data.get("missing"):
        return "marks", _l("Every claim and every point must be marked.")
    for mark in at.data.get("marks") or ():
        if "unsound" in (mark.get("legality"), mark.get("reasonableness")) and not (mark.get("comment") or "").strip():
            return "marks", _l("Please say why something is not sound.")
    return None


def opinion_has_words(at: Situation) -> tuple[str, Message] | None:
    """The opinion gives its reasons."""
    if not (at.data.get("text") or "").strip():
        return "text", _l("Please write the reasons of the opinion.")
    return None


def party_awaits_opinion(at: Situation) -> tuple[str, Message] | None:
    """A party who applied, or a petitioner, who has not received the opinion yet."""
    party = at.data.get("party")
    if party is None or party.id not in at.facts.not_served:
        return "party", _l("Please choose a party who has not received the opinion yet.")
    return None


def opinion_is_served_later(at: Situation) -> tuple[str, Message] | None:
    """The opinion is served after it was signed, and not in the future."""
    served, signed = at.data.get("served_at"), at.facts.signed_at
    if served is None:
        return "served_at", _l("Please say when it was served.")
    if served > clock.now():
        return "served_at", _l("This lies in the future.")
    if signed is not None and served < signed.replace(second=0, microsecond=0):
        return "served_at", _l("This lies before the paper was issued.")
    return None


def applicant_says_how_satisfied(at: Situation) -> tuple[str, Message] | None:
    """Who applied is asked how satisfied; nothing is taken for granted."""
    party = at.data.get("party")
    applied = party is not None and party.id in {applicant.party_id for applicant in at.facts.applicants}
    if applied and at.data.get("satisfied") is None:
        return "satisfied", _l("Please ask the party; who does not answer is “not rated”.")
    return None
