"""What supervision adds to the lists of one's own work: letters to answer, answers to judge, what the rules raised."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ColumnElement, Select, func, or_, select, true

from app.models.case import Case
from app.models.organisation import Organisation
from app.models.supervision import Supervision
from app.models.supervision import SupervisionState as S
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_done import done
from app.workflow.supervision_flow import SUPERVISION_FLOW

# What drives an order on from each state.
MOVES: dict[S, str] = {S.raised: "issue_letter", S.ordered: "answer_supervision", S.answered: "close_supervision"}
_case, _office = Case.__table__.alias(), Organisation.__table__.alias()
_ORDER = (
    Supervision.id, Supervision.number, Supervision.state, Supervision.due_on, _case.c.number.label("case_number"),
    _office.c.name.label("office"), _case.c.due_on.label("case_due_on"), _case.c.paused, _case.c.due_provisional,
)  # fmt: skip


def _mine_to_do(asking: Asking) -> ColumnElement[bool] | None:
    """A letter waits for the office it went to, all else for the supervisors; nobody decides on an own answer."""
    actor = asking.actor
    whose: dict[S, ColumnElement[bool]] = {
        S.raised: true(),
        S.ordered: Supervision.organisation_id == actor.organisation_id,
        S.answered: Supervision.answered_by_id.is_distinct_from(actor.user_id),
    }
    arms = [
        (Supervision.state == state) & whose[state] for state, step in MOVES.items() if actor.may(step, "Supervision")
    ]
    return or_(*arms) if arms else None


def statement(asking: Asking, tab: Tab) -> Select[Any] | None:
    """The orders of one list; none for those who see no orders."""
    actor = asking.actor
    base = select(*_ORDER).join(_case, _case.c.id == Supervision.case_id)
    base = base.join(_office, _office.c.id == Supervision.organisation_id)
    if not actor.may("read", "Supervision"):
        return None
    if tab is Tab.todo:
        waiting = _mine_to_do(asking)
        if waiting is None:
            return None
        nearest = func.coalesce(Supervision.due_on, _case.c.due_on)
        return base.where(waiting).order_by(nearest.is_(None), nearest, Supervision.id)
    if tab is Tab.done:
        return done(base, Supervision, SUPERVISION_FLOW, actor.user_id)
    return None


def item(asking: Asking, tab: Tab, row: Any) -> Item:
    """An order as a line of a list; while no letter has set a day, the day of its matter is the one to keep."""
    step = SUPERVISION_FLOW.row(MOVES[row.state] if tab is Tab.todo else row.step)
    return Item(
        kind="supervision",
        id=row.id,
        href=f"/supervision/show/{row.id}",
        title=_l("Supervision %(number)s", number=row.number),
        sub=f"{row.case_number} · {row.office}",
        state=row.state,
        move=step.label if step is not None else None,
        due_on=(row.due_on or row.case_due_on) if tab is Tab.todo else None,
        paused=row.due_on is None and row.paused,
        provisional=row.due_on is None and row.due_provisional,
        at=None if tab is Tab.todo else row.at,
    )


SUPERVISIONS = Source("supervision", _lp("work", "Supervision"), statement, item)
