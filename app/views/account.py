"""Accounts: who works here, in which organisation, with which roles; one-time passwords, disabling, unlocking."""

from typing import Any

from flask import flash, g, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, PortalError
from app.models.account import Account, RoleProfile, RoleRequest
from app.services import account as accounts
from app.services.queries.choices import parse_key
from app.services.sign_in import one_time_hours
from app.views.base import PortalInterface, PortalModelView
from app.views.confirm import SAY, confirmation_needed, recently_confirmed, require_confirmation
from app.views.fields import Computed


def _state(active: Any, locked_until: Any) -> Any:
    if not active:
        return Markup('<span class="tag late plain">{}</span>').format(_("disabled"))
    if locked_until is not None and locked_until > clock.now():
        return Markup('<span class="tag soon plain">{}</span>').format(_("locked"))
    return Markup('<span class="tag ok plain">{}</span>').format(_("in use"))


def _state_text(active: Any, locked_until: Any) -> str:
    return str(_state(active, locked_until).striptags())


def _create(actor: Any, values: Any) -> Account:
    made: tuple[Account, str] = accounts.create_account(actor, values)
    g.one_time_password = made[1]
    return made[0]


class AccountView(PortalModelView):
    """The accounts at or below one's own organisation."""

    datamodel = PortalInterface(Account)
    class_permission_name = "Account"
    route_base = "/account"
    method_permission_name = {
        "roles": "assign_roles",
        "decide": "assign_roles",
        "new_password": "reset_password",
        "disable": "disable",
        "enable": "disable",
        "unlock": "disable",
    }
    list_columns = (("first_name", "post"), "username", "organisation.name", "state")
    optional_columns = ("mobile", "must_change_password")
    search_columns = ("username", "first_name", "post", "organisation", "active")
    quick_columns = ("username", "first_name", "post")
    base_order = ("username", "asc")
    computed = {"state": Computed(_l("State"), ("active", "locked_until"), _state, _state_text)}
    quick_filters = (
        ("active", _l("In use"), lambda: Account.active.is_(True)),
        ("disabled", _l("Disabled"), lambda: or_(Account.active.is_(False), Account.active.is_(None))),
        ("locked", _l("Locked"), lambda: Account.locked_until > clock.now()),
    )
    label_columns = {"organisation.name": _l("Organisation")}
    form_groups = ((_l("Person"), ("first_name", "organisation", "post", "mobile")),)
    add_groups = ((_l("Person"), ("first_name", "username", "organisation", "post", "mobile")),)
    show_groups = (
        (_l("Person"), ("first_name", "username", "organisation", "post", "mobile")),
        (_l("Sign-in"), ("state", "must_change_password")),
    )
    unlocked = ("username",)
    create_verb = _create
    update_verb = accounts.update_account
    add_title = _l("New account")
    show_template = "portal/account_show.html"
    list_template = "portal/account_list.html"
    add_template = "portal/account_form.html"

    def name_of(self, record: Any) -> str:
        """The person's name."""
        return str(record.first_name)

    def why_not_edit(self, record: Any) -> Any:
        """One's own account is for others to change."""
        return accounts.OWN if record.id == current_actor().user_id else None

    def list_context(self, *args: Any) -> dict[str, Any]:
        """The list, and what waits for a second administrator."""
        waiting = accounts.open_requests() if self.may("assign_roles") else []
        return {**super().list_context(*args), "waiting": [self._request(one) for one in waiting]}

    def show_context(self, record: Any) -> dict[str, Any]:
        """Roles, open requests and what may be done."""
        own = self.why_not_edit(record)
        return {
            "roles": accounts.profiles_of(record),
            "own": own,
            "waiting": [self._request(one) for one in accounts.open_requests(record)],
            "locked": record.locked_until is not None and record.locked_until > clock.now(),
            "can": {name: self.may(name) for name in ("assign_roles", "reset_password", "disable")},
        }

    @staticmethod
    def _request(one: RoleRequest) -> dict[str, Any]:
        profile = db.session.get(RoleProfile, one.role_id)
        actor = current_actor()
        return {
            "id": one.id,
            "account": one.user,
            "role": profile,
            "by": one.asked_by,
            "at": one.asked_at,
            "mine": one.asked_by_id == actor.user_id,
            "about_me": one.user_id == actor.user_id,
        }

    def after_save(self, record: Any, created: bool) -> Any:
        """A new account's one-time password is shown once, on the answer itself."""
        if created:
            return self._password_page(record, g.one_time_password, _("The account is made."))
        return redirect(f"/account/show/{record.id}")

    def _password_page(self, account: Account, password: str, said: str) -> Any:
        return self.render_template(
            "portal/account_password.html",
            title=said,
            account=account,
            password=password,
            crumbs=self.crumbs((account.first_name, f"/account/show/{account.id}"), (_("One-time password"), None)),
            can_roles=self.may("assign_roles"),
            hours=one_time_hours(),
        )

    # ---- verbs

    @expose("/<pk>/roles", methods=["GET", "POST"])
    @has_access
    def roles(self, pk: str) -> Any:
        """Which roles the account holds; powerful ones wait for a second administrator."""
        account = self.fetch(pk, selectinload(Account.roles))  # type: ignore[attr-defined]
        if self.why_not_edit(account):
            raise NotAllowed(accounts.OWN)
        if request.method == "GET":
            gate = confirmation_needed()
            held = {profile.role_id for profile in accounts.profiles_of(account)}
            return gate if gate is not None else self._roles_page(account, held, [], 200)
        chosen = {key for text in request.form.getlist("role")[:200] if (key := parse_key(text)) is not None}
        if not recently_confirmed(900):
            return self._roles_page(account, chosen, [str(SAY)], 403)
        try:
            asked = accounts.set_roles(current_actor(), account, chosen, parse_key(request.form.get("row_version")))
        except PortalError as refusal:
            db.session.rollback()
            told = [str(s) for found in refusal.errors.values() for s in found] or [str(refusal.message)]
            return self._roles_page(self.fetch(pk), chosen, told, refusal.status)
        flash(_("Saved. The roles hold at once; the person signs in anew."), "success")
        if asked:
            flash(_("The powerful role waits until a second administrator confirms it."), "warning")
        return redirect(f"/account/show/{account.id}")

    def _roles_page(self, account: Account, chosen: set[int], told: list[str], status: int) -> Any:
        order = (RoleProfile.administrative, RoleProfile.shipped.desc(), RoleProfile.role_id)
        waiting = {one.role_id for one in accounts.open_requests(account)}
        rows = [
            (p, p.role_id in chosen, p.role_id in waiting)
            for p in db.session.scalars(select(RoleProfile).order_by(*order))
        ]
        page = self.render_template(
            "portal/account_roles.html",
            title=_("Roles of %(name)s", name=account.first_name),
            account=account,
            rows=rows,
            told=told,
            back=f"/account/show/{account.id}",
            ask=status == 403,
            crumbs=self.crumbs((account.first_name, f"/account/show/{account.id}"), (_("Roles"), None)),
        )
        return page, status

    @expose("/request/<pk>/<word>", methods=["POST"])
    @has_access
    @require_confirmation
    def decide(self, pk: str, word: str) -> Any:
        """The second administrator's answer to a request for a powerful role."""
        key = parse_key(pk)
        one = db.session.get(RoleRequest, key) if key is not None else None
        if one is None or word not in ("confirm", "refuse"):
            raise NotFound()
        self.fetch(one.user_id)
        accounts.decide_request(current_actor(), one, word == "confirm")
        flash(_("The role is given.") if word == "confirm" else _("The request is closed."), "success")
        return redirect(f"/account/show/{one.user_id}")

    @expose("/<pk>/password", methods=["POST"])
    @has_access
    @require_confirmation
    def new_password(self, pk: str) -> Any:
        """A new one-time password, shown once."""
        account = self.fetch(pk)
        return self._password_page(
            account, accounts.reset_password(current_actor(), account), _("The password is replaced.")
        )

    @expose("/<pk>/disable", methods=["POST"])
    @has_access
    def disable(self, pk: str) -> Any:
        """Lock the account out; its sessions end at once."""
        account = self.fetch(pk)
        try:
            accounts.set_active(current_actor(), account, False, request.form.get("reason", ""))
        except Invalid:
            db.session.rollback()
            flash(_("Please say why the account is disabled."), "warning")
        else:
            flash(_("The account is disabled; its sessions have ended."), "success")
        return redirect(f"/account/show/{parse_key(pk)}")

    @expose("/<pk>/enable", methods=["POST"])
    @has_access
    def enable(self, pk: str) -> Any:
        """Let a disabled account in again."""
        accounts.set_active(current_actor(), self.fetch(pk), True)
        flash(_("The account is in use again."), "success")
        return redirect(f"/account/show/{parse_key(pk)}")

    @expose("/<pk>/unlock", methods=["POST"])
    @has_access
    def unlock(self, pk: str) -> Any:
        """Let the person try again at once after too many wrong passwords."""
        accounts.unlock(current_actor(), self.fetch(pk))
        flash(_("The account is unlocked."), "success")
        return redirect(f"/account/show/{parse_key(pk)}")
