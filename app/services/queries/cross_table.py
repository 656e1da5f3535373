"""Cases by category, month and centre in one table; where few cases might tell of whom, the cell is hidden, and with it
as many others as keep it from being worked out from the sums beside it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.models.code_table import Category
from app.models.organisation import Level, Organisation
from app.services.queries.breakdown import Cell

Key = tuple[int | None, int | None, date | None]  # category, centre (0: the city's own), month; None: all of them
_category, _organisation = Category.__table__, Organisation.__table__


@dataclass(frozen=True, slots=True)
class CrossLine:
    """One line: a category with all centres, or with one of them; a number is None where it is hidden."""

    category: int | None
    centre: int | None
    label: str
    months: Sequence[int | None]
    total: int | None


@dataclass(frozen=True, slots=True)
class CrossTable:
    """The table: its months, its lines, the line of all."""

    months: list[date]
    lines: list[CrossLine]
    whole: CrossLine


def _with(key: Key, side: int, value: Any) -> Key:
    """The cell beside this one, along one side of the table; None: the sum of that row."""
    return (*key[:side], value, *key[side + 1 :])  # type: ignore[return-value]


def sums_of(cells: Iterable[Cell], resolved: bool = False) -> dict[Key, int]:
    """Every cell of the table and every sum beside it."""
    found: dict[Key, int] = defaultdict(int)
    for one in cells:
        found[one.category, one.owner or 0, one.month] += one.resolved if resolved else one.cases
    for side in range(3):  # each side's sums, also of the sums of the sides before it
        for key, number in list(found.items()):
            found[_with(key, side, None)] += number
    return {key: number for key, number in found.items() if number}


def veiled_cells(sums: dict[Key, int], least: int) -> set[Key]:
    """The cells below `least`, and those that would give them away: along each side of the table nothing is hidden, or
    so much that the sum beside it tells no number below `least`."""
    hidden = {key for key, number in sums.items() if 0 < number < least}
    values: list[list[Any]] = [sorted({key[side] for key in sums} - {None}) for side in range(3)]  # type: ignore[type-var]
    waiting = list(hidden)
    while waiting:
        key = waiting.pop()
        for side in range(3):
            whole = _with(key, side, None)
            row = [one for value in values[side] if (one := _with(key, side, value)) in sums]
            while _tells(sums, hidden, whole, row, least):
                more = min((one for one in row if one not in hidden), key=sums.__getitem__, default=whole)
                hidden.add(more)
                waiting.append(more)
    return hidden


def _tells(sums: dict[Key, int], hidden: set[Key], whole: Key, parts: Sequence[Key], least: int) -> bool:
    """Whether what is shown of a row lets a hidden number of it be worked out."""
    shut = [key for key in parts if key in hidden]
    if whole in hidden:
        return not shut
    return bool(shut) and (len(shut) < 2 or sum(sums[key] for key in shut) < least)


def _labels(city: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Categories and centres in their order."""
    connection = db.session.connection()
    categories = connection.execute(select(_category.c.id, _category.c.name).order_by(_category.c.code)).all()
    towns = connection.execute(
        select(_organisation.c.id, func.coalesce(_organisation.c.short_name, _organisation.c.name))
        .where(_organisation.c.level == Level.township)
        .order_by(_organisation.c.position, _organisation.c.id)
    ).all()
    return [(row[0], row[1]) for row in categories], [(0, city), *((row[0], row[1]) for row in towns)]


def cross_table(cells: Sequence[Cell], least: int, city: str, all_: str, resolved: bool = False) -> CrossTable:
    """The table of these cells: under each category the centres that had cases of it."""
    sums = sums_of(cells, resolved)
    hidden = veiled_cells(sums, least)
    months = sorted({month for _category_, _centre, month in sums if month is not None})

    def line(category: int | None, centre: int | None, label: str) -> CrossLine:
        keys = [(category, centre, month) for month in (*months, None)]
        numbers = [None if key in hidden else sums.get(key, 0) for key in keys]
        return CrossLine(category, centre, label, numbers[:-1], numbers[-1])

    categories, centres = _labels(city)
    lines: list[CrossLine] = []
    for category, name in categories:
        if (category, None, None) in sums:
            lines.append(line(category, None, name))
            lines += [line(category, key, label) for key, label in centres if (category, key, None) in sums]
    return CrossTable(months, lines, line(None, None, all_))
