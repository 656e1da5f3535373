"""Passwords: the policy (decision 5) and changing one's own; one-time passwords are made in account.py."""

import re
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update
from werkzeug.security import generate_password_hash

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.common_password import is_common, is_pattern
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotFound
from app.models.account import Account, PasswordRecord
from app.models.audit import AuditKind
from app.services.login_session import end_sessions
from app.services.sign_in import hash_method, matches, plain

_user, _record = Account.__table__, PasswordRecord.__table__
CLASSES = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")


def rules() -> list[Any]:
    """The policy in sentences, for the page where a password is chosen."""
    conf = current_app.config
    told = [
        _l(
            "At least %(least)d and at most %(most)d characters.",
            least=conf["PASSWORD_MIN_LENGTH"],
            most=conf["PASSWORD_MAX_LENGTH"],
        )
    ]
    if conf["PASSWORD_CLASSES"] > 1:
        told.append(
            _l(
                "At least %(count)d of: capital letters, small letters, digits, other signs.",
                count=conf["PASSWORD_CLASSES"],
            )
        )
    told.append(_l("Not the user name, and none of the passwords that many people use."))
    if conf["PASSWORD_HISTORY"]:
        told.append(_l("Not one of your last %(count)d passwords.", count=conf["PASSWORD_HISTORY"]))
    if conf["PASSWORD_MAX_AGE"]:
        told.append(_l("It must be changed after %(days)d days.", days=conf["PASSWORD_MAX_AGE"].days))
    return told


def weaknesses(password: str, user_name: str) -> list[Any]:
    """What the policy holds against a password."""
    conf, found = current_app.config, []
    if not conf["PASSWORD_MIN_LENGTH"] <= len(password) <= conf["PASSWORD_MAX_LENGTH"]:
        found.append(
            _l(
                "The password must have %(least)d to %(most)d characters.",
                least=conf["PASSWORD_MIN_LENGTH"],
                most=conf["PASSWORD_MAX_LENGTH"],
            )
        )
    if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < conf["PASSWORD_CLASSES"]:
        found.append(
            _l(
                "Use at least %(count)d of: capital letters, small letters, digits, other signs.",
                count=conf["PASSWORD_CLASSES"],
            )
        )
    plain, name = password.lower(), user_name.lower()
    if len(name) >= 3 and (name in plain or name[::-1] in plain):
        found.append(_l("The password must not contain the user name."))
    if is_common(password) or is_pattern(password):
        found.append(_l("Too many people use this password or one like it. Please choose another."))
    return found


def expired(row: Any) -> bool:
    """Whether the password of an account's line is too old."""
    most, changed = current_app.config["PASSWORD_MAX_AGE"], row["password_changed_at"]
    return bool(most) and changed is not None and clock.now() - changed > most


def must_change(row: Any) -> bool:
    """Whether the account of this line has to choose a new password before anything else."""
    return bool(row["must_change_password"]) or expired(row)


def _used_before(user_id: int, present: str | None, password: str) -> bool:
    last = current_app.config["PASSWORD_HISTORY"]
    if not last:
        return False
    former = db.session.execute(
        select(_record.c.password).where(_record.c.user_id == user_id).order_by(_record.c.id.desc()).limit(last - 1)
    ).scalars()
    return any(matches(stored, password) for stored in (present, *former) if stored)


def _keep_former(user_id: int, stored: str | None, moment: datetime) -> None:
    if stored:
        db.session.execute(insert(_record).values(user_id=user_id, password=stored, at=moment))
    newest = select(_record.c.id).where(_record.c.user_id == user_id).order_by(_record.c.id.desc())
    kept = db.session.execute(newest.limit(max(current_app.config["PASSWORD_HISTORY"], 1))).scalars().all()
    db.session.execute(delete(_record).where(_record.c.user_id == user_id, _record.c.id.not_in(kept)))


@unit_of_work
def _store(user_id: int, present: str | None, hashed: str) -> None:
    _keep_former(user_id, present, clock.now())
    db.session.execute(
        update(_user)
        .where(_user.c.id == user_id)
        .values(password=hashed, password_changed_at=clock.now(), must_change_password=False)
    )
    with system_scope("the account whose password changes"):
        audit.note(db.session, AuditKind.security, "account:password-changed", record=db.session.get(Account, user_id))
    end_sessions(user_id, "password")


def change_password(actor: Actor, password: str) -> None:
    """Change one's own password (the present one has been asked for); every other session ends."""
    password = plain(password)
    row = db.session.execute(
        select(_user.c.username, _user.c.password).where(_user.c.id == actor.user_id)
    ).one_or_none()
    db.session.rollback()
    if row is None or actor.user_id is None:
        raise NotFound()
    found = weaknesses(password, row.username)
    if not found and _used_before(actor.user_id, row.password, password):
        found = [_l("This is one of your last passwords. Please choose another.")]
    if found:
        raise Invalid(errors={"password": found})
    hashed = generate_password_hash(password, method=hash_method())
    _store(actor.user_id, row.password, hashed)
