"""Who acts: a plain value without Flask, put into a context variable for the time of a request or a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.models.account import RowScope
from app.models.organisation import Level

Grant = tuple[str, str]


class ScopeMissing(RuntimeError):
    """A select on guarded rows with nobody acting: a fault of ours, never an open door."""


@dataclass(frozen=True)
class Actor:
    """A person (or the system) with organisation, roles, row scopes and permissions, as of this request."""

    user_id: int | None
    name: str
    organisation_id: int | None = None
    organisation_name: str | None = None
    organisation_path: str = ""
    level: Level | None = None
    town_id: int | None = None
    post: str | None = None
    roles: frozenset[str] = frozenset()
    role_labels: tuple[str, ...] = ()
    scopes: frozenset[RowScope] = frozenset()
    permissions: frozenset[Grant] = field(default=frozenset(), repr=False)
    address: str | None = None
    system: bool = False
    administrative: bool = False  # holds a role that needs a second factor in production

    def may(self, action: str, page: str) -> bool:
        """Whether a role of the actor holds `action` on `page` (see access/permissions.py)."""
        return self.system or (f"can_{action}", page) in self.permissions

    def opens(self, menu: str) -> bool:
        """Whether the menu entry is shown to the actor."""
        return self.system or ("menu_access", menu) in self.permissions

    @property
    def ancestors(self) -> tuple[int, ...]:
        """Ids of the own organisation and all above it, root first."""
        return tuple(int(node) for node in self.organisation_path.strip("/").split("/") if node)


ANONYMOUS = Actor(user_id=None, name="")
SYSTEM = Actor(user_id=None, name="system", system=True)

_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_open: ContextVar[str | None] = ContextVar("system_scope", default=None)


def set_actor(actor: Actor | None) -> None:
    """Name who acts from here on; None means nobody, and guarded selects then fail."""
    _actor.set(actor)


def current_actor() -> Actor:
    """Who acts now; raises ScopeMissing when nobody does."""
    actor = _actor.get()
    if actor is None:
        raise ScopeMissing("no actor is set")
    return actor


def actor_or_none() -> Actor | None:
    """Who acts now, or None."""
    return _actor.get()


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Act as `actor` inside the block (jobs, seed, tests)."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


@contextmanager
def system_scope(why: str) -> Iterator[None]:
    """See all rows inside the block; `why` says for what (sign-in, choosing a recipient, numbering …)."""
    token = _open.set(why)
    try:
        yield
    finally:
        _open.reset(token)


def in_system_scope() -> bool:
    """Whether the row scope is lifted just now."""
    return _open.get() is not None
