"""How each person likes a list: its columns, its page size, the filter it was left with, and named filters."""

import json
import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, false, func, literal, or_, select, union_all

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotFound
from app.core.sealed import without_sealed
from app.models.preference import ListPreference, SavedView
from app.services.record import in_plain_words, register_sentences

SAVED_MAX = 20
QUERY_MAX = 1000
_NUMBER = re.compile(r"\d{6,}")

register_sentences(
    {
        "uq_saved_view_user_view_name": ("name", _l("You have a saved filter of this name already.")),
    }
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A named filter of one list."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Liking:
    """What is remembered of one list for one person."""

    columns: tuple[str, ...] = ()
    page_size: int | None = None
    query: str = ""
    saved: tuple[Saved, ...] = ()


NOTHING = Liking()


def _everything_remembered() -> Any:
    """One statement, made once; it names the person itself, so it needs no row scope."""
    likes, views = ListPreference.__table__, SavedView.__table__
    user_id: Any = bindparam("user_id")
    view: Any = bindparam("view")
    mine = views.c.user_id == user_id
    shared = and_(views.c.shared.is_(True), views.c.organisation_id == bindparam("organisation_id"))
    left = select(
        literal(0).label("id"),
        likes.c.columns.label("name"),
        likes.c.query.label("query"),
        likes.c.page_size.label("size"),
        false().label("shared"),
        literal(0).label("sort"),
    ).where(likes.c.user_id == user_id, likes.c.view == view)
    saved = select(views.c.id, views.c.name, views.c.query, views.c.user_id, views.c.shared, views.c.sort).where(
        views.c.view == view, or_(mine, shared)
    )
    return union_all(left, saved)


_LIKING = _everything_remembered()


def liking(actor: Actor, view: str) -> Liking:
    """Everything remembered of a list, in one statement."""
    if actor.user_id is None:
        return NOTHING
    given = {"user_id": actor.user_id, "organisation_id": actor.organisation_id, "view": view}
    found = db.session.connection().execute(_LIKING, given).all()
    rows = sorted(found, key=lambda row: (row.id != 0, row.sort, row.id))
    first = rows[0] if rows and rows[0].id == 0 else None
    return Liking(
        tuple(json.loads(first.name)) if first and first.name else (),
        first.size if first else None,
        (first.query or "") if first else "",
        tuple(Saved(r.id, r.name, r.query, bool(r.shared), r.size == actor.user_id) for r in rows if r.id),
    )


def _own(actor: Actor, view: str) -> ListPreference:
    key = (ListPreference.user_id == actor.user_id, ListPreference.view == view)
    row = db.session.scalar(select(ListPreference).where(*key))
    if row is None:
        row = ListPreference(user_id=actor.user_id, view=view)
        db.session.add(row)
    return row


@unit_of_work
def leave_list(actor: Actor, view: str, query: str) -> None:
    """Remember the filter a list is left with; a person's number is kept only sealed."""
    if actor.user_id is None or len(query) > QUERY_MAX:
        return
    with in_plain_words():
        _own(actor, view).query = "" if _NUMBER.search(without_sealed(query)) else query
        db.session.flush()


@unit_of_work
def choose_columns(actor: Actor, view: str, columns: list[str], page_size: int | None) -> None:
    """Remember which columns a list shows, in which order, and how many rows a page has."""
    if actor.user_id is None:
        return
    with in_plain_words():
        row = _own(actor, view)
        row.columns = json.dumps(columns) if columns else None
        row.page_size = page_size
        db.session.flush()


@unit_of_work
def save_view(actor: Actor, view: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep the present filter under a name, for oneself or for the own organisation."""
    name = " ".join(name.split())
    if not name or len(name) > 64:
        raise Invalid(errors={"name": [_l("Give the filter a name of at most 64 characters.")]})
    if len(query) > QUERY_MAX:
        raise Invalid(_l("This filter is too long to be saved."))
    if _NUMBER.search(query) or without_sealed(query) != query:
        raise Invalid(_l("A filter with a personal number cannot be saved."))
    own = SavedView.user_id == actor.user_id
    count = db.session.scalar(select(func.count(SavedView.id)).where(own, SavedView.view == view)) or 0
    if count >= SAVED_MAX:
        raise Invalid(_l("You have 20 saved filters here. Please remove one first."))
    row: Any = SavedView(
        user_id=actor.user_id,
        organisation_id=actor.organisation_id,
        view=view,
        name=name,
        query=query,
        shared=shared,
        sort=count,
    )
    with in_plain_words():
        db.session.add(row)
        db.session.flush()
    return row


@unit_of_work
def drop_view(actor: Actor, view: str, key: int) -> None:
    """Remove one of one's own saved filters."""
    row = db.session.scalar(
        select(SavedView).where(SavedView.id == key, SavedView.view == view, SavedView.user_id == actor.user_id)
    )
    if row is None:
        raise NotFound()
    db.session.delete(row)
