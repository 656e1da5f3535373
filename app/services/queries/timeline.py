"""The whole course of a case in plain words: every step, every further visit, newest first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.permissions import PROGRAM_STEPS
from app.core import clock
from app.core.text import listed
from app.models.case import CaseState, Kind
from app.services.queries import told_follow_up, told_handling, told_reply, told_urge
from app.workflow.case_flow import CASE_FLOW

Data = Mapping[str, Any]
FIRST = ("register", "bring_in")
PROPOSALS = ("decline", "redirect", "withdraw")


@dataclass(slots=True)
class Happening:
    """One event: what, when, by whom, and what is told of it; `quote` is what somebody wrote."""

    at: datetime
    title: Any
    by: str
    lines: tuple[Any, ...]
    quote: str | None
    kind: str  # step, visit or recording
    step: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    id: int | None = None
    flow: str = "case"

    def within(self, flow: str) -> "Happening":
        """The same event, said to belong to another flow than the case's own."""
        return replace(self, flow=flow)


def _assigned(data: Data) -> list[Any]:
    said = [_l("Lead: %(name)s, due %(day)s.", name=data.get("lead", ""), day=data.get("lead_due_on", ""))]
    if data.get("co"):
        said.append(
            _l("Co-organisations: %(names)s, due %(day)s.", names=listed(data["co"]), day=data.get("co_due_on", ""))
        )
    return said


def _proposed(data: Data) -> list[Any]:
    parts = (
        ("ground", _l("Ground: %(what)s.", what=data.get("ground", ""))),
        ("route", _l("Legal route: %(what)s.", what=data.get("route", ""))),
        ("where", _l("Where to go: %(what)s.", what=data.get("where", ""))),
    )
    return [sentence for name, sentence in parts if data.get(name)]


def _accepted(data: Data) -> list[Any]:
    said: list[Any] = []
    if data.get("category"):
        said.append(_l("Category changed from %(old)s to %(new)s.", old=data["category"][0], new=data["category"][1]))
    if data.get("kind"):
        old, new = (Kind.of(code) for code in data["kind"])
        said.append(
            _l("Kind changed from %(old)s to %(new)s.", old=old.label if old else "", new=new.label if new else "")
        )
    return said


def _logged(data: Data) -> list[Any]:
    if not data.get("done_at"):
        return []
    return [_l("Done at %(when)s.", when=f"{clock.local(datetime.fromisoformat(data['done_at'])):%Y-%m-%d %H:%M}")]


_TOLD: dict[str, Callable[[Data], list[Any]]] = {
    "request_supplement": lambda d: [_l("Missing: %(what)s.", what=listed(d["missing"]))] if d.get("missing") else [],
    "supplement": lambda d: [_l("Further facts: %(what)s", what=d["facts"])] if d.get("facts") else [],
    "merge": lambda d: [_l("Merged into %(number)s.", number=d.get("parent", ""))],
    "unmerge": lambda d: [_l("Taken out of %(number)s again.", number=d.get("parent", ""))],
    "decline": _proposed,
    "redirect": _proposed,
    "approve_decline": lambda d: [_l("A written notice is to be served.")] if d.get("to_serve") else [],
    "accept": _accepted,
    "assign": _assigned,
    "object": lambda d: [_l("Should go to %(name)s.", name=d["proposed"])] if d.get("proposed") else [],
    "log_work": _logged,
    "bring_in": lambda d: [_l("Number in the ledger: %(number)s. File: %(file)s.", **d)] if d.get("number") else [],
    **told_handling.TOLD,
    **told_reply.TOLD,
    **told_follow_up.TOLD,
    **told_urge.TOLD,
}


def who_did(row: Any) -> str:
    """Organisation, post and name of whoever carried a step out."""
    return " · ".join(
        part for part in (row.organisation_name, " ".join(filter(None, (row.actor_post, row.actor_name)))) if part
    )


def of_step(row: Any, more: Iterable[Any] = ()) -> Happening:
    """A step of the course in words."""
    flow_row = CASE_FLOW.row(row.step)
    title = flow_row.label if flow_row else PROGRAM_STEPS.get(row.step, row.step)
    if row.step in PROPOSALS:
        title = _l("Proposed: %(step)s", step=title)
    told = _TOLD.get(row.step, lambda _data: [])(row.data or {})
    return Happening(
        row.at, title, who_did(row), (*told, *more), row.reason, "step", row.step, row.from_state, row.to_state, row.id
    )


def of_visit(visit: Any) -> Happening:
    """A contact with the centre in words."""
    return Happening(
        visit.at,
        _l("Came again: %(how)s", how=visit.channel.label),
        "",
        tuple(_visit_lines(visit)),
        visit.note,
        "visit",
        id=visit.id,
    )


def _visit_lines(visit: Any) -> list[Any]:
    said = [_l("%(how)s, %(count)s persons.", how=visit.channel.label, count=visit.head_count)]
    if visit.recording:
        said.append(_l("Recording: %(what)s.", what=visit.recording))
    return said


def timeline(steps: Iterable[Any], visits: Iterable[Any]) -> list[Happening]:
    """Everything that happened, the newest first."""
    visits = list(visits)
    first = next((visit for visit in visits if visit.first), None)
    told = [of_step(row, _visit_lines(first) if first is not None and row.step in FIRST else ()) for row in steps]
    told += [of_visit(visit) for visit in visits if not visit.first]
    return sorted(told, key=lambda item: (item.at, item.id or 0), reverse=True)


def state_label(code: str | None) -> Any:
    """The label of a state code as the course keeps it."""
    state = CaseState.of(code)
    return state.label if state is not None else code
