"""Reviews of several centres for the world: invited, voting with a sealed ballot, counted with opened ones."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text

from app.core import clock
from app.core.db import db
from app.models.expert import Expert, ExpertCategory
from app.models.party import Claim, ClaimResult, Party
from app.models.reply import Reply, ReplyPoint, ReplyState
from app.models.review import (
    Ballot,
    BallotMark,
    Door,
    Review,
    ReviewApplicant,
    ReviewDraw,
    ReviewObjection,
    ReviewSeat,
    SeatOrigin,
    SeatState,
    Verdict,
)
from app.models.step import ReviewStep

EXPERTS = ("expert.1", "expert.5", "expert")
# case → the state in the end, and where the experts' seats stand
REVIEWS: tuple[tuple[str, str, tuple[SeatState, SeatState, SeatState]], ...] = (
    ("city", "inviting", (SeatState.invited, SeatState.declined, SeatState.listed)),
    ("t1", "balloting", (SeatState.seated, SeatState.seated, SeatState.voided)),
    ("t2", "counting", (SeatState.seated, SeatState.replaced, SeatState.seated)),
    ("to_d1", "closed", (SeatState.released, SeatState.seated, SeatState.seated)),
    ("accuses_clerk.t1", "counting", (SeatState.listed, SeatState.seated, SeatState.expired)),
)


class ReviewFurniture:
    """Puts reviews into the cases of several centres; mixed into World."""

    cases: dict[str, int]
    home: dict[str, int]
    users: dict[str, int]

    def _reviews(self) -> None:
        experts = [self._expert(username) for username in EXPERTS]
        for name, state, seats in REVIEWS:
            self._review(name, state, list(zip(experts, seats, strict=True)))

    def _expert(self, username: str) -> Expert:
        expert = Expert(
            organisation_id=self.home[username],
            name=f"评审{username}",
            category=ExpertCategory.scholar,
            appointed_from=date(2025, 1, 1),
            appointed_until=date(2027, 1, 1),
            account_id=self.users[username],
        )
        db.session.add(expert)
        db.session.flush()
        return expert

    def _reply(self, case: int, claim: Claim) -> tuple[Reply, ReplyPoint]:
        reply = Reply(
            case_id=case,
            number=1,
            organisation_id=self.home["handler.d1"],
            state=ReplyState.checking,
            findings="经核实。",
            basis="有关规定",
            drafted_by_id=self.users["handler.d1"],
        )
        db.session.add(reply)
        db.session.flush()
        answer: dict[str, Any] = {"result": ClaimResult.explained, "resolved": False, "text": "答复"}
        point = ReplyPoint(case_id=case, reply_id=reply.id, claim_id=claim.id, number=1, **answer)
        db.session.add(point)
        db.session.flush()
        return reply, point

    def _review(self, name: str, state: str, seats: list[tuple[Expert, SeatState]]) -> None:
        case = self.cases[name]
        claim = db.session.scalars(select(Claim).where(Claim.case_id == case).order_by(Claim.id)).first()
        party = db.session.scalars(select(Party).where(Party.case_id == case).order_by(Party.id)).first()
        assert claim is not None and party is not None
        reply, point = self._reply(case, claim)
        review = Review(case_id=case, reply_id=reply.id, number=f"PS-{name}", state="balloting", size=5, ballot_round=1)
        db.session.add(review)
        db.session.flush()
        draw = ReviewDraw(case_id=case, review_id=review.id, seed="0" * 64, candidates=[1], wanted=1, drawn=[1])
        applicant = ReviewApplicant(
            case_id=case, review_id=review.id, party_id=party.id, door=Door.desk, reason="不服答复"
        )
        db.session.add_all((draw, applicant))
        db.session.flush()
        db.session.add(ReviewObjection(case_id=case, applicant_id=applicant.id, claim_id=claim.id))
        db.session.add(
            ReviewStep(
                case_id=case, review_id=review.id, seq=1, step="file_review", to_state="filed", actor_name="王敏"
            )
        )
        for place, (expert, where) in enumerate(seats, 1):
            self._seat(review, expert, where, place, claim, point)
        db.session.flush()
        outcome = "upheld" if state == "closed" else None
        db.session.connection().execute(
            text("UPDATE review SET state = :state, outcome = :outcome WHERE id = :id"),
            {"state": state, "outcome": outcome, "id": review.id},
        )
        db.session.expire(review)

    def _seat(
        self, review: Review, expert: Expert, where: SeatState, place: int, claim: Claim, point: ReplyPoint
    ) -> None:
        seat = ReviewSeat(
            case_id=review.case_id,
            review_id=review.id,
            expert_id=expert.id,
            place=place,
            origin=SeatOrigin.chosen,
            state=SeatState.seated,
            declared_free=True,
            answer_by=clock.today() + timedelta(days=2),
        )
        db.session.add(seat)
        db.session.flush()
        if where in (SeatState.seated, SeatState.voided):
            ballot = Ballot(case_id=review.case_id, review_id=review.id, seat_id=seat.id, round=1)
            db.session.add(ballot)
            db.session.flush()
            verdicts = {"legality": Verdict.unsound, "reasonableness": Verdict.sound, "comment": f"封存的意见{seat.id}"}
            mark: dict[str, Any] = {"case_id": review.case_id, "ballot_id": ballot.id, **verdicts}
            db.session.add_all((BallotMark(claim_id=claim.id, **mark), BallotMark(point_id=point.id, **mark)))
            db.session.flush()
            if where is SeatState.voided:
                ballot.voided_at, ballot.void_reason = clock.now(), "发现回避情形"
        seat.state = where
        seat.reason = "原因" if where in (SeatState.declined, SeatState.voided, SeatState.replaced) else None
