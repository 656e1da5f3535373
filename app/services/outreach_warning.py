"""The warning of a month with too few legal service events: told once to those who plan them. For the job."""

from sqlalchemy import select

from app.access.actor import SYSTEM, system_scope
from app.core.db import db, unit_of_work
from app.models.audit import Notice
from app.models.organisation import Organisation
from app.services.notice import holders, tell_people
from app.services.queries.outreach_month import Month, warned

_notice, _organisation = Notice.__table__, Organisation.__table__


def _link(month: Month) -> str:
    """Where it leads; the month stands in it, so that each is told of once."""
    return f"/outreach_event/list/#{month.first:%Y-%m}"


@unit_of_work
def warn() -> int:
    """Tell who plans events of each city that a month lacks some; how many people were told."""
    cities = db.session.connection().execute(
        select(_organisation.c.id, _organisation.c.path).where(_organisation.c.parent_id.is_(None))
    )
    told = 0
    with system_scope("the events of a whole city"):
        for city in cities.all():
            for month in warned(city.path):
                told += _tell(city.id, month)
    return told


def _tell(city_id: int, month: Month) -> int:
    code, link = "outreach_missed" if month.over else "outreach_few", _link(month)
    known = select(_notice.c.user_id).where(_notice.c.code == code, _notice.c.link == link)
    already = set(db.session.connection().execute(known).scalars())
    people = [key for key in holders("plan_outreach", [city_id], "OutreachEvent") if key not in already]
    said = {
        "month": f"{month.first:%Y-%m}",
        "held": month.held,
        "planned": month.planned,
        "least": month.least,
    }
    tell_people(SYSTEM, code, people, said, link=link)
    return len(people)
