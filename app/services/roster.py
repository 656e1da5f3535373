"""The roster of a month: drawn up by rule, gaps filled, published (domain §6)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from app.models.organisation import Level, Organisation
from app.models.roster import DutyKind, Shift
from app.models.roster_rule import Roster, RosterRule
from app.services import working_calendar
from app.services.duty_notice import hours_of, tell_shift
from app.services.queries import duty
from app.services.record import in_plain_words
from app.services.register import must_own, path_of
from app.services.roster_plan import duty_days, month_of, next_month, turns

NO_RULE = _l("There is no rule in use for this roster yet. Please add one under “Roster rules”.")
PUBLISHED = _l("This roster is published already; change single shifts, or let people swap.")
PAST = _l("This month has passed.")
NOT_CENTRE = _l("A roster belongs to the centre of the city or of a town.")
_shift = Shift.__table__


def _centre(actor: Actor, organisation_id: int) -> Organisation:
    centre = db.session.scalar(select(Organisation).where(Organisation.id == organisation_id))
    if centre is None:
        raise NotFound()
    must_own(actor, centre.id)
    if centre.level not in (Level.city, Level.township):
        raise Invalid(NOT_CENTRE)
    return centre


def find_roster(centre_id: int, kind: DutyKind, month: date) -> Roster | None:
    """The roster of that month, locked until we are done."""
    found = select(Roster).where(
        Roster.organisation_id == centre_id, Roster.kind == kind, Roster.month == month_of(month)
    )
    with system_scope("the roster of a month"):
        return db.session.scalar(found.with_for_update())


def _rules(centre_id: int, kind: DutyKind) -> list[RosterRule]:
    wanted = (RosterRule.organisation_id == centre_id, RosterRule.kind == kind, RosterRule.active.is_(True))
    with system_scope("the rules of a centre"):
        return list(db.session.scalars(select(RosterRule).where(*wanted).order_by(RosterRule.starts_at, RosterRule.id)))


def _last(rule: RosterRule, before: date) -> int | None:
    """Whose turn it was last by that rule, whoever stepped in."""
    found = (
        select(_shift.c.instead_of_id, _shift.c.account_id)
        .where(_shift.c.rule_id == rule.id, _shift.c.on < before)
        .order_by(_shift.c.on.desc(), _shift.c.id.desc())
        .limit(1)
    )
    row = db.session.connection().execute(found).first()
    return None if row is None else row[0] if row[0] is not None else row[1]


def _by_rule(rule: RosterRule, roster: Roster, first: date, last: date) -> list[Shift]:
    """The shifts that a rule wants; where the person whose turn it is cannot come there is a gap."""
    with system_scope("who takes turns"):
        people = [row.id for row in rule.people if row.active]
    days = duty_days(rule, first, last, working_calendar.calendar()) if people else []
    facts, turn = duty.known(people, first, last), iter(turns(people, _last(rule, first), len(days) * rule.at_once))
    made: list[Shift] = []
    for on in days:
        for _place in range(rule.at_once):
            due = next(turn)
            one = Shift(kind=rule.kind, on=on, starts_at=rule.starts_at, ends_at=rule.ends_at, published=False)
            one.organisation_id, one.room_id = roster.organisation_id, rule.room_id
            one.roster_id, one.rule_id = roster.id, rule.id
            twice = any(row.account_id == due and row.on == on for row in made)
            one.account_id, one.gap = due, twice or facts.why_not(due, one) is not None
            made.append(one)
    return made


@unit_of_work
def draw_up(actor: Actor, organisation_id: int, kind: DutyKind, month: date) -> Roster:
    """Draw the roster of a month up by its rules, anew if it is a draft; days that have passed stay as they are."""
    if not actor.may("draw_up", "Roster"):
        raise NotAllowed()
    centre, month = _centre(actor, organisation_id), month_of(month)
    first, last = max(month, clock.today()), next_month(month) - timedelta(days=1)
    if last < clock.today():
        raise WrongState(PAST)
    rules = _rules(centre.id, kind)
    if not rules:
        raise Invalid(NO_RULE)
    roster = find_roster(centre.id, kind, month)
    if roster is not None and roster.published_at is not None:
        raise WrongState(PUBLISHED)
    with in_plain_words():
        if roster is None:
            roster = Roster(organisation_id=centre.id, kind=kind, month=month)
            db.session.add(roster)
            db.session.flush()
        with system_scope("a draft drawn up anew"):
            for old in db.session.scalars(_shifts(roster).where(Shift.published.is_(False))).all():
                db.session.delete(old)
        db.session.flush()
        for rule in rules:
            db.session.add_all(_by_rule(rule, roster, first, last))
            db.session.flush()
    roster.changed_at = clock.now()
    return roster


def _shifts(roster: Roster) -> Any:
    return select(Shift).where(Shift.roster_id == roster.id).order_by(Shift.on, Shift.starts_at, Shift.id)


def shifts_of(roster: Roster) -> Sequence[Shift]:
    """The shifts of a roster by day."""
    with system_scope("the shifts of a roster"):
        return db.session.scalars(_shifts(roster)).all()


def _roster(actor: Actor, roster_id: int, action: str) -> Roster:
    if not actor.may(action, "Roster"):
        raise NotAllowed()
    roster = db.session.scalar(select(Roster).where(Roster.id == roster_id).with_for_update())
    if roster is None:
        raise NotFound()
    must_own(actor, roster.organisation_id)
    return roster


@unit_of_work
def publish(actor: Actor, roster_id: int) -> Roster:
    """Publish a roster without a gap; from now on its shifts count, and everybody on it is told."""
    roster = _roster(actor, roster_id, "publish")
    if roster.published_at is not None:
        raise WrongState(PUBLISHED)
    shifts = shifts_of(roster)
    found = duty.faults(shifts)
    if found:
        raise Conflict(
            _l(
                "The roster cannot be published yet: %(faults)s",
                faults=" ".join(str(one.sentence) for one in found[:5]),
            )
        )
    if not shifts:
        raise Conflict(_l("The roster has no shifts."))
    for one in shifts:
        one.published = True
    roster.published_at, roster.published_by_id = clock.now(), actor.user_id
    for person in dict.fromkeys(one.account_id for one in shifts):
        mine = [one for one in shifts if one.account_id == person]
        tell_shift(
            actor, "published", [person], month=f"{roster.month:%Y-%m}", count=len(mine), first=hours_of(mine[0])
        )
    db.session.flush()
    return roster


def take_up(shift_id: int) -> Shift:
    """A shift, locked for a change."""
    found = select(Shift).where(Shift.id == shift_id).with_for_update().execution_options(populate_existing=True)
    shift = db.session.scalar(found)
    if shift is None:
        raise NotFound()
    return shift


def put_on(shift: Shift, account_id: int) -> None:
    """Another person on a shift; whose turn it was stays known."""
    before = shift.account_id
    if shift.instead_of_id is None:
        shift.instead_of_id = before
    if shift.instead_of_id == account_id:
        shift.instead_of_id = None
    shift.account_id, shift.gap = account_id, False


@unit_of_work
def fill(actor: Actor, shift_id: int, account_id: int) -> Shift:
    """Put a substitute on a shift that has nobody, or whose person cannot come."""
    if not actor.may("draw_up", "Roster"):
        raise NotAllowed()
    shift = take_up(shift_id)
    must_own(actor, shift.organisation_id)
    if end_of(shift) <= clock.now():
        raise WrongState(_l("This shift is over."))
    free = {row.id for row in duty.substitutes(shift.kind, path_of(shift.organisation_id), shift)}
    if account_id not in free:
        raise Invalid(
            errors={"account": [_l("This person cannot step in: not of this roster, on leave, or elsewhere.")]}
        )
    before = shift.account_id
    with in_plain_words():
        put_on(shift, account_id)
        db.session.flush()
    if shift.published:
        tell_shift(actor, "put_on", [account_id], shift=hours_of(shift))
        tell_shift(actor, "taken_off", [before], shift=hours_of(shift))
    return shift


def end_of(shift: Shift) -> datetime:
    """When a shift is over."""
    return datetime.combine(shift.on, shift.ends_at, clock.LOCAL)
