"""Accounts: made, changed, locked out and let in again; their roles, with a second person for the powerful ones."""

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import assoc_user_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.access import audit
from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.identity import check_phone, clean_name
from app.core.text import clean_line
from app.models.account import Account, PasswordRecord, RequestState, RoleProfile, RoleRequest
from app.models.audit import AuditKind
from app.services import sign_in
from app.services.login_session import end_sessions
from app.services.record import in_plain_words, register_sentences
from app.services.role import union_faults

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
# No letter that looks like another: people copy these from paper.
ALPHABETS = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_+=")
OWN = _l("This is your own account. Another administrator has to do this.")
register_sentences(
    {
        "uq_ab_user_username": ("username", _l("This user name is taken.")),
        "uq_ab_user_email": ("username", _l("This user name is taken.")),
        "uq_role_request_open": ("roles", _l("This role has been asked for already.")),
    }
)


def one_time_password(length: int = 12) -> str:
    """A password for one sign-in: of every class, without look-alikes."""
    signs = [secrets.choice(alphabet) for alphabet in ALPHABETS]
    signs += [secrets.choice(ALPHABETS[0] + ALPHABETS[2]) for _sign in range(length - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def _may(actor: Actor, action: str, account: Account | None = None) -> None:
    if not actor.may(action, "Account"):
        raise NotAllowed()
    if account is not None and account.id == actor.user_id:
        raise NotAllowed(OWN)


def _set_password(account: Account) -> str:
    password = one_time_password()
    account.password = generate_password_hash(password, method=sign_in.hash_method())
    account.password_changed_at = clock.now()
    account.must_change_password = True
    if account.id:
        db.session.add(PasswordRecord(user_id=account.id, password=account.password))
    return password


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an account as typed in the form, checked."""
    said: dict[str, Any] = {}
    if "username" in values:
        said["username"] = str(values["username"] or "").strip().lower()
        if not USERNAME.fullmatch(said["username"]):
            raise Invalid(
                errors={
                    "username": [
                        _(
                            "A user name has 3 to 64 small letters, digits, dots or dashes, "
                            "with a letter or digit at both ends."
                        )
                    ]
                }
            )
    if "first_name" in values:
        said["first_name"] = clean_name(str(values["first_name"] or ""), "first_name")
    if "mobile" in values:
        said["mobile"] = check_phone(str(values["mobile"]), "mobile") if values["mobile"] else None
    if "post" in values:
        said["post"] = clean_line(values["post"], "post", 64) or None
    if "organisation" in values:
        said["organisation"] = values["organisation"]
        if said["organisation"] is None:
            raise Invalid(errors={"organisation": [_("Please choose the organisation.")]})
    return said


@unit_of_work
def create_account(actor: Actor, values: Mapping[str, Any]) -> tuple[Account, str]:
    """A new account and its one-time password, which is shown once and must be changed at the first sign-in."""
    _may(actor, "add")
    said = _cleaned(values)
    taken = select(Account.id).where(func.lower(Account.username) == said["username"])
    with system_scope("user names are unique beyond what an administrator sees"):
        if db.session.execute(taken).first():
            raise Invalid(errors={"username": [_("This user name is taken.")]})
    account = Account(**said, last_name="", active=True, email=f"{said['username']}@portal.invalid", session_epoch=0)
    password = _set_password(account)
    with in_plain_words():
        db.session.add(account)
        db.session.flush()
        db.session.add(PasswordRecord(user_id=account.id, password=account.password))
    return account, password


@unit_of_work
def update_account(actor: Actor, account: Account, values: Mapping[str, Any]) -> Account:
    """Change name, organisation, post or mobile; a change of organisation ends the account's sessions."""
    _may(actor, "edit", account)
    said = _cleaned({key: value for key, value in values.items() if key != "username"})
    moved = "organisation" in said and said["organisation"].id != account.organisation_id
    with in_plain_words():
        for key, value in said.items():
            if getattr(account, key) != value:
                setattr(account, key, value)
        if moved:
            end_sessions(account.id, "organisation")
        db.session.flush()
    return account


@unit_of_work
def reset_password(actor: Actor, account: Account) -> str:
    """A new one-time password; the administrator never chooses it, and it is shown once."""
    _may(actor, "reset_password", account)
    password = _set_password(account)
    db.session.flush()
    sign_in.unlock(account.username)
    end_sessions(account.id, "password")
    audit.note(db.session, AuditKind.security, "account:reset_password", account)
    return password


def _last_of(account: Account, codes: Iterable[str]) -> bool:
    """Whether without this account nobody active would be left who may give roles."""
    if "sysadmin" not in codes:
        return False
    with system_scope("is there another system administrator"):
        others = (
            select(Account.id)
            .join(assoc_user_role, assoc_user_role.c.user_id == Account.id)
            .join(RoleProfile, RoleProfile.role_id == assoc_user_role.c.role_id)
            .where(RoleProfile.code == "sysadmin", Account.active.is_(True), Account.id != account.id)
        )
        return db.session.execute(others).first() is None


def profiles_of(account: Account) -> list[RoleProfile]:
    """The roles an account holds."""
    wanted = select(RoleProfile).where(RoleProfile.role_id.in_([role.id for role in account.roles]))
    return list(db.session.scalars(wanted.order_by(RoleProfile.role_id)))


@unit_of_work
def set_active(actor: Actor, account: Account, active: bool, reason: str = "") -> None:
    """Lock an account out for good, or let it in again; its history stays, and its sessions end at once."""
    _may(actor, "disable", account)
    if bool(account.active) == active:
        raise Conflict(_("The account is in use already.") if active else _("The account is disabled already."))
    why = clean_line(reason, "reason", 200, required=not active)
    if not active and _last_of(account, [role.code for role in profiles_of(account)]):
        raise Conflict(_("This is the last system administrator. Appoint another one first."))
    account.active = active
    end_sessions(account.id, "disabled")
    audit.note(db.session, AuditKind.security, "account:enable" if active else "account:disable", account, why)


@unit_of_work
def unlock(actor: Actor, account: Account) -> None:
    """Let an account try again that was locked after too many wrong passwords."""
    _may(actor, "disable", account)
    sign_in.unlock(account.username)
    db.session.expire(account, ["locked_until"])


def open_requests(account: Account | None = None) -> list[RoleRequest]:
    """Wishes for powerful roles that wait for a second administrator."""
    wanted = select(RoleRequest, Account).join(Account, Account.id == RoleRequest.user_id)
    wanted = wanted.where(RoleRequest.state == RequestState.open).order_by(RoleRequest.id)
    if account is not None:
        wanted = wanted.where(RoleRequest.user_id == account.id)
    return [row[0] for row in db.session.execute(wanted)]


def _checked_union(profiles: Iterable[RoleProfile]) -> None:
    faults = union_faults(profiles)
    if faults:
        raise Invalid(errors={"roles": faults})


@unit_of_work
def set_roles(actor: Actor, account: Account, role_ids: Iterable[int], version: int | None = None) -> list[RoleRequest]:
    """Give an account these roles and no others; powerful ones wait for a second administrator (they are returned)."""
    _may(actor, "assign_roles", account)
    if version is not None and account.version != version:
        raise Conflict()
    wanted = set(role_ids)
    profiles = list(db.session.scalars(select(RoleProfile).where(RoleProfile.role_id.in_(wanted))))
    if {profile.role_id for profile in profiles} != wanted:
        raise Invalid(errors={"roles": [_("A role chosen here no longer exists.")]})
    waiting = {request.role_id: request for request in open_requests(account)}
    held = profiles_of(account)
    _checked_union({*profiles, *(p for p in _by_id(waiting) if p.role_id not in wanted)})
    gone = [profile.code for profile in held if profile.role_id not in wanted]
    if _last_of(account, gone):
        raise Conflict(_("This is the last system administrator. Appoint another one first."))
    have = {profile.role_id for profile in held}
    powerful = [p for p in profiles if (p.administrative or p.exclusive) and p.role_id not in have]
    at_once = wanted - {profile.role_id for profile in powerful}
    asked = [
        RoleRequest(user_id=account.id, role_id=p.role_id, asked_by_id=actor.user_id, state=RequestState.open)
        for p in powerful
        if p.role_id not in waiting
    ]
    with in_plain_words():
        db.session.add_all(asked)
        if at_once != have:
            _put_roles(account, [profile for profile in (*held, *profiles) if profile.role_id in at_once])
        db.session.flush()
    return asked


def _by_id(ids: Iterable[int]) -> list[RoleProfile]:
    return list(db.session.scalars(select(RoleProfile).where(RoleProfile.role_id.in_(list(ids)))))


def _put_roles(account: Account, profiles: Iterable[RoleProfile]) -> None:
    account.roles = list(dict.fromkeys(profile.role for profile in profiles))
    account.changed_on = clock.now().replace(tzinfo=None)  # raises the version: two at once cannot both win
    db.session.flush()
    end_sessions(account.id, "roles")


@unit_of_work
def decide_request(actor: Actor, request: RoleRequest, confirmed: bool) -> None:
    """The second administrator confirms or turns down; whoever asked can only take it back."""
    _may(actor, "assign_roles")
    if request.state != RequestState.open:
        raise Conflict(_("This request has been decided already."))
    asker = request.asked_by_id == actor.user_id
    if confirmed and (asker or request.user_id == actor.user_id):
        raise NotAllowed(_("A second administrator has to confirm this: not who asked, and not whose account it is."))
    if request.user_id == actor.user_id:
        raise NotAllowed(OWN)
    request.state = RequestState.confirmed if confirmed else RequestState.withdrawn if asker else RequestState.refused
    request.decided_by_id, request.decided_at = actor.user_id, clock.now()
    if confirmed:
        account = request.user
        held = profiles_of(account)
        added = _by_id([request.role_id])
        _checked_union([*held, *added])
        with in_plain_words():
            _put_roles(account, [*held, *added])
            db.session.flush()
