"""Shipped permissions and roles into the database, without touching what administrators changed (`roles sync`)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select, update

from app.access.actor import SYSTEM, Grant, acting, actor_or_none
from app.access.permissions import ALL_GRANTS
from app.access.roles import ROLES, RoleSpec, conflicts
from app.core.db import db, unit_of_work
from app.models.account import RoleProfile, RowScope, SecurityState

FRAMEWORK_ROLES = ("Admin", "Public")  # the first has no holders, the second no permissions, ever
SAID = ("name", "name_en", "description", "row_scope")


@dataclass(frozen=True)
class RoleDiff:
    """How a role in the database differs from the role as shipped."""

    code: str
    missing: bool = False
    added: frozenset[Grant] = frozenset()
    removed: frozenset[Grant] = frozenset()
    said: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # column: (shipped, here)

    @property
    def any(self) -> bool:
        """Whether there is a difference at all."""
        return bool(self.missing or self.added or self.removed or self.said)


def pack(grants: frozenset[Grant]) -> list[str]:
    """Grants as they are kept in JSON: `can_read Case`."""
    return sorted(f"{name} {page}" for name, page in grants)


def unpack(texts: list[str] | None) -> frozenset[Grant]:
    """The grants of `pack`."""
    pairs = (text.split(" ", 1) for text in texts or ())
    return frozenset((name, page) for name, page in pairs)


def grants_of_role(role: Role) -> frozenset[Grant]:
    """What a role holds now."""
    return frozenset((row.permission.name, row.view_menu.name) for row in role.permissions)


def raise_epoch() -> None:
    """Let every cache of rights fall, on every worker, with this transaction."""
    db.session.execute(update(SecurityState).values(epoch=SecurityState.epoch + 1))


def permission_rows() -> dict[Grant, PermissionView]:
    """The permission rows of the database by (permission, page)."""
    rows = db.session.scalars(select(PermissionView)).unique()
    return {(row.permission.name, row.view_menu.name): row for row in rows}


def set_grants(role: Role, wanted: frozenset[Grant], rows: Mapping[Grant, PermissionView] | None = None) -> bool:
    """Give a role exactly these grants; True if that changes anything."""
    have = grants_of_role(role)
    if have == wanted:
        return False
    rows = rows if rows is not None else permission_rows()
    role.permissions = [row for row in role.permissions if (row.permission.name, row.view_menu.name) in wanted] + [
        rows[grant] for grant in sorted(wanted - have)
    ]
    return True


@contextmanager
def _somebody() -> Iterator[None]:
    """Act as the system where nobody else acts (command line)."""
    if actor_or_none() is None:
        with acting(SYSTEM):
            yield
    else:
        yield


def _sync_catalogue() -> dict[Grant, PermissionView]:
    """The rows of the catalogue exist; permission rows that the catalogue dropped go, and with them their grants."""
    found = permission_rows()
    for grant in sorted(set(found) - ALL_GRANTS):
        db.session.delete(found.pop(grant))
    names = {row.name: row for row in db.session.scalars(select(Permission))}
    pages = {row.name: row for row in db.session.scalars(select(ViewMenu))}
    for name, page in sorted(ALL_GRANTS - set(found)):
        permission = names.get(name) or Permission(name=name)
        menu = pages.get(page) or ViewMenu(name=page)
        names[name], pages[page] = permission, menu
        row = found[name, page] = PermissionView(permission=permission, view_menu=menu)
        db.session.add(row)
    db.session.flush()
    return found


def _shipped(spec: RoleSpec, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "grants": pack(spec.permissions()),
        "name": names["name"],
        "name_en": names["name_en"],
        "description": names.get("description"),
        "row_scope": spec.row_scope.value,
    }


def _merge(profile: RoleProfile, spec: RoleSpec, now: dict[str, Any], rows: Mapping[Grant, PermissionView]) -> bool:
    """Three ways: what was shipped last, what is shipped now, what administrators made of it."""
    last = profile.shipped_as or now
    before, here, there = unpack(last["grants"]), grants_of_role(profile.role), spec.permissions()
    wanted = (here | (there - before)) - (before - there)
    if conflicts(wanted):
        wanted = here & ALL_GRANTS  # an administrator's own addition clashes with the new shipment: his choice stands
    changed = set_grants(profile.role, wanted, rows)
    for key in SAID:
        if getattr(profile, key) == last[key] and last[key] != now[key]:
            setattr(profile, key, RowScope(now[key]) if key == "row_scope" else now[key])
            changed = True
    if profile.shipped_as != now:
        profile.shipped_as = now
    return changed


def _create(spec: RoleSpec, now: dict[str, Any], rows: Mapping[Grant, PermissionView], role: Role | None) -> None:
    role = role or Role(name=spec.code)
    db.session.add(role)
    set_grants(role, spec.permissions(), rows)
    db.session.flush()
    db.session.add(
        RoleProfile(
            role=role,
            code=spec.code,
            name=now["name"],
            name_en=now["name_en"],
            description=now["description"],
            row_scope=spec.row_scope,
            exclusive=spec.exclusive,
            administrative=spec.administrative,
            shipped=True,
            shipped_as=now,
        )
    )


def _sync_framework_roles() -> bool:
    changed = False
    found = {role.name: role for role in db.session.scalars(select(Role).where(Role.name.in_(FRAMEWORK_ROLES)))}
    for name in FRAMEWORK_ROLES:
        role = found.get(name)
        if role is None:
            db.session.add(Role(name=name))
        elif role.permissions or role.user:
            role.permissions, role.user, changed = [], [], True
    return changed


@unit_of_work
def sync_roles(names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Write the catalogue and the shipped roles; `names` gives name, name_en, description by code. Codes changed."""
    with _somebody():
        rows = _sync_catalogue()
        touched = ["framework"] if _sync_framework_roles() else []
        profiles = {profile.code: profile for profile in db.session.scalars(select(RoleProfile))}
        bare = {role.name: role for role in db.session.scalars(select(Role)) if role.name not in profiles}
        for spec in ROLES:
            now, profile = _shipped(spec, names[spec.code]), profiles.get(spec.code)
            if profile is None:
                _create(spec, now, rows, bare.get(spec.code))
                touched.append(spec.code)
            elif _merge(profile, spec, now, rows):
                touched.append(spec.code)
        if touched:
            raise_epoch()
        return touched


def diff_of(profile: RoleProfile) -> RoleDiff:
    """How one shipped role differs from what we ship."""
    shipped = profile.shipped_as or {}
    here, there = grants_of_role(profile.role), unpack(shipped.get("grants"))
    said = {key: (shipped.get(key), str(getattr(profile, key) or "") or None) for key in SAID}
    return RoleDiff(
        profile.code,
        added=here - there,
        removed=there - here,
        said={key: pair for key, pair in said.items() if (pair[0] or None) != pair[1]},
    )


def diff_roles(names: Mapping[str, Mapping[str, str]] | None = None) -> list[RoleDiff]:
    """Every shipped role that differs from the shipment, or is not there yet."""
    with _somebody():
        profiles = {profile.code: profile for profile in db.session.scalars(select(RoleProfile))}
        found = [
            diff_of(profiles[spec.code]) if spec.code in profiles else RoleDiff(spec.code, missing=True)
            for spec in ROLES
        ]
        return [diff for diff in found if diff.any]
