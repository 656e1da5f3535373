"""Case numbers: one sequence for each centre and year, without gaps, taken inside the transaction of the case."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core.db import db
from app.core.errors import Invalid
from app.core.upsert import insert_into
from app.models.code_table import NumberSequence
from app.models.organisation import Organisation

_sequence = NumberSequence.__table__
DIGITS = 6


def next_number(prefix: str, year: int) -> str:
    """SQ-2026-000318. The row stays locked until the transaction ends, so a number is neither given twice nor lost."""
    statement = insert_into(_sequence).values(prefix=prefix, year=year, last=1)
    last = (
        db.session.connection()
        .execute(
            statement.on_conflict_do_update(
                index_elements=["prefix", "year"], set_={"last": _sequence.c.last + 1}
            ).returning(_sequence.c.last)
        )
        .scalar_one()
    )
    return f"{prefix}-{year}-{last:0{DIGITS}d}"


def prefix_of(actor: Actor) -> str:
    """The number prefix of the actor's organisation, or of the nearest one above it (a village uses its town's)."""
    with system_scope("number prefix of the own centre"):
        known = dict(
            db.session.execute(
                select(Organisation.id, Organisation.number_prefix).where(
                    Organisation.id.in_(actor.ancestors), Organisation.number_prefix.is_not(None)
                )
            ).all()
        )
    for node in reversed(actor.ancestors):
        if known.get(node):
            return str(known[node])
    raise Invalid(_l("Your organisation has no number prefix. Please ask the system administrator to set one."))
