"""Signs that a figure was made to look better than the matter is (domain §9: about matters, never scores of people).

Each sign is a query over matters of a period; nothing here names or counts the staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Interval, Select, and_, exists, func, literal, or_, select

from app.core import clock
from app.core.db import db
from app.core.upsert import dialect
from app.models.case import Case, CaseState
from app.models.document import Document, DocumentKind
from app.models.extension import Extension
from app.models.follow_up import FollowUp, Satisfaction
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services import parameter

MOST = 50
LAST_DAYS = 2
HANDLES = ("sign_for", "log_work", "mediate", "conclude_mediation", "submit_reply", "report_rectification")
PAPERS = (DocumentKind.reply, DocumentKind.mediation_agreement, DocumentKind.reception_record)
_visit, _step, _paper = Visit.__table__.alias(), CaseStep.__table__.alias(), Document.__table__.alias()
_hand = CaseStep.__table__.alias()


@dataclass(frozen=True)
class Sign:
    """One sign: what it is called, what it means, and the select of its matters with the moment it was seen."""

    code: str
    label: Any
    words: Any
    statement: Callable[[datetime, datetime], Select[Any]]


@dataclass(frozen=True)
class Seen:
    """A sign with the matters that show it; `more` when there are more than are shown."""

    sign: Sign
    rows: list[Any]
    more: bool


def _of(at: Any) -> Select[Any]:
    return select(Case.id, Case.number, Case.title, Case.state, at.label("at"))


def _back(since: datetime, until: datetime) -> Select[Any]:
    """Closed, and taken up again or visited again within days."""
    days = timedelta(days=parameter.number("gaming_days"))
    closing = select(CaseStep.case_id, CaseStep.at.label("closed"), CaseStep.seq).where(
        CaseStep.at.between(since, until), CaseStep.to_state == CaseState.closed.value, CaseStep.step == "follow_up"
    )
    ended = closing.subquery()
    came = exists().where(
        _visit.c.case_id == ended.c.case_id, _visit.c.at > ended.c.closed, _visit.c.at <= _plus(ended.c.closed, days)
    )
    reopened = exists().where(
        _step.c.case_id == ended.c.case_id,
        _step.c.seq > ended.c.seq,
        _step.c.step == "reopen",
        _step.c.at <= _plus(ended.c.closed, days),
    )
    return _of(ended.c.closed).join(ended, ended.c.case_id == Case.id).where(or_(came, reopened))


def _plus(column: Any, days: timedelta) -> Any:
    """A moment so many days later, in the words of the engine."""
    if dialect() == "sqlite":
        return func.strftime("%Y-%m-%d %H:%M:%f", column, f"+{days.days} days")
    return column.op("+")(literal(days, Interval()))


def _wrong_hand(since: datetime, until: datetime) -> Select[Any]:
    """A party's satisfaction written down by somebody who handled the matter."""
    content = FollowUp.satisfied.in_((Satisfaction.satisfied, Satisfaction.fairly_satisfied))
    handled = exists().where(
        _hand.c.case_id == FollowUp.case_id, _hand.c.actor_id == FollowUp.by_id, _hand.c.step.in_(HANDLES)
    )
    return (
        _of(FollowUp.at).join(FollowUp, FollowUp.case_id == Case.id).where(FollowUp.at.between(since, until), content)
    ).where(handled)


def _last_minute(since: datetime, until: datetime) -> Select[Any]:
    """An extension asked for when the days were all but over."""
    return (
        _of(Extension.asked_at)
        .join(Extension, Extension.case_id == Case.id)
        .where(Extension.asked_at.between(since, until), _left(Extension) <= LAST_DAYS)
    )


def _left(model: Any) -> Any:
    """The days that were left when it was asked for."""
    if dialect() == "sqlite":
        return func.julianday(model.old_due_on) - func.julianday(func.date(model.asked_at, "+8 hours"))
    local = func.date(func.timezone("Asia/Shanghai", model.asked_at))
    return model.old_due_on.op("-", return_type=Integer())(local)


def _no_paper(since: datetime, until: datetime) -> Select[Any]:
    """Said to be resolved, with no reply, agreement or record of reception in the dossier."""
    paper = exists().where(_paper.c.case_id == Case.id, _paper.c.kind.in_(PAPERS), _paper.c.state == "issued")
    done = Case.state.in_((CaseState.closed, CaseState.archived))
    return _of(Case.closed_at).where(
        and_(Case.registered_at.between(since, until), done, Case.resolved.is_(True)),
        Case.import_batch_id.is_(None),
        ~paper,
    )


SIGNS: tuple[Sign, ...] = (
    Sign(
        "back",
        _l("Closed and back within days"),
        _l("The matter was closed, and taken up again or visited again within the days set by the house."),
        _back,
    ),
    Sign(
        "wrong_hand",
        _l("Satisfaction written down by the wrong hand"),
        _l("A follow-up says satisfied, and was written down by somebody who handled the matter."),
        _wrong_hand,
    ),
    Sign(
        "last_minute",
        _l("Extension at the last minute"),
        _l("More days were asked for within the last two days, or after them."),
        _last_minute,
    ),
    Sign(
        "no_paper",
        _l("Resolved without a paper"),
        _l("Closed as resolved, registered in this period, with no reply, agreement or record of reception."),
        _no_paper,
    ),
)


def seen(since: date, until: date) -> list[Seen]:
    """Every sign with its matters of the period, within the row scope."""
    start = datetime.combine(since, time.min, clock.LOCAL)
    end = datetime.combine(until, time.max, clock.LOCAL)
    found = []
    for sign in SIGNS:
        statement = sign.statement(start, end).distinct()
        rows = db.session.execute(statement.order_by(statement.selected_columns.at.desc()).limit(MOST + 1)).all()
        found.append(Seen(sign, list(rows[:MOST]), len(rows) > MOST))
    return found
