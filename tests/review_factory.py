"""Reviews for tests, led through their flow step by step as the demo accounts."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.deadline import Deadline, DeadlineState
from app.models.expert import Expert, ExpertCategory, ExpertStatus
from app.models.organisation import Organisation
from app.models.party import ClaimResult, Party
from app.models.reply import Reply, ReplyPoint, ReplyState
from app.models.review import Review
from app.models.room import Room
from app.models.service import Served, Service, ServiceWay
from app.models.signature import SignatureKind
from app.services import ballot, deadline, opinion, review, review_seat, review_session
from app.services.queries.tally import lines_of
from app.services.signature import Signing
from app.services.working_calendar import calendar
from tests.case_factory import Cases, id_number, organisation_of

PANEL = (1, 2, 5, 9, 10)  # of both towns and the city pool
WITNESSED = Signing(SignatureKind.witness, witness="证人甲")


def experts_of_the_pools() -> dict[str, Expert]:
    """The twelve demo accounts as experts without any conflict, by user name; made once for a test."""
    with system_scope("test"):
        found = {}
        for number in range(1, 13):
            username = f"expert.{number}"
            key, organisation = db.session.execute(
                text("SELECT id, organisation_id FROM ab_user WHERE username = :name"), {"name": username}
            ).one()
            expert = db.session.scalar(select(Expert).where(Expert.account_id == key))
            if expert is None:
                expert = Expert(
                    name=f"专家{number:02d}",
                    category=ExpertCategory.scholar,
                    organisation_id=organisation,
                    account_id=key,
                    phone=f"1590000{number:04d}",
                    status=ExpertStatus.serving,
                    appointed_from=date(2020, 1, 1),
                    appointed_until=date(2035, 12, 31),
                )
                db.session.add(expert)
            found[username] = expert
        db.session.flush()
        return found


class Pool(Mapping[str, Expert]):
    """The experts by the names of their accounts; looked up anew, so that a session may end between."""

    def __init__(self) -> None:
        self.keys_of = {name: expert.id for name, expert in experts_of_the_pools().items()}

    def __getitem__(self, username: str) -> Expert:
        with system_scope("test"):
            return db.session.get_one(Expert, self.keys_of[username])

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_of)

    def __len__(self) -> int:
        return len(self.keys_of)


class Reviews:
    """Leads a case to a served reply, and its review through the flow."""

    def __init__(self, actor: Any) -> None:
        self.actor, self.cases = actor, Cases(actor)
        self.experts = Pool()

    # ---- the case

    def replied(self, served_on: date | None = None, people: int = 1, **more: Any) -> Case:
        """A case whose reply every petitioner has received."""
        parties = [
            {
                "side": "petitioner",
                "name": f"于秀{name}",
                "id_type": "id_card",
                "id_number": id_number(300 + place + self.cases.made * 7),
                "phone": f"1580001{place + self.cases.made * 7:04d}",
                "address": "山东省昌邑市柳疃镇西付村12号",
            }
            for place, name in enumerate("兰英芳芬敏"[:people])
        ]
        case = self.cases.handling(parties=parties, **{"head_count": people, **more})
        drafter, head, centre = (self.actor(name).user_id for name in ("handler.d1", "unit_head.d1", "centre_head"))
        on = served_on or clock.today()
        with system_scope("test"), acting(self.actor("handler.d1")):
            reply = Reply(
                case_id=case.id,
                number=1,
                organisation_id=organisation_of("handler.d1").id,
                state=ReplyState.approved,
                findings="经现场丈量，占用面积 38.6 平方米。于秀兰（电话 15800010000）在场。",
                basis="《土地管理法》第四十八条",
                drafted_by_id=drafter,
                checked_by_id=head,
                checked_at=clock.now(),
                approved_by_id=centre,
                approved_at=clock.now(),
            )
            db.session.add(reply)
            db.session.flush()
            for claim in case.claims:
                db.session.add(
                    ReplyPoint(
                        case_id=case.id,
                        reply_id=reply.id,
                        claim_id=claim.id,
                        number=claim.number,
                        result=ClaimResult.rejected,
                        resolved=False,
                        text=f"对诉求 {claim.number} 的答复。",
                    )
                )
            moment = datetime.combine(on, time(8), clock.LOCAL)
            for party in case.parties:
                db.session.add(
                    Service(
                        case_id=case.id,
                        what=Served.reply,
                        reply_id=reply.id,
                        party_id=party.id,
                        way=ServiceWay.handed,
                        served_at=moment,
                    )
                )
                deadline.start(case, "D-REV5", on, party_id=party.id)
            db.session.flush()
            self.put(case, "replied")
        return case

    def put(self, record: Any, state: str) -> None:
        """Set a state as the engine would; for what other rooms do."""
        table = record.__tablename__
        db.session.execute(
            text(f'UPDATE "{table}" SET state = :state WHERE id = :id'), {"state": state, "id": record.id}
        )
        db.session.expire(record)

    # ---- the review

    def do(self, who: str, verb: Any, record: Any, version: int | None = None, **data: Any) -> Any:
        """Carry a step out as a demo account."""
        actor = self.actor(who)
        with acting(actor):
            return verb(actor, record.id, data, version)

    def filed(self, who: str = "clerk", case: Case | None = None, party: int = 0, **more: Any) -> Review:
        """A party has applied."""
        case = case if case is not None else self.replied(**more)
        actor = self.actor(who)
        with acting(actor):
            found = review.file_review(actor, case, case.parties[party], case.claims[:1], "答复与事实不符")
        if case.state == "replied":
            self.put(case, "reviewing")
        return found

    def choosing(self, **more: Any) -> Review:
        """The application was accepted."""
        return self.do("review_secretary", review.accept_review, self.filed(**more))

    def party(self, record: Review) -> Party:
        """The first party who applied."""
        with system_scope("test"):
            return db.session.get_one(Party, record.applicants[0].party_id)

    def picks(self, *numbers: int) -> list[Expert]:
        """Experts by the numbers of their demo accounts."""
        return [self.experts[f"expert.{number}"] for number in numbers]

    def picked(self, chosen: tuple[int, ...] = PANEL, reserves: tuple[int, ...] = (11, 6), **more: Any) -> Review:
        """The party has picked."""
        record = more.pop("record", None) or self.choosing(**more)
        return self.do(
            "clerk",
            review_seat.pick_experts,
            record,
            experts=self.picks(*chosen),
            reserves=self.picks(*reserves),
            party=self.party(record),
            agreed=True,
            signature=WITNESSED,
        )

    def inviting(self, **more: Any) -> Review:
        """The experts are asked."""
        return self.do("review_secretary", review_seat.invite, self.picked(**more))

    def accept(self, record: Review, *numbers: int) -> Review:
        """These experts take their seats."""
        for number in numbers:
            record = self.do(f"expert.{number}", review_seat.accept_invitation, record, declared=True)
        return record

    def seated(self, chosen: tuple[int, ...] = PANEL, **more: Any) -> Review:
        """The panel sits."""
        return self.accept(self.inviting(chosen=chosen, **more), *chosen)

    def scheduled(self, **more: Any) -> Review:
        """Material is out and the session is fixed."""
        record = more.pop("record", None) or self.seated(**more)
        record = self.do("review_secretary", review_session.serve_material, record, read_through=True)
        return self.fix(record)

    def fix(self, record: Review, days: int = 1, hour: int = 9) -> Review:
        """A session on a coming working day."""
        start = datetime.combine(self.workday(days), time(hour), clock.LOCAL)
        return self.do(
            "review_secretary",
            review_session.fix_session,
            record,
            room=self.room(),
            start=start,
            end=start + timedelta(hours=2),
        )

    @staticmethod
    def workday(count: int) -> date:
        """The working day that many ahead."""
        day = clock.today()
        while count:
            day += timedelta(days=1)
            count -= calendar().is_workday(day)
        return day

    @staticmethod
    def room() -> Room:
        """The review room of the city."""
        with system_scope("test"):
            return db.session.scalars(select(Room).where(Room.name == "专家评审室")).one()

    def balloting(self, **more: Any) -> Review:
        """Ballots are open."""
        return self.do("review_secretary", ballot.open_ballots, self.scheduled(**more))

    def marks(self, record: Review, legality: str = "sound", reasonableness: str = "sound") -> list[dict[str, Any]]:
        """The same mark on every line."""
        comment = "理由不足。" if "unsound" in (legality, reasonableness) else None
        return [
            {"line": line.key, "legality": legality, "reasonableness": reasonableness, "comment": comment}
            for line in lines_of(record)
        ]

    def vote(self, record: Review, number: int, legality: str = "sound", reasonableness: str = "sound") -> Review:
        """One expert votes the same on all lines."""
        return self.do(
            f"expert.{number}", ballot.cast_ballot, record, marks=self.marks(record, legality, reasonableness)
        )

    def counting(self, votes: dict[int, str] | None = None, **more: Any) -> Review:
        """All have voted."""
        chosen = more.get("chosen", PANEL)
        record = self.balloting(**more)
        for number in chosen:
            record = self.vote(record, number, (votes or {}).get(number, "sound"))
        return record

    def signing(self, **more: Any) -> Review:
        """The opinion is assembled."""
        return self.do("review_secretary", opinion.assemble_opinion, self.counting(**more), text="经评议，意见如下。")

    def signed(self, **more: Any) -> Review:
        """The opinion is signed."""
        chosen = more.get("chosen", PANEL)
        record = self.signing(**more)
        for number in chosen[:5]:
            record = self.do(f"expert.{number}", opinion.sign_opinion, record, signature=WITNESSED)
        return record

    def served(self, **more: Any) -> Review:
        """Everybody has the opinion."""
        record = self.signed(**more)
        case = self.case(record)
        with system_scope("test"):
            parties = list(case.parties)
        for party in parties:
            record = self.do(
                "review_secretary",
                opinion.serve_opinion,
                record,
                party=party,
                way=ServiceWay.handed,
                served_at=clock.now(),
                satisfied="satisfied",
                signature=WITNESSED,
            )
        return record

    @staticmethod
    def case(record: Review) -> Case:
        """The case of a review."""
        with system_scope("test"):
            return db.session.get_one(Case, record.case_id)

    @staticmethod
    def clocks(record: Review) -> dict[str, DeadlineState]:
        """The clocks of the case."""
        with system_scope("test"):
            rows = db.session.scalars(select(Deadline).where(Deadline.case_id == record.case_id).order_by(Deadline.id))
            return {row.code: row.state for row in rows}

    @staticmethod
    def centre() -> Organisation:
        """The city."""
        with system_scope("test"):
            return db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
