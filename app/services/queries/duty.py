"""Who can be on duty: whom a roster is for, who is away, who is elsewhere; and what is wrong with a roster."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import assoc_user_role
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.core.labels import LabelledEnum
from app.models.account import Account, RoleProfile
from app.models.booking import HOLDING, Booking, booking_person
from app.models.duty_change import ChangeKind, ChangeState, DutyChange
from app.models.organisation import Organisation
from app.models.room import Room
from app.models.roster import DutyKind, Shift

# Whose roles a roster is for; a mediator may be anybody who deals with disputes.
ROLES_OF: dict[DutyKind, tuple[str, ...]] = {
    DutyKind.leader: ("leader",),
    DutyKind.adviser: ("adviser",),
    DutyKind.mediator: ("adviser", "handler", "clerk", "leader"),
    DutyKind.counsellor: ("counsellor",),
    DutyKind.clerk: ("clerk",),
}
_account, _profile, _shift = Account.__table__, RoleProfile.__table__, Shift.__table__
_change, _organisation, _room = DutyChange.__table__, Organisation.__table__, Room.__table__
_booking = Booking.__table__


class FaultKind(LabelledEnum):
    """What can be wrong with a shift."""

    gap = "gap", _l("Nobody yet"), "late"
    leave = "leave", _lp("shift", "On leave"), "late"
    elsewhere = "elsewhere", _l("In two places at once"), "late"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one shift, in a sentence."""

    shift_id: int
    kind: FaultKind
    sentence: Any


def serving(kind: DutyKind) -> Select[tuple[int]]:
    """The accounts whose role a roster is for."""
    return (
        select(assoc_user_role.c.user_id)
        .join(_profile, _profile.c.role_id == assoc_user_role.c.role_id)
        .where(_profile.c.code.in_(ROLES_OF[kind]))
    )


def able(kind: DutyKind, centre_path: str) -> list[Any]:
    """Who could stand on a centre's roster, by name: people of its subtree with the role."""
    below = select(_organisation.c.id).where(_organisation.c.path.startswith(centre_path or "-", autoescape=True))
    found = (
        select(_account.c.id, _account.c.first_name.label("name"))
        .where(_account.c.active, _account.c.organisation_id.in_(below), _account.c.id.in_(serving(kind)))
        .order_by(_account.c.first_name, _account.c.id)
    )
    return list(db.session.connection().execute(found))


def names_of(keys: Iterable[int | None]) -> dict[int, str]:
    """The names of accounts."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    found = select(_account.c.id, _account.c.first_name).where(_account.c.id.in_(wanted))
    return {row[0]: row[1] for row in db.session.connection().execute(found)}


def away(people: Collection[int], first: date, last: date) -> Mapping[int, list[tuple[date, date]]]:
    """The approved leave of people that touches those days."""
    found = select(_change.c.account_id, _change.c.first_on, _change.c.last_on).where(
        _change.c.kind == ChangeKind.leave,
        _change.c.state == ChangeState.approved,
        _change.c.account_id.in_(people),
        _change.c.first_on <= last,
        _change.c.last_on >= first,
    )
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in db.session.connection().execute(found):
        spans[row.account_id].append((row.first_on, row.last_on))
    return spans


def is_away(spans: Mapping[int, Sequence[tuple[date, date]]], account_id: int, on: date) -> bool:
    """Whether leave covers that day."""
    return any(first <= on <= last for first, last in spans.get(account_id, ()))


def shifts_of(people: Collection[int], first: date, last: date) -> list[Any]:
    """All shifts of people, whatever the centre, drafts too: a person has one body."""
    columns = (_shift.c.id, _shift.c.account_id, _shift.c.on, _shift.c.starts_at, _shift.c.ends_at)
    found = select(*columns).where(_shift.c.account_id.in_(people), _shift.c.on.between(first, last), ~_shift.c.gap)
    return list(db.session.connection().execute(found))


def busy(
    rows: Iterable[Any], account_id: int, on: date, starts: time, ends: time, besides: Collection[int] = ()
) -> bool:
    """Whether one of these shifts of the person overlaps those hours."""
    return any(
        row.account_id == account_id and row.on == on and row.starts_at < ends and row.ends_at > starts
        for row in rows
        if row.id not in besides
    )


def _at(on: date, at: time) -> datetime:
    return datetime.combine(on, at, clock.LOCAL)


def booked(people: Collection[int], first: date, last: date) -> list[Any]:
    """The bookings that keep people somewhere on those days: where and when, nothing of what they are about."""
    found = (
        select(
            booking_person.c.account_id,
            _booking.c.starts_at,
            _booking.c.ends_at,
            _booking.c.room_id,
            _booking.c.organisation_id,
        )
        .join(_booking, _booking.c.id == booking_person.c.booking_id)
        .where(
            booking_person.c.account_id.in_(people),
            _booking.c.state.in_(HOLDING),
            _booking.c.ends_at > _at(first, time(0)),
            _booking.c.starts_at < _at(last + timedelta(days=1), time(0)),
        )
    )
    return list(db.session.connection().execute(found))


def booked_elsewhere(rows: Iterable[Any], account_id: int, shift: Any) -> Any | None:
    """A booking of the person during a shift in another room, or at another centre."""
    for row in rows:
        other = row.organisation_id != shift.organisation_id or (
            shift.room_id is not None and row.room_id != shift.room_id
        )
        begins, ends = _at(shift.on, shift.starts_at), _at(shift.on, shift.ends_at)
        if row.account_id == account_id and other and row.starts_at < ends and row.ends_at > begins:
            return row
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that says who is free on some days, read once."""

    away: Mapping[int, list[tuple[date, date]]]
    shifts: list[Any]
    booked: list[Any]

    def why_not(self, account_id: int, shift: Any, besides: Collection[int] = ()) -> Any | None:
        """Why the person cannot hold a shift, in a sentence without a name."""
        if is_away(self.away, account_id, shift.on):
            return _l("on leave")
        if busy(self.shifts, account_id, shift.on, shift.starts_at, shift.ends_at, besides):
            return _l("on duty elsewhere at that time")
        there = booked_elsewhere(self.booked, account_id, shift)
        if there is not None:
            span = f"{clock.local(there.starts_at):%H:%M}–{clock.local(there.ends_at):%H:%M}"
            return _l("booked elsewhere %(span)s", span=span)
        return None


def known(people: Collection[int], first: date, last: date) -> Known:
    """Read who is free on those days."""
    keys = sorted(set(people))
    if not keys:
        return Known({}, [], [])
    return Known(away(keys, first, last), shifts_of(keys, first, last), booked(keys, first, last))


def faults(shifts: Sequence[Any]) -> list[Fault]:
    """Gaps, leave, two places at once, by day: what stands between a draft and its publishing."""
    if not shifts:
        return []
    days, names = [one.on for one in shifts], names_of(one.account_id for one in shifts)
    facts, found = known([one.account_id for one in shifts], min(days), max(days)), []
    for one in shifts:
        why = facts.why_not(one.account_id, one, (one.id,))
        if not one.gap and why is None:
            continue
        said = {
            "when": f"{one.on:%m-%d} {one.starts_at:%H:%M}–{one.ends_at:%H:%M}",
            "name": names.get(one.account_id, ""),
            "why": why,
        }
        if one.gap and why is None:
            found.append(Fault(one.id, FaultKind.gap, _l("%(when)s: nobody yet.", **said)))
        elif one.gap:
            found.append(Fault(one.id, FaultKind.gap, _l("%(when)s: nobody yet; %(name)s is %(why)s.", **said)))
        else:
            kind = FaultKind.leave if is_away(facts.away, one.account_id, one.on) else FaultKind.elsewhere
            found.append(Fault(one.id, kind, _l("%(when)s: %(name)s is %(why)s.", **said)))
    return found


def substitutes(kind: DutyKind, centre_path: str, shift: Any) -> list[Any]:
    """Who could step in for a shift: able, free, not away; whoever has the fewest shifts that month first."""
    people = able(kind, centre_path)
    month = shift.on.replace(day=1)
    with system_scope("who can step in"):
        facts = known([row.id for row in people], month, month + timedelta(days=31))
    load: dict[int, int] = defaultdict(int)
    for row in facts.shifts:
        load[row.account_id] += row.on.month == shift.on.month
    free = [row for row in people if (shift.gap or row.id != shift.account_id) and facts.why_not(row.id, shift) is None]
    return sorted(free, key=lambda row: (load[row.id], row.name))
