"""The course of a record with steps: taking it up for a step, telling who was faster, keeping what was done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access import audit
from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotFound, PortalError, WrongState
from app.core.text import listed
from app.models.audit import AuditKind
from app.models.case import Case
from app.services.notice import tell
from app.services.queries.case_facts import course_of, facts_of
from app.services.record import in_plain_words
from app.services.webhook import announce
from app.workflow import engine
from app.workflow.case_flow import CASE_FLOW
from app.workflow.facts import CaseFacts
from app.workflow.types import Workflow

TWICE_SECONDS = 600
Record = TypeVar("Record")
Facts = TypeVar("Facts")


def keep(record: Record) -> Record:
    """Write everything of the step now, so that whoever was faster is told here and not at the commit."""
    with in_plain_words():
        db.session.flush()
    return record


def by_program(actor: Actor) -> Actor:
    """The program acts because of what this person did: his or her name stands in the course."""
    return replace(actor, system=True)


@contextmanager
def told_after(row: Any) -> Iterator[dict[str, Any]]:
    """A row of the course that also tells what the block brings forth (a number); rows never change once written."""
    db.session.expunge(row)
    told: dict[str, Any] = {}
    yield told
    row.data = {**row.data, **told}
    db.session.add(row)


def announce_step(record: Any, row: Any) -> None:
    """Tell the neighbouring systems that a step was carried out: `case.accept`, `review.file` and so on."""
    noun = record.__tablename__
    told = {"id": record.id, "number": getattr(record, "number", None), "step": row.step, "seq": row.seq}
    case_id = record.id if noun == "case" else getattr(record, "case_id", None)
    states = {"case_id": case_id, "round": row.round, "from": row.from_state, "to": row.to_state}
    announce(f"{noun}.{row.step}", {**told, **states}, case_id)


def _tell_bound_leaders(actor: Actor, record: Any, facts: Any, name: str) -> None:
    """Leaders who received a matter hear of every step until it ends."""
    receptions = getattr(getattr(facts, "late", None), "receptions", ())
    if receptions:
        tell(actor, record, "leader_step", {row.leader_id for row in receptions}, step=name)


def _traced(row: Any) -> dict[str, Any]:
    """What the trail keeps of a step: its place in the course, and from where to where it led."""
    return {"seq": [None, row.seq], "state": [row.from_state, row.to_state]}


@dataclass(frozen=True)
class Course(Generic[Record, Facts]):
    """The steps of one kind of record: its flow and model, what is known about a record, and its steps so far."""

    flow: Workflow
    model: type[Record]
    facts: Callable[[Record], Facts]
    steps: Callable[[int], list[Any]]

    def sentence_of(self, steps: Sequence[Any]) -> str:
        """Who did what when, shortly: for the person who comes second."""
        said = []
        for row in steps[-3:]:
            label = engine.row_of(self.flow, row.step).label if self.flow.row(row.step) else row.step
            name = row.actor_name if row.actor_id else _l("the program")
            who = " ".join(str(part) for part in (row.organisation_name, name) if part)
            said.append(f"{label} · {who} · {clock.local(row.at):%Y-%m-%d %H:%M}")
        return listed(said, clauses=True)

    def happened_since(self, key: int, version: int) -> list[Any]:
        """The steps carried out on a newer version than the one a page was made from."""
        return [row for row in self.steps(key) if (row.data or {}).get("version", 0) >= version]

    def _stale(self, actor: Actor, record: Any, version: int, name: str, reason: str | None) -> Conflict:
        since = self.happened_since(record.id, version)
        last = since[-1] if since else None
        twice = bool(
            last is not None
            and last.step == name
            and last.actor_id == actor.user_id
            and len(since) == 1
            and (last.reason or "") == (reason or "").strip()
            and (clock.now() - last.at).total_seconds() < TWICE_SECONDS
        )
        extra = {"version": record.version, "state": record.state.value, "twice": twice}
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
                what=self.sentence_of(since),
            ),
            **extra,
        )

    def take(
        self, actor: Actor, key: int, version: int | None, name: str, reason: str | None = None
    ) -> tuple[Record, Facts]:
        """The record, locked for this step, and its facts; an older page is told what happened since."""
        model: Any = self.model
        statement = select(model).where(model.id == key).with_for_update().execution_options(populate_existing=True)
        record: Any = db.session.scalar(statement)
        if record is None:
            raise NotFound()
        if version is not None and version != record.version:
            raise self._stale(actor, record, version, name, reason)
        return record, self.facts(record)

    def carry_out(
        self,
        actor: Actor,
        record: Record,
        facts: Facts,
        name: str,
        data: Mapping[str, Any] | None = None,
        *,
        told: Mapping[str, Any] | None = None,
        **kw: Any,
    ) -> Any:
        """Let the engine carry the step out, and keep its row; on a wrong state say what was done last."""
        try:
            row = engine.perform(self.flow, record, name, actor, facts, data, told=told, **kw)
        except WrongState as refusal:
            raise self._with_last_step(refusal, record) from refusal
        owner = getattr(record, "case_id", None)
        if owner and hasattr(row, "case_id"):  # a review within a case: whoever sees the case sees its course
            row.case_id = owner
        db.session.add(row)
        audit.note(db.session, AuditKind.change, f"step:{name}", record, changes=_traced(row))
        announce_step(record, row)
        _tell_bound_leaders(actor, record, facts, name)
        return row

    def _with_last_step(self, refusal: WrongState, record: Any) -> PortalError:
        steps = self.steps(record.id)[-1:] if record.id is not None else []
        if not steps:
            return refusal
        return WrongState(
            _l("%(why)s Last step: %(what)s.", why=refusal.message, what=self.sentence_of(steps)),
            version=record.version,
            state=record.state.value,
        )


CASES: Course[Case, CaseFacts] = Course(CASE_FLOW, Case, facts_of, course_of)
take, carry_out = CASES.take, CASES.carry_out
