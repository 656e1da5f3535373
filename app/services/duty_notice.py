"""Who is told of a shift, and in what words."""

from collections.abc import Iterable
from typing import Any

from app.access.actor import Actor
from app.models.roster import Shift
from app.services.notice import tell_people


def hours_of(shift: Shift) -> str:
    """A shift in figures: 2026-11-26 09:00–12:00."""
    return f"{shift.on:%Y-%m-%d} {shift.starts_at:%H:%M}–{shift.ends_at:%H:%M}"


def tell_shift(actor: Actor, code: str, people: Iterable[int | None], link: str = "/roster/", **said: Any) -> None:
    """One message about a shift to each of these people; who acts need not be told."""
    tell_people(actor, f"duty_{code}", people, {"by": actor.name, **said}, link=link)
