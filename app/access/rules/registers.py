"""What the registers show: the own subtree, what the organisations above share, and what is one's own."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.access.rules.cases import Rule
from app.models.account import Account
from app.models.closure import RoomHours
from app.models.expert import Expert
from app.models.organisation import Level, Organisation
from app.models.preference import SavedView
from app.models.room import Room

ORGANISATION = Organisation.__table__.alias("scope_organisation")
EXPERT = Expert.__table__.alias("scope_expert")
ROOM = Room.__table__.alias("scope_room")


def mine(model: Any) -> Rule:
    """Rows of the actor's own account."""
    return lambda actor: model.__table__.c.user_id == actor.user_id if actor.user_id else false()


def subtree(actor: Actor, table: Any = ORGANISATION) -> ColumnElement[bool]:
    """Organisations at or below the actor's own."""
    return table.c.path.startswith(actor.organisation_path, autoescape=True) if actor.organisation_path else false()


def below(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Rows of the own organisation and of those below it."""
    return table.c.organisation_id.in_(select(ORGANISATION.c.id).where(subtree(actor)))


def shared(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Registers: own subtree, and what the organisations above share with everybody (the city pool)."""
    if actor.organisation_id is None:
        return false()
    if actor.level == Level.city:
        return true()
    return or_(table.c.organisation_id.in_(actor.ancestors), below(actor, table))


def pool(model: Any) -> Rule:
    """The rows of a register that is shared downwards."""
    return lambda actor: shared(actor, model.__table__)


def of_expert(model: Any) -> Rule:
    """Rows that exist when their expert does."""

    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = shared(actor, EXPERT)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(EXPERT.c.id == model.__table__.c.expert_id, inner)

    return rule


def of_room(actor: Actor) -> ColumnElement[bool]:
    """The hours of a visible room."""
    inner = shared(actor, ROOM)
    if isinstance(inner, True_ | False_):
        return inner
    return exists().where(ROOM.c.id == RoomHours.__table__.c.room_id, inner)


def account(actor: Actor) -> ColumnElement[bool]:
    """Accounts of the own subtree for those who keep them; else the own one."""
    table = Account.__table__
    if not actor.may("read", "Account"):
        return table.c.id == actor.user_id if actor.user_id else false()
    if actor.level == Level.city:
        return true()
    return table.c.organisation_id.in_(select(ORGANISATION.c.id).where(subtree(actor)))


def saved_view(actor: Actor) -> ColumnElement[bool]:
    """One's own filters, and those shared in the own office."""
    table = SavedView.__table__
    if actor.user_id is None:
        return false()
    of_the_office = table.c.shared & (table.c.organisation_id == actor.organisation_id)
    return or_(table.c.user_id == actor.user_id, of_the_office)


def organisation_rule(actor: Actor) -> ColumnElement[bool]:
    """The own organisation and those below; all of them for the city."""
    return true() if actor.level == Level.city else subtree(actor, Organisation.__table__)


def if_may(page: str) -> Rule:
    """All rows for whoever may open the page."""
    return lambda actor: true() if actor.may("read", page) else false()


def of_the_house(page: str, action: str = "read") -> Rule:
    """What belongs to the whole installation is for its administrators at the city, not for those of a town."""
    return lambda actor: true() if actor.may(action, page) and actor.level == Level.city else false()
