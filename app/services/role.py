"""Roles: what administrators make of them, within the separations (domain §2, security A6 to A8)."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor, Grant, system_scope
from app.access.permissions import ALL_GRANTS, PAGES, READ
from app.access.roles import ACCOUNTS, AUDIT, BUSINESS, conflicts
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.text import clean_line, listed
from app.models.account import Account, RequestState, RoleProfile, RoleRequest, RowScope
from app.services.record import in_plain_words, register_sentences
from app.services.role_sync import (
    diff_of,
    diff_roles,
    grants_of_role,
    permission_rows,
    raise_epoch,
    set_grants,
    sync_roles,
    unpack,
)

__all__ = [
    "Wish",
    "copy_of",
    "delete_role",
    "diff_of",
    "diff_roles",
    "grants_of_role",
    "holders",
    "permission_rows",
    "restore_role",
    "save_role",
    "set_grants",
    "sync_roles",
    "union_faults",
    "unpack",
]

OFFICERS = _l("Three-officer rule of the protection scheme, level 3")
FOUR_EYES = _l("Four-eyes rule")
RECUSAL = _l("Recusal rule")
# The separations in words: what must not meet, and where that comes from.
SEPARATIONS: dict[str, tuple[Any, Any]] = {
    "accounts_and_cases": (_l("Whoever manages accounts or roles must not read cases or persons."), OFFICERS),
    "accounts_and_audit": (_l("Whoever manages accounts or roles must not read the audit trail."), OFFICERS),
    "accounts_and_business": (_l("Whoever manages accounts or roles must not change business settings."), OFFICERS),
    "audit_and_business": (_l("Whoever reads the audit trail must not change business settings."), OFFICERS),
    "audit_and_cases": (_l("Whoever reads the audit trail must not read cases or persons."), OFFICERS),
    "drafts_and_approves": (_l("Whoever submits replies must not approve them."), FOUR_EYES),
    "asks_and_approves": (_l("Whoever asks for an extension must not approve it."), FOUR_EYES),
    "declines_and_approves": (_l("Whoever declines or redirects a case must not approve that."), FOUR_EYES),
    "reports_and_accepts": (_l("Whoever reports a rectification must not accept it."), RECUSAL),
    "answers_and_closes": (_l("Whoever answers a supervision letter must not close it."), RECUSAL),
    "withdraws_and_approves": (_l("Whoever takes a withdrawal down must not approve it."), RECUSAL),
    "swaps_and_approves": (_l("Whoever asks for swaps or leave, or steps in, must not approve them."), FOUR_EYES),
    "handles_and_follows_up": (_l("Whoever handles a case must not follow it up."), RECUSAL),
}
THREE_OFFICERS = _l("An account holds at most one administrators' role (system, security audit or business).")
OWN_ROLE = _l("You hold this role yourself. Another administrator has to change it.")
ADMINISTRATIVE = (
    ACCOUNTS
    | AUDIT
    | BUSINESS
    | frozenset(
        grant
        for grant in ALL_GRANTS
        if grant[1] in ("Role", "Maintenance") or grant == ("can_reset_password", "Account")
    )
)
EXCLUSIVE = ACCOUNTS | AUDIT | BUSINESS | {("can_maintain", "Maintenance")}
register_sentences({"three_officers": (None, THREE_OFFICERS)})


@dataclass(frozen=True)
class Wish:
    """A role as the form describes it."""

    name: str
    name_en: str
    description: str
    row_scope: RowScope
    grants: frozenset[Grant]


def completed(grants: Iterable[Grant]) -> frozenset[Grant]:
    """With an action of a page come reading it and its menu entry; what the catalogue does not hold falls away."""
    known = {grant for grant in grants if grant in ALL_GRANTS and grant[0] != "menu_access"}
    pages = [PAGES[page] for page in {page for _name, page in known}]
    known |= {(f"can_{READ}", page.name) for page in pages if READ in page.actions}
    return frozenset(known | {("menu_access", page.name) for page in pages if page.menu})


def faults_of(grants: frozenset[Grant], row_scope: RowScope) -> list[str]:
    """The separations that one role with these grants and rows would break, in words."""
    found = [str(SEPARATIONS[key][0]) for key in conflicts(grants)]
    if row_scope != RowScope.none and grants & (ACCOUNTS | AUDIT):
        found.append(_("A role that manages accounts or reads the audit trail sees no cases."))
    return found


def union_faults(
    roles: Iterable[RoleProfile], instead: RoleProfile | None = None, grants: frozenset[Grant] = frozenset()
) -> list[str]:
    """The separations that an account with all these roles would break; `instead` is judged by `grants`."""
    together = list(roles)
    union = frozenset[Grant]().union(*(grants if role is instead else grants_of_role(role.role) for role in together))
    found = [str(SEPARATIONS[key][0]) for key in conflicts(union)]
    exclusive = [role for role in together if (bool(grants & EXCLUSIVE) if role is instead else role.exclusive)]
    return found + ([str(THREE_OFFICERS)] if len(exclusive) > 1 else [])


def holders(profile: RoleProfile) -> int:
    """How many accounts hold a role."""
    held = select(func.count()).select_from(assoc_user_role).where(assoc_user_role.c.role_id == profile.role_id)
    return int(db.session.execute(held).scalar_one())


def _may_change(actor: Actor, action: str, profile: RoleProfile | None) -> None:
    if not actor.may(action, "Role"):
        raise NotAllowed()
    if profile is not None and profile.code in actor.roles:
        raise NotAllowed(OWN_ROLE)


def _check_holders(profile: RoleProfile, grants: frozenset[Grant], sensitive: bool) -> list[str]:
    """What the people who hold the role would become by the change."""
    with system_scope("separations of everybody who holds a role"):
        held = assoc_user_role.alias()
        rows = db.session.execute(
            select(Account, RoleProfile)
            .join(assoc_user_role, assoc_user_role.c.user_id == Account.id)
            .join(RoleProfile, RoleProfile.role_id == assoc_user_role.c.role_id)
            .where(Account.id.in_(select(held.c.user_id).where(held.c.role_id == profile.role_id)))
        ).all()
    people: dict[Account, list[RoleProfile]] = {}
    for account, role in rows:
        people.setdefault(account, []).append(role)
    if people and sensitive and not profile.administrative:
        return [
            _(
                "%(count)s accounts hold this role; it cannot become an administrator's role under their hands. "
                "Please make a new role.",
                count=len(people),
            )
        ]
    groups: dict[frozenset[int], tuple[list[RoleProfile], list[str]]] = {}
    for account, roles in people.items():
        groups.setdefault(frozenset(role.role_id for role in roles), (roles, []))[1].append(account.first_name)
    found = []
    for roles, names in groups.values():
        found += [
            _("%(people)s: %(rule)s", people=listed(names[:5]) + ("…" if len(names) > 5 else ""), rule=fault)
            for fault in union_faults(roles, profile, grants)
        ]
    return found


def _check(profile: RoleProfile | None, wish: Wish, grants: frozenset[Grant], sensitive: bool) -> dict[str, str]:
    said = {
        "name": clean_line(wish.name, "name", 64, required=True),
        "name_en": clean_line(wish.name_en, "name_en", 64) or clean_line(wish.name, "name", 64),
        "description": clean_line(wish.description, "description", 200),
    }
    same = select(RoleProfile.role_id).where(RoleProfile.name == said["name"])
    if profile is not None:
        same = same.where(RoleProfile.role_id != profile.role_id)
    errors: dict[str, list[Any]] = {}
    if db.session.execute(same).first():
        errors["name"] = [_("There is a role of this name already.")]
    faults = faults_of(grants, wish.row_scope)
    if profile is not None and not faults:
        faults = _check_holders(profile, grants, sensitive)
    if faults:
        errors["grants"] = list(faults)
    if errors:
        raise Invalid(errors=errors)
    return said


@unit_of_work
def save_role(actor: Actor, profile: RoleProfile | None, wish: Wish, version: int | None = None) -> RoleProfile:
    """Make or change a role; rights change for everybody with the next request, and nobody is signed out."""
    _may_change(actor, "edit" if profile else "add", profile)
    if profile is not None and version is not None and profile.version != version:
        raise Conflict()
    grants = completed(wish.grants)
    sensitive, exclusive = bool(grants & ADMINISTRATIVE), bool(grants & EXCLUSIVE)
    said = _check(profile, wish, grants, sensitive)
    with in_plain_words():
        if profile is None:
            role = Role(name=f"local_{secrets.token_hex(4)}")
            profile = RoleProfile(role=role, code=role.name, shipped=False)
            db.session.add(profile)
        for key, value in said.items():
            setattr(profile, key, value)
        profile.row_scope, profile.changed_at = wish.row_scope, clock.now()
        profile.administrative = sensitive or bool(profile.shipped and profile.administrative)
        profile.exclusive = exclusive or bool(profile.shipped and profile.exclusive)
        set_grants(profile.role, grants)
        db.session.flush()
    raise_epoch()
    return profile


@unit_of_work
def restore_role(actor: Actor, profile: RoleProfile, version: int | None = None) -> RoleProfile:
    """Make a shipped role again what was shipped."""
    shipped = profile.shipped_as
    if not shipped:
        raise NotFound()
    wish = Wish(
        shipped["name"],
        shipped["name_en"],
        shipped["description"] or "",
        RowScope(shipped["row_scope"]),
        unpack(shipped["grants"]),
    )
    return save_role(actor, profile, wish, version)


@unit_of_work
def delete_role(actor: Actor, profile: RoleProfile) -> None:
    """Remove a role of one's own making that nobody holds."""
    _may_change(actor, "delete", profile)
    if profile.shipped:
        raise Conflict(_("A shipped role stays; take it from the accounts that hold it instead."))
    count = holders(profile)
    if count:
        raise Conflict(_("%(count)s accounts hold this role. Please take it from them first.", count=count))
    with system_scope("wishes for a role that goes"):
        wishes = db.session.scalars(select(RoleRequest).where(RoleRequest.role_id == profile.role_id)).all()
    if any(wish.state == RequestState.open for wish in wishes):
        raise Conflict(_("A request for this role is open. Please decide it first."))
    for wish in wishes:
        db.session.delete(wish)
    role = profile.role
    db.session.delete(profile)
    db.session.flush()
    db.session.delete(role)
    raise_epoch()


def copy_of(profile: RoleProfile) -> Wish:
    """A new role that starts as this one."""
    return Wish(
        _("%(name)s (copy)", name=profile.name),
        f"{profile.name_en} (copy)",
        profile.description or "",
        profile.row_scope,
        grants_of_role(profile.role),
    )
