"""Papers: of a case one sees, or the letter of a proposal one sees (domain §11)."""

from typing import Any

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.access.rules.cases import CASE, case_rule
from app.access.rules.watch import proposal_rule
from app.models.document import Document, DocumentPrint
from app.models.proposal import Proposal

_document = Document.__table__.alias("scope_document")
_proposal = Proposal.__table__.alias("scope_letter")


def document(actor: Actor, table: Any = Document.__table__) -> ColumnElement[bool]:
    """Papers that exist when their case does, and the letters of proposals that do."""
    inner, letters = case_rule(actor, CASE), proposal_rule(actor, _proposal)
    whole = isinstance(inner, True_)
    of_case = table.c.case_id.is_not(None) if whole else exists().where(CASE.c.id == table.c.case_id, inner)
    if isinstance(letters, False_):
        return of_case
    return or_(of_case, exists().where(_proposal.c.id == table.c.proposal_id, letters))


def document_print(actor: Actor) -> ColumnElement[bool]:
    """Every time such a paper was given out."""
    mine = DocumentPrint.__table__.c.document_id
    return exists().where(_document.c.id == mine, document(actor, _document))
