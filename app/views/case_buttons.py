"""Which steps the page of a case offers, and where: one likely, two beside, one greyed; the rest in a menu."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.workflow.engine import StepState

BESIDE, GREYED = 2, 1


@dataclass(frozen=True, slots=True)
class Buttons:
    """The steps of a page: in the heading; in the menu, those possible; in the menu, those that must wait."""

    heading: Sequence[StepState] = ()
    more: Sequence[StepState] = ()
    later: Sequence[StepState] = ()


def arrange(steps: Iterable[StepState]) -> Buttons:
    """Place the steps that the person's roles may ever carry out; nothing possible is left out.

    What ends or refuses something is never a button of the heading. Greyed in the heading is only what is the person's
    own to do now but for a circumstance; what waits for somebody else stands in the menu with its reason."""
    held = [step for step in steps if step.held]
    possible = [step for step in held if step.allowed]
    plain = [step for step in possible if not step.danger]
    likely = [step for step in plain if step.primary]
    beside = [step for step in plain if not step.primary][:BESIDE]
    waiting = [step for step in held if not step.allowed and (step.fits or step.near) and not step.discreet]
    greyed = [step for step in waiting if step.fits and not step.theirs and not step.danger][:GREYED]
    heading = (*likely, *beside, *greyed)
    placed = {step.name for step in heading}
    more = sorted((step for step in possible if step.name not in placed), key=lambda step: step.danger)
    later = sorted((step for step in waiting if step.name not in placed), key=lambda step: step.near)
    return Buttons(heading, more, later)
