"""The part of a case's page that tells of its reply: who has it, what each party said, and which rights run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.text import listed
from app.models.document import DocumentKind
from app.services.queries.case_page import CasePage
from app.services.queries.remedies import Right, RightState, rights_of
from app.views.lights import Light, light_of
from app.workflow.windows import REVIEW_DAYS, Window, windows


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party with its service, its answer and its rights."""

    id: int | None
    name: str
    word: str
    tone: str
    service: Any
    acknowledgement: Any
    application: Any
    rights: Sequence[tuple[Right, Light]]


def right_light(right: Right) -> Light:
    """How long a right runs, or what became of it."""
    light = light_of(right.last_day, provisional=right.provisional) if right.state is RightState.open else None
    return light or Light(right.state.tone, str(right.state.label))


def _word(window: Window | None, served: Any, rights: Sequence[Right]) -> tuple[str, str]:
    if window is not None and window.acknowledgement is not None:
        satisfied = window.acknowledgement.satisfied
        return (_("Signed: satisfied"), "ok") if satisfied else (_("Signed: not satisfied"), "soon")
    if window is not None and window.application is not None:
        return _("Applied for review"), "info"
    if served is None:
        return _("Not served yet"), "hold"
    review = next((right for right in rights if right.code == REVIEW_DAYS), None)
    if review is not None and review.state is RightState.lapsed:
        return _("Did not apply in time"), "plain"
    return _("Served"), "info"


def party_lines(page: CasePage) -> list[PartyLine]:
    """The petitioners in turn, then others who received the reply, then what runs for every side."""
    late, found = page.facts.late, []
    rights = rights_of(page.case, page.facts, page.clocks, page.course)
    own, served = windows(late), late.served(late.standing_reply)
    for key in [*own, *(key for key in served if key not in own)] if late.standing_reply is not None else []:
        mine = [right for right in rights if right.party_id == key]
        window = own.get(key)
        word, tone = _word(window, served.get(key), mine)
        found.append(
            PartyLine(
                key,
                late.name_of(key),
                word,
                tone,
                served.get(key),
                window.acknowledgement if window is not None else None,
                window.application if window is not None else None,
                [(right, right_light(right)) for right in mine],
            )
        )
    common = [(right, right_light(right)) for right in rights if right.party_id is None]
    if common:
        found.append(PartyLine(None, _("Every side"), "", "plain", None, None, None, common))
    return found


def waiting_papers(page: CasePage) -> list[str]:
    """The written notices that wait, each with those it waits for."""
    late, found = page.facts.late, dict[str, list[str]]()
    for row in late.papers_due:
        kind = DocumentKind.of(row.paper)
        found.setdefault(str(kind.label) if kind is not None else row.paper, []).append(late.name_of(row.party_id))
    return [_("%(name)s (%(side)s)", name=label, side=listed(names)) for label, names in found.items()]


def answers(page: CasePage) -> dict[int, Any]:
    """What the version that stands says to each claim, or a settlement on the spot."""
    return {point.claim_id: point for point in page.facts.late.points_of(page.facts.late.standing_reply)}
