"""What a request to change the roster can name: one's own coming shifts, those of others, who could step in."""

from typing import Any

from sqlalchemy import Select, or_, select

from app.access.actor import actor_or_none
from app.core import clock
from app.models.account import Account
from app.models.organisation import Organisation
from app.models.roster import DutyKind, Shift
from app.services.queries.choices import Beyond, Chooser
from app.services.queries.duty import serving

_org = Organisation.__table__


def _coming(statement: Select[Any]) -> Select[Any]:
    now = clock.local(clock.now())
    later = or_(Shift.on > now.date(), (Shift.on == now.date()) & (Shift.starts_at > now.time()))
    return statement.where(Shift.published, later)


def _me() -> int:
    actor = actor_or_none()
    return (actor.user_id if actor is not None else None) or 0


def _mine(statement: Select[Any]) -> Select[Any]:
    return _coming(statement).where(Shift.account_id == _me())


def _theirs(statement: Select[Any]) -> Select[Any]:
    own = Shift.__table__.alias("own_shift")
    kinds = select(own.c.kind).where(own.c.account_id == _me(), own.c.published, own.c.on >= clock.today())
    return _coming(statement).where(Shift.account_id != _me(), Shift.kind.in_(kinds))


def _able(statement: Select[Any]) -> Select[Any]:
    """Whoever serves on any roster at or below the centres above the actor."""
    actor = actor_or_none()
    above = actor.ancestors if actor is not None else ()
    path = (actor.organisation_path if actor is not None else "") or "-"
    near = or_(_org.c.path.startswith(path, autoescape=True), _org.c.id.in_(above))
    kinds = or_(*(Account.id.in_(serving(kind)) for kind in DutyKind))
    return statement.where(Account.organisation_id.in_(select(_org.c.id).where(near)), kinds, Account.id != _me())


def own_shifts() -> Chooser:
    """One's own coming shifts."""
    return Chooser(Shift, _mine)


def other_shifts() -> Chooser:
    """The coming shifts of others on the same rosters."""
    return Chooser(Shift, _theirs)


def stand_ins() -> Chooser:
    """Who could step in."""
    return Beyond(Account, _able)
