"""What cases add to the lists of one's own work."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, exists, select

from app.models.audit import Notice
from app.models.case import OPEN_STATES, Case, CaseState
from app.models.service import PaperDue
from app.services.notice import sentence
from app.services.queries.home import drivers, waiting
from app.services.queries.work import Asking, Item, Source, Tab
from app.services.queries.work_done import done
from app.workflow.case_flow import CASE_FLOW

_paper = PaperDue.__table__.alias("paper_waiting")
_notice, _newer = Notice.__table__.alias("told"), Notice.__table__.alias("told_later")
COLUMNS = (
    Case.id,
    Case.number,
    Case.title,
    Case.state,
    Case.petitioner_name,
    Case.head_count,
    Case.due_on,
    Case.due_provisional,
    Case.paused,
)


def _todo(asking: Asking) -> Select[Any] | None:
    moves = drivers(asking.actor, asking.built["case"])
    running = {state: move for state, move in moves.items() if state in OPEN_STATES}
    if not running:
        return None
    return select(*COLUMNS).where(waiting(running)).order_by(Case.due_on.is_(None), Case.due_on, Case.id)


def _to_archive(asking: Asking, tab: Tab) -> Select[Any] | None:
    """Closed cases have no day, and there are many: they are walked in the order in which they came."""
    if tab is not Tab.todo or CaseState.closed not in drivers(asking.actor, asking.built["case"]):
        return None
    return select(*COLUMNS).where(Case.state == CaseState.closed).order_by(Case.registered_at, Case.id)


def _to_serve(asking: Asking, tab: Tab) -> Select[Any] | None:
    """Cases with a written notice that waits to be served; those whose next step is the actor's stand there already."""
    desk = asking.actor.may("serve_notice", "Case") and asking.actor.may("acknowledge", "Case")
    if tab is not Tab.todo or not desk:
        return None
    waits = Case.id.in_(select(_paper.c.case_id).where(_paper.c.service_id.is_(None)))
    moves = drivers(asking.actor, asking.built["case"])
    return select(*COLUMNS).where(waits, ~waiting(moves)).order_by(Case.due_on.is_(None), Case.due_on, Case.id)


def _notice_item(asking: Asking, tab: Tab, row: Any) -> Item:
    """Such a case, with the service as its next move."""
    step = CASE_FLOW.row("serve_notice")
    return replace(item(asking, tab, row), move=step.label if step is not None else None)


def _done(asking: Asking) -> Select[Any]:
    return done(select(*COLUMNS), Case, CASE_FLOW, asking.actor.user_id)


def _started(asking: Asking) -> Select[Any]:
    mine = Case.created_by_id == asking.actor.user_id
    return select(*COLUMNS, Case.registered_at.label("at")).where(mine).order_by(Case.id.desc())


def _copied(asking: Asking) -> Select[Any]:
    """Each case once, by the last message about it, unless its next step is the actor's."""
    me, moves = asking.actor.user_id, drivers(asking.actor, asking.built["case"])
    again = exists().where(_newer.c.user_id == me, _newer.c.case_id == _notice.c.case_id, _newer.c.id > _notice.c.id)
    return (
        select(*COLUMNS, _notice.c.code, _notice.c.data, _notice.c.at)
        .join(_notice, _notice.c.case_id == Case.id)
        .where(_notice.c.user_id == me, ~again, ~waiting(moves))
        .order_by(_notice.c.id.desc())
    )


_STATEMENTS = {Tab.todo: _todo, Tab.done: _done, Tab.started: _started, Tab.copied: _copied}


def statement(asking: Asking, tab: Tab) -> Select[Any] | None:
    """The cases of one list; none for those who see no cases."""
    return _STATEMENTS[tab](asking) if asking.actor.may("read", "Case") else None


def item(asking: Asking, tab: Tab, row: Any) -> Item:
    """A case as a line of a list."""
    move = None
    if tab is Tab.todo:
        step = drivers(asking.actor, asking.built["case"]).get(row.state)
        move = step.label if step is not None else None
    elif tab is Tab.done:
        step = CASE_FLOW.row(row.step)
        move = step.label if step is not None else row.step
    group = _("%(count)d persons", count=row.head_count) if row.head_count > 1 else ""
    return Item(
        kind="case",
        id=row.id,
        href=f"/case/show/{row.id}",
        title=row.title,
        sub=" · ".join(part for part in (row.number, row.petitioner_name, group) if part),
        state=row.state,
        move=move,
        due_on=row.due_on if row.state in OPEN_STATES else None,
        paused=row.paused,
        provisional=row.due_provisional,
        at=None if tab is Tab.todo else row.at,
        text=sentence(row) if tab is Tab.copied else None,
    )


CASES = Source("case", _l("Cases"), statement, item)
CLOSED = Source("case", _l("Cases"), _to_archive, item)
PAPERS = Source("case", _l("Cases"), _to_serve, _notice_item)
