"""The roster as pages show it: the days of a month with who is on duty, one's own shifts, the public one."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.organisation import Level, Organisation
from app.models.room import Room
from app.models.roster import DutyKind, Shift
from app.models.roster_rule import Roster

PUBLIC_DAYS = 45
_account, _stood = Account.__table__, Account.__table__.alias("instead_of")
_organisation, _room, _shift = Organisation.__table__, Room.__table__, Shift.__table__


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that can have a roster."""

    id: int
    name: str
    path: str


def centres(actor: Actor | None) -> list[Centre]:
    """The centres whose rosters exist for the actor: own subtree and above; for the public all that are open."""
    found = select(_organisation.c.id, _organisation.c.name, _organisation.c.path).where(
        _organisation.c.level.in_((Level.city, Level.township)), _organisation.c.active
    )
    if actor is not None:
        below = _organisation.c.path.startswith(actor.organisation_path or "-", autoescape=True)
        found = found.where(or_(below, _organisation.c.id.in_(actor.ancestors)))
    return [Centre(*row) for row in db.session.connection().execute(found.order_by(_organisation.c.path))]


def home_of(actor: Actor, known: list[Centre]) -> Centre | None:
    """The centre that is the actor's own: the nearest one above, or the organisation itself."""
    above = [one for one in known if one.id in actor.ancestors]
    return max(above, key=lambda one: len(one.path)) if above else None


def _told() -> Select[Any]:
    return (
        select(
            _shift.c.id,
            _shift.c.kind,
            _shift.c.on,
            _shift.c.starts_at,
            _shift.c.ends_at,
            _shift.c.gap,
            _shift.c.published,
            _shift.c.account_id,
            _shift.c.organisation_id,
            _shift.c.room_id,
            _shift.c.note,
            _shift.c.held_note,
            _shift.c.held_by_id,
            _account.c.first_name.label("name"),
            _account.c.post,
            _stood.c.first_name.label("instead_of"),
            _room.c.name.label("room"),
            _organisation.c.name.label("centre"),
        )
        .join(_account, _account.c.id == _shift.c.account_id)
        .join(_organisation, _organisation.c.id == _shift.c.organisation_id)
        .outerjoin(_stood, _stood.c.id == _shift.c.instead_of_id)
        .outerjoin(_room, _room.c.id == _shift.c.room_id)
        .order_by(_shift.c.on, _shift.c.starts_at, _shift.c.id)
    )


def month_shifts(centre_id: int, kind: DutyKind, first: date, last: date) -> list[Any]:
    """The shifts of a centre that exist for the actor, with names and rooms."""
    wanted = (Shift.organisation_id == centre_id, Shift.kind == kind, Shift.on.between(first, last))
    keys = list(db.session.scalars(select(Shift.id).where(*wanted)))
    return list(db.session.connection().execute(_told().where(_shift.c.id.in_(keys)))) if keys else []


def roster_of(centre_id: int, kind: DutyKind, month: date) -> Roster | None:
    """The roster of a month, as far as it exists for the actor."""
    wanted = (Roster.organisation_id == centre_id, Roster.kind == kind, Roster.month == month)
    return db.session.scalar(select(Roster).where(*wanted))


def mine(user_id: int | None, most: int = 12) -> list[Any]:
    """The actor's own coming shifts."""
    now = clock.local(clock.now())
    coming = or_(_shift.c.on > now.date(), (_shift.c.on == now.date()) & (_shift.c.ends_at > now.time()))
    found = _told().where(_shift.c.account_id == user_id, _shift.c.published, coming).limit(most)
    return list(db.session.connection().execute(found))


def for_the_public(centre_id: int) -> list[Any]:
    """The published receptions of leaders from today on: day, hours, name, post, room."""
    first = clock.today()
    days = _shift.c.on.between(first, first + timedelta(days=PUBLIC_DAYS))
    wanted = (_shift.c.organisation_id == centre_id, _shift.c.kind == DutyKind.leader, _shift.c.published, days)
    with system_scope("the public timetable of leaders"):
        return list(db.session.connection().execute(_told().where(*wanted)))


def shift_row(shift_id: int) -> Any:
    """One shift as the pages show it."""
    return db.session.connection().execute(_told().where(_shift.c.id == shift_id)).one()
