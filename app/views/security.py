"""The framework's security manager, asking the actor of this request instead of the database at every question."""

from typing import Any

from flask import Flask, Response, g, jsonify
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import gettext as _
from flask_jwt_extended import JWTManager
from flask_login import LoginManager, UserMixin, current_user

from app.access.actor import actor_or_none
from app.models.account import Account
from app.services.login_session import session_row
from app.views.login import LoginView
from app.views.login_api import SignInApi
from app.views.request_cycle import become, refuse_behind_gate


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
        return str(self.first_name)


def _token_refused(*_reasons: Any) -> Response:
    """The one answer to a missing, broken, expired or ended token."""
    answer = jsonify({"message": _("Please sign in: the token is missing, not right, expired or ended.")})
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


class PortalSecurityManager(SecurityManager):
    """Permissions come from the actor; the framework's own user, role and password screens are not registered."""

    user_model = Account

    def register_views(self) -> None:
        """Only the two doors; our own screens replace the framework's."""
        self.auth_view = self.appbuilder.add_view_no_menu(LoginView)
        self.appbuilder.add_api(SignInApi)

    def create_login_manager(self, app: Flask) -> LoginManager:
        """The framework's, but who is signed in is looked up where a template asks, not for every page."""
        manager = LoginManager()
        manager.init_app(app, add_context_processor=False)
        manager.login_view = "login"
        manager.user_loader(self.load_user)
        app.jinja_env.globals["current_user"] = current_user
        return manager

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """Tokens as the framework has them, with one plain answer for all that is wrong with one."""
        manager = super().create_jwt_manager(app)
        for loader in (
            manager.unauthorized_loader,
            manager.invalid_token_loader,
            manager.expired_token_loader,
            manager.user_lookup_error_loader,
            manager.revoked_token_loader,
            manager.needs_fresh_token_loader,
            manager.token_verification_failed_loader,
        ):
            loader(_token_refused)
        return manager

    def load_user(self, pk: str) -> SignedIn | None:
        """The person of this request, already found by the request cycle."""
        row = g.get("account")
        return SignedIn(row) if row is not None and str(row["id"]) == str(pk) else None

    def load_user_jwt(self, _jwt_header: Any, jwt_data: dict[str, Any]) -> SignedIn | None:
        """The person of a token whose session is still good; he or she acts from here on."""
        user_id, token = jwt_data.get("sub"), jwt_data.get("sid")
        if not (isinstance(user_id, str) and user_id.isdecimal() and isinstance(token, str)):
            return None
        row = session_row(int(user_id), token)
        if row is None or jwt_data.get("epoch") != row["session_epoch"]:
            return None
        become(row)
        refuse_behind_gate()
        g.user = SignedIn(row)
        return g.user

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the actor of this request holds the permission."""
        actor = actor_or_none()
        return actor is not None and (permission_name, view_name) in actor.permissions

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public by permission; public pages say so themselves."""
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu entries of the actor."""
        actor = actor_or_none()
        return {page for name, page in actor.permissions if name == "menu_access"} if actor else set()
