"""Load who acts: one select a request. What follows from that line is worked out once for each line that differs; the
permissions of a role are kept until the epoch of rights rises."""

from functools import lru_cache
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import Select, bindparam, func, select

from app.access.actor import Actor, Grant
from app.core.db import db
from app.core.nested import Nested, columns_of
from app.models.account import Account, LoginSession, RoleProfile, SecurityState
from app.models.audit import Notice
from app.models.organisation import Level, Organisation

_user, _org, _epoch = Account.__table__, Organisation.__table__, SecurityState.__table__
_profile, _session = RoleProfile.__table__, LoginSession.__table__
_notice, _root = Notice.__table__, Organisation.__table__.alias("root")
_cache: dict[tuple[int, int], frozenset[Grant]] = {}
_actors: dict[Any, Actor] = {}
KEPT = 500
_ROLES = Nested(
    _profile.join(assoc_user_role, assoc_user_role.c.role_id == _profile.c.role_id),
    assoc_user_role.c.user_id,
    columns_of(_profile, "role_id", "code", "name", "name_en", "row_scope", "administrative"),
    ("role_id",),
)


def _permissions(role_id: int, epoch: int) -> frozenset[Grant]:
    key = (role_id, epoch)
    found = _cache.get(key)
    if found is None:
        rows = db.session.execute(
            select(Permission.__table__.c.name, ViewMenu.__table__.c.name)
            .join_from(
                assoc_permissionview_role,
                PermissionView.__table__,
                assoc_permissionview_role.c.permission_view_id == PermissionView.__table__.c.id,
            )
            .join(Permission.__table__, PermissionView.__table__.c.permission_id == Permission.__table__.c.id)
            .join(ViewMenu.__table__, PermissionView.__table__.c.view_menu_id == ViewMenu.__table__.c.id)
            .where(assoc_permissionview_role.c.role_id == role_id)
        )
        if len(_cache) > KEPT:
            _cache.clear()
        found = _cache[key] = frozenset((row[0], row[1]) for row in rows)
    return found


_ACCOUNT = select(
    _user.c.id,
    _user.c.username,
    _user.c.first_name,
    _user.c.post,
    _user.c.active,
    _user.c.session_epoch,
    _user.c.must_change_password,
    _user.c.password_changed_at,
    _user.c.preferences,
    _user.c.demo,
    _user.c.totp_secret.is_not(None).label("second_factor"),
    _org.c.id.label("org_id"),
    _org.c.name.label("org_name"),
    _org.c.path,
    _org.c.level,
    select(_epoch.c.epoch).scalar_subquery().label("rights_epoch"),
    select(_root.c.name).where(_root.c.parent_id.is_(None)).limit(1).scalar_subquery().label("city"),
    select(func.count())
    .select_from(_notice)
    .where(_notice.c.user_id == _user.c.id, _notice.c.read_at.is_(None))
    .correlate(_user)
    .scalar_subquery()
    .label("unread"),
).join_from(_user, _org, _user.c.organisation_id == _org.c.id, isouter=True)


@lru_cache
def _account_select(engine: str, by_token: bool) -> Select[Any]:
    """The select of an account's line, by its id or by a session's token too; it is sent past the session, for nothing
    in it is guarded, and every request asks it."""
    asked = _ACCOUNT.add_columns(_ROLES.column(_user.c.id, engine).label("roles"))
    asked = asked.where(_user.c.id == bindparam("user_id"))
    if not by_token:
        return asked
    return (
        asked.add_columns(
            _session.c.id.label("session_id"), _session.c.started_at, _session.c.epoch.label("session_at_epoch")
        )
        .join(_session, _session.c.user_id == _user.c.id)
        .where(_session.c.token_hash == bindparam("token_hash"), _session.c.ended_at.is_(None))
    )


def account_row(user_id: int, token_hash: str | None = None) -> Any:
    """The account's line with organisation, roles and epoch; with a token, also its sign-in session (None if ended)."""
    connection, given = db.session.connection(), {"user_id": user_id, "token_hash": token_hash}
    asked = _account_select(connection.dialect.name, token_hash is not None)
    return connection.execute(asked, given if token_hash is not None else {"user_id": user_id}).mappings().one_or_none()


_SAID = ("id", "first_name", "post", "org_id", "org_name", "path", "level", "roles", "rights_epoch")


def actor_of(row: Any, address: str | None = None, english: bool = False) -> Actor:
    """The actor of an account line: roles, row scopes and permissions as they are now."""
    key = (address, english, *(row[name] for name in _SAID))
    found = _actors.get(key)
    if found is None:
        if len(_actors) > KEPT:
            _actors.clear()
        found = _actors[key] = _made(row, address, english)
    return found


def _made(row: Any, address: str | None, english: bool) -> Actor:
    roles = _ROLES.read(row["roles"])
    path = row["path"] or ""
    level = Level(row["level"]) if row["level"] else None
    nodes = [int(node) for node in path.strip("/").split("/") if node]
    town = nodes[1] if len(nodes) > 2 or (len(nodes) == 2 and level == Level.township) else None
    grants: set[Grant] = set()
    for role in roles:
        grants |= _permissions(role.role_id, row["rights_epoch"])
    return Actor(
        user_id=row["id"],
        name=row["first_name"],
        post=row["post"],
        organisation_id=row["org_id"],
        organisation_name=row["org_name"],
        organisation_path=path,
        level=level,
        town_id=town,
        roles=frozenset(role.code for role in roles),
        role_labels=tuple(role.name_en if english else role.name for role in roles),
        scopes=frozenset(role.row_scope for role in roles),
        permissions=frozenset(grants),
        address=address,
        administrative=any(role.administrative for role in roles),
    )
