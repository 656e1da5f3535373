"""What goes out of the house and comes in: messages, imports, exports, exchange."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_
from sqlalchemy.sql.elements import True_

from app.access.actor import Actor
from app.access.permissions import IMPORT_PAGES
from app.access.rules.cases import of_case
from app.access.rules.registers import below, of_the_house
from app.models.exchange import Exchange
from app.models.export_request import ExportRequest
from app.models.import_batch import ImportBatch, ImportRow
from app.models.outbox import OutboxMessage


def outbox(actor: Actor) -> ColumnElement[bool]:
    """All messages for those who look after the outbox; for the others those about cases they see. Those about
    confidential bookings for nobody: to whom one went would tell who comes."""
    table = OutboxMessage.__table__
    house = of_the_house("Outbox", "resend")(actor)
    if isinstance(house, True_):
        return ~table.c.sealed
    return ~table.c.sealed & table.c.case_id.is_not(None) & of_case(OutboxMessage)(actor)


def import_batch(actor: Actor, table: Any = ImportBatch.__table__) -> ColumnElement[bool]:
    """The files of registers that the actor may bring tables into, from the own organisation and below."""
    nouns = [noun for noun, page in IMPORT_PAGES.items() if actor.may("import", page)]
    return table.c.noun.in_(nouns) & below(actor, table) if nouns else false()


def import_row(actor: Actor) -> ColumnElement[bool]:
    """Rows of a file that exists for the actor."""
    inner = ImportBatch.__table__.alias("scope_import_batch")
    return exists().where(inner.c.id == ImportRow.__table__.c.batch_id, import_batch(actor, inner))


def export_request(actor: Actor) -> ColumnElement[bool]:
    """One's own requests; all of the own subtree for those who decide on them."""
    table = ExportRequest.__table__
    mine = table.c.asked_by_id == actor.user_id if actor.user_id else false()
    return or_(mine, below(actor, table)) if actor.may("approve_export", "ExportRequest") else mine


def exchange(actor: Actor) -> ColumnElement[bool]:
    """What the own offices exchanged with neighbouring systems."""
    return below(actor, Exchange.__table__) if actor.may("read", "Exchange") else false()
