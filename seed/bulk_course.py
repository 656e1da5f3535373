"""The course and the clocks of generated cases: they follow from the way of a case, so the database writes them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    Interval,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)

from app.models.case import Case
from app.models.deadline import Deadline
from app.models.organisation import Organisation
from app.models.referral import Referral
from app.models.step import CaseStep
from app.services.deadline import OBJECT
from seed.bulk_ways import PATHS
from seed.bulk_writer import write_rows

LOCAL = timedelta(hours=8)  # the centres' time
_case, _step, _deadline = Case.__table__, CaseStep.__table__, Deadline.__table__
_organisation, _referral = Organisation.__table__, Referral.__table__


def _beside(name: str, *columns: Column[Any]) -> Table:
    """A table of this connection alone; it goes with the transaction, or with `Course.close`."""
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], sqlite_with_rowid=False)


def _way() -> list[Column[Any]]:
    return [Column(name, kind, primary_key=True) for name, kind in (("state", String), ("version", Integer))]


_stride = _beside(
    "bulk_stride", *_way(), Column("nth", Integer, primary_key=True), Column("step", String), Column("before", String),
    Column("arrived", String), Column("after", String), Column("actor", String), Column("post", String),
    Column("data", _step.c.data.type),
)  # fmt: skip
_clock = _beside(
    "bulk_clock", *_way(), Column("nth", Integer, primary_key=True), Column("code", String), Column("rule_id", Integer),
    Column("starts", String), Column("met", String), Column("otherwise", String),
)  # fmt: skip
_due = _beside(
    "bulk_due", Column("code", String, primary_key=True), Column("starts_on", Date, primary_key=True),
    Column("due_on", Date), Column("provisional", _deadline.c.provisional.type), Column("why", _deadline.c.why.type),
)  # fmt: skip
TABLES = (_stride, _clock, _due)


def _hours(span: timedelta | None) -> str | None:
    return None if span is None else f"{span // timedelta(hours=1)} hours"


class Course:
    """Writes them batch by batch; `rules` are code → id, length, unit."""

    def __init__(self, connection: Connection, rules: Mapping[str, tuple[int, int, str]]) -> None:
        self.connection, self.postgres = connection, connection.dialect.name == "postgresql"
        for table in TABLES:
            table.create(connection)
        ways = [(path.state, len(path.strides), path) for path in PATHS.values()]
        self._fill(_stride, [
            (state, size, nth, one.step, one.before, one.to, _hours(one.after), one.actor, one.post, one.data)
            for state, size, path in ways for nth, one in enumerate(path.strides, 1)
        ])  # fmt: skip
        self._fill(_clock, [
            (state, size, nth, one.code, rules[one.code][0], _hours(LOCAL + one.start),
             None if one.met is None else _hours(LOCAL + one.met), one.otherwise)
            for state, size, path in ways for nth, one in enumerate(path.clocks, 1)
        ])  # fmt: skip
        self._statements = (self._steps(), self._clocks())

    def _fill(self, table: Table, lines: Sequence[tuple[Any, ...]]) -> None:
        write_rows(self.connection, table.name, table.c.keys(), lines)

    def _moment(self, after: Any) -> Any:
        """The moment so long after registration."""
        if self.postgres:
            return _case.c.registered_at + cast(after, Interval)
        return func.datetime(_case.c.registered_at, after) + ".000000"

    def _day(self, after: Any) -> Any:
        """The day so long after registration; the eight hours of local time are in `after`."""
        if self.postgres:
            return cast(func.timezone("UTC", _case.c.registered_at) + cast(after, Interval), Date)
        return func.date(_case.c.registered_at, after)

    def _insert(self, table: Any, values: Mapping[str, Any], beside: Table, *joins: tuple[Any, Any]) -> Any:
        """For each case of a batch its lines of the table `beside`, in their order."""
        same = and_(beside.c.state == _case.c.state, beside.c.version == _case.c.version)
        source = _case.join(beside, same)
        for other, on in joins:
            source = source.join(other, on)
        between = _case.c.id.between(bindparam("first"), bindparam("last"))
        found = select(*values.values()).select_from(source).where(between).order_by(_case.c.id, beside.c.nth)
        return insert(table).from_select(list(values), found, include_defaults=False)

    def _steps(self) -> Any:
        return self._insert(_step, {
            "case_id": _case.c.id, "seq": _stride.c.nth, "round": literal(1), "step": _stride.c.step,
            "from_state": _stride.c.before, "to_state": _stride.c.arrived, "at": self._moment(_stride.c.after),
            "actor_name": _stride.c.actor, "actor_post": _stride.c.post, "organisation_name": _organisation.c.name,
            "data": _stride.c.data,
        }, _stride, (_organisation, _organisation.c.id == _case.c.organisation_id))  # fmt: skip

    def _clocks(self) -> Any:
        met_on, at = self._day(_clock.c.met), _case.c.registered_at
        due = and_(_due.c.code == _clock.c.code, _due.c.starts_on == self._day(_clock.c.starts))
        state = case((_clock.c.met.is_(None), _clock.c.otherwise), (met_on <= _due.c.due_on, "met"), else_="late")
        referral = select(_referral.c.id).where(_referral.c.case_id == _case.c.id).scalar_subquery()
        return self._insert(_deadline, {
            "case_id": _case.c.id, "rule_id": _clock.c.rule_id, "code": _clock.c.code, "round": literal(1),
            "referral_id": case((_clock.c.code == OBJECT, referral)), "starts_on": _due.c.starts_on,
            "due_on": _due.c.due_on, "provisional": _due.c.provisional, "state": state, "met_on": met_on,
            "why": _due.c.why, "created_at": at, "changed_at": at, "version": literal(1),
        }, _clock, (_due, due))  # fmt: skip

    def write(self, first: int, last: int, dues: Sequence[tuple[Any, ...]]) -> None:
        """Course and clocks of the cases `first` to `last`; `dues` are due days that were not named before."""
        self._fill(_due, dues)
        for statement in self._statements:
            self.connection.execute(statement, {"first": first, "last": last})

    def close(self) -> None:
        """Leave nothing beside the database."""
        for table in TABLES:
            table.drop(self.connection)
