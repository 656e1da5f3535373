"""The official papers of a review: the application, the choice of experts, the opinion (domain §11)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db
from app.core.paper import PAPER
from app.core.text import listed
from app.models.case import Case
from app.models.document import Document, DocumentKind
from app.models.expert import Expert
from app.models.party import Claim, Party
from app.models.reply import Reply, ReplyPoint
from app.models.review import Review, ReviewDraw, ReviewOutcome, ReviewSeat, SeatOrigin, SeatState, Verdict
from app.models.room import Room
from app.models.signature import Signature
from app.services import document
from app.services.queries.case_facts import facts_of as case_facts_of
from app.services.queries.tally import fails, lines_of, votes_of
from app.services.signature import picture_of
from app.workflow.windows import windows

FITS: dict[str, tuple[Any, Any]] = {
    "legality": (_lp("paper", "lawful"), _lp("paper", "not lawful")),
    "reasonableness": (_lp("paper", "reasonable"), _lp("paper", "not reasonable")),
}
ASPECT: dict[str, Any] = {"legality": _lp("paper", "Legality"), "reasonableness": _lp("paper", "Reasonableness")}


def _reply_number(case: Case, review: Review) -> str | None:
    paper = document.latest(case, DocumentKind.reply, about=db.session.get_one(Reply, review.reply_id))
    return paper.number if paper is not None else None


def application_paper(
    actor: Actor, review: Review, party: Party, claims: Sequence[Claim], reason: str, signed: Signature | None
) -> Document:
    """A party's application as a paper."""
    with system_scope("the paper of an application for review"):
        case = db.session.get_one(Case, review.case_id)
        window = windows(case_facts_of(case).late).get(party.id)
        answers = dict(
            db.session.execute(
                select(ReplyPoint.claim_id, ReplyPoint.text).where(ReplyPoint.reply_id == review.reply_id)
            ).all()
        )
        fields = {
            "reply_number": _reply_number(case, review),
            "reply_received_on": clock.local(window.service.served_at).date() if window and window.service else None,
            "last_day": window.last_day if window is not None else None,
            "applied_on": clock.today(),
            "reason": reason,
            "objected": [{"claim": claim.text, "answer": answers.get(claim.id, "")} for claim in claims],
            "signature": picture_of(signed) if signed is not None else None,
        }
        return document.issue(actor, case, DocumentKind.review_application, fields, party_id=party.id, about=review)


def _people(seats: Iterable[ReviewSeat]) -> list[dict[str, Any]]:
    rows = []
    for seat in seats:
        expert = db.session.get_one(Expert, seat.expert_id)
        rows.append(
            {
                "name": expert.name,
                "category": expert.category,
                "pool": expert.organisation.name,
                "field": PAPER["join"].join(item.name for item in expert.specialties),
            }
        )
    return rows


def _seats(review: Review) -> list[ReviewSeat]:
    found = select(ReviewSeat).where(ReviewSeat.review_id == review.id).order_by(ReviewSeat.place)
    return list(db.session.scalars(found))


def choice_paper(actor: Actor, review: Review, party: Party | None, signed: Signature | None) -> Document:
    """The list of a party as a paper: whom it chose, whom it keeps in reserve, and the seed where lots were drawn."""
    with system_scope("the paper of a choice of experts"):
        case, seats = db.session.get_one(Case, review.case_id), _seats(review)
        draw = next((db.session.get_one(ReviewDraw, seat.draw_id) for seat in seats if seat.draw_id is not None), None)
        fields = {
            "review_number": review.number,
            "chosen_on": clock.today(),
            "way": _lp("paper", "Drawn by lot at the party's request") if draw else _lp("paper", "Chosen by the party"),
            "seed": draw.seed if draw is not None else None,
            "chosen": _people(seat for seat in seats if seat.origin is not SeatOrigin.reserve),
            "reserves": _people(seat for seat in seats if seat.origin is SeatOrigin.reserve),
            "signature": picture_of(signed) if signed is not None else None,
        }
        party_id = party.id if party is not None else None
        return document.issue(actor, case, DocumentKind.expert_choice, fields, party_id=party_id, about=review)


def _votes(aspect: str, counts: Mapping[str, int]) -> str:
    told = {"yes": counts[Verdict.sound.value], "no": counts[Verdict.unsound.value]}
    said = str(_lp("paper", "%(aspect)s: %(yes)s for, %(no)s against", aspect=ASPECT[aspect], **told))
    abstained = counts[Verdict.abstain.value]
    return said + str(_lp("paper", ", %(number)s abstained", number=abstained) if abstained else "")


def _points(review: Review) -> list[dict[str, Any]]:
    """Every claim and every point of the reply: its text, how the panel voted on it, what that means, and what was
    said of it by the majority; the claim that fails in any of its lines is to be answered anew."""
    tally: Any = review.tally
    counts, comments = {line["line"]: line for line in tally["lines"]}, _comments(review)
    rows = []
    for line in lines_of(review):
        mine, claim = counts[line.key], line.kind == "claim"
        told = {"number": line.number, "text": line.text}
        said = {aspect: FITS[aspect][fails(mine[aspect])] for aspect in FITS}
        anew = line.claim_id in tally["changed"]
        fate = [_lp("paper", "to be answered anew") if anew else _lp("paper", "stands")] if claim else []
        rows.append(
            {
                "claim": _lp("paper", "Claim %(number)s: %(text)s", **told)
                if claim
                else _lp("paper", "Point %(number)s of the reply: %(text)s", **told),
                **said,
                "votes": "\n".join(_votes(aspect, mine[aspect]) for aspect in FITS),
                "result": listed([*said.values(), *fate]),
                "text": listed(comments.get(line.key, ()), clauses=True),
            }
        )
    return rows


def _clause(text: str | None) -> str:
    """What was said, as a part of a sentence: it brings no full stop of its own."""
    return (text or "").strip().rstrip("。.；; ")


def _comments(review: Review) -> dict[str, list[str]]:
    """What was said of each line by those who did not dissent; the dissent stands by its names."""
    dissent = {(row["seat"], row["line"]) for row in json.loads(review.dissent or "[]")}
    found: dict[str, list[str]] = {}
    for vote in votes_of(review):
        said = found.setdefault(vote.line, [])
        if (vote.seat_id, vote.line) not in dissent and (words := _clause(vote.comment)) and words not in said:
            said.append(words)
    return found


def _dissent(review: Review) -> str:
    """Every dissenting voice, each expert's in a line: on what, and why if it was said."""
    said: dict[str, list[Any]] = {}
    for row in json.loads(review.dissent or "[]"):
        verdict = FITS[row["aspect"]][row["verdict"] == Verdict.unsound.value]
        told = {"number": row["number"], "verdict": verdict}
        if row["line"].startswith("claim"):
            words = _lp("paper", "on claim %(number)s: %(verdict)s", **told)
        else:
            words = _lp("paper", "on point %(number)s of the reply: %(verdict)s", **told)
        why = _clause(row.get("comment"))
        said.setdefault(row["expert"], []).append(
            _lp("paper", "%(said)s (%(why)s)", said=words, why=why) if why else words
        )
    return "\n".join(
        str(_lp("paper", "%(name)s: %(said)s", name=name, said=listed(parts, clauses=True)))
        for name, parts in said.items()
    )


def opinion_paper(actor: Actor, review: Review) -> Document:
    """The signed opinion as a paper."""
    with system_scope("the paper of an opinion"):
        case = db.session.get_one(Case, review.case_id)
        seated = [seat for seat in _seats(review) if seat.state is SeatState.seated]
        names = {seat.id: db.session.get_one(Expert, seat.expert_id).name for seat in seated}
        room = db.session.get(Room, review.room_id) if review.room_id is not None else None
        changed = review.outcome is ReviewOutcome.changed
        fields = {
            "reply_number": _reply_number(case, review),
            "review_number": review.number,
            "held_at": review.session_at,
            "venue": room.name if room is not None else None,
            "materials": _lp("paper", "Facts, claims, reply and application; personal data masked."),
            "dissent": _dissent(review),
            "conclusion": review.opinion,
            "effect": _lp("paper", "A new reply is to be given within its days.")
            if changed
            else _lp("paper", "The reply stands."),
            "panel": _people(seated),
            "points": _points(review),
            "signatures": [
                {"name": names[seat.id], "picture": picture_of(db.session.get_one(Signature, seat.signature_id))}
                for seat in seated
                if seat.signature_id is not None
            ],
        }
        return document.issue(actor, case, DocumentKind.review_opinion, fields, about=review)
