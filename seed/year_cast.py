"""Who worked at the centres and departments in the demo year: the demo accounts, and colleagues who have left since."""

from typing import NamedTuple

from flask_appbuilder.security.sqla.models import assoc_user_role
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.models.account import Account, RoleProfile
from app.models.organisation import Organisation
from seed.accounts import DEPARTMENT, TOWN
from seed.organisation import CITY, CITY_DEPARTMENTS, TOWNS
from seed.people import person

POSTS = {
    "clerk": "接待员",
    "dispatcher": "分流员",
    "centre_head": "中心主任",
    "leader": "党政班子成员",
    "follow_up_clerk": "回访员",
    "supervisor": "督查员",
    "handler": "承办人",
    "unit_head": "承办单位负责人",
}
AT_TOWNS = ("clerk", "dispatcher", "centre_head", "leader", "follow_up_clerk")
AT_DEPARTMENTS = ("handler", "unit_head")
NO_PASSWORD = "!"  # noqa: S105 - nothing that is typed has this hash
FIRST_PERSON = 9_500


class Who(NamedTuple):
    """Somebody who acts: as the course of a case names him or her."""

    id: int
    name: str
    post: str | None
    organisation_id: int
    organisation: str


class Colleague(NamedTuple):
    """An account that is no longer in use: its steps of that year stay under its name."""

    username: str
    role: str
    name: str
    post: str
    organisation: str


def colleagues() -> list[Colleague]:
    """Staff of the towns and departments for whom the demo has no account."""
    places = [
        (role, code, f"t{place}")
        for place, (code, *_rest) in enumerate(TOWNS, 1)
        for role in AT_TOWNS
        if code not in TOWN or role == "leader"
    ]
    places += [
        (role, f"{CITY}-{code}", f"d{place}")
        for place, (code, *_rest) in enumerate(CITY_DEPARTMENTS, 1)
        for role in AT_DEPARTMENTS
        if f"{CITY}-{code}" not in DEPARTMENT
    ]
    return [
        Colleague(f"{role}.{mark}.2019", role, person(FIRST_PERSON + nth).name, POSTS[role], code)
        for nth, (role, code, mark) in enumerate(places)
    ]


def load_colleagues() -> None:
    """Their accounts, closed and without a password; within a unit of work."""
    known = set(db.session.scalars(select(Account.username)))
    places = {row.code: row.id for row in db.session.scalars(select(Organisation))}
    held = {row.code: row.role for row in db.session.scalars(select(RoleProfile))}
    db.session.add_all(
        Account(
            username=one.username,
            first_name=one.name,
            last_name="",
            post=one.post,
            active=False,
            demo=True,
            email=f"{one.username}@portal.invalid",
            password=NO_PASSWORD,
            password_changed_at=clock.now(),
            organisation_id=places[one.organisation],
            roles=[held[one.role]],
        )
        for one in colleagues()
        if one.username not in known
    )
    db.session.flush()


class Cast:
    """Who holds which role where."""

    def __init__(self) -> None:
        account, place, role = Account.__table__, Organisation.__table__, RoleProfile.__table__
        found = db.session.connection().execute(
            select(
                account.c.id, account.c.first_name, account.c.post, place.c.id, place.c.name, place.c.code, role.c.code
            )
            .join_from(account, place, account.c.organisation_id == place.c.id)
            .join(assoc_user_role, assoc_user_role.c.user_id == account.c.id)
            .join(role, role.c.role_id == assoc_user_role.c.role_id)
            .where(account.c.demo)
            .order_by(account.c.id)
        )
        self._held: dict[tuple[str, str], list[Who]] = {}
        for key, name, post, place_id, place_name, code, held in found:
            self._held.setdefault((held, code), []).append(Who(key, name, post, place_id, place_name))

    def all(self, role: str, organisation: str) -> list[Who]:
        """Everybody who holds a role at a place."""
        return self._held[role, organisation]

    def one(self, role: str, organisation: str) -> Who:
        """Whoever holds a role at a place, the first of them."""
        return self._held[role, organisation][0]
