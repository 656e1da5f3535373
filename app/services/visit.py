"""Further contacts of a case with the centre: when, how, how many persons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import unit_of_work
from app.models.case import Case
from app.models.visit import Visit
from app.services.problems import Problems
from app.services.record import save_record

HEADS_MOST = 9999


def _check(case: Case, values: Mapping[str, Any]) -> None:
    problems = Problems()
    at: datetime | None = values.get("at")
    if at is not None and at > clock.now():
        problems.add("at", _l("This lies in the future."))
    if at is not None and at < case.registered_at.replace(second=0, microsecond=0):
        problems.add("at", _l("This lies before the matter was registered."))
    heads = values.get("head_count")
    if heads is not None and not 1 <= heads <= HEADS_MOST:
        problems.add("head_count", _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST))
    problems.stop()


@unit_of_work
def add_visit(actor: Actor, given: Mapping[str, Any]) -> Visit:
    """The party came (called, wrote) again."""
    values = {name: value for name, value in given.items() if value is not None}
    case = values.get("case")
    if case is not None:
        _check(case, values)
    visit: Visit = save_record(actor, Visit(), values)
    return visit


@unit_of_work
def change_visit(actor: Actor, visit: Visit, given: Mapping[str, Any]) -> Visit:
    """Correct what was noted of a contact; the first one stays at the moment of registration."""
    values = {name: value for name, value in given.items() if name != "case"}
    if visit.first:
        values.pop("at", None)
    _check(visit.case, values)
    changed: Visit = save_record(actor, visit, values)
    return changed
