"""One matter of the demo year as it is told: registered, its steps, its clocks, its signatures, its answers."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.masks import mask_phone
from app.core.pinyin import pinyin_initials
from app.models.case import Case, CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.party import Claim, Party, Representative, RepresentativeKind, Side
from app.models.person import IdType, Person
from app.models.reply import ReplyPoint
from app.models.signature import Signature, SignatureKind, SignaturePurpose
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services import deadline
from app.services.person import hashes_of
from seed.people import PersonSeed, person
from seed.year_cast import Who
from seed.year_ledger import Row, secret
from seed.year_plan import DESK, Plan, hour
from seed.year_topics import LEGAL
from seed.year_world import World

S, D = CaseState, DeadlineState
RESPONDENTS = {"C01": "村民委员会", "C02": "小区物业服务企业", "C03": "用人单位", "C05": "相邻住户", "C13": "经营者"}
OPEN = (D.running, D.paused)


class Story:
    """A matter from its registration on; the verbs below keep the same rows as those of the services."""

    def __init__(self, world: World, plan: Plan, nth: int) -> None:
        self.world, self.plan, self.nth, self.draw = world, plan, nth, plan.draw
        self.ledger, self.seq, self.clocks = world.ledger, 0, list[Row]()
        self.centre, self.town = world.places[plan.centre], world.places[plan.town]
        self.village = self.draw.choice(world.villages[plan.town])
        self.words = {
            "village": self.village.name,
            "year": self.draw.randrange(2012, 2019),
            "n": self.draw.randrange(2, 10),
            "money": self.draw.randrange(12, 860) * 100,
        }
        self.scans: list[Row] = []
        self.said: list[Row] = []
        self.case = self._register()

    # ---- who, when, what

    def who(self, role: str, place: str | None = None) -> Who:
        """Whoever holds a role at the centre that has the matter, or at another place."""
        return self.world.cast.one(role, place or self.plan.centre)

    def later(self, days: int, earliest: int = 20, latest: int = 520) -> datetime:
        """So many days after the last step, on a working day, in office hours."""
        day = self.world.workday(self.now.date() + timedelta(days=days))
        if days == 0 and day == self.now.date():
            return self.now + timedelta(minutes=self.draw.randrange(8, 40))
        return hour(day, self.draw.choice((self.draw.randrange(earliest, 220), self.draw.randrange(340, latest))))

    def say(self, text: str) -> str:
        """A text of the topic with the words of this matter."""
        return text.format_map(self.words)

    # ---- registration

    def _register(self) -> Row:
        plan, topic = self.plan, self.plan.topic
        at = plan.at
        legal = LEGAL[plan.legal] if plan.legal is not None else None
        title = legal[1] if legal else self.say(topic.title)
        if self.village.name not in title:
            title = f"{self.village.name}群众反映{title}"
        self.facts = legal[2] if legal else self.say(topic.facts)
        texts = (legal[3],) if legal else tuple(map(self.say, topic.claims))
        by, number = self.who("clerk"), self.ledger.number(str(self.centre.prefix), at.year)
        people = [self._person(at, by, place == 0) for place in range(plan.people)]
        case = self.ledger.enter(
            Case,
            at,
            by,
            number=number,
            receipt_hash=secret("receipt", number),
            title=title,
            facts=self.facts,
            channel=plan.channel,
            kind=plan.kind,
            state=S.registered,
            category_id=self.world.categories[legal[0] if legal else topic.category],
            organisation_id=self.centre.id,
            owner_town_id=self.centre.id if self.centre.level == "township" else None,
            town_id=self.town.id,
            village_id=self.village.id,
            head_count=plan.heads,
            occurred_on=plan.day - timedelta(days=self.draw.randrange(5, 90)),
            registered_at=at,
            petitioner_name=people[0]["name"],
            petitioner_phone=mask_phone(people[0]["phone"]),
            due_provisional=False,
            paused=False,
        )
        self.case, self.now = case, at
        self.state: CaseState | None = S.registered
        self._sides(at, by, people)
        self.claims = [
            self.ledger.enter(Claim, at, by, case_id=case["id"], number=place, text=text)
            for place, text in enumerate(texts, 1)
        ]
        self._visit(at, by, plan.channel, plan.heads, first=True)
        self.start(deadline.ACK, at.date(), at, by)
        self.start(deadline.REPLY, at.date(), at, by)
        self.state = None
        self.step("register", S.registered, at, by)
        return case

    def _person(self, at: datetime, by: Who, addressed: bool) -> Row:
        self.world.people += 1
        one: PersonSeed = person(self.world.people)
        home = f"山东省昌邑市{self.town.name}{self.village.name}{self.draw.randrange(1, 300)}号"
        return self.ledger.enter(
            Person,
            at,
            by,
            organisation_id=self.centre.id,
            name=one.name,
            pinyin=pinyin_initials(one.name),
            sex=one.sex,
            birth=one.birth,
            id_type=IdType.id_card,
            id_number=one.id_number,
            phone=one.phone,
            address=home if addressed else None,
            **hashes_of(one.id_number, one.phone),
        )

    def _sides(self, at: datetime, by: Who, people: Sequence[Row]) -> None:
        key, self.names = self.case["id"], {}
        self.petitioners = []
        for one in people:
            party = self.ledger.enter(Party, at, by, case_id=key, side=Side.petitioner, person_id=one["id"])
            self.names[party["id"]] = one["name"]
            self.petitioners.append(party["id"])
        self.speakers = list(self.petitioners)
        if len(people) > 1 and self.plan.heads >= 5:
            self.speakers = self.petitioners[:2]
            for party_id in self.speakers:
                kind = RepresentativeKind.representative
                self.ledger.enter(Representative, at, by, case_id=key, kind=kind, party_id=party_id)
        name = RESPONDENTS.get(self.plan.topic.category[:3]) if self.plan.legal is None else None
        if name and self.draw.random() < 0.4:
            self.ledger.enter(Party, at, by, case_id=key, side=Side.respondent, organisation_name=name)

    def _visit(self, at: datetime, by: Who, channel: str, heads: int, first: bool, note: str | None = None) -> None:
        more = {"channel": channel, "head_count": heads, "first": first, "note": note}
        self.ledger.enter(Visit, at, by, case_id=self.case["id"], at=at, **more)

    def come_again(self, at: datetime, heads: int) -> None:
        """The party comes once more and asks how it stands."""
        self._visit(at, self.who("clerk"), "visit", heads, first=False, note="询问办理进展，补充材料一份。")

    # ---- the course

    def step(
        self, name: str, to: CaseState, at: datetime, by: Who | None, reason: str | None = None, /, **told: Any
    ) -> Row:
        """One event of the course, and its entry in the trail."""
        self.seq += 1
        before = self.state
        row = self.ledger.enter(
            CaseStep,
            at,
            case_id=self.case["id"],
            seq=self.seq,
            step=name,
            from_state=before.value if before is not None else None,
            to_state=to.value,
            at=at,
            actor_id=by.id if by else None,
            actor_name=by.name if by else "system",
            actor_post=by.post if by else None,
            organisation_name=by.organisation if by else None,
            reason=reason,
            data={**told, "version": self.seq - 1},
        )
        subject = {"type": "case", "id": self.case["id"], "number": self.case["number"]}
        if before is None:
            self.ledger.note(at, by, "case:add", subject, number=[None, self.case["number"]])
        else:
            states = [before.value, to.value]
            self.ledger.note(at, by, f"step:{name}", subject, seq=[None, self.seq], state=states)
        self.state, self.now = to, at
        self.case.update(state=to, version=self.seq, changed_at=at, changed_by_id=by.id if by else None)
        return row

    # ---- clocks

    def start(
        self, code: str, on: date, at: datetime, by: Who | None, party: int | None = None, referral: int | None = None
    ) -> Row:
        """A clock begins."""
        due = self.world.due(code, on)
        row = self.ledger.enter(
            Deadline,
            at,
            by,
            case_id=self.case["id"],
            rule_id=self.world.rules[code].id,
            code=code,
            party_id=party,
            referral_id=referral,
            starts_on=on,
            due_on=due.due,
            provisional=due.provisional,
            why=due.why,
        )
        self.clocks.append(row)
        return row

    def running(self, codes: Iterable[str], party: int | None = None) -> list[Row]:
        """The clocks of these codes that still run, the nearest first."""
        wanted = set(codes)
        found = [c for c in self.clocks if c["code"] in wanted and c["state"] in OPEN]
        return sorted((c for c in found if party is None or c["party_id"] == party), key=lambda c: c["due_on"])

    def _end(self, row: Row, at: datetime, by: Who | None, **said: Any) -> None:
        who = by.id if by else None
        row.update(said, changed_at=at, changed_by_id=who, version=row["version"] + 1)

    def meet(self, code: str, at: datetime, by: Who | None, party: int | None = None) -> None:
        """What a clock asked for is done."""
        for row in self.running([code], party):
            self.meet_row(row, at, by)

    def meet_row(self, row: Row, at: datetime, by: Who | None) -> None:
        """One clock is met, in time or late."""
        on = at.date()
        self._end(row, at, by, state=D.met if on <= row["due_on"] else D.late, met_on=on)

    def cancel(self, codes: Iterable[str], at: datetime, by: Who | None, party: int | None = None) -> None:
        """Clocks that no longer apply."""
        for row in self.running(codes, party):
            self._end(row, at, by, state=D.cancelled)

    # ---- papers that were signed

    def scan(self, name: str, at: datetime, by: Who) -> Row:
        """A page as a file of the matter."""
        row = self.world.scan(self.case, at, by, name, self.nth + len(self.scans))
        self.scans.append(row)
        return row

    def sign(
        self,
        purpose: SignaturePurpose,
        page: Row,
        at: datetime,
        by: Who,
        party: int | None = None,
        user: Who | None = None,
    ) -> Row:
        """A signature on a page that was scanned: of a party, or of somebody with an account."""
        signer = self.names[party] if party is not None else user.name if user is not None else by.name
        return self.ledger.enter(
            Signature,
            at,
            by,
            case_id=self.case["id"],
            kind=SignatureKind.paper,
            purpose=purpose,
            party_id=party,
            user_id=user.id if user is not None else None,
            signer=signer,
            attachment_id=page["id"],
            sha256=page["sha256"],
            at=at,
        )

    # ---- answers

    def answers(self) -> list[Row]:
        """What is said to each claim: result, whether it is resolved, and why."""
        topic, found = self.plan.topic, []
        for place, claim in enumerate(self.claims):
            if place == 0 and not self.plan.resolved:
                said = ("rejected", False, topic.no)
            elif place == 0 and self.plan.reviewed:
                said = ("partly_supported", True, topic.yes[0])
            elif place == 0:
                said = ("explained" if self.plan.path == DESK and self.plan.kind == "inquiry" else "supported",
                        True, topic.yes[0])  # fmt: skip
            else:
                said = ("explained" if place % 2 else "supported", True, topic.yes[place])
            found.append({"claim": claim, "result": said[0], "resolved": said[1], "text": self.say(said[2])})
        return found

    def points(self, reply: Row, answers: Sequence[Row], at: datetime, by: Who) -> list[Row]:
        """The points of a reply."""
        self.said = [
            self.ledger.enter(
                ReplyPoint,
                at,
                by,
                case_id=self.case["id"],
                reply_id=reply["id"],
                claim_id=answer["claim"]["id"],
                number=answer["claim"]["number"],
                result=answer["result"],
                resolved=answer["resolved"],
                text=answer["text"],
            )
            for answer in answers
        ]
        return self.said

    def take_results(self, answers: Sequence[Row], at: datetime, by: Who) -> None:
        """The claims carry the results of the reply; the matter is resolved when all its claims are."""
        for answer in answers:
            claim = answer["claim"]
            claim.update(result=answer["result"], resolved=answer["resolved"])
            self._end(claim, at, by)
        self.case["resolved"] = all(answer["resolved"] for answer in answers)

    def answered(self, at: datetime, by: Who) -> None:
        """The last petitioner has the answer: the days for replying are met."""
        self.case["replied_at"] = clock.local(at)
        self.meet(deadline.REPLY, at, by)
