"""Which steps the page of a case offers, and where: one likely, some beside it, the others in a menu."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.workflow.engine import StepState

BESIDE, GREYED = 2, 2


@dataclass(frozen=True, slots=True)
class Buttons:
    """The steps of a page: in the heading, and in the menu beside it."""

    heading: Sequence[StepState] = ()
    more: Sequence[StepState] = field(default=())


def arrange(steps: Iterable[StepState]) -> Buttons:
    """Possible steps first, the likely one alone in colour; a few impossible ones greyed with their reason.

    What the person's roles never do is not shown. Steps that end or refuse something stand in the menu."""
    held = [step for step in steps if step.held]
    possible = [step for step in held if step.allowed]
    likely = [step for step in possible if step.primary]
    others = [step for step in possible if not step.primary]
    beside = [step for step in others if not step.danger][:BESIDE]
    refused = [step for step in held if not step.allowed and step.fits and not step.discreet]
    near = [step for step in held if not step.allowed and step.near]
    greyed = [*refused, *near][:GREYED] if len(likely) + len(beside) < 1 + BESIDE else refused[:1]
    placed = {step.name for step in (*likely, *beside, *greyed)}
    more = [step for step in (*others, *refused) if step.name not in placed]
    return Buttons((*likely, *beside, *greyed), more)
