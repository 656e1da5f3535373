"""The traffic light of a deadline, worked out whenever it is shown and never stored."""

from datetime import date

OK = "ok"
SOON = "soon"
LATE = "late"
HOLD = "hold"
SOON_DAYS = 3


def light(due: date | None, today: date, paused: bool = False, met_on: date | None = None) -> str:
    """green "ok", yellow "soon" (3 days or fewer left), red "late", grey "hold" (paused or without a date).

    A deadline that was met keeps the colour of the day it was met: in time, or late."""
    if paused or due is None:
        return HOLD
    if met_on is not None:
        return LATE if met_on > due else OK
    left = (due - today).days
    return LATE if left < 0 else SOON if left <= SOON_DAYS else OK
