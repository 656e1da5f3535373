"""How many legal service events a month has, held and planned, against what it needs at least (domain §6)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.models.organisation import Organisation
from app.models.outreach import OutreachEvent, OutreachState
from app.services import parameter
from app.services.queries.statistics import moment

WARN_FROM = 10  # day of the month
_event, _organisation = OutreachEvent.__table__, Organisation.__table__


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a city's events."""

    first: date
    held: int
    planned: int
    least: int
    over: bool  # the month has ended: what was planned and not written down does not count

    @property
    def lacking(self) -> int:
        """How many events are missing yet."""
        return max(0, self.least - self.held - (0 if self.over else self.planned))


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def _after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def month_of(first: date, path: str) -> Month:
    """The events of a month in the subtree of a city."""
    below = select(_organisation.c.id).where(_organisation.c.path.startswith(path, autoescape=True))
    counted = (
        select(_event.c.state, func.count())
        .where(
            _event.c.starts_at >= moment(first),
            _event.c.starts_at < moment(_after(first)),
            _event.c.organisation_id.in_(below),
        )
        .group_by(_event.c.state)
    )
    found: dict[Any, int] = {row[0]: row[1] for row in db.session.connection().execute(counted)}
    over = _after(first) <= clock.today()
    held, planned = found.get(OutreachState.held, 0), found.get(OutreachState.planned, 0)
    return Month(first, held, planned, parameter.number("outreach_least"), over)


def lacking(path: str) -> list[Month]:
    """The month before and the present one, as far as events are missing."""
    this = clock.today().replace(day=1)
    return [one for one in (month_of(month_before(this), path), month_of(this, path)) if one.lacking]


def warned(path: str) -> list[Month]:
    """Those of them worth a warning now: the present month from its tenth day on, the month before until then."""
    late = clock.today().day >= WARN_FROM
    return [one for one in lacking(path) if one.over != late]


def city_path(path: str) -> str:
    """The path of the city above (or at) an organisation: events are counted for the whole of it."""
    return f"/{path.strip('/').split('/')[0]}/" if path.strip("/") else "/"
