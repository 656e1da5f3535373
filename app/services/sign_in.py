"""Signing in: tries are counted, the answer costs the same for everybody, nothing is told (security B1, B2).

A try is written down before the password is looked at, so that any number of tries at once cannot pass the limit.
"""

import functools
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from app.access import audit
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, unit_of_work
from app.core.errors import TooMany, Unauthorised
from app.models.account import Account, LoginAttempt
from app.models.audit import AuditKind
from app.services import parameter

_user, _try = Account.__table__, LoginAttempt.__table__
TRYING, RIGHT, WRONG, DISABLED, LOCKED, EXPIRED = "trying", "right", "wrong", "disabled", "locked", "expired"
COUNTED = (TRYING, WRONG, DISABLED, EXPIRED)
PASSWORD, SECOND_FACTOR = "sign-in", "second-factor"
ADDRESS_FULL = _l("Too many failed tries from this network address. Please wait a quarter of an hour.")


@dataclass(frozen=True)
class Try:
    """One try to get through a door: its row, whether the account's tries are used up, and how many failed before."""

    id: int
    key: str
    user_name: str
    locked: bool
    failed: int


def plain(text: str) -> str:
    """What was typed, without what no account can hold (half characters, NUL)."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _since() -> Any:
    return clock.now() - current_app.config["LOGIN_WINDOW"]


def _hold(key: str) -> None:
    """Tries on one account one after the other (SQLite writes one after the other anyway)."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))


def _failures(key: str) -> int:
    """Failed tries on a door in the window, since the last that went through."""
    rows = db.session.execute(
        select(_try.c.success, _try.c.note)
        .where(_try.c.username_hash == key, _try.c.at > _since())
        .order_by(_try.c.id.desc())
        .limit(500)
    )
    failed = 0
    for success, note in rows:
        if success:
            break
        failed += note in COUNTED
    return failed


def _refuse_full_address(address: str | None) -> None:
    most = current_app.config["LOGIN_TRIES_PER_ADDRESS"]
    failed = db.session.execute(
        select(func.count())
        .select_from(_try)
        .where(_try.c.address == address, _try.c.at > _since(), _try.c.success.is_(False), _try.c.note != RIGHT)
    ).scalar_one()
    if failed >= most:
        raise TooMany(ADDRESS_FULL)
    if failed == most - 1:
        audit.note(db.session, AuditKind.security, "sign-in:address-full", reason=address, actor_name="-")


@unit_of_work
def knock(door: str, user_name: str, address: str | None) -> Try:
    """Write a try down before it is judged."""
    user_name = plain(user_name).strip().lower()
    key = blind_index(door, user_name)
    _hold(key)
    _refuse_full_address(address)
    failed = _failures(key)
    locked = failed >= current_app.config["LOGIN_TRIES"]
    number = db.session.execute(
        insert(_try)
        .values(username_hash=key, address=address, success=False, at=clock.now(), note=LOCKED if locked else TRYING)
        .returning(_try.c.id)
    ).scalar_one()
    return Try(number, key, user_name, locked, failed)


@unit_of_work
def settle(one: Try, outcome: str, user_id: int | None, success: bool = False) -> None:
    """Write down how a try ended; the last one allowed raises the alarm."""
    db.session.execute(update(_try).where(_try.c.id == one.id).values(note=outcome, success=success))
    name = one.user_name[:64] if user_id else "-"
    if outcome == LOCKED:
        audit.note(db.session, AuditKind.security, "sign-in:refused", actor_name=name)
    elif outcome in COUNTED:
        full = one.failed + 1 >= current_app.config["LOGIN_TRIES"]
        code = "one-time-expired" if outcome == EXPIRED else "failed"
        audit.note(db.session, AuditKind.security, f"sign-in:{'locked' if full else code}", actor_name=name)
        until = clock.now() + current_app.config["LOGIN_WINDOW"] if full else None
        if full:
            db.session.execute(update(_user).where(_user.c.id == (user_id or 0)).values(locked_until=until))


@functools.cache
def _nobodys_password(method: str) -> str:
    return generate_password_hash(secrets.token_urlsafe(), method=method)


def hash_method() -> str:
    """How passwords are hashed."""
    return str(current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; costs the same when there is none."""
    most = current_app.config["PASSWORD_MAX_LENGTH"]
    right = check_password_hash(stored or _nobodys_password(hash_method()), password[:most])
    return right and bool(stored) and len(password) <= most


def find(user_name: str) -> Any:
    """The account's line by user name in small letters."""
    return (
        db.session.execute(
            select(
                _user.c.id,
                _user.c.username,
                _user.c.password,
                _user.c.active,
                _user.c.session_epoch,
                _user.c.preferences,
                _user.c.must_change_password,
                _user.c.password_changed_at,
                _user.c.totp_secret.is_not(None).label("second_factor"),
            ).where(func.lower(_user.c.username) == user_name)
        )
        .mappings()
        .first()
    )


def one_time_hours() -> int:
    """How long a one-time password opens the door."""
    return parameter.number("one_time_hours")


def _out_of_time(row: Any) -> bool:
    """Whether the password of an account's line was for one use, and too long ago."""
    if not row["must_change_password"] or row["password_changed_at"] is None:
        return False
    return bool(clock.now() - row["password_changed_at"] > timedelta(hours=one_time_hours()))


def check_password(user_name: str, password: str, address: str | None, inside: bool = False) -> Any:
    """The account's line if name and password are right and the account is open; else None, whatever was wrong.

    Whoever brings the right one-time password too late is told so, unless `inside` (signed in with it in time)."""
    one = knock(PASSWORD, user_name, address)
    row = find(one.user_name)
    db.session.rollback()  # no lock is held while the password is hashed
    right = matches(row["password"] if row else None, plain(password))
    if one.locked:
        outcome = LOCKED
    elif not right:
        outcome = WRONG
    else:
        outcome = DISABLED if not row["active"] else EXPIRED if not inside and _out_of_time(row) else RIGHT
    entered = outcome == RIGHT
    settle(one, outcome, row["id"] if row else None, success=entered)
    if outcome == EXPIRED:
        raise Unauthorised(
            _l(
                "One-time passwords are good for %(hours)d hours; this one has expired. "
                "Please ask the system administrator for a new one.",
                hours=one_time_hours(),
            )
        )
    return row if entered else None


@unit_of_work
def unlock(user_name: str) -> None:
    """Forget the failed tries of an account, so that its owner may try again at once (an administrator's act)."""
    name = user_name.strip().lower()
    for door in (PASSWORD, SECOND_FACTOR):
        db.session.execute(
            insert(_try).values(username_hash=blind_index(door, name), success=True, at=clock.now(), note="unlocked")
        )
    db.session.execute(update(_user).where(func.lower(_user.c.username) == name).values(locked_until=None))
    audit.note(db.session, AuditKind.security, "account:unlocked", reason=name[:64])


def limits() -> dict[str, int]:
    """The limits in numbers, for the sentence that tells of them."""
    conf = current_app.config
    return {"tries": conf["LOGIN_TRIES"], "minutes": int(conf["LOGIN_WINDOW"].total_seconds() // 60)}


def still_open(user_id: int, epoch: int) -> bool:
    """Whether nothing happened to an account between its password and its second factor."""
    row = db.session.execute(select(_user.c.active, _user.c.session_epoch).where(_user.c.id == user_id)).one_or_none()
    return row is not None and bool(row.active) and row.session_epoch == epoch
