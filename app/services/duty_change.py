"""Swaps, substitutes and leave: asked, agreed, approved; what was approved changes the roster in the same breath."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import NotAllowed
from app.models.duty_change import ChangeKind, DutyChange
from app.models.roster import Shift
from app.services.course import Course, announce_step, keep
from app.services.duty_notice import hours_of, tell_shift
from app.services.notice import holders
from app.services.problems import Problems
from app.services.queries import duty
from app.services.queries.duty_facts import duty_steps, facts_of
from app.services.record import in_plain_words
from app.services.register import path_of
from app.services.roster import put_on, take_up
from app.workflow.duty_facts import DutyFacts
from app.workflow.duty_flow import DUTY_FLOW
from app.workflow.engine import perform

COURSE: Course[DutyChange, DutyFacts] = Course(DUTY_FLOW, DutyChange, facts_of, duty_steps)
Data = Mapping[str, Any]
MINE = _l("Please choose a published shift of your own that has not begun.")
LONGEST = 92


def text_of(data: Data, name: str) -> str | None:
    """A text of a form, or None when it is empty."""
    return (data.get(name) or "").strip() or None


def what(change: DutyChange) -> str:
    """What a request is about, in figures: the shifts, or the days."""
    if change.kind is ChangeKind.leave:
        return f"{change.first_on:%Y-%m-%d} – {change.last_on:%Y-%m-%d}"
    with system_scope("the shifts of a request"):
        keys = [key for key in (change.shift_id, change.other_shift_id) if key is not None]
        found = {one.id: hours_of(one) for one in db.session.scalars(select(Shift).where(Shift.id.in_(keys)))}
    return " ↔ ".join(found[key] for key in keys if key in found)


def _deciders(change: DutyChange) -> list[int]:
    return holders("approve_change", [change.organisation_id], "DutyChange")


def _later(shift: Shift | None) -> bool:
    now = clock.local(clock.now())
    return shift is not None and shift.published and (shift.on, shift.starts_at) > (now.date(), now.time())


def _read_shift(actor: Actor, change: DutyChange, shift: Shift | None, problems: Problems) -> Shift | None:
    if shift is None or shift.account_id != actor.user_id or not _later(shift):
        problems.add("shift", MINE)
        return None
    change.shift_id, change.organisation_id = shift.id, shift.organisation_id
    return shift


def _read_swap(change: DutyChange, given: Data, mine: Shift, problems: Problems) -> None:
    theirs = given.get("other_shift")
    if theirs is None or not _later(theirs) or theirs.account_id in (None, change.account_id):
        problems.add("other_shift", _l("Please choose a coming shift of somebody else."))
    elif (theirs.kind, theirs.organisation_id) != (mine.kind, mine.organisation_id):
        problems.add("other_shift", _l("Only shifts of the same roster can be swapped."))
    elif theirs.on == mine.on and theirs.starts_at < mine.ends_at and theirs.ends_at > mine.starts_at:
        problems.add("other_shift", _l("Both shifts are at the same time; there is nothing to swap."))
    else:
        change.other_shift_id, change.other_id = theirs.id, theirs.account_id


def _read_substitute(change: DutyChange, given: Data, mine: Shift, problems: Problems) -> None:
    other = given.get("other")
    able = {row.id for row in duty.able(mine.kind, path_of(mine.organisation_id))}
    if other is None or other.id == change.account_id or other.id not in able:
        problems.add("other", _l("Please choose somebody of this roster's role at your centre."))
    else:
        change.other_id = other.id


def _read_leave(actor: Actor, change: DutyChange, given: Data, problems: Problems) -> None:
    first, last = given.get("first_on"), given.get("last_on")
    if first is None or last is None:
        problems.add("first_on" if first is None else "last_on", _l("Please give the first and the last day."))
    elif last < first:
        problems.add("last_on", _l("The leave ends before it begins."))
    elif last < clock.today():
        problems.add("last_on", _l("These days have passed."))
    elif (last - first).days >= LONGEST:
        problems.add("last_on", _l("Leave is entered for %(days)d days at most.", days=LONGEST))
    change.first_on, change.last_on = first, last
    if actor.organisation_id is not None:
        change.organisation_id = actor.organisation_id


def begin(actor: Actor, change: DutyChange) -> DutyChange:
    """The first step of a request, and its row."""
    facts = facts_of(change)
    with in_plain_words():
        row = perform(DUTY_FLOW, change, "ask_change", actor, facts)
        db.session.add(change)
        db.session.flush()
        row.change_id = change.id
        db.session.add(row)
        db.session.flush()
    announce_step(change, row)
    return change


@unit_of_work
def ask(actor: Actor, given: Data) -> DutyChange:
    """Ask for a swap, a substitute or leave: always for oneself."""
    if not actor.may("ask_change", "DutyChange") or actor.user_id is None:
        raise NotAllowed()
    kind, problems = ChangeKind(given["kind"]), Problems()
    change = DutyChange(kind=kind, account_id=actor.user_id, reason=text_of(given, "reason"))
    if kind is ChangeKind.leave:
        _read_leave(actor, change, given, problems)
    elif kind is ChangeKind.takeover:
        problems.add("kind", _l("A shift is taken over on the page of the roster."))
    elif (mine := _read_shift(actor, change, given.get("shift"), problems)) is not None:
        (_read_swap if kind is ChangeKind.swap else _read_substitute)(change, given, mine, problems)
    problems.stop()
    if (clash := None if kind is ChangeKind.leave else facts_of(change).clash) is not None:
        problems.add("other_shift" if kind is ChangeKind.swap else "other", clash)
    problems.stop()
    begin(actor, change)
    _tell_asked(actor, change)
    return change


def _tell_asked(actor: Actor, change: DutyChange) -> None:
    link = f"/duty_change/show/{change.id}"
    if change.kind is ChangeKind.leave:
        tell_shift(actor, "decide", _deciders(change), link, name=actor.name, what=what(change))
        return
    both = what(change).split(" ↔ ")
    more = {"other": both[1], "shift": both[0]} if change.kind is ChangeKind.swap else {"shift": both[0]}
    tell_shift(actor, f"asked_{change.kind.value}", [change.other_id], link, **more)


def _step(actor: Actor, change_id: int, version: int | None, name: str, data: Data, reason: str | None) -> DutyChange:
    change, facts = COURSE.take(actor, change_id, version, name, reason)
    COURSE.carry_out(actor, change, facts, name, data, reason=reason)
    return change


@unit_of_work
def agree(actor: Actor, change_id: int, data: Data, version: int | None = None) -> DutyChange:
    """The person who is asked agrees to step in."""
    change = _step(actor, change_id, version, "agree_change", data, text_of(data, "note"))
    link, said = f"/duty_change/show/{change.id}", what(change)
    tell_shift(actor, "agreed", [change.account_id], link, shift=said)
    asker = duty.names_of([change.account_id])[change.account_id]
    tell_shift(actor, "decide", _deciders(change), link, name=asker, what=said)
    return keep(change)


@unit_of_work
def decline(actor: Actor, change_id: int, data: Data, version: int | None = None) -> DutyChange:
    """The person who is asked cannot step in."""
    change = _step(actor, change_id, version, "decline_change", data, text_of(data, "reason"))
    tell_shift(actor, "declined", [change.account_id], f"/duty_change/show/{change.id}", shift=what(change))
    return keep(change)


@unit_of_work
def approve(actor: Actor, change_id: int, data: Data, version: int | None = None) -> DutyChange:
    """Whoever answers for the roster says yes: the shifts change hands, or the leave stands."""
    change = _step(actor, change_id, version, "approve_change", data, text_of(data, "note"))
    if change.kind is not ChangeKind.leave and change.shift_id is not None and change.other_id is not None:
        said = what(change)
        with in_plain_words():
            for key in sorted(key for key in (change.shift_id, change.other_shift_id) if key is not None):
                put_on(take_up(key), change.other_id if key == change.shift_id else change.account_id)
                db.session.flush()
    else:
        said = what(change)
    tell_shift(actor, "approved", [change.account_id, change.other_id], f"/duty_change/show/{change.id}", what=said)
    return keep(change)


@unit_of_work
def refuse(actor: Actor, change_id: int, data: Data, version: int | None = None) -> DutyChange:
    """Whoever answers for the roster says no, and why."""
    change = _step(actor, change_id, version, "refuse_change", data, text_of(data, "reason"))
    people = [change.account_id, change.other_id]
    tell_shift(actor, "refused", people, f"/duty_change/show/{change.id}", what=what(change))
    return keep(change)


@unit_of_work
def withdraw(actor: Actor, change_id: int, data: Data, version: int | None = None) -> DutyChange:
    """Who asked takes the request, or leave not yet over, back."""
    change = _step(actor, change_id, version, "withdraw_change", data, text_of(data, "note"))
    people = [change.other_id, *_deciders(change)]
    tell_shift(actor, "withdrawn", people, f"/duty_change/show/{change.id}", what=what(change))
    return keep(change)
