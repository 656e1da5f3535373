"""What several registers offer in their drop-downs: accounts, places of one level, codes of one table."""

from collections.abc import Iterable
from typing import Any

from flask import redirect, request
from markupsafe import Markup
from sqlalchemy import Select, select

from app.access.actor import current_actor, system_scope
from app.models.account import Account
from app.models.organisation import Organisation
from app.services.queries.choices import FOUND, INLINE, Chooser, at_levels, codes_of
from app.services.register import FOREIGN_ROW, owns
from app.views.page import asset

__all__ = [
    "AccountChooser",
    "ChildPages",
    "NamesAccounts",
    "at_levels",
    "codes_of",
    "own_only",
    "start_at_home",
    "with_lock",
]


def _own_accounts(statement: Select[Any]) -> Select[Any]:
    """Accounts at or below the actor's organisation: names and posts only, so the account screens stay closed."""
    table = Organisation.__table__.alias("choice_organisation")
    path = current_actor().organisation_path
    below = select(table.c.id).where(table.c.path.startswith(path or "-", autoescape=True))
    return statement.where(Account.organisation_id.in_(below))


def own_only(_view: Any, record: Any) -> Any:
    """`why_not_edit` of registers that show what organisations above share: only one's own can be changed."""
    return None if owns(current_actor(), record.organisation_id) else FOREIGN_ROW


def start_at_home(_view: Any, form: Any, pk: Any) -> None:
    """`prefill_form`: a new entry belongs to the actor's own organisation unless another is chosen."""
    home = current_actor().organisation_id
    if pk is None and home and "organisation" in form and form.organisation.data is None:
        form.organisation.data = next(iter(form.organisation.chooser.find([home]).values()), None)


LOCK = Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#lock"></use></svg> {}')


def with_lock(text: Any) -> Markup:
    """A word behind the lock that stands for what the law or the program fixes."""
    return LOCK.format(asset("portal/icons.svg"), text)


class AccountChooser(Chooser):
    """The accounts of the own centre by name, for people who manage a register but no accounts."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Account, _own_accounts)

    def search(self, text: str, limit: int = FOUND) -> list[tuple[int, str]]:
        """The first accounts whose name matches."""
        with system_scope("names of the own centre's accounts"):
            return Chooser.search(self, text, limit)

    def few(self, limit: int = INLINE) -> list[tuple[int, str]] | None:
        """All accounts if they are few."""
        with system_scope("names of the own centre's accounts"):
            return Chooser.few(self, limit)

    def find(self, keys: Iterable[int]) -> dict[int, Any]:
        """The chosen accounts, as far as they belong to the own centre."""
        with system_scope("names of the own centre's accounts"):
            return Chooser.find(self, keys)

    def labels(self, keys: Iterable[int]) -> list[tuple[int, str]]:
        """Names of accounts chosen before."""
        with system_scope("names of the own centre's accounts"):
            return Chooser.labels(self, keys)


class NamesAccounts:
    """A register with relations to accounts, chosen by name."""

    def _chooser(self, model: type, name: str) -> Chooser | None:
        chooser: Chooser | None = super()._chooser(model, name)  # type: ignore[misc]
        return AccountChooser() if chooser is not None and chooser.target is Account else chooser


class ChildPages:
    """Rows that live on the page of their parent: saving, deleting and leaving lead back there."""

    parent_field = ""
    parent_base = ""
    parent_title: Any = ""
    add_template = "portal/child_form.html"

    def parent_page(self, parent_id: Any) -> str:
        """The address of the parent's page."""
        return f"{self.parent_base}/show/{parent_id}" if parent_id else f"{self.parent_base}/list/"

    def after_save(self, record: Any, created: bool) -> Any:
        """Back to the parent's page, or another empty form for the same parent."""
        parent_id = getattr(record, f"{self.parent_field}_id")
        if created and request.form.get("more"):
            return redirect(f"{self.route_base}/add?{self.parent_field}={parent_id}")  # type: ignore[attr-defined]
        return redirect(self.parent_page(parent_id))

    def home_of(self, record: Any) -> str:
        """Where deleting leads."""
        return self.parent_page(getattr(record, f"{self.parent_field}_id"))

    def form_context(self, form: Any, record: Any) -> dict[str, Any]:
        """Leaving the form leads to the parent's page."""
        parent = form[self.parent_field].data if record is None else getattr(record, self.parent_field)
        return {"leave_to": self.parent_page(parent.id if parent is not None else None)}

    def crumbs(self, *more: Any) -> Any:
        """The parent's register stands where the own list would."""
        start = super().crumbs(*more)  # type: ignore[misc]
        place = len(start) - len(more) - 1
        start[place] = (self.parent_title, f"{self.parent_base}/list/")
        return start
