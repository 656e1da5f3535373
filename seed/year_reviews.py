"""The expert reviews of the demo year: applied for, picked, seated, voted on, signed, served; all ended with a word."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.access.actor import system_scope
from app.core.db import db
from app.models.case import CaseState
from app.models.expert import Expert
from app.models.follow_up import Satisfaction
from app.models.review import (
    Ballot,
    BallotMark,
    Door,
    Review,
    ReviewApplicant,
    ReviewObjection,
    ReviewSeat,
    ReviewState,
    SeatOrigin,
    SeatState,
    Verdict,
)
from app.models.service import Served, Service, ServiceWay
from app.models.signature import SignaturePurpose
from app.models.step import ReviewStep
from app.services import deadline
from app.services.queries.material import plain_material
from app.services.queries.tally import dissent_of, outcome_of, tally_of
from app.services.rights import REVIEW_DAYS
from seed.organisation import CITY
from seed.year_cast import Who
from seed.year_ledger import Row
from seed.year_plan import hour
from seed.year_story import Story
from seed.year_topics import OBJECTION, UPHELD
from seed.year_ways import acknowledged, follow_ups_begin

R, ROOM = ReviewState, "专家评审室"
SIZE, RESERVES = 5, 2
DOUBT = "测算过程应当向申请人当面说明。"


class Panel:
    """One review, told beside the story of its matter."""

    def __init__(self, story: Story, reply: Row, points: Sequence[Row], experts: Sequence[tuple[int, Who]]) -> None:
        self.story, self.reply, self.points = story, reply, points
        self.listed, self.party = experts[: SIZE + RESERVES], story.petitioners[0]
        self.secretary, self.clerk = story.who("review_secretary", CITY), story.who("clerk")
        self.seq, self.state = 0, R.filed
        self.row = self._apply()

    def step(self, name: str, to: ReviewState, by: Who, reason: str | None = None, /, **told: Any) -> None:
        """One event of the course of the review."""
        self.seq += 1
        at, story = self.story.now, self.story
        before = self.state if self.seq > 1 else None
        story.ledger.enter(
            ReviewStep,
            at,
            case_id=story.case["id"],
            review_id=self.row["id"],
            seq=self.seq,
            step=name,
            from_state=before.value if before is not None else None,
            to_state=to.value,
            at=at,
            actor_id=by.id,
            actor_name=by.name,
            actor_post=by.post,
            organisation_name=by.organisation,
            reason=reason,
            data={**told, "version": self.seq - 1},
        )
        if before is not None:
            subject = {"type": "review", "id": self.row["id"], "number": self.row["number"]}
            states = [before.value, to.value]
            story.ledger.note(at, by, f"step:{name}", subject, seq=[None, self.seq], state=states)
        self.state = to
        self.row.update(version=self.seq, changed_at=at, changed_by_id=by.id)

    def pass_time(self, days: int) -> None:
        """The next event of the review comes later."""
        self.story.now = self.story.later(days)

    def _apply(self) -> Row:
        story, by = self.story, self.clerk
        at, reason = story.later(1), story.draw.choice(OBJECTION)
        number = story.ledger.number(f"PS-{story.centre.prefix}", at.year)
        told = {"party": story.names[self.party], "claims": [1], "door": "desk", "review": number}
        story.step("apply_review", CaseState.reviewing, at, by, reason, **told)
        story.meet(REVIEW_DAYS, at, by, self.party)
        key = story.case["id"]
        page = story.scan("专家评审申请书.png", at, by)
        story.sign(SignaturePurpose.application, page, at, by, party=self.party)
        self.row = story.ledger.enter(
            Review, at, by, case_id=key, number=number, reply_id=self.reply["id"], state=R.balloting, size=SIZE,
            filed_at=at,
        )  # fmt: skip
        self.step("file_review", R.filed, by, door="desk")
        self.applicant = story.ledger.enter(
            ReviewApplicant, at, by, case_id=key, review_id=self.row["id"], party_id=self.party, door=Door.desk,
            filed_at=at, reason=reason,
        )  # fmt: skip
        claim_id, objected = story.claims[0]["id"], {"case_id": key, "applicant_id": self.applicant["id"]}
        story.ledger.enter(ReviewObjection, at, **objected, claim_id=claim_id)
        story.start(deadline.REVIEW_ACCEPT, at.date(), at, by)
        return self.row

    def seat(self) -> None:
        """Accepted; the party picks and signs; the experts are asked, and each declares."""
        story, row = self.story, self.row
        self.pass_time(1)
        self.step("accept_review", R.choosing, self.secretary, "申请人资格、期限均符合规定。")
        row["accepted_at"] = story.now
        story.meet(deadline.REVIEW_ACCEPT, story.now, self.secretary)
        self.pass_time(1)
        names = [who.name for _key, who in self.listed]
        told = {"chosen": names[:SIZE], "reserves": names[SIZE:], "party": story.names[self.party]}
        self.step("pick_experts", R.picked, self.clerk, **told)
        page = story.scan("专家选择单.png", story.now, self.clerk)
        signed = story.sign(SignaturePurpose.choice, page, story.now, self.clerk, party=self.party)
        row["choice_signature_id"] = signed["id"]
        self.seats = [self._seat(place, key) for place, (key, _who) in enumerate(self.listed, 1)]
        self.pass_time(0)
        self.step("invite", R.inviting, self.secretary)
        for seat, (_key, who) in zip(self.seats[:SIZE], self.listed, strict=False):
            self.step("ask_expert", R.inviting, self.secretary, expert=who.name, origin="chosen")
            until = story.world.due(deadline.INVITE, story.now.date()).due
            seat.update(state=SeatState.invited, invited_at=story.now, answer_by=until)
        for place, (seat, (_key, who)) in enumerate(zip(self.seats[:SIZE], self.listed, strict=False)):
            self.pass_time(0 if place else 1)
            self.step("accept_invitation", R.inviting, who)
            seat.update(state=SeatState.seated, declared_free=True, answered_at=story.now)
        self.step("seat_panel", R.seated, self.listed[SIZE - 1][1], panel=names[:SIZE])

    def _seat(self, place: int, expert_id: int) -> Row:
        story = self.story
        return story.ledger.enter(
            ReviewSeat,
            story.now,
            self.clerk,
            case_id=story.case["id"],
            review_id=self.row["id"],
            expert_id=expert_id,
            place=place,
            origin=SeatOrigin.chosen if place <= SIZE else SeatOrigin.reserve,
            state=SeatState.listed,
        )

    def vote(self) -> None:
        """Material and session; each expert marks every claim and every point."""
        story, row, room = self.story, self.row, self.story.world.rooms[ROOM]
        self.pass_time(1)
        self.step("serve_material", R.seated, self.secretary)
        row["material_at"] = story.now
        start = hour(story.world.workday(story.now.date() + timedelta(days=2)), 75)
        end = start + timedelta(hours=2)
        told = {"room": ROOM, "from": start.isoformat(), "until": end.isoformat()}
        self.step("fix_session", R.scheduled, self.secretary, **told)
        row.update(room_id=room, session_at=start, session_until=end)
        story.now = start + timedelta(minutes=70)
        self.step("open_ballots", R.balloting, self.secretary, round=1)
        row["opened_at"] = story.now
        doubtful = story.draw.randrange(SIZE)
        for place, (seat, (_key, who)) in enumerate(zip(self.seats[:SIZE], self.listed, strict=False)):
            story.now += timedelta(minutes=4)
            self.step("cast_ballot", R.balloting, who)
            self._ballot(seat, doubtful == place and story.draw.random() < 0.6)
        self.step("close_ballots", R.counting, self.listed[SIZE - 1][1], round=1)
        row["closed_at"] = story.now

    def _ballot(self, seat: Row, doubts: bool) -> None:
        story = self.story
        key = {"case_id": story.case["id"]}
        ballot = story.ledger.enter(
            Ballot, story.now, **key, review_id=self.row["id"], seat_id=seat["id"], cast_at=story.now
        )
        for claim, point in zip(story.claims, self.points, strict=True):
            first = doubts and claim["number"] == 1
            said = Verdict.unsound if first else Verdict.sound
            for line in ({"claim_id": claim["id"]}, {"point_id": point["id"]}):
                marks = {"legality": Verdict.sound, "reasonableness": said, "comment": DOUBT if first else None}
                story.ledger.enter(BallotMark, story.now, **key, ballot_id=ballot["id"], **line, **marks)

    def close(self) -> None:
        """The opinion is assembled, signed by all five, and served; the reply stands, and follow-up begins."""
        story, row = self.story, self.row
        self.pass_time(0)
        row["opinion"] = story.draw.choice(UPHELD)
        self.step("assemble_opinion", R.signing, self.secretary, outcome="upheld")
        page = story.scan("专家评审意见签字页.png", story.now, self.secretary)
        for place, (seat, (_key, who)) in enumerate(zip(self.seats[:SIZE], self.listed, strict=False), 1):
            self.pass_time(0)
            self.step("sign_opinion", R.signed if place == SIZE else R.signing, who)
            signed = story.sign(SignaturePurpose.opinion, page, story.now, who, user=who)
            seat.update(signed_at=story.now, signature_id=signed["id"], changed_at=story.now, version=4)
        self.pass_time(1)
        at, by = story.now, self.clerk
        for seat in self.seats[SIZE:]:
            seat.update(state=SeatState.released, changed_at=at, version=2)
        told = {"party": story.names[self.party], "party_id": self.party, "way": "handed", "served_at": at.isoformat()}
        for party in story.petitioners:
            story.now = at = at + timedelta(minutes=3)
            to = R.closed if party == story.petitioners[-1] else R.signed
            self.step("serve_opinion", to, by, **told | {"party": story.names[party], "party_id": party})
            self._hand_over(party)
        satisfied = Satisfaction.satisfied if story.draw.random() < 0.7 else Satisfaction.fairly_satisfied
        self.applicant.update(satisfied=satisfied)
        row["served_at"] = at
        told = {"review": row["number"], "review_id": row["id"], "outcome": "upheld"}
        story.step("conclude_review", CaseState.follow_up_due, at, by, **told)
        follow_ups_begin(story, at, by)

    def _hand_over(self, party: int) -> None:
        story, by = self.story, self.clerk
        at = story.now
        page = story.scan("评审意见送达回证.png", at, by)
        signed = story.sign(SignaturePurpose.service, page, at, by, party=party)
        story.ledger.enter(
            Service,
            at,
            by,
            case_id=story.case["id"],
            what=Served.opinion,
            review_id=self.row["id"],
            party_id=party,
            way=ServiceWay.handed,
            served_at=at,
            served_by_id=by.id,
            signature_id=signed["id"],
        )


def pool() -> list[tuple[int, Who]]:
    """The experts with an account, each as he or she acts; who is bound to a department of the city is left out."""
    with system_scope("demo: experts"):
        found = db.session.scalars(select(Expert).where(Expert.account_id.is_not(None)).order_by(Expert.id)).all()
        return [
            (row.id, Who(row.account_id or 0, row.name, "评审专家", row.organisation_id, row.organisation.name))
            for row in found
            if all(job.employer is None or job.employer.parent_id != row.organisation_id for job in row.employments)
        ]


def reviewed(story: Story, reply: Row, points: Sequence[Row], experts: list[tuple[int, Who]]) -> Panel:
    """The whole course of a review of that reply."""
    acknowledged(story, reply, story.petitioners[1:])
    panel = Panel(story, reply, points, story.draw.sample(experts, SIZE + RESERVES))
    panel.seat()
    panel.vote()
    panel.close()
    return panel


def count(panels: Sequence[Panel]) -> None:
    """Once the ballots are written: material, tally, outcome and dissent, by the queries the program counts with."""
    table = Review.__table__
    for panel in panels:
        review = db.session.scalars(select(Review).where(Review.id == panel.row["id"])).one()
        tally = tally_of(review)
        values = {
            "state": R.closed,
            "tally": tally,
            "outcome": outcome_of(tally),
            "material": json.dumps(plain_material(review, ""), ensure_ascii=False),
            "dissent": json.dumps(dissent_of(review, tally), ensure_ascii=False),
        }
        db.session.connection().execute(update(table).where(table.c.id == panel.row["id"]).values(**values))
    db.session.expire_all()
