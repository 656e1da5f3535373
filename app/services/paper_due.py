"""Written notices that wait to be served: put in line by the step that issues them, taken out by their service."""

from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.document import DocumentKind
from app.models.party import Party, Side
from app.models.service import PaperDue
from app.services.queries.late_rows import family

K = DocumentKind
# What every petitioner receives in writing as soon as it is issued; a reply has a step of its own.
NOTICES = frozenset({K.supplement_notice, K.acceptance_notice, K.decline_notice, K.redirect_notice, K.extension_notice})


def to_serve(case: Case, paper: DocumentKind) -> None:
    """A notice was issued: it waits to be served to every petitioner; within the transaction of the step.

    Of a kind that waits already the newer one takes the place of the older."""
    with system_scope("notices that wait to be served"):
        petitioners = select(Party.id).where(Party.case_id.in_(family(case.id)), Party.side == Side.petitioner)
        waiting = select(PaperDue).where(
            PaperDue.case_id == case.id, PaperDue.paper == paper.value, PaperDue.service_id.is_(None)
        )
        present = {row.party_id: row for row in db.session.scalars(waiting)}
        for party_id in db.session.scalars(petitioners.order_by(Party.id)).all():
            if (row := present.get(party_id)) is not None:
                row.asked_at = clock.now()
            else:
                db.session.add(PaperDue(case_id=case.id, paper=paper.value, party_id=party_id, asked_at=clock.now()))
