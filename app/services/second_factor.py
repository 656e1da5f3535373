"""The second factor: six digits of an authenticator on the phone, or a one-time recovery code (security B4)."""

import secrets
from typing import Any
from urllib.parse import quote

import pyotp
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, insert, or_, select, update

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, unit_of_work
from app.core.errors import Invalid
from app.models.account import Account, RecoveryCode
from app.models.audit import AuditKind
from app.services.login_session import end_sessions
from app.services.sign_in import LOCKED, RIGHT, SECOND_FACTOR, WRONG, knock, plain, settle

_user, _code = Account.__table__, RecoveryCode.__table__
STEP = 30
DRIFT = 1  # steps a phone's clock may be off
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "Portal"
WRONG_CODE = _l("This code is not right. Wait for the next one and try again.")


def new_secret() -> str:
    """A secret to share with an authenticator."""
    return pyotp.random_base32()


def address_of(secret: str, user_name: str, issuer: str = ISSUER) -> str:
    """What the QR code says to the authenticator."""
    label = quote(f"{issuer}:{user_name}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}&algorithm=SHA1&digits=6&period={STEP}"


def _step_of(secret: str, code: str, last: int | None) -> int | None:
    """The time step that a code belongs to, if it is near and later than the last one used."""
    machine, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if secrets.compare_digest(machine.generate_otp(step), code) and (last is None or step > last):
            return step
    return None


def _take_step(user_id: int, step: int) -> bool:
    """Use a time step up; of two requests with one code only one succeeds."""
    fresh = or_(_user.c.totp_last_step.is_(None), _user.c.totp_last_step < step)
    taken = db.session.execute(update(_user).where(_user.c.id == user_id, fresh).values(totp_last_step=step))
    return bool(taken.rowcount == 1)


def _code_hash(user_id: int, code: str) -> str:
    return blind_index("recovery-code", f"{user_id}:{code}")


def _take_recovery_code(user_id: int, code: str) -> bool:
    unused = (_code.c.user_id == user_id, _code.c.code_hash == _code_hash(user_id, code), _code.c.used_at.is_(None))
    taken = db.session.execute(update(_code).where(*unused).values(used_at=clock.now()))
    if taken.rowcount == 1:
        audit.note(db.session, AuditKind.security, "second-factor:recovery-code", reason=str(user_id))
    return bool(taken.rowcount == 1)


@unit_of_work
def _proves(user_id: int, code: str) -> bool:
    row = db.session.execute(
        select(_user.c.totp_secret, _user.c.totp_last_step).where(_user.c.id == user_id)
    ).one_or_none()
    if row is None or not row.totp_secret:
        return False
    text = "".join(code.split()).lower()
    if text.isascii() and text.isdigit():
        step = _step_of(row.totp_secret, text, row.totp_last_step)
        return step is not None and _take_step(user_id, step)
    return _take_recovery_code(user_id, text.replace("-", ""))


def verify(user_id: int, user_name: str, code: str, address: str | None) -> bool:
    """Whether a code proves the second factor; each proves it once, and tries are counted as those of passwords."""
    one = knock(SECOND_FACTOR, user_name, address)
    if one.locked:
        settle(one, LOCKED, user_id)
        return False
    right = _proves(user_id, plain(code)[:40])
    settle(one, RIGHT if right else WRONG, user_id, success=right)
    return right


def fresh_codes() -> list[str]:
    """Ten recovery codes as they are shown, once."""
    return ["-".join("".join(secrets.choice(ALPHABET) for _i in range(5)) for _j in range(2)) for _k in range(CODES)]


def _note(user_id: int, code: str) -> None:
    with system_scope("the account whose second factor changes"):
        audit.note(db.session, AuditKind.security, code, record=db.session.get(Account, user_id))


def _keep_codes(user_id: int, codes: list[str]) -> None:
    db.session.execute(delete(_code).where(_code.c.user_id == user_id))
    db.session.execute(
        insert(_code), [{"user_id": user_id, "code_hash": _code_hash(user_id, code.replace("-", ""))} for code in codes]
    )


@unit_of_work
def enrol(actor: Actor, secret: str, code: str) -> list[str]:
    """Take an authenticator into use after its first code; every other session ends. Gives the recovery codes."""
    text = "".join(plain(code).split())
    step = _step_of(secret, text, None) if text.isascii() else None
    if step is None or actor.user_id is None:
        raise Invalid(errors={"code": [WRONG_CODE]})
    db.session.execute(update(_user).where(_user.c.id == actor.user_id).values(totp_secret=secret, totp_last_step=step))
    codes = fresh_codes()
    _keep_codes(actor.user_id, codes)
    _note(actor.user_id, "second-factor:enrolled")
    end_sessions(actor.user_id, "second factor")
    return codes


@unit_of_work
def renew_codes(actor: Actor) -> list[str]:
    """Ten new recovery codes; the old ones are void."""
    codes = fresh_codes()
    _keep_codes(actor.user_id or 0, codes)
    _note(actor.user_id or 0, "second-factor:codes-renewed")
    return codes


@unit_of_work
def remove(actor: Actor, user_id: int) -> None:
    """Take the second factor off an account: its owner's wish, or an administrator's when the phone is lost."""
    db.session.execute(update(_user).where(_user.c.id == user_id).values(totp_secret=None, totp_last_step=None))
    db.session.execute(delete(_code).where(_code.c.user_id == user_id))
    _note(user_id, "second-factor:removed")
    end_sessions(user_id, "second factor")


def codes_left(actor: Actor) -> int:
    """How many recovery codes are still unused."""
    unused: Any = (
        select(func.count()).select_from(_code).where(_code.c.user_id == actor.user_id, _code.c.used_at.is_(None))
    )
    return int(db.session.execute(unused).scalar_one())
