"""What the fields of a booking may be set to: rooms that can be booked, people who may be asked to take part."""

from typing import Any

from flask_appbuilder.security.sqla.models import assoc_user_role
from sqlalchemy import Select, or_, select

from app.access.actor import actor_or_none
from app.models.account import Account, RoleProfile
from app.models.organisation import Organisation
from app.models.room import Room, RoomKind
from app.services.queries.choices import Beyond, Chooser

SERVING = ("leader", "adviser", "counsellor")  # whom the towns below may ask as well
_org, _profile = Organisation.__table__, RoleProfile.__table__


def _taking_part(statement: Select[Any]) -> Select[Any]:
    actor = actor_or_none()
    path = actor.organisation_path if actor is not None else ""
    below = select(_org.c.id).where(_org.c.path.startswith(path or "-", autoescape=True))
    serving = (
        select(assoc_user_role.c.user_id)
        .join(_profile, _profile.c.role_id == assoc_user_role.c.role_id)
        .where(_profile.c.code.in_(SERVING))
    )
    above = Account.organisation_id.in_(actor.ancestors if actor is not None else ())
    return statement.where(or_(Account.organisation_id.in_(below), above & Account.id.in_(serving)))


def people() -> Chooser:
    """Who may be asked to take part."""
    return Beyond(Account, _taking_part)


def can_be_booked(statement: Select[Any]) -> Select[Any]:
    """Rooms that can be booked at all."""
    return statement.where(Room.kind != RoomKind.private)


def bookable_rooms() -> Chooser:
    """The rooms that can be booked at all."""
    return Chooser(Room, can_be_booked)
