"""The framework's security manager, asking the actor of this request instead of the database at every question."""

from typing import Any

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import UserMixin

from app.access.actor import actor_or_none
from app.access.load import account_row
from app.models.account import Account


class SignedIn(UserMixin):
    """The signed-in person as the framework wants to see one; no table behind it."""

    is_active = True
    roles: tuple[()] = ()
    groups: tuple[()] = ()

    def __init__(self, row: Any) -> None:
        self.id = row["id"]
        self.username = row["username"]
        self.first_name = row["first_name"]
        self.last_name = ""

    def get_full_name(self) -> str:
        """The whole name."""
        return self.first_name


class PortalSecurityManager(SecurityManager):
    """Permissions come from the actor; the framework's own user and role screens are not registered."""

    user_model = Account

    def register_views(self) -> None:
        """Our own screens replace the framework's; see views/account.py and views/role.py."""

    def load_user(self, pk: str) -> SignedIn | None:
        """The signed-in person of this request."""
        row = g.get("account") or (account_row(int(pk)) if str(pk).isdigit() else None)
        return SignedIn(row) if row is not None and row["active"] else None

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the actor of this request holds the permission."""
        actor = actor_or_none()
        return actor is not None and (permission_name, view_name) in actor.permissions

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu entries of the actor."""
        actor = actor_or_none()
        return {page for name, page in actor.permissions if name == "menu_access"} if actor else set()
