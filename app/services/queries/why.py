"""Why a deadline falls on its day: the proof kept with it, put into words."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.text import listed

LISTED = 12


def _days(days: Iterable[Mapping[str, Any]]) -> str:
    rows = list(days)
    said = [" ".join(part for part in (str(d.get("date", "")), str(d.get("name", ""))) if part) for d in rows[:LISTED]]
    return listed(said) + (" …" if len(rows) > LISTED else "")


def _count(part: Mapping[str, Any]) -> Any:
    if part.get("unit") == "working":
        return _l("%(length)s working days later is %(date)s.", length=part["length"], date=part["date"])
    return _l("%(length)s days later is %(date)s.", length=part["length"], date=part["date"])


def _pause(part: Mapping[str, Any]) -> Any:
    return _l(
        "Paused from %(start)s to %(end)s (%(reason)s): %(days)s days are left out.",
        start=part["start"],
        end=part["end"],
        reason=part.get("reason") or "–",
        days=part["days"],
    )


_SAID: dict[str, Any] = {
    "start": lambda part: _l("Counted from the day after %(date)s.", date=part["date"]),
    "pause": _pause,
    "count": _count,
    "rest": lambda part: _l("Rest days left out: %(days)s.", days=_days(part["days"])),
    "worked": lambda part: _l("Weekends worked, so counted: %(days)s.", days=_days(part["days"])),
    "roll": lambda part: _l(
        "That is a rest day (%(days)s), so it moves to the next working day, %(date)s.",
        days=_days(part["days"]),
        date=part["date"],
    ),
    "extend": lambda part: _l(
        "%(days)s days more were granted, counted from %(before)s: %(date)s.",
        days=part["days"],
        before=part["from"],
        date=part["date"],
    ),
    "cap": lambda part: _l("It cannot lie after %(date)s.", date=part["date"]),
    "unpublished": lambda part: _l(
        "The holidays of %(years)s are not published yet, so the day may still move.",
        years=listed(map(str, part["years"])),
    ),
}


def sentences(why: Iterable[Mapping[str, Any]] | None) -> list[Any]:
    """One sentence for each part of the proof, in its order."""
    return [_SAID[part["step"]](part) for part in why or () if part.get("step") in _SAID]
