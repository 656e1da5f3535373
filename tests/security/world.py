"""One small world for all security tests: the same things owned by city, towns, a village and departments."""

from typing import Any

from case_factory import Cases
from sqlalchemy import func, literal, select, text, union_all
from werkzeug.security import generate_password_hash

from app.access.actor import Actor, acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import Base, db
from app.models.account import Account
from app.models.case import Case
from app.models.organisation import Organisation
from app.services import conference
from security.cast import ACTORS, CANARIES, CITY, MADE, PASSWORD, SECRETS, hashes
from security.data_furniture import DataFurniture
from security.desk_furniture import DeskFurniture
from security.furniture import Furniture
from security.review_furniture import ReviewFurniture
from security.room_furniture import RoomFurniture
from security.service_furniture import ServiceFurniture

__all__ = ["ACTORS", "CANARIES", "CITY", "MADE", "PASSWORD", "SECRETS", "World", "actor_named", "hashes"]


def actor_named(username: str) -> Actor:
    """A demo account as an actor."""
    key = (
        db.session.connection()
        .execute(text("SELECT id FROM ab_user WHERE username = :name"), {"name": username})
        .scalar_one()
    )
    return actor_of(account_row(key), "127.0.0.1")


class World(Furniture, RoomFurniture, ReviewFurniture, DataFurniture, ServiceFurniture, DeskFurniture):
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
            self._bookings()
            self._reviews()
            self._data()
            self._service()
            self._desk()
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
        made("escalated", factory.handling)
        self._escalate(factory)
        made("spare", factory.register, people=3, different_matter=True)

    def _escalate(self, factory: Cases) -> None:
        """A conference of the city failed, so a town has the matter, too."""
        both = [self.organisation(name) for name in ("handler.d1", "handler.d2")]
        said = {"minutes": "各执一词", "conclusion": "未形成方案", "solved": False, "at": clock.now()}
        with system_scope("test"):
            case = db.session.get_one(Case, self.cases["escalated"])
        factory.do("centre_head", conference.confer, case, organisations=both, **said)
        factory.do("centre_head", conference.escalate, case, reason="会商未果")

    def _code(self, username: str) -> str:
        return str(
            db.session.connection()
            .execute(text("SELECT code FROM organisation WHERE id = :id"), {"id": self.home[username]})
            .scalar_one()
        )

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
