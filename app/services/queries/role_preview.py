"""What a role would see and do: its side menu, its pages with their actions, its rows; and how it differs from ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Grant
from app.access.permissions import ACTIONS, CATALOGUE, Page
from app.access.roles import FORBIDDEN_TOGETHER
from app.core.db import db
from app.models.account import Account, RoleProfile, RowScope
from app.services.role import SEPARATIONS, faults_of, grants_of_role

MENU = _l("Menu entry")
EXPLAINED: dict[RowScope, Any] = {
    RowScope.none: _l("The role opens no case, whatever actions are ticked."),
    RowScope.named: _l("Cases where the person is named: as receiving leader, expert, adviser or counsellor."),
    RowScope.assigned: _l("Cases that were assigned to the person's organisation, as lead or co-organisation."),
    RowScope.own: _l("Cases that the person's own organisation registered; none of the organisations below it."),
    RowScope.subtree: _l("Cases of the person's organisation and of every organisation below it."),
}


@dataclass(frozen=True)
class Preview:
    """What somebody with only this role would have."""

    menu: list[tuple[Any, list[Any]]]
    pages: list[tuple[Any, list[tuple[Any, list[Any]]]]]
    row_scope: RowScope
    explained: Any
    faults: list[str]
    warnings: list[str]


def grant_label(grant: Grant) -> Any:
    """An action (or the menu entry) as people call it."""
    return MENU if grant[0] == "menu_access" else ACTIONS.get(grant[0].removeprefix("can_"), grant[0])


def _menu(grants: frozenset[Grant]) -> list[tuple[Any, list[Any]]]:
    found = []
    for group in CATALOGUE:
        items = [page.label for page in group.pages if page.menu and ("menu_access", page.name) in grants]
        if group.name == "desk" and ("can_register", "Case") in grants:
            items.insert(0, _("Register a case"))
        if items:
            found.append((group.label, items))
    return found


def _held(page: Page, grants: frozenset[Grant]) -> list[Any]:
    return [ACTIONS[action] for action in page.actions if (f"can_{action}", page.name) in grants]


def preview(grants: frozenset[Grant], row_scope: RowScope) -> Preview:
    """What these grants and rows come to."""
    pages = [
        (group.label, [(page.label, held) for page in group.pages if (held := _held(page, grants))])
        for group in CATALOGUE
    ]
    sees = ("can_read", "Case") in grants
    warnings = []
    if sees and row_scope == RowScope.none:
        warnings.append(_("The role may read cases, but its rows hold none: its case list stays empty."))
    if not sees and row_scope != RowScope.none:
        warnings.append(_("Rows are chosen, but the role may not read cases."))
    if not grants:
        warnings.append(_("The role opens no page yet."))
    return Preview(
        _menu(grants),
        [group for group in pages if group[1]],
        row_scope,
        EXPLAINED[row_scope],
        faults_of(grants, row_scope),
        warnings,
    )


def separations_of(grant: Grant) -> list[tuple[str, str]]:
    """The separations that a grant belongs to, with its side (a or b)."""
    found = []
    for key, one, other in FORBIDDEN_TOGETHER:
        found += [(key, side) for side, grants in (("a", one), ("b", other)) if grant in grants]
    return found


def matrix() -> list[tuple[Any, list[tuple[Any, list[tuple[str, Any, str]]]]]]:
    """Group → page → (value, label, separations) of every action, as the role form shows it."""
    return [
        (
            group.label,
            [
                (
                    page.label,
                    [
                        (
                            f"can_{action} {page.name}",
                            ACTIONS[action],
                            " ".join(f"{key}:{side}" for key, side in separations_of((f"can_{action}", page.name))),
                        )
                        for action in page.actions
                    ],
                )
                for page in group.pages
            ],
        )
        for group in CATALOGUE
    ]


def separation_words() -> dict[str, tuple[str, str]]:
    """Key: (sentence, source) of every separation."""
    return {key: (str(sentence), str(source)) for key, (sentence, source) in SEPARATIONS.items()}


def by_page(grants: Iterable[Grant]) -> list[tuple[Any, list[Any]]]:
    """Grants as (page, actions), in the order of the catalogue."""
    held = set(grants)
    found = []
    for group in CATALOGUE:
        for page in group.pages:
            names = ["menu_access", *(f"can_{action}" for action in page.actions)]
            labels = [grant_label((name, page.name)) for name in names if (name, page.name) in held]
            if labels:
                found.append((page.label, labels))
    return found


def preview_of(profile: RoleProfile) -> Preview:
    """What a role in the database comes to."""
    return preview(grants_of_role(profile.role), profile.row_scope)


def people_of(profile: RoleProfile, most: int = 50) -> list[Account]:
    """Who holds a role, as far as the asker sees accounts."""
    held = select(Account).where(Account.roles.any(id=profile.role_id)).order_by(Account.username).limit(most)  # type: ignore[attr-defined]
    return list(db.session.scalars(held))
