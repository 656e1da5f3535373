"""Load who acts: two selects a request; the permissions of a role are cached until the epoch of rights rises."""

from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import bindparam, func, select

from app.access.actor import Actor, Grant
from app.core.db import db
from app.models.account import Account, LoginSession, RoleProfile, RowScope, SecurityState
from app.models.audit import Notice
from app.models.organisation import Level, Organisation

_user, _org, _epoch = Account.__table__, Organisation.__table__, SecurityState.__table__
_profile, _session = RoleProfile.__table__, LoginSession.__table__
_notice, _root = Notice.__table__, Organisation.__table__.alias("root")
_cache: dict[tuple[int, int], frozenset[Grant]] = {}


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
        if len(_cache) > 500:
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
_ROLES = (
    select(
        _profile.c.role_id,
        _profile.c.code,
        _profile.c.name,
        _profile.c.name_en,
        _profile.c.row_scope,
        _profile.c.administrative,
    )
    .join_from(assoc_user_role, _profile, assoc_user_role.c.role_id == _profile.c.role_id)
    .order_by(_profile.c.role_id)
)


# Both are compiled once and sent past the session: nothing here is guarded, and every request asks them.
_BY_ID = _ACCOUNT.where(_user.c.id == bindparam("user_id"))
_BY_TOKEN = (
    _BY_ID.add_columns(
        _session.c.id.label("session_id"), _session.c.started_at, _session.c.epoch.label("session_at_epoch")
    )
    .join(_session, _session.c.user_id == _user.c.id)
    .where(_session.c.token_hash == bindparam("token_hash"), _session.c.ended_at.is_(None))
)
_ROLES_OF = _ROLES.where(assoc_user_role.c.user_id == bindparam("user_id"))


def account_row(user_id: int, token_hash: str | None = None) -> Any:
    """The account's line with organisation and epoch; with a token, also its sign-in session (None if ended)."""
    connection = db.session.connection()
    if token_hash is None:
        return connection.execute(_BY_ID, {"user_id": user_id}).mappings().one_or_none()
    return connection.execute(_BY_TOKEN, {"user_id": user_id, "token_hash": token_hash}).mappings().one_or_none()


def actor_of(row: Any, address: str | None = None, english: bool = False) -> Actor:
    """The actor of an account line: roles, row scopes and permissions as they are now."""
    roles = db.session.connection().execute(_ROLES_OF, {"user_id": row["id"]}).mappings().all()
    path = row["path"] or ""
    level = Level(row["level"]) if row["level"] else None
    nodes = [int(node) for node in path.strip("/").split("/") if node]
    town = nodes[1] if len(nodes) > 2 or (len(nodes) == 2 and level == Level.township) else None
    grants: set[Grant] = set()
    for role in roles:
        grants |= _permissions(role["role_id"], row["rights_epoch"])
    return Actor(
        user_id=row["id"],
        name=row["first_name"],
        post=row["post"],
        organisation_id=row["org_id"],
        organisation_name=row["org_name"],
        organisation_path=path,
        level=level,
        town_id=town,
        roles=frozenset(role["code"] for role in roles),
        role_labels=tuple(role["name_en"] if english else role["name"] for role in roles),
        scopes=frozenset(RowScope(role["row_scope"]) for role in roles),
        permissions=frozenset(grants),
        address=address,
        administrative=any(role["administrative"] for role in roles),
    )
