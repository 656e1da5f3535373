"""The four lists of one's own work: to do, done, started by me, copied to me. Each room adds what it has to them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge
from itertools import islice
from typing import Any

from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.core.db import db
from app.core.labels import LabelledEnum

MOST = 99  # a counter beyond it shows 99+
PAGES_MOST = 50
SIZE = 20


class Tab(LabelledEnum):
    """The lists, by the names that offices know."""

    todo = "todo", _lp("work", "To do")
    done = "done", _lp("work", "Done")
    started = "started", _lp("work", "Started by me")
    copied = "copied", _lp("work", "Copied to me")


@dataclass(frozen=True)
class Asking:
    """Who asks, and which steps of each kind of record have a page."""

    actor: Actor
    built: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Item:
    """One line of a list: what it is about, how it stands, what comes next or was done, by when."""

    kind: str
    id: int
    href: str
    title: Any
    sub: str
    state: LabelledEnum
    move: Any = None  # the step that waits, or was carried out
    due_on: date | None = None
    paused: bool = False
    provisional: bool = False
    at: datetime | None = None
    text: Any = None

    @property
    def urgency(self) -> tuple[bool, date]:
        """The order of what is to do: the nearest day first, what has none last."""
        return self.due_on is None, self.due_on or date.max

    @property
    def recency(self) -> tuple[float, int]:
        """The order of all other lists: the newest first."""
        return -(self.at.timestamp() if self.at else 0.0), -self.id


@dataclass(frozen=True)
class Source:
    """What a room adds: for each list a select in the list's order (or None), and how a row of it reads."""

    kind: str
    label: Any
    statement: Callable[[Asking, Tab], Select[Any] | None]
    item: Callable[[Asking, Tab, Any], Item]


def _parts(sources: tuple[Source, ...], asking: Asking, tab: Tab) -> list[tuple[Source, Select[Any]]]:
    found = ((source, source.statement(asking, tab)) for source in sources)
    return [(source, statement) for source, statement in found if statement is not None]


def items(sources: tuple[Source, ...], asking: Asking, tab: Tab, page: int = 0, size: int = SIZE) -> list[Item]:
    """A page of a list and one line more, if there is one; several rooms are merged in the list's order."""
    parts, start = _parts(sources, asking, tab), page * size
    if len(parts) == 1:
        source, statement = parts[0]
        return [source.item(asking, tab, row) for row in db.session.execute(statement.offset(start).limit(size + 1))]
    read = [
        [source.item(asking, tab, row) for row in db.session.execute(statement.limit(start + size + 1))]
        for source, statement in parts
    ]
    order = (lambda item: item.urgency) if tab is Tab.todo else (lambda item: item.recency)
    return list(islice(merge(*read, key=order), start, start + size + 1))


def counts(sources: tuple[Source, ...], asking: Asking, tabs: Iterable[Tab] = Tab) -> dict[Tab, int]:
    """How long each list is, at most MOST + 1; in one statement."""
    asked = [(tab, statement) for tab in tabs for _source, statement in _parts(sources, asking, tab)]
    if not asked:
        return dict.fromkeys(Tab, 0)
    capped = [
        # to do is counted in any order; the others keep theirs, for it has the database walk the person's own rows
        (statement.order_by(None) if tab is Tab.todo else statement).limit(MOST + 1).subquery()
        for tab, statement in asked
    ]
    found = dict.fromkeys(Tab, 0)
    numbers = [select(func.count()).select_from(one).scalar_subquery() for one in capped]
    for (tab, _statement), number in zip(asked, db.session.execute(select(*numbers)).one(), strict=True):
        found[tab] = min(found[tab] + number, MOST + 1)
    return found
