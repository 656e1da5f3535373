"""The supervision desk: the open cases of the own subtree by their light, whose move it is, what runs on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select, func, select

from app.core.db import db
from app.core.labels import LabelledEnum
from app.core.light import SOON_DAYS
from app.models.case import Case, CaseState
from app.models.code_table import Category
from app.models.organisation import Organisation
from app.models.step import CaseStep
from app.models.supervision import RUNNING, Supervision, SupervisionState
from app.services.queries.home import ENDED, NEXT_MOVES
from app.workflow.case_flow import CASE_FLOW

MOST = 999  # a counter beyond it shows 999+
SIZE = 20
STANDING_STILL = (CaseState.suspended, CaseState.withdrawal_proposed)  # only a suspension pauses a day
_town, _village = Organisation.__table__.alias("desk_town"), Organisation.__table__.alias("desk_village")
_lead, _centre = Organisation.__table__.alias("desk_lead"), Organisation.__table__.alias("desk_centre")
_category = Category.__table__.alias("desk_category")


class Lamp(LabelledEnum):
    """The lights of domain §5."""

    late = "late", _l("Overdue"), "late"
    soon = "soon", _l("Due within 3 days"), "soon"
    ok = "ok", _lp("light", "In time"), "ok"
    hold = "hold", _l("Paused"), "hold"


@dataclass(slots=True)
class Line:
    """One case on the desk."""

    row: Any
    move: Any
    office: str
    urged_at: datetime | None = None
    orders: list[Any] = field(default_factory=list)


def _lit(statement: Select[Any], lamp: Lamp, today: date) -> Select[Any]:
    """The open cases under a light. States are excluded, not listed, so that the index of the days is walked."""
    if lamp is Lamp.hold:
        return statement.where(Case.state.in_(STANDING_STILL), Case.paused.is_(True))
    running, soon = statement.where(Case.state.not_in(ENDED), Case.paused.is_(False)), today + timedelta(days=SOON_DAYS)
    if lamp is Lamp.late:
        return running.where(Case.due_on < today)
    return running.where(Case.due_on.between(today, soon)) if lamp is Lamp.soon else running.where(Case.due_on > soon)


def counts(today: date) -> dict[Lamp, int]:
    """How many cases are under each light, each at most MOST + 1; in one statement."""
    parts = [_lit(select(Case.id), lamp, today).limit(MOST + 1).subquery() for lamp in Lamp]
    found = db.session.execute(select(*(select(func.count()).select_from(p).scalar_subquery() for p in parts))).one()
    return dict(zip(Lamp, found, strict=True))


def order_counts(today: date) -> dict[str, int]:
    """How many orders wait to be looked at, for their answer, for their answer past its day, and for a supervisor."""
    waits = select(Supervision.id)
    asked = {
        "raised": waits.where(Supervision.state == SupervisionState.raised),
        "unanswered": waits.where(Supervision.state == SupervisionState.ordered),
        "late": waits.where(Supervision.state == SupervisionState.ordered, Supervision.due_on < today),
        "answered": waits.where(Supervision.state == SupervisionState.answered),
    }
    parts = [one.limit(MOST + 1).subquery() for one in asked.values()]
    found = db.session.execute(select(*(select(func.count()).select_from(p).scalar_subquery() for p in parts))).one()
    return dict(zip(asked, found, strict=True))


def lines(lamp: Lamp, today: date, page: int = 0, size: int = SIZE) -> list[Line]:
    """A page of the cases under a light and one more, if there is one; the oldest day first."""
    statement = (
        _lit(
            select(
                *(Case.id, Case.number, Case.title, Case.state, Case.due_on, Case.paused, Case.due_provisional),
                _town.c.name.label("town"),
                _village.c.name.label("village"),
                _category.c.name.label("category"),
                func.coalesce(_lead.c.name, _centre.c.name).label("office"),
            ),
            lamp,
            today,
        )
        .outerjoin(_town, _town.c.id == Case.town_id)
        .outerjoin(_village, _village.c.id == Case.village_id)
        .outerjoin(_lead, _lead.c.id == Case.lead_organisation_id)
        .join(_centre, _centre.c.id == Case.organisation_id)
        .join(_category, _category.c.id == Case.category_id)
        .order_by(Case.due_on, Case.id)
        .offset(page * size)
        .limit(size + 1)
    )
    rows = db.session.execute(statement).all()
    found = [Line(row, move_of(row.state), row.office) for row in rows]
    _complete({line.row.id: line for line in found})
    return found


def move_of(state: CaseState) -> Any:
    """The step that drives a case on from its state."""
    move = next(iter(NEXT_MOVES.get(state, ())), None)
    row = CASE_FLOW.row(move) if move else None
    return row.label if row is not None else ""


def _complete(found: Mapping[int, Line]) -> None:
    """When each was urged last, and the orders that run."""
    if not found:
        return
    for key, at in last_urged(found):
        found[key].urged_at = at
    running = select(Supervision.id, Supervision.case_id, Supervision.number, Supervision.state, Supervision.due_on)
    for row in db.session.execute(
        running.where(Supervision.case_id.in_(found), Supervision.state.in_(RUNNING)).order_by(Supervision.id)
    ):
        found[row.case_id].orders.append(row)


def last_urged(cases: Iterable[int]) -> list[tuple[int, datetime]]:
    """When these cases were urged last."""
    statement = select(CaseStep.case_id, func.max(CaseStep.at)).where(
        CaseStep.case_id.in_(list(cases)), CaseStep.step == "urge"
    )
    return [(row[0], row[1]) for row in db.session.execute(statement.group_by(CaseStep.case_id))]
