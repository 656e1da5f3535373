"""Who walks through lists of people is noticed: the rows shown are counted for each account, ten minutes long (G5)."""

from functools import cache

from flask import current_app

from app.access.actor import current_actor
from app.core.columns import mapper_of, spec_of
from app.models.case import Case
from app.services import parameter
from app.services.access_log import MASS_WINDOW, log_listing

LEAST = 500  # nobody is asked what the house has set below this


@cache
def _of_people(model: type) -> bool:
    """Whether rows of the model tell of people: of a case, or with a masked column."""
    names = [column.key for column in mapper_of(model).column_attrs]
    return model is Case or "case_id" in names or any(spec_of(model, name).mask for name in names)


def count_listed(model: type, rows: int) -> None:
    """Add the rows of a page just made; the page that goes beyond the limit raises the alarm."""
    actor = current_actor()
    if not rows or actor.user_id is None or not _of_people(model):
        return
    for limiter in current_app.extensions["limiter"]:
        seconds = int(MASS_WINDOW.total_seconds())
        seen = limiter.storage.incr(f"listed/{actor.user_id}", seconds, amount=rows)
        if seen <= LEAST:
            continue
        most = parameter.number("mass_listing")
        if seen - rows <= most < seen:
            log_listing(actor, seen)
