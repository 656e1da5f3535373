"""The course of a case: taking a case up for a step, telling who was faster, keeping what was done."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotFound, PortalError, WrongState
from app.models.case import Case
from app.models.step import CaseStep
from app.services.queries.case_facts import course_of, facts_of
from app.services.record import in_plain_words
from app.workflow import engine
from app.workflow.case_flow import CASE_FLOW
from app.workflow.facts import CaseFacts

TWICE_SECONDS = 600


def sentence_of(steps: Sequence[Any]) -> str:
    """Who did what when, shortly: for the person who comes second."""
    said = []
    for row in steps[-3:]:
        label = engine.row_of(CASE_FLOW, row.step).label if CASE_FLOW.row(row.step) else row.step
        who = " ".join(part for part in (row.organisation_name, row.actor_name) if part)
        said.append(f"{label} · {who} · {clock.local(row.at):%Y-%m-%d %H:%M}")
    return "; ".join(said)


def happened_since(case_id: int, version: int) -> list[Any]:
    """The steps carried out on a newer version than the one a page was made from."""
    return [row for row in course_of(case_id) if (row.data or {}).get("version", 0) >= version]


def _stale(actor: Actor, case: Case, version: int, name: str, reason: str | None) -> Conflict:
    since = happened_since(case.id, version)
    last = since[-1] if since else None
    twice = bool(
        last is not None
        and last.step == name
        and last.actor_id == actor.user_id
        and len(since) == 1
        and (last.reason or "") == (reason or "").strip()
        and (clock.now() - last.at).total_seconds() < TWICE_SECONDS
    )
    extra = {"version": case.version, "state": case.state.value, "twice": twice}
    if not since:
        return Conflict(
            _l(
                "The matter was changed by somebody else in the meantime. Please check what you typed "
                "against the present state and send it again."
            ),
            **extra,
        )
    return Conflict(
        _l(
            "In the meantime: %(what)s. Please check what you typed and send it again if it still holds.",
            what=sentence_of(since),
        ),
        **extra,
    )


def take(
    actor: Actor, case_id: int, version: int | None, name: str, reason: str | None = None
) -> tuple[Case, CaseFacts]:
    """The case, locked for this step, and its facts; a page made from an older version is told what happened since."""
    statement = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    case = db.session.scalar(statement)
    if case is None:
        raise NotFound()
    if version is not None and version != case.version:
        raise _stale(actor, case, version, name, reason)
    return case, facts_of(case)


def carry_out(
    actor: Actor,
    case: Case,
    facts: CaseFacts,
    name: str,
    data: Mapping[str, Any] | None = None,
    *,
    told: Mapping[str, Any] | None = None,
    **kw: Any,
) -> CaseStep:
    """Let the engine carry the step out, and keep its row; on a wrong state say what was done last."""
    try:
        row: CaseStep = engine.perform(CASE_FLOW, case, name, actor, facts, data, told=told, **kw)
    except WrongState as refusal:
        raise _with_last_step(refusal, case) from refusal
    db.session.add(row)
    return row


def _with_last_step(refusal: WrongState, case: Case) -> PortalError:
    steps = course_of(case.id)[-1:] if case.id is not None else []
    if not steps:
        return refusal
    return WrongState(
        _l("%(why)s Last step: %(what)s.", why=refusal.message, what=sentence_of(steps)),
        version=case.version,
        state=case.state.value,
    )


def keep(case: Case) -> Case:
    """Write everything of the step now, so that whoever was faster is told here and not at the commit."""
    with in_plain_words():
        db.session.flush()
    return case
