"""Sign-in sessions on the server: one row a device, ended by logout, password or role change, disabling (B3)."""

import hashlib
import secrets
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.orm import Session

from app.access import audit
from app.access.actor import Actor, acting
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import NotFound
from app.models.account import Account, LoginSession
from app.models.audit import AuditKind

_user, _session = Account.__table__, LoginSession.__table__


def token_hash(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_row(user_id: int, token: str) -> Any:
    """The account's line of a session that is still good, or None."""
    row = account_row(user_id, token_hash(token))
    if row is None or not row["active"] or row["session_at_epoch"] != row["session_epoch"]:
        return None
    if clock.now() - row["started_at"] > current_app.config["SESSION_ABSOLUTE"]:
        return None
    return row


@unit_of_work
def _open(user_id: int, epoch: int, token: str, address: str | None, agent: str, code: str) -> None:
    moment = clock.now()
    db.session.execute(
        insert(_session).values(
            token_hash=token_hash(token),
            user_id=user_id,
            epoch=epoch,
            started_at=moment,
            address=address,
            agent=agent[:200],
        )
    )
    db.session.execute(
        update(_user)
        .where(_user.c.id == user_id)
        .values(last_login=moment.replace(tzinfo=None), login_count=_user.c.login_count + 1, locked_until=None)
    )
    audit.note(db.session, AuditKind.security, code)


def start_session(user_id: int, address: str | None, agent: str, code: str = "sign-in:ok") -> tuple[str, Any]:
    """A fresh session for an account that has proved itself: its token, and the account's line."""
    token = secrets.token_urlsafe(32)
    row = account_row(user_id)
    with acting(actor_of(row, address)):
        _open(user_id, row["session_epoch"], token, address, agent, code)
    return token, session_row(user_id, token)


@unit_of_work
def end_session(token: str, reason: str = "logout") -> None:
    """End one session: log out."""
    gone = db.session.execute(
        update(_session)
        .where(_session.c.token_hash == token_hash(token), _session.c.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason)
    )
    if gone.rowcount:
        audit.note(db.session, AuditKind.security, "sign-in:ended", reason=reason)


@unit_of_work
def end_sessions(user_id: int, reason: str) -> int:
    """End all sessions and tokens of an account: password, role or organisation changed, disabled."""
    db.session.flush()
    db.session.execute(update(_user).where(_user.c.id == user_id).values(session_epoch=_user.c.session_epoch + 1))
    gone = db.session.execute(
        update(_session)
        .where(_session.c.user_id == user_id, _session.c.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason[:32])
    )
    _forget_epoch(db.session(), user_id)
    audit.note(db.session, AuditKind.security, "sign-in:all-ended", reason=f"{user_id} {reason}")
    return int(gone.rowcount)


def _forget_epoch(session: Session, user_id: int) -> None:
    """An account held by this unit of work reads its epoch anew."""
    for record in session.identity_map.values():
        if isinstance(record, Account) and inspect(record).identity == (user_id,):
            session.expire(record, ["session_epoch"])


def sessions_of(actor: Actor) -> list[Any]:
    """The own sessions that are still open, newest first."""
    rows = db.session.execute(
        select(_session.c.id, _session.c.started_at, _session.c.address, _session.c.agent)
        .join(_user, (_user.c.id == _session.c.user_id) & (_user.c.session_epoch == _session.c.epoch))
        .where(
            _session.c.user_id == actor.user_id,
            _session.c.ended_at.is_(None),
            _session.c.started_at > clock.now() - current_app.config["SESSION_ABSOLUTE"],
        )
        .order_by(_session.c.id.desc())
    )
    return list(rows.mappings())


@unit_of_work
def end_own_session(actor: Actor, session_id: int) -> None:
    """End another of one's own sessions."""
    gone = db.session.execute(
        update(_session)
        .where(_session.c.id == session_id, _session.c.user_id == actor.user_id, _session.c.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason="ended by owner")
    )
    if not gone.rowcount:
        raise NotFound()
    audit.note(db.session, AuditKind.security, "sign-in:ended", reason=f"session {session_id} ended by its owner")


@unit_of_work
def forget_ended_sessions() -> int:
    """Remove session rows a day after they could last be used (a job)."""
    last = clock.now() - 2 * current_app.config["SESSION_ABSOLUTE"]
    return int(db.session.execute(delete(_session).where(_session.c.started_at < last)).rowcount)
