"""The demo year: the 623 matters of the article, 2019-01-01 to 2019-11-18, each with its whole course; one transaction.

The rows are those the services would have left (tests/seed/test_year.py keeps them to it), apart from what does not
outlast half a year (messages), from papers, which that year were kept on paper, and from the trail of single rows: it
has one entry for each step, and one that says how they came in."""

from datetime import date, datetime, time

import click
from sqlalchemy import select

from app.access import audit
from app.access.actor import system_scope
from app.core.clock import LOCAL
from app.core.db import db, unit_of_work
from app.models.audit import AuditKind
from app.models.case import Case
from app.services import search_index
from seed import year_reviews
from seed.year_cast import load_colleagues
from seed.year_endings import archive, follow_up
from seed.year_hearings import load_hearings
from seed.year_ledger import Ledger
from seed.year_plan import REDIRECTED, REFERRED, Plan, plans
from seed.year_service import load_service
from seed.year_story import Story
from seed.year_ways import acknowledged, handled, redirected, settled
from seed.year_world import World

ENDS = datetime.combine(date(2020, 1, 1), time(), LOCAL)


def present() -> bool:
    """Whether the year stands in the database already."""
    with system_scope("demo: whether the year is there"):
        return db.session.scalar(select(Case.id).where(Case.registered_at < ENDS).limit(1)) is not None


def _tell(world: World, plan: Plan, nth: int, experts: list[tuple[int, year_reviews.Who]]) -> year_reviews.Panel | None:
    story, panel = Story(world, plan, nth), None
    if plan.path == REDIRECTED:
        redirected(story)
        return None
    if plan.path != REFERRED:
        settled(story)
    else:
        reply = handled(story)
        if plan.reviewed:
            panel = year_reviews.reviewed(story, reply, story.said, experts)
        else:
            acknowledged(story, reply)
    follow_up(story)
    archive(story)
    return panel


def tell(ledger: Ledger) -> list[year_reviews.Panel]:
    """The whole year into the ledger, with its progress; gives the reviews, whose ballots are still to be counted."""
    world, panels = World(ledger), []
    world.roster()
    experts, told = year_reviews.pool(), plans(world.calendar)
    with click.progressbar(told, label="2019", show_pos=True) as bar:
        for nth, plan in enumerate(bar):
            panel = _tell(world, plan, nth, experts)
            panels += [panel] if panel is not None else []
    load_hearings(world)
    load_service(world)
    return panels


@unit_of_work
def load() -> None:
    """The whole year, once."""
    if present():
        return
    with system_scope("the demo year"):
        load_colleagues()
        ledger = Ledger(db.session.connection())
        panels = tell(ledger)
        keys = [row["id"] for row in ledger.rows[Case.__table__]]
        ledger.write()
        year_reviews.count(panels)
        search_index.index_cases(keys)
        ledger.finish()
        made = {"cases": [None, len(keys)]}
        audit.note(db.session, AuditKind.change, "case:year", reason="the demo year", changes=made)
