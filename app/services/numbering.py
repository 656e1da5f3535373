"""Numbers of cases and of papers: one sequence for each prefix and year, without gaps, taken inside the transaction."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.errors import Invalid
from app.core.paper import PAPER
from app.core.upsert import insert_into
from app.models.code_table import NumberSequence
from app.models.organisation import Organisation

_sequence = NumberSequence.__table__
DIGITS = 6
NO_PREFIX = _l("Your organisation has no number prefix. Please ask the system administrator to set one.")


def _next(prefix: str, year: int, count: int = 1) -> int:
    """The row stays locked until the transaction ends, so a number is neither given twice nor lost."""
    statement = insert_into(_sequence).values(prefix=prefix, year=year, last=count)
    taken: int = (
        db.session.connection()
        .execute(
            statement.on_conflict_do_update(
                index_elements=["prefix", "year"], set_={"last": _sequence.c.last + count}
            ).returning(_sequence.c.last)
        )
        .scalar_one()
    )
    return taken


def next_number(prefix: str, year: int) -> str:
    """SQ-2026-000318."""
    return f"{prefix}-{year}-{_next(prefix, year):0{DIGITS}d}"


def next_numbers(prefix: str, year: int, count: int) -> list[str]:
    """As many numbers in a row, taken at once."""
    last = _next(prefix, year, count)
    return [f"{prefix}-{year}-{number:0{DIGITS}d}" for number in range(last - count + 1, last + 1)]


def next_paper_number(prefix: str, word: str, year: int) -> str:
    """The prefix of the centre, the word of the kind, the year in brackets, and how manieth of the year it is."""
    return str(PAPER["number"].format(prefix=prefix, word=word, year=year, n=_next(prefix + word, year)))


def prefix_of(actor: Actor) -> str:
    """The number prefix of the actor's organisation, or of the nearest one above it (a village uses its town's)."""
    with system_scope("number prefix of the own centre"):
        above = db.session.scalars(select(Organisation).where(Organisation.id.in_(actor.ancestors)))
        known = {place.id: place.number_prefix for place in above}
    for node in reversed(actor.ancestors):
        if known.get(node):
            return str(known[node])
    raise Invalid(NO_PREFIX)


def centre_of(organisation: Organisation) -> Organisation:
    """The centre whose name and number an organisation's papers bear: itself, or the nearest above that has numbers."""
    with system_scope("the centre on paper"):
        centre = organisation
        while not centre.number_prefix and centre.parent is not None:
            centre = centre.parent
    return centre


def paper_prefix_of(centre: Organisation) -> str:
    """How the numbers of its papers begin: its own prefix of papers, or that above it, or the one of its cases."""
    with system_scope("the prefix of papers"):
        node: Organisation | None = centre
        while node is not None and not node.paper_prefix:
            node = node.parent
    prefix = node.paper_prefix if node is not None else centre.number_prefix
    if not prefix:
        raise Invalid(NO_PREFIX)
    return prefix
