"""Lights in words: shape, colour and a sentence, worked out when they are shown."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core import clock
from app.core.light import HOLD, LATE, light


@dataclass(frozen=True)
class Light:
    """A deadline as a clerk reads it."""

    tone: str
    text: Any
    title: Any = ""


def light_of(
    due: date | None, paused: bool = False, provisional: bool = False, today: date | None = None
) -> Light | None:
    """The light of a due day, or None where no day runs."""
    if due is None:
        return None
    today = today or clock.today()
    tone = light(due, today, paused)
    left = (due - today).days
    said = _("Due on %(day)s", day=due.isoformat())
    if provisional:
        said += " · " + _("provisional: the holidays of that year are not published yet")
    if tone == HOLD:
        return Light(tone, _("Paused"), said)
    if tone == LATE:
        return Light(tone, ngettext("%(num)d day overdue", "%(num)d days overdue", -left), said)
    if left == 0:
        return Light(tone, _("Due today"), said)
    return Light(tone, ngettext("%(num)d day left", "%(num)d days left", left), said)
