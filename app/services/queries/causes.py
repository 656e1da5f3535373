"""Causes that come back: the same category at the same place within the days set by the house, against the days before.

About places and matters only. The count walks ix_case_cause; one cause over time walks ix_case_category_registered."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, select

from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.code_table import Category
from app.models.organisation import Organisation
from app.models.proposal import Proposal, ProposalState
from app.services import parameter

MOST = 50
MONTHS = 24
_org, _category = Organisation.__table__, Category.__table__


@dataclass(slots=True)
class Cause:
    """One category at one place: how often in these days, how often in as many days before, what was proposed."""

    category_id: int
    category: str
    place_id: int | None
    place: str
    now: int
    before: int
    proposals: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """Matters of one month, and the proposals that were sent in it."""

    first: date
    cases: int
    proposals: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What came in before a proposal and after it, over the same number of days."""

    proposal: Any
    days: int
    before: int
    after: int


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.LOCAL)


def causes(today: date) -> list[Cause]:
    """The causes that came up often enough, the most frequent first; a town stands for what names no village."""
    days, least = parameter.number("cluster_days"), parameter.number("cluster_least")
    since, before = _start(today - timedelta(days=days - 1)), _start(today - timedelta(days=2 * days - 1))
    recent = func.sum(case((Case.registered_at >= since, 1), else_=0))
    keys = (Case.category_id, Case.town_id, Case.village_id)
    statement = (
        select(*keys, recent.label("now"), func.count().label("all"))
        .where(Case.registered_at >= before)
        .group_by(*keys)
        .having(recent >= least)
        .order_by(recent.desc(), *keys)
        .limit(MOST)
    )
    rows = db.session.execute(statement).all()
    names = _names({row.town_id for row in rows} | {row.village_id for row in rows})
    called = {row.id: row.name for row in db.session.execute(select(_category.c.id, _category.c.name))}
    sent = _proposals()
    return [
        Cause(
            row.category_id,
            called.get(row.category_id, ""),
            row.village_id or row.town_id,
            " ".join(names[key] for key in (row.town_id, row.village_id) if key in names),
            row.now,
            row.all - row.now,
            sent[row.category_id, row.village_id or row.town_id],
        )
        for row in rows
    ]


def _names(keys: set[int | None]) -> dict[int, str]:
    wanted = sorted(key for key in keys if key is not None)
    found = select(_org.c.id, _org.c.name).where(_org.c.id.in_(wanted))
    return {row.id: row.name for row in db.session.connection().execute(found)}


def _proposals() -> Counter[tuple[int | None, int | None]]:
    """How many proposals there are about each cause."""
    counted = select(Proposal.category_id, Proposal.place_id, func.count()).where(
        Proposal.category_id.is_not(None), Proposal.state != ProposalState.withdrawn
    )
    rows = db.session.execute(counted.group_by(Proposal.category_id, Proposal.place_id))
    return Counter({(row[0], row[1]): row[2] for row in rows})


def _at(place_id: int | None) -> Any:
    """The matters of a place: of a village, or those of a town that name no village; None: of no place at all."""
    if place_id is None:
        return Case.town_id.is_(None) & Case.village_id.is_(None)
    return (Case.village_id == place_id) | ((Case.town_id == place_id) & Case.village_id.is_(None))


def intake(category_id: int, place_id: int | None, since: date, until: date) -> int:
    """How many matters of a cause came in from one day until before another."""
    counted = select(func.count(Case.id)).where(
        Case.category_id == category_id,
        Case.registered_at >= _start(since),
        Case.registered_at < _start(until),
        _at(place_id),
    )
    return db.session.scalar(counted) or 0


def proposals_on(category_id: int, place_id: int | None) -> list[Proposal]:
    """The proposals about a cause, the newest first."""
    mine = select(Proposal).where(Proposal.category_id == category_id, Proposal.place_id == place_id)
    return list(db.session.scalars(mine.order_by(Proposal.sent_on.desc(), Proposal.id.desc()).limit(MOST)))


def months(category_id: int, place_id: int | None, today: date) -> list[Month]:
    """A cause over the last two years, month by month."""
    first = [today.replace(day=1)]
    while len(first) < MONTHS:
        first.append((first[-1] - timedelta(days=1)).replace(day=1))
    first.reverse()
    moments = select(Case.registered_at).where(
        Case.category_id == category_id, Case.registered_at >= _start(first[0]), _at(place_id)
    )
    cases = Counter(clock.local(at).date().replace(day=1) for at in db.session.scalars(moments))
    sent = Counter(row.sent_on.replace(day=1) for row in proposals_on(category_id, place_id))
    return [Month(one, cases[one], sent[one]) for one in first]


def effects(category_id: int, place_id: int | None, today: date) -> list[Effect]:
    """For each proposal about a cause: what came in before it and after it, over as many days as have passed."""
    most, found = parameter.number("cluster_days"), []
    for row in proposals_on(category_id, place_id):
        turn = row.answered_on or row.sent_on
        days = min((today - turn).days + 1, most)
        before = intake(category_id, place_id, turn - timedelta(days=days), turn)
        after = intake(category_id, place_id, turn, turn + timedelta(days=days))
        found.append(Effect(row, days, before, after))
    return found


def latest(category_id: int, place_id: int | None, most: int = 20) -> list[Any]:
    """The newest matters of a cause."""
    statement = select(Case.id, Case.number, Case.title, Case.state, Case.registered_at).where(
        Case.category_id == category_id, _at(place_id)
    )
    return list(db.session.execute(statement.order_by(Case.registered_at.desc(), Case.id.desc()).limit(most)))
