"""Who speaks for the petitioners: their representatives, or else each of them."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.models.case import Case
from app.models.party import Party, Representative, RepresentativeKind, Side


def petitioners_of(case: Case) -> list[Party]:
    """The petitioners of a case."""
    mine = select(Party).where(Party.case_id == case.id, Party.side == Side.petitioner).order_by(Party.id)
    return list(db.session.scalars(mine.options(selectinload(Party.person))))


def speakers_of(case: Case) -> list[Party]:
    """Those who sign for the petitioners."""
    chosen = select(Representative.party_id).where(
        Representative.case_id == case.id, Representative.kind == RepresentativeKind.representative
    )
    speaking, all_ = set(db.session.scalars(chosen)), petitioners_of(case)
    return [party for party in all_ if party.id in speaking] or all_
