"""One small world for all security tests: the same things owned by city, towns, a village and departments."""

import hashlib
from datetime import date, time
from typing import Any

from case_factory import Cases, id_number
from sqlalchemy import func, literal, select, text, union_all
from werkzeug.security import generate_password_hash

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import Base, db
from app.models.account import Account, LoginAttempt, RoleProfile, RoleRequest
from app.models.adviser import AdviserKind, LegalAdviser
from app.models.attachment import Attachment
from app.models.audit import Job, Notice
from app.models.expert import Expert, ExpertCategory, ExpertEmployment, ExpertKin, Kinship
from app.models.member import Capacity, CaseMember
from app.models.organisation import Organisation
from app.models.party import Party, Representative, RepresentativeKind
from app.models.preference import Draft, IdempotencyKey, ListPreference, SavedView
from app.models.referral import Referral, ReferralKind, ReferralState
from app.models.room import Room, RoomKind
from app.models.roster import DutyKind, Shift
from app.services.attachment import path_of
from app.services.person import hash_id, hash_phone, hash_tail

# Who tries: every role, and the same role in another town, department or village.
CITY = (
    "sysadmin",
    "security_auditor",
    "business_admin",
    "clerk",
    "dispatcher",
    "centre_head",
    "review_secretary",
    "follow_up_clerk",
    "supervisor",
    "archivist",
    "statistician",
    "handler",
    "unit_head",
    "leader",
    "expert",
    "adviser",
    "counsellor",
    "village_officer",
)
ELSEWHERE = (
    "clerk.t1",
    "clerk.t2",
    "dispatcher.t1",
    "supervisor.t1",
    "centre_head.t2",
    "handler.d1",
    "handler.d2",
    "unit_head.d1",
    "leader.1",
    "leader.2",
    "expert.1",
    "expert.5",
    "adviser.1",
    "counsellor.1",
    "village_officer.1",
)
MADE = ("business_admin.t1", "sysadmin.t1")  # not among the demo accounts: administrators of one town
ACTORS = (*CITY, *ELSEWHERE, *MADE)
PASSWORD = "A-word-of-the-tests-1"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class Canary:
    """One person's data that must never be seen raw."""

    def __init__(self, place: int) -> None:
        self.name = f"于秀{'甲乙丙丁戊己庚辛壬癸'[place % 10]}"
        self.id_number = id_number(100 + place)
        self.phone = f"1597{place:03d}{(place * 7919) % 10000:04d}"
        self.address = f"山东省昌邑市柳疃镇西付村{place}号金丝雀院"

    @property
    def party(self) -> dict[str, Any]:
        """As a petitioner of an intake."""
        return {
            "side": "petitioner",
            "name": self.name,
            "id_type": "id_card",
            "id_number": self.id_number,
            "phone": self.phone,
            "address": self.address,
        }

    @property
    def raw(self) -> tuple[str, str, str]:
        """What no page may hold."""
        return self.id_number, self.phone, self.address


CANARIES = [Canary(place) for place in range(20)]


def actor_named(username: str) -> Actor:
    """A demo account as an actor."""
    key = (
        db.session.connection()
        .execute(text("SELECT id FROM ab_user WHERE username = :name"), {"name": username})
        .scalar_one()
    )
    return actor_of(account_row(key), "127.0.0.1")


class World:
    """What was made: cases by name, organisations by account."""

    def __init__(self) -> None:
        self.cases: dict[str, int] = {}
        self.home: dict[str, int] = {}
        self.users: dict[str, int] = {}
        self.connection: Any = None
        self.browsers: dict[str, Any] = {}
        self.tokens: dict[str, str] = {}
        self._prints: list[Any] = []

    def build(self) -> None:
        """Make everything."""
        with system_scope("world of the tests"), acting(actor_named("sysadmin")):
            for username in MADE:
                role, _dot, _town = username.partition(".")
                like = db.session.scalars(select(Account).where(Account.username == role)).one()
                town = db.session.scalars(select(Account).where(Account.username == "clerk.t1")).one()
                db.session.add(
                    Account(
                        username=username,
                        first_name=f"镇{role}",
                        last_name="",
                        email=f"{username}@portal.invalid",
                        active=True,
                        password=like.password,
                        password_changed_at=clock.now(),
                        organisation_id=town.organisation_id,
                        roles=list(like.roles),
                    )
                )
            db.session.commit()
        hashed = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
        db.session.connection().execute(text("UPDATE ab_user SET password = :hash"), {"hash": hashed})
        rows = db.session.connection().execute(text("SELECT username, id, organisation_id FROM ab_user"))
        for username, key, organisation in rows.all():
            self.users[username], self.home[username] = key, organisation
        self._cases()
        with system_scope("world of the tests"), acting(actor_named("clerk")):
            self._around()
            self._registers()
            db.session.commit()

    def _village_of(self, username: str) -> str:
        town = self.home[username]
        found = db.session.connection().execute(
            text("SELECT code FROM organisation WHERE level = 'village' AND parent_id = :town ORDER BY id DESC"),
            {"town": town},
        )
        return str(found.scalars().first())

    def _cases(self) -> None:
        factory, spare = Cases(actor_named), iter(CANARIES)

        def made(name: str, how: Any, who: str = "clerk", people: int = 1, **more: Any) -> None:
            parties = [next(spare).party for _place in range(people)] + more.pop("others", [])
            more = {"who": who, **more} if how == factory.register else more
            case = how(parties=parties, head_count=people, title=f"安全样例 {name}", **more)
            self.cases[name] = case.id

        made("city", factory.register, people=2)
        made("t1", factory.register, "clerk.t1", 2, village=self._village_of("clerk.t1"))
        made("t2", factory.register, "clerk.t2", 2, village=self._village_of("clerk.t2"))
        made("village", factory.register, "village_officer.1", village=self._code("village_officer.1"))
        made("accepted", factory.accepted)
        made("to_d1", factory.assigned)
        made("to_d2", factory.assigned, lead="handler.d2")
        made("to_both", factory.assigned, lead="handler.d2", co=("handler.d1",))
        made("at_d1", factory.handling)
        for place in ("clerk.t1", "handler.d1"):
            accused = {"side": "respondent", "organisation": self._code(place)}
            made(f"accuses_{place}", factory.register, kind="accusation", others=[accused])
        made("ended", factory.assigned)
        made("spare", factory.register, people=3, different_matter=True)

    def _code(self, username: str) -> str:
        return str(
            db.session.connection()
            .execute(text("SELECT code FROM organisation WHERE id = :id"), {"id": self.home[username]})
            .scalar_one()
        )

    def _around(self) -> None:
        add = db.session.add
        named = (
            ("city", "leader.1", Capacity.leader),
            ("t2", "expert.1", Capacity.expert),
            ("t1", "adviser.1", Capacity.adviser),
            ("city", "counsellor.1", Capacity.counsellor),
            ("to_d1", "leader.1", Capacity.leader),
            ("accuses_clerk.t1", "expert.1", Capacity.expert),
            ("accuses_handler.d1", "leader.2", Capacity.leader),
        )
        for case, user, capacity in named:
            add(CaseMember(case_id=self.cases[case], user_id=self.users[user], capacity=capacity))
        for row in db.session.scalars(select(Referral).where(Referral.case_id == self.cases["ended"])):
            row.state = ReferralState.ended
        add(
            Referral(
                case_id=self.cases["accuses_handler.d1"],
                organisation_id=self.home["handler.d1"],
                kind=ReferralKind.co,
                due_on=date(2026, 12, 1),
            )
        )
        add(
            Referral(
                case_id=self.cases["accuses_handler.d1"],
                organisation_id=self.home["handler.d2"],
                kind=ReferralKind.lead,
                due_on=date(2026, 12, 1),
            )
        )
        for name, case in self.cases.items():
            draft = Draft(
                user_id=self.users[ACTORS[case % len(ACTORS)]], form="case", title=name, content='{"fields": []}'
            )
            add(draft)
            db.session.flush()
            party = db.session.scalars(select(Party).where(Party.case_id == case)).first()
            add(Representative(case_id=case, party_id=party.id if party else 0, kind=RepresentativeKind.representative))
            add(self._file(name, case_id=case))
            add(self._file(f"draft of {name}", draft_id=draft.id))
            add(
                Notice(
                    user_id=self.users[ACTORS[(case * 3) % len(ACTORS)]], case_id=case, code="case:registered", data={}
                )
            )
        for place, user in enumerate(ACTORS):
            key = self.users[user]
            add(ListPreference(user_id=key, view=f"/test{place}"))
            add(IdempotencyKey(user_id=key, key=f"test-{place}", answer="{}"))
            add(
                SavedView(
                    user_id=key,
                    organisation_id=self.home[user],
                    view="/test",
                    name="x",
                    query="a=1",
                    shared=bool(place % 2),
                )
            )

    def _file(self, name: str, **owner: int) -> Attachment:
        key = hashlib.sha256(name.encode()).hexdigest()[:40]
        path = path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PDF)
        return Attachment(
            name=f"{name}.pdf",
            mime="application/pdf",
            size=len(PDF),
            storage_key=key,
            sha256=hashlib.sha256(PDF).hexdigest(),
            **owner,
        )

    def _registers(self) -> None:
        add = db.session.add
        person = CANARIES[0]
        for place, user in enumerate(("clerk", "clerk.t1", "clerk.t2", "village_officer.1", "handler.d1")):
            home = self.home[user]
            expert = Expert(
                organisation_id=home,
                name=f"专家{place}",
                category=ExpertCategory.scholar,
                phone=CANARIES[place].phone,
                appointed_from=date(2025, 1, 1),
                appointed_until=date(2027, 1, 1),
                village_id=self.home["village_officer.1"],
            )
            adviser = LegalAdviser(
                organisation_id=home,
                name=f"律师{place}",
                kind=AdviserKind.law_scholar,
                phone=CANARIES[place].phone,
                appointed_from=date(2025, 1, 1),
                appointed_until=date(2027, 1, 1),
            )
            room = Room(
                organisation_id=home,
                name=f"样例室{place}",
                kind=RoomKind.open,
                capacity=4,
                opens_at=time(8),
                closes_at=time(18),
            )
            add_all = (expert, adviser, room)
            db.session.add_all(add_all)
            db.session.flush()
            add(
                ExpertEmployment(
                    expert_id=expert.id, employer_id=home, employer_name=f"单位{place}", since=date(2020, 1, 1)
                )
            )
            add(
                ExpertKin(
                    expert_id=expert.id,
                    kinship=Kinship.child,
                    name=f"亲属{place}",
                    id_number_hash=hash_id(person.id_number),
                )
            )
            add(
                Shift(
                    organisation_id=home,
                    kind=DutyKind.clerk,
                    on=clock.today(),
                    starts_at=time(8),
                    ends_at=time(9),
                    account_id=self.users[user],
                    room_id=room.id,
                )
            )
        profile = db.session.scalars(select(RoleProfile).where(RoleProfile.code == "business_admin")).one()
        add(RoleRequest(user_id=self.users["clerk"], role_id=profile.role_id, asked_by_id=self.users["sysadmin"]))
        add(Job(kind="test", key="test", data={}))
        add(LoginAttempt(username_hash="0" * 64, success=False))

    def fingerprint(self) -> dict[str, Any]:
        """For every table its rows and the sum of its versions: what any write would change."""
        if not self._prints:
            tables = [table for table in Base.metadata.tables.values() if table.name != "case_search"]
            parts = [
                select(
                    literal(table.name).label("name"),
                    func.count().label("rows"),
                    func.coalesce(func.sum(table.c.version), 0).label("sum") if "version" in table.c else literal(0),
                ).select_from(table)
                for table in tables
            ]
            self._prints.append(union_all(*parts))
        return {row[0]: (row[1], row[2]) for row in self.connection.execute(self._prints[0])}

    def organisation(self, username: str) -> Organisation:
        """The organisation of an account."""
        with system_scope("test"):
            return db.session.get_one(Organisation, self.home[username])

    def account(self, username: str) -> Account:
        """The row of an account."""
        with system_scope("test"):
            return db.session.get_one(Account, self.users[username])


SECRETS = tuple(value for canary in CANARIES for value in canary.raw)


def hashes() -> list[str]:
    """The keyed hashes of the canaries, which no page may hold either."""
    return [made for one in CANARIES for made in (hash_id(one.id_number), hash_phone(one.phone), hash_tail(one.phone))]
