"""What a workflow is made of: states, and steps between them as rows that check themselves when the program starts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.access.actor import Actor
from app.access.permissions import ACTIONS, check
from app.core.labels import LabelledEnum

State = LabelledEnum
Message = Any  # a sentence, usually lazy, for the person at the desk
SAME = None  # as a target: the record stays in its state


@dataclass(frozen=True, slots=True)
class Situation:
    """All a guard may look at: the record, who acts, what is known about the record, and what was filled in."""

    record: Any
    actor: Actor
    facts: Any
    data: Mapping[str, Any] = field(default_factory=dict)


Guard = Callable[[Situation], Message | None]
Check = Callable[[Situation], tuple[str, Message] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a flow: from where to where, who may, when not, and what must be right in the form.

    `who` are relations of this person to this record (refused: not allowed), `when` are circumstances (refused: wrong
    state), `what` looks at the filled-in form (refused: at the field). Several `targets` mean that the verb says which.
    """

    name: str
    sources: frozenset[State | None]
    targets: tuple[State | None, ...]
    who: tuple[Guard, ...] = ()
    when: tuple[Guard, ...] = ()
    what: tuple[Check, ...] = ()
    order: int = 50  # the possible step with the smallest number is the likely one
    danger: bool = False  # ends or refuses something; asks before it is done
    reason: bool = False  # a reason must be given
    discreet: bool = False  # not shown when it is not possible: that it was done already is no news
    system: bool = False  # done by the program (a job, another flow), by no person
    effect: Any = ""  # what happens, in one sentence
    then: Any = ""  # who decides next, in one sentence
    after: Mapping[State, Message] = field(default_factory=dict)  # the same by where it led, if it leads to several
    called: Any = None  # what a step of the program is called; those of people stand in the catalogue of permissions

    @property
    def label(self) -> Any:
        """What the step is called on buttons; named once, in the catalogue of permissions."""
        return self.called or ACTIONS[self.name]

    def next_from(self, state: State | None) -> Any:
        """Who decides next, now that the step has led to this state."""
        return self.after.get(state, self.then) if state is not None else self.then


def step(name: str, source: State | Iterable[State | None] | None, target: Any = SAME, **kw: Any) -> Step:
    """A row as the flow tables write it: one source or several, one target or several."""
    many = isinstance(source, frozenset | set | tuple)
    sources = frozenset(source) if many else frozenset({source})  # type: ignore[arg-type]
    targets = tuple(target) if isinstance(target, tuple | list | frozenset) else (target,)
    return Step(name, sources, targets, **kw)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A flow: the enum of its states, where records begin, the rows, where they may rest.

    `log` is the table of its course, `owner` the column there that names the record."""

    name: str
    page: str
    states: type[State]
    initial: State
    steps: tuple[Step, ...]
    final: frozenset[State]
    log: type
    owner: str = "case_id"

    def __post_init__(self) -> None:
        """Refuse a table that cannot be right; a typo fails at start, not in March."""
        names = [row.name for row in self.steps]
        if len(names) != len(set(names)):
            raise LookupError(f"{self.name}: a step has two rows")
        for row in self.steps:
            self._check_row(row)
        reached = self._reached()
        lost = set(self.states) - reached
        if lost:
            raise LookupError(f"{self.name}: no way leads to {sorted(lost)}")
        stuck = {state for state in self.states if state not in self.final and not self._leaves(state)}
        if stuck:
            raise LookupError(f"{self.name}: no way leads out of {sorted(stuck)}")

    def _check_row(self, row: Step) -> None:
        where = f"{self.name}.{row.name}"
        strange = {s for s in (*row.sources, *row.targets) if s is not None and not isinstance(s, self.states)}
        if strange or not row.sources or not row.targets:
            raise LookupError(f"{where}: not states of this flow: {strange}")
        if astray := set(row.after) - set(row.targets) - (row.sources if SAME in row.targets else frozenset()):
            raise LookupError(f"{where}: does not lead to {astray}")
        if None in row.sources and row.targets != (self.initial,):
            raise LookupError(f"{where}: a record begins as {self.initial}")
        if not row.system:
            check(row.name, self.page)
        elif not row.called and row.name not in ACTIONS:
            raise LookupError(f"{where}: a step of the program needs a name for people")
        for rule in (*row.who, *row.when, *row.what):
            if getattr(rule, "__name__", "<lambda>") == "<lambda>" or not (rule.__doc__ or "").strip():
                raise LookupError(f"{where}: a guard needs a name and a sentence of its own")

    def _reached(self) -> set[State]:
        reached: set[State] = {self.initial}
        while True:
            more = {
                target
                for row in self.steps
                for target in row.targets
                if target is not None and any(source is None or source in reached for source in row.sources)
            }
            if more <= reached:
                return reached
            reached |= more

    def _leaves(self, state: State) -> bool:
        return any(state in row.sources and any(t not in (SAME, state) for t in row.targets) for row in self.steps)

    def row(self, name: str) -> Step | None:
        """The row of that name, or None."""
        return next((row for row in self.steps if row.name == name), None)

    def starts_from(self, state: State | None) -> list[Step]:
        """The rows that start from a state."""
        return [row for row in self.steps if state in row.sources]
