"""What the report page draws beside the indicators: days to close, open load, today's receptions, the towns' map."""

from dataclasses import dataclass

from sqlalchemy import case, func, select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.organisation import Organisation
from app.models.roster import DutyKind, Shift
from app.services import parameter
from app.services.parameter_rules import LARGEST
from app.services.queries.breakdown import Line, added
from app.services.queries.indicators import BY_CODE, OPEN, RECEPTIONS
from app.services.queries.statistics import OWN, Asked, days_taken, months_of, nearest_rank, rows_of

_case, _organisation, _shift = Case.__table__, Organisation.__table__, Shift.__table__


@dataclass(frozen=True)
class Days:
    """How long the matters closed in a month took; `cases` of them."""

    key: str
    label: str
    cases: int
    median: float | None
    most: float | None
    hidden: bool = False


@dataclass(frozen=True)
class Today:
    """Leaders on duty today, and the matters received."""

    on_duty: int
    received: int


def days_by_month(actor: Actor, asked: Asked) -> list[Days]:
    """The median and the nine-in-ten days of every month of closing, by nearest rank."""
    months = months_of(asked)
    return [
        Days(
            f"{one.since:%Y-%m}", f"{one.since:%Y-%m}", taken.total(), nearest_rank(taken, 50), nearest_rank(taken, 90)
        )
        for one, taken in zip(months, days_taken(actor, months), strict=True)
        if taken
    ]


def load(actor: Actor, asked: Asked) -> list[Line]:
    """Open matters of each lead organisation, and those past their day; the most laden first."""
    late = func.coalesce(func.sum(case((BY_CODE["overdue"].part, 1), else_=0)), 0)  # type: ignore[arg-type]
    keys = (OPEN.walk, _case.c.lead_organisation_id)
    counted = rows_of(OPEN, actor, asked, *keys, func.count().label("cases"), late.label("late")).group_by(*keys)
    connection = db.session.connection()
    found = connection.execute(counted, {"today": clock.today()}).all()
    sums = added((row.lead_organisation_id, row.cases, row.late) for row in found if row.lead_organisation_id)
    wanted = select(_organisation.c.id, _organisation.c.name).where(_organisation.c.id.in_(sorted(sums)))
    names = {row[0]: row[1] for row in connection.execute(wanted)}
    return [Line(str(key), names[key], *sums[key]) for key in sorted(sums, key=lambda key: (-sums[key][0], key))]


def today(actor: Actor) -> Today:
    """The receptions of this day in the actor's subtree."""
    day = clock.today()
    path = actor.organisation_path if not actor.system else "/"
    below = select(_organisation.c.id).where(_organisation.c.path.startswith(path, autoescape=True))
    duty = select(func.count(_shift.c.account_id.distinct())).where(
        _shift.c.published, _shift.c.kind == DutyKind.leader, _shift.c.on == day, _shift.c.organisation_id.in_(below)
    )
    received = rows_of(RECEPTIONS, actor, Asked(day, day), func.count())
    connection = db.session.connection()
    return Today(int(connection.execute(duty).scalar_one()), int(connection.execute(received).scalar_one()))


def town_places() -> dict[str, tuple[int, int]]:
    """Where the parameter `town_map` puts each town: key → row and column; the city's own centre has its key."""
    rows = str(parameter.value("town_map")).split("/")[:LARGEST]
    said = {
        code: (nth, place)
        for nth, row in enumerate(rows, 1)
        for place, code in enumerate(row.split()[:LARGEST], 1)
        if code != "."
    }
    found = db.session.connection().execute(
        select(_organisation.c.id, _organisation.c.code, _organisation.c.parent_id).where(
            _organisation.c.code.in_(sorted(said))
        )
    )
    return {OWN if row[2] is None else str(row[0]): said[row[1]] for row in found}
