"""What a drop-down may offer: scoped look-ups shared by forms, filters and the search-as-you-type endpoints."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from app.access.actor import system_scope
from app.core.columns import Kind, display_of, key_of, mapper_of, searched_of, spec_of
from app.core.db import db
from app.models.code_table import CodeItem, CodeTable
from app.models.organisation import Level, Organisation

INLINE = 50
FOUND = 20
KEY_MAX = 2**63 - 1

Narrow = Callable[[Select[Any]], Select[Any]]


def at_levels(*levels: Level) -> Narrow:
    """Organisations of these levels, in the order of the tree."""
    return lambda statement: statement.where(Organisation.level.in_(levels))


def codes_of(table: str) -> Narrow:
    """The codes of one code table."""
    return lambda statement: statement.where(CodeItem.table.has(CodeTable.code == table))


def parse_key(text: Any) -> int | None:
    """A primary key as it stands in an address or a form, or None for anything else."""
    if isinstance(text, bool) or not isinstance(text, str | int):
        return None
    digits = str(text).strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        return None
    return int(digits) if int(digits) <= KEY_MAX else None


def label_of(record: Any) -> str:
    """How a record is called in a drop-down: its `choice_label`, its display column, or its text."""
    said = getattr(record, "choice_label", None)
    if said is not None:
        return str(said)
    display = display_of(type(record))
    return str(getattr(record, display) if display else record)


@dataclass(frozen=True, slots=True)
class Chooser:
    """The rows one relation may be set to; `narrow` limits them further than the row scope does."""

    target: Any
    narrow: Narrow | None = None

    def key_of(self, record: Any) -> int:
        """The primary key of a record of the target."""
        return int(getattr(record, key_of(self.target)))

    def search(self, text: str, limit: int = FOUND) -> list[tuple[int, str]]:
        """The first rows whose name or code contains every word of the text."""
        statement = self._offered()
        columns = [getattr(self.target, name) for name in searched_of(self.target)]
        for word in text.replace("\x00", "").split()[:5]:
            statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        return self._labelled(statement.limit(limit))

    def few(self, limit: int = INLINE) -> list[tuple[int, str]] | None:
        """All rows if there are few enough to be listed in the page, else None."""
        rows = self._labelled(self._offered().limit(limit + 1))
        return rows if len(rows) <= limit else None

    def rows(self) -> list[Any]:
        """Every record that may be chosen, for those who read a whole table of names."""
        return list(db.session.scalars(self._offered()))

    def find(self, keys: Iterable[int]) -> dict[int, Any]:
        """The records of these keys, as far as they may be chosen."""
        wanted = set(keys)
        if not wanted:
            return {}
        key = getattr(self.target, key_of(self.target))
        return {self.key_of(row): row for row in db.session.scalars(self._offered().where(key.in_(wanted)))}

    def by(self, column: Any, text: str) -> int | None:
        """The key of the one row that has this text in a column (its code or number), as far as it may be chosen."""
        if not text.isprintable():  # no code holds half a character, and no database takes one
            return None
        rows = db.session.scalars(self._offered().where(column == text).limit(2)).all()
        return self.key_of(rows[0]) if len(rows) == 1 else None

    def labels(self, keys: Iterable[int]) -> list[tuple[int, str]]:
        """Key and name of rows already chosen, for showing them."""
        key = getattr(self.target, key_of(self.target))
        return self._labelled(select(self.target).where(key.in_(set(keys))))

    def _offered(self) -> Select[Any]:
        statement: Select[Any] = select(self.target)
        if "active" in mapper_of(self.target).column_attrs and spec_of(self.target, "active").kind is Kind.flag:
            statement = statement.where(self.target.active.is_(True))
        return self.narrow(statement) if self.narrow else statement

    def _labelled(self, statement: Select[Any]) -> list[tuple[int, str]]:
        key, display = getattr(self.target, key_of(self.target)), display_of(self.target)
        if hasattr(self.target, "choice_label") or display is None:
            records = db.session.scalars(statement.order_by(key)).all()
            return [(getattr(record, key_of(self.target)), label_of(record)) for record in records]
        name = getattr(self.target, display)
        order = [self.target.sort] if "sort" in mapper_of(self.target).column_attrs else []
        found = db.session.execute(statement.with_only_columns(key, name).order_by(*order, name, key))
        return [(row[0], str(row[1])) for row in found]


FOR_WHOM = "choosing what is offered beyond the own rows"


class Beyond(Chooser):
    """A chooser whose own narrowing says all: organisations that may receive a case, people who may take part."""

    def search(self, text: str, limit: int = FOUND) -> list[tuple[int, str]]:
        """The first whose name or code contains every word."""
        with system_scope(FOR_WHOM):
            return super().search(text, limit)

    def few(self, limit: int = INLINE) -> list[tuple[int, str]] | None:
        """All of them, if they are few."""
        with system_scope(FOR_WHOM):
            return super().few(limit)

    def find(self, keys: Iterable[int]) -> dict[int, Any]:
        """Those of these keys that may be chosen."""
        with system_scope(FOR_WHOM):
            return super().find(keys)

    def by(self, column: Any, text: str) -> int | None:
        """The one of this code or name."""
        with system_scope(FOR_WHOM):
            return super().by(column, text)

    def labels(self, keys: Iterable[int]) -> list[tuple[int, str]]:
        """Names of those chosen before."""
        with system_scope(FOR_WHOM):
            return super().labels(keys)
