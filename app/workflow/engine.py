"""The one engine: which steps are possible and why not, and the only code that sets the state of a record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.access.actor import Actor
from app.core import clock
from app.core.errors import Invalid, NotAllowed, NotFound, PortalError, WrongState
from app.core.labels import LabelledEnum
from app.workflow.types import Situation, State, Step, Workflow

REASON_MAX = 2000
_UNSAID: Any = object()


@dataclass(slots=True)
class StepState:
    """One step as it stands for this person and this record now."""

    name: str
    label: Any
    allowed: bool
    reason: Any = None
    primary: bool = False
    fits: bool = True  # the step starts from the present state
    near: bool = False  # it does not, but from one that a single step leads to
    held: bool = True  # a role of the person holds the permission
    theirs: bool = False  # it is possible now, but for somebody else: the relation to the record refuses this person
    danger: bool = False
    order: int = 50
    discreet: bool = False  # not worth showing when it is not possible


def _only_while(row: Step, state: Any) -> str:
    said = state.label if isinstance(state, LabelledEnum) else "-"
    names = [str(source.label) for source in sorted(row.sources, key=_place) if source is not None]
    if len(names) > 4:
        return _("This step is not possible while the matter is “%(state)s”.", state=said)
    return _("Only while the matter is “%(states)s”; it is now “%(state)s”.", states=" / ".join(names), state=said)


def _state_refusal(row: Step, record: Any) -> PortalError:
    return WrongState(LazyString(_only_while, row, record.state))  # few of these sentences are ever read


def _place(state: State | None) -> int:
    return list(type(state)).index(state) if state is not None else -1


def refusal(flow: Workflow, row: Step, at: Situation) -> PortalError | None:
    """Why the step is not possible before anything is filled in: state, then permission, then relation, then guards."""
    if at.record.state not in row.sources:
        return _state_refusal(row, at.record)
    if not (at.actor.system if row.system else at.actor.may(row.name, flow.page)):
        return NotAllowed(_l("Your role may not do this: %(step)s.", step=row.label))
    for guard in row.who:
        if (sentence := guard(at)) is not None:
            return NotAllowed(sentence)
    for guard in row.when:
        if (sentence := guard(at)) is not None:
            return WrongState(sentence)
    return None


def available(
    flow: Workflow, record: Any, actor: Actor, facts: Any, offered: Collection[str] | None = None
) -> list[StepState]:
    """The steps (all, or those `offered`) for this person and record, likeliest first; one possible step is primary."""
    at = Situation(record, actor, facts)
    ahead = {t for row in flow.starts_from(record.state) for t in row.targets if t is not None and not row.system}
    found, primary = [], True
    rows = [row for row in flow.steps if not row.system and (offered is None or row.name in offered)]
    for row in sorted(rows, key=lambda row: row.order):
        why = refusal(flow, row, at)
        wrong = record.state not in row.sources
        found.append(
            StepState(
                row.name,
                row.label,
                why is None,
                why.message if why else None,
                primary=why is None and primary,
                fits=not wrong,
                near=wrong and bool(row.sources & ahead),
                held=actor.may(row.name, flow.page),
                theirs=not wrong and isinstance(why, NotAllowed),
                danger=row.danger,
                order=row.order,
                discreet=row.discreet,
            )
        )
        primary = primary and why is not None
    return found


def row_of(flow: Workflow, name: str) -> Step:
    """The row of a step; a name the flow does not know is not there."""
    row = flow.row(name)
    if row is None:
        raise NotFound(_l("There is no such step."))
    return row


def _checked(row: Step, at: Situation, reason: str | None) -> None:
    errors: dict[str, list[Any]] = {}
    if row.reason and not (reason or "").strip():
        errors["reason"] = [_l("Please give the reason.")]
    if reason and len(reason) > REASON_MAX:
        errors["reason"] = [_l("Please keep to %(most)s characters.", most=REASON_MAX)]
    for check in row.what:
        found = check(at)
        if found is not None:
            errors.setdefault(found[0], []).append(found[1])
    if errors:
        raise Invalid(errors=errors)


def check(
    flow: Workflow,
    record: Any,
    name: str,
    actor: Actor,
    facts: Any,
    data: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Step:
    """Everything that stands against a step, before anything is done; gives back its row."""
    row = row_of(flow, name)
    at = Situation(record, actor, facts, data or {})
    why = refusal(flow, row, at)
    if why is not None:
        raise why
    _checked(row, at, reason)
    return row


def _target(row: Step, record: Any, to: Any) -> State:
    if to is _UNSAID:
        if len(row.targets) > 1:
            raise LookupError(f"{row.name}: the verb must say which target")
        to = row.targets[0]
    if to not in row.targets:
        raise LookupError(f"{row.name} does not lead to {to}")
    target: State = record.state if to is None else to
    return target


def perform(
    flow: Workflow,
    record: Any,
    name: str,
    actor: Actor,
    facts: Any,
    data: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    to: Any = _UNSAID,
    told: Mapping[str, Any] | None = None,
) -> Any:
    """Carry a step out: check everything, set the state, and give back the row of the course for the verb to keep.

    `data` is what the form holds (for the checks); `told` is what the course shall tell of it, as plain values.
    """
    row = check(flow, record, name, actor, facts, data, reason)
    before, moment = record.state, clock.now()
    target = _target(row, record, to)
    record.state = target
    record.changed_at = moment  # so that every step raises the version, also one that keeps the state
    return flow.log(
        **{flow.owner: getattr(record, "id", None)},
        seq=facts.next_seq,
        round=getattr(record, "round", None) or 1,
        step=name,
        from_state=before.value if before is not None else None,
        to_state=target.value,
        at=moment,
        actor_id=actor.user_id,
        actor_name=actor.name,
        actor_post=actor.post,
        organisation_name=actor.organisation_name,
        reason=(reason or "").strip() or None,
        data={**(told or {}), "version": getattr(record, "version", None) or 0},
        address=actor.address,
    )
