"""What the fields of a step may be set to: organisations that may receive a case, categories, codes, sister cases."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select

from app.access.actor import actor_or_none, system_scope
from app.models.case import Case
from app.models.code_table import Category, CodeItem, CodeTable
from app.models.organisation import Level, Organisation
from app.services.queries.choices import FOUND, INLINE, Chooser
from app.workflow.guards import NOT_YET_REPLIED

FOR_WHOM = "choosing an organisation to receive a case"


class Recipients(Chooser):
    """Organisations that may receive a case: every town and department, and the villages below the own organisation."""

    def search(self, text: str, limit: int = FOUND) -> list[tuple[int, str]]:
        """The first whose name or code contains every word."""
        with system_scope(FOR_WHOM):
            return super().search(text, limit)

    def few(self, limit: int = INLINE) -> list[tuple[int, str]] | None:
        """All of them, if they are few."""
        with system_scope(FOR_WHOM):
            return super().few(limit)

    def find(self, keys: Iterable[int]) -> dict[int, Any]:
        """Those of these keys that may be chosen."""
        with system_scope(FOR_WHOM):
            return super().find(keys)

    def by(self, column: Any, text: str) -> int | None:
        """The one of this code."""
        with system_scope(FOR_WHOM):
            return super().by(column, text)


def _receiving(statement: Select[Any]) -> Select[Any]:
    actor = actor_or_none()
    path = actor.organisation_path if actor is not None else ""
    below = Organisation.path.startswith(path, autoescape=True) if path else Organisation.level != Level.village
    return statement.where(or_(Organisation.level != Level.village, below))


def recipients() -> Recipients:
    """Who may receive a case."""
    return Recipients(Organisation, _receiving)


def leaves() -> Chooser:
    """The categories a case may have."""
    return Chooser(Category, lambda statement: statement.where(Category.leaf.is_(True)))


def codes(table: str) -> Chooser:
    """The items of a code table."""
    of_table = select(CodeTable.id).where(CodeTable.code == table)
    return Chooser(CodeItem, lambda statement: statement.where(CodeItem.table_id.in_(of_table.scalar_subquery())))


def sisters_of(case: Case) -> Chooser:
    """The open matters of the same or a sister category into which a case may be merged."""
    parent = case.category.parent_id
    categories = select(Category.id).where(Category.parent_id == parent).scalar_subquery()
    same = Case.category_id == case.category_id
    similar = or_(same, Case.category_id.in_(categories)) if parent is not None else same
    return Chooser(
        Case, lambda statement: statement.where(Case.id != case.id, Case.state.in_(NOT_YET_REPLIED), similar)
    )
