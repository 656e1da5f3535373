"""The list behind every generated screen: one select of what is shown, a capped count, next pages by key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true
from sqlalchemy.orm import aliased, defer, selectinload

from app.access.actor import actor_or_none, in_system_scope
from app.access.guard import names_only
from app.access.scope import OPEN_AS_RELATION, RULES, criteria
from app.core.columns import Kind, display_of, key_of, mapper_of, spec_of, specs_of
from app.core.db import db
from app.views.fields import Shown

COUNT_CAP = 1000
SIZES = (25, 50, 100)
PAGE_MAX = 10**7


def scoped(model: type) -> ColumnElement[bool]:
    """The row scope of a model said outright, for selects inside a count or an EXISTS."""
    actor = actor_or_none()
    if in_system_scope() or model not in RULES or actor is None:
        return true()
    return criteria(model, actor)


def count_rows(statement: Select[Any], model: type) -> Any:
    """Carry out counts by `Listing.counted`: they say the row scope of their model themselves, so unless they name
    another guarded one they need no second guard."""
    door = db.session.connection() if names_only(statement, model) else db.session
    return door.execute(statement)


class Source:
    """What a list selects for its cells, compiled once per choice of columns."""

    def __init__(self, model: type, shown: Sequence[Shown], eager: Sequence[Any] = ()) -> None:
        self.model, self.key = model, getattr(model, key_of(model))
        self._columns: list[Any] = [self.key]
        self._joins: list[tuple[Any, Any]] = []
        self._aliases: dict[tuple[str, ...], Any] = {}
        self._record: int | None = None
        self._options: list[Any] = list(eager)
        self.places = [self._places(item) for item in shown]
        self.statement = select(*self._columns).select_from(model)
        for alias, on in self._joins:
            self.statement = self.statement.outerjoin(alias, on)
        if self._record is not None:
            wide = [s.name for s in specs_of(model) if s.kind in (Kind.long, Kind.json)]
            lazy = [defer(getattr(model, name)) for name in wide if name not in {s.key for s in shown}]
            self.statement = self.statement.options(*lazy, *self._options)

    def _places(self, item: Shown) -> list[int]:
        if item.computed is not None:
            return [self._place(need) for need in item.computed.needs]
        if item.needs_record:
            if item.spec is not None and item.spec.kind is Kind.many and not item.spec.path:
                self._options.append(selectinload(item.spec.attribute))
            return [self._whole()]
        return [self._place(item.key)]

    def _whole(self) -> int:
        if self._record is None:
            self._columns.append(self.model)
            self._record = len(self._columns) - 1
        return self._record

    def _place(self, name: str) -> int:
        self._columns.append(self.column(name))
        return len(self._columns) - 1

    def column(self, name: str) -> Any:
        """The expression of a column, of a relation's display column, or of a path through relations."""
        spec = spec_of(self.model, name)
        if spec.kind is Kind.one:
            display = display_of(spec.target or object)
            path = tuple(name.split("."))
            return getattr(self._alias(path), display or key_of(spec.target or object))
        if spec.path:
            return getattr(self._alias(spec.path), name.rsplit(".", 1)[1])
        return spec.attribute

    def _alias(self, path: tuple[str, ...]) -> Any:
        """The joined table of a relation: public names open, everything else within the row scope."""
        if path in self._aliases:
            return self._aliases[path]
        left = self._alias(path[:-1]) if len(path) > 1 else self.model
        owner = spec_of(self.model, ".".join(path[:-1])).target if len(path) > 1 else self.model
        relation = mapper_of(owner or self.model).relationships[path[-1]]
        target = relation.mapper.class_
        name, table = "_".join(path), None
        if target in OPEN_AS_RELATION:
            table = relation.mapper.local_table.alias(name)
        elif name != target.__tablename__:
            # A rule names the columns of its table and is not turned to an alias of another name: let it stand inside.
            table = select(*relation.mapper.column_attrs).subquery(name)
        alias: Any = aliased(target, name=name) if table is None else _Plain(table, relation.mapper)
        pairs = [
            getattr(left, mapper_of(owner or self.model).get_property_by_column(near).key)
            == getattr(alias, relation.mapper.get_property_by_column(far).key)
            for near, far in relation.local_remote_pairs
        ]
        self._joins.append((alias if table is None else table, and_(*pairs)))
        self._aliases[path] = alias
        return alias


class _Plain:
    """The attributes of a mapped class, taken from a plain alias of its table (so outside the row scope)."""

    def __init__(self, table: Any, mapper: Any) -> None:
        self._table, self._mapper = table, mapper

    def __getattr__(self, name: str) -> Any:
        return self._table.c[self._mapper.columns[name].name]


@dataclass(slots=True)
class Asked:
    """What the address asks of a list, already checked."""

    clauses: list[Any] = field(default_factory=list)
    order: str | None = None
    descending: bool = False
    page: int = 1
    size: int = SIZES[0]
    after: int | None = None
    before: int | None = None


@dataclass(slots=True)
class Result:
    """One page of a list."""

    rows: list[Any]
    page: int
    size: int
    more: bool
    total: int | None = None
    capped: bool = False
    keyset: bool = False

    @property
    def first(self) -> int | None:
        """The key of the first row."""
        return self.rows[0][0] if self.rows else None

    @property
    def last(self) -> int | None:
        """The key of the last row."""
        return self.rows[-1][0] if self.rows else None

    @property
    def pages(self) -> int | None:
        """How many pages there are, if the count is exact."""
        return None if self.total is None or self.capped else max(1, -(-self.total // self.size))


Narrow = Callable[[Select[Any]], Select[Any]]


@dataclass(frozen=True, slots=True)
class Newest:
    """What is known of a result whose narrowing, executed with `newest`, looks through so many of its newest rows only.

    `reach`: how many; `holds`: whether a page of those that ends with this key is the first page of the whole; `many`:
    the whole surely has more rows than are counted."""

    reach: int
    holds: Callable[[int], bool]
    many: bool


class Listing:
    """Runs one list: narrowing, order, page, count."""

    def __init__(
        self, source: Source, asked: Asked, narrow: Narrow | None = None, newest: Newest | None = None
    ) -> None:
        self.source, self.asked, self.narrow, self.newest = source, asked, narrow, newest
        self.model, self.key = source.model, source.key
        spec = spec_of(self.model, asked.order) if asked.order else None
        self.column: Any = source.column(asked.order) if asked.order else self.key
        self.keyset = asked.order is None or (
            spec is not None
            and not spec.path
            and spec.kind is not Kind.one
            and not mapper_of(self.model).columns[asked.order].nullable
        )
        self.joined = spec is not None and (bool(spec.path) or spec.kind is Kind.one)

    def _filtered(self, statement: Select[Any]) -> Select[Any]:
        statement = statement.where(*self.asked.clauses)
        return self.narrow(statement) if self.narrow else statement

    def _ordered(self, statement: Select[Any], backwards: bool = False) -> Select[Any]:
        down = self.asked.descending != backwards
        by = [self.column] if self.column is self.key else [self.column, self.key]
        return statement.order_by(*(c.desc() if down else c.asc() for c in by))

    def ids(self) -> Select[Any]:
        """The keys of the whole result, in order."""
        statement = select(self.key)
        if self.joined:
            statement = self.source.statement.with_only_columns(self.key)
        return self._ordered(self._filtered(statement))

    def rows(self) -> Select[Any]:
        """All rows of the result, in order (for exports)."""
        return self._ordered(self._filtered(self.source.statement))

    def _beyond(self, mark: int, backwards: bool) -> Any:
        """Rows after (before) the row of key `mark`; the place is looked up, so the address holds no content."""
        down = self.asked.descending != backwards
        past = self.key < mark if down else self.key > mark
        if self.column is self.key:
            return past
        place = db.session.execute(select(self.column).where(self.key == mark)).first()
        if place is None:
            return None
        beyond = self.column < place[0] if down else self.column > place[0]
        upto = self.column <= place[0] if down else self.column >= place[0]
        return and_(upto, or_(beyond, past))

    def page(self) -> Result:
        """The rows of the page asked for."""
        asked, size = self.asked, self.asked.size
        mark, backwards = (asked.before, True) if asked.before is not None else (asked.after, False)
        clause = self._beyond(mark, backwards) if mark is not None and self.keyset and asked.page > 1 else None
        if clause is not None:
            found = self._ordered(self._filtered(self.source.statement.where(clause)), backwards).limit(size + 1)
            rows = list(db.session.execute(found).all())
            more = len(rows) > size or backwards
            rows = rows[:size][::-1] if backwards else rows[:size]
        elif asked.page > 1:
            ids = self.ids().limit(size + 1).offset((asked.page - 1) * size).subquery()
            inner = self._ordered(self.source.statement.where(self.key.in_(select(ids.c[0]))))
            rows = list(db.session.execute(inner).all())
            more, rows = len(rows) > size, rows[:size]
        else:
            rows = self._first(size + 1)
            more, rows = len(rows) > size, rows[:size]
        result = Result(rows, asked.page, size, more, keyset=self.keyset)
        self._count(result)
        return result

    def _first(self, wanted: int) -> list[Any]:
        statement = self.source.statement
        if self.newest is not None:
            quick = self._filtered(statement.execution_options(newest=self.newest.reach))
            rows = list(db.session.execute(self._ordered(quick).limit(wanted)).all())
            if len(rows) == wanted and self.newest.holds(rows[-1][0]):
                return rows
        return list(db.session.execute(self._ordered(self._filtered(statement)).limit(wanted)).all())

    def slice(self) -> list[Any]:
        """The rows of one page by its number alone, without a count."""
        asked = self.asked
        if asked.page > 1:
            ids = self.ids().limit(asked.size).offset((asked.page - 1) * asked.size).subquery()
            statement = self._ordered(self.source.statement.where(self.key.in_(select(ids.c[0]))))
        else:
            statement = self._ordered(self._filtered(self.source.statement)).limit(asked.size)
        return list(db.session.execute(statement).all())

    def counted(self, cap: int) -> Any:
        """A scalar select: how many rows, up to `cap` + 1."""
        ones = select(literal(1).label("one")).select_from(self.model).where(scoped(self.model))
        inner = self._filtered(ones.execution_options(counting=True))  # a search may then go another way
        return select(func.count()).select_from(inner.limit(cap + 1).subquery()).scalar_subquery()

    def _count(self, result: Result) -> None:
        if result.page == 1 and not result.more:
            result.total = len(result.rows)
            return
        if self.newest is not None and self.newest.many:
            result.total, result.capped = COUNT_CAP, True
            return
        total = int(count_rows(select(self.counted(COUNT_CAP)), self.model).scalar_one())
        result.total, result.capped = min(total, COUNT_CAP), total > COUNT_CAP
