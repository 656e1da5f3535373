"""What the fields of a step may be set to: organisations that may receive a case, categories, codes, sister cases."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.access.actor import actor_or_none
from app.core.db import db
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.code_table import Category, CodeItem, CodeTable
from app.models.organisation import Level, Organisation
from app.models.party import Claim, Party, Side
from app.models.rectification import rectification_evidence
from app.models.referral import Referral, ReferralState
from app.services.queries.choices import Beyond, Chooser
from app.services.queries.late_rows import family
from app.workflow.guards import NOT_YET_REPLIED


def _receiving(statement: Select[Any]) -> Select[Any]:
    actor = actor_or_none()
    path = actor.organisation_path if actor is not None else ""
    below = Organisation.path.startswith(path, autoescape=True) if path else Organisation.level != Level.village
    return statement.where(or_(Organisation.level != Level.village, below))


def recipients() -> Beyond:
    """Every town and department, and the villages below the own organisation."""
    return Beyond(Organisation, _receiving)


def offices_of(case_id: int) -> Beyond:
    """The offices that have a case: those it is referred to, the centre that registered it, the centre of its town."""
    given = select(Referral.organisation_id).where(Referral.case_id == case_id, Referral.state != ReferralState.ended)
    centre = select(Case.organisation_id).where(Case.id == case_id)
    town = select(Case.owner_town_id).where(Case.id == case_id)
    having = or_(*(Organisation.id.in_(one.scalar_subquery()) for one in (given, centre, town)))
    return Beyond(Organisation, lambda statement: statement.where(having, Organisation.level != Level.village))


def leaves() -> Chooser:
    """The categories a case may have."""
    return Chooser(Category, lambda statement: statement.where(Category.leaf.is_(True)))


def codes(table: str) -> Chooser:
    """The items of a code table."""
    of_table = select(CodeTable.id).where(CodeTable.code == table)
    return Chooser(CodeItem, lambda statement: statement.where(CodeItem.table_id.in_(of_table.scalar_subquery())))


def claims_of(case_id: int) -> Chooser:
    """The claims of a case."""
    return Chooser(Claim, lambda statement: statement.where(Claim.case_id == case_id))


def files_of(case_id: int) -> Chooser:
    """The files of a case."""
    return Chooser(Attachment, lambda statement: statement.where(Attachment.case_id == case_id))


def _party_name(statement: Select[Any]) -> Select[Any]:
    return statement.options(joinedload(Party.person), joinedload(Party.respondent_organisation))


def parties_among(case_id: int, party_ids: Iterable[int]) -> Beyond:
    """These parties of a case, or of matters merged into it."""
    wanted = sorted(set(party_ids))
    return Beyond(
        Party,
        lambda statement: _party_name(statement.where(Party.case_id.in_(family(case_id)), Party.id.in_(wanted))),
    )


def petitioners_of(case_id: int) -> Beyond:
    """The parties on the petitioners' side of a case and of matters merged into it."""
    mine = (Party.case_id.in_(family(case_id)), Party.side == Side.petitioner)
    return Beyond(Party, lambda statement: _party_name(statement.where(*mine)))


def claims_among(case_id: int, claim_ids: Iterable[int]) -> Chooser:
    """These claims of a case."""
    wanted = sorted(set(claim_ids))
    return Chooser(Claim, lambda statement: statement.where(Claim.case_id == case_id, Claim.id.in_(wanted)))


def sisters_of(case: Case) -> Chooser:
    """The open matters of the same or a sister category into which a case may be merged."""
    parent = case.category.parent_id
    categories = select(Category.id).where(Category.parent_id == parent).scalar_subquery()
    same = Case.category_id == case.category_id
    similar = or_(same, Case.category_id.in_(categories)) if parent is not None else same
    return Chooser(
        Case, lambda statement: statement.where(Case.id != case.id, Case.state.in_(NOT_YET_REPLIED), similar)
    )


def files_that_show(rectification_id: int) -> list[Attachment]:
    """What the organisation has shown for a rectification."""
    shown = select(rectification_evidence.c.attachment_id).where(
        rectification_evidence.c.rectification_id == rectification_id
    )
    return list(db.session.scalars(select(Attachment).where(Attachment.id.in_(shown)).order_by(Attachment.id)))
