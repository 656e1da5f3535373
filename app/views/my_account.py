"""One's own account: password, second factor, sessions, and how the pages look."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import current_app, flash, g, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import refresh

from app.access.actor import current_actor
from app.core.crypto import CipherError, decrypt, encrypt
from app.core.errors import Invalid, PortalError
from app.core.late import late
from app.forms.account import CodeForm, ConfirmForm, PasswordForm
from app.services import login_session, password, second_factor, sign_in
from app.services.preferences import chosen, keep_preferences
from app.views.browser import LOCALE, LOOK, enter
from app.views.confirm import confirmation_needed, confirmed_now
from app.views.device import device_of
from app.views.safe_path import safe_path

segno = late("segno")

P = ParamSpec("P")
ENROL, ENROL_PURPOSE = "enrol", "account.totp.enrol"


def signed_in(view: Callable[P, Any]) -> Callable[P, Any]:
    """Decorator: pages that every signed-in person has, whatever the roles."""

    @functools.wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        if current_actor().user_id is None:
            return redirect("/login/?next=" + quote(request.path, safe=""))
        return view(*args, **kwargs)

    return run


class MyAccountView(BaseView):
    """My account."""

    route_base = "/account"
    default_view = "index"

    def _page(self, template: str, title: str, **more: Any) -> str:
        crumbs = [(_("My account"), "/account/")] if template != "my_account" else []
        page = self.render_template(
            f"portal/{template}.html", title=title, crumbs=[*crumbs, (title, None)], account=g.account, **more
        )
        return str(page)

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Who I am here."""
        return self._page("my_account", _("My account"))

    # ---- password

    @expose("/password", methods=["GET", "POST"])
    @signed_in
    def password(self) -> Any:
        """Choose a new password; the present one is asked for."""
        form, status = PasswordForm(), 200
        if request.method == "POST":
            status = 422
            if form.validate_on_submit() and self._changed(form):
                enter(current_actor().user_id or 0, "sign-in:password-changed")
                flash(_("Your password is changed. You are signed out everywhere else."), "success")
                return redirect("/")
        forced = g.get("gate") == "password"
        intro = _("Your password is new from the administrator or too old. Please choose your own.") if forced else ""
        page = self._page(
            "my_account_form",
            _("Change password"),
            form=form,
            rules=password.rules(),
            intro=intro,
            submit=_("Change password"),
            cancel=None if forced else "/account/",
        )
        return page, status

    def _changed(self, form: PasswordForm) -> bool:
        if form.password.data != form.again.data:
            form.again.errors = [_("The two new passwords differ.")]
            return False
        try:
            if not sign_in.check_password(g.account["username"], form.present.data, request.remote_addr, inside=True):
                form.present.errors = [_("This is not your present password.")]
                return False
            password.change_password(current_actor(), form.password.data)
        except Invalid as refusal:
            form.password.errors = list(refusal.errors.get("password", [refusal.message]))
            return False
        except PortalError as refusal:
            form.present.errors = [refusal.message]
            return False
        return True

    @expose("/confirm", methods=["GET", "POST"])
    @signed_in
    def confirm(self) -> Any:
        """Type the password once more before something grave."""
        form, status = ConfirmForm(), 200
        if request.method == "POST":
            status = 422
            if form.validate_on_submit():
                if sign_in.check_password(g.account["username"], form.password.data, request.remote_addr, inside=True):
                    confirmed_now()
                    return redirect(safe_path(request.args.get("next")))
                form.password.errors = [_("This is not your present password.")]
        page = self._page(
            "my_account_form",
            _("Please type your password again"),
            form=form,
            rules=None,
            intro=_("What you are about to do is grave, so we make sure that it is you."),
            submit=_("Go on"),
            cancel="/",
        )
        return page, status

    # ---- second factor

    @expose("/second-factor", methods=["GET", "POST"])
    @signed_in
    def second_factor(self) -> Any:
        """Set the second factor up, renew its recovery codes, or take it off."""
        answer = confirmation_needed()
        if answer is not None:
            return answer
        form = CodeForm()
        if request.method == "GET":
            return self._factor_page(form)
        act = {"enrol": self._enrol, "codes": self._renew, "remove": self._remove}.get(request.form.get("do", ""))
        return act(form) if act else (self._factor_page(form), 422)

    def _required(self) -> bool:
        return bool(current_app.config["SECOND_FACTOR_REQUIRED"] and current_actor().administrative)

    def _secret(self) -> str:
        """The secret offered in this session; it is the account's only after its first code."""
        try:
            return decrypt(session.get(ENROL, ""), ENROL_PURPOSE)
        except CipherError:
            secret = second_factor.new_secret()
            session[ENROL] = encrypt(secret, ENROL_PURPOSE)
            return secret

    def _factor_page(self, form: CodeForm, codes: list[str] | None = None) -> str:
        enrolled = bool(g.account["second_factor"])
        more: dict[str, Any] = {}
        if not enrolled and not codes:
            more["secret"] = self._secret()
            said = second_factor.address_of(more["secret"], g.account["username"], current_app.config["APP_NAME"])
            more["picture"] = segno.make(said, error="m").svg_data_uri(scale=4, border=4, light="white")
        return self._page(
            "my_account_factor",
            _("Second factor"),
            form=form,
            codes=codes,
            enrolled=enrolled,
            required=self._required(),
            left=second_factor.codes_left(current_actor()) if enrolled else 0,
            **more,
        )

    def _enrol(self, form: CodeForm) -> Any:
        if g.account["second_factor"] or not form.validate_on_submit():
            return self._factor_page(form), 422
        try:
            codes = second_factor.enrol(current_actor(), self._secret(), form.code.data)
        except Invalid as refusal:
            form.code.errors = list(refusal.errors["code"])
            return self._factor_page(form), 422
        session.pop(ENROL, None)
        enter(current_actor().user_id or 0, "sign-in:second-factor")
        return self._factor_page(form, codes)

    def _renew(self, form: CodeForm) -> Any:
        if not g.account["second_factor"]:
            return self._factor_page(form), 422
        return self._factor_page(form, second_factor.renew_codes(current_actor()))

    def _remove(self, form: CodeForm) -> Any:
        if self._required() or not g.account["second_factor"]:
            return self._factor_page(form), 422
        second_factor.remove(current_actor(), current_actor().user_id or 0)
        enter(current_actor().user_id or 0, "sign-in:second-factor-off")
        flash(_("The second factor is off."), "success")
        return redirect("/account/")

    # ---- sessions and look

    @expose("/sessions", methods=["GET", "POST"])
    @signed_in
    def sessions(self) -> Any:
        """Where I am signed in; any other place can be ended."""
        if request.method == "POST":
            number = request.form.get("session", "")
            if number.isascii() and number.isdigit() and len(number) < 16:
                login_session.end_own_session(current_actor(), int(number))
                flash(_("That session is ended."), "success")
            return redirect("/account/sessions")
        return self._page(
            "my_account_sessions",
            _("Where I am signed in"),
            here=g.account["session_id"],
            device_of=device_of,
            sessions=login_session.sessions_of(current_actor()),
        )

    @expose("/preferences", methods=["POST"])
    def preferences(self) -> Any:
        """Size of type, contrast, theme, language; for visitors too, in this browser."""
        values = chosen(request.form)
        actor = current_actor()
        if "language" in values:
            session[LOCALE] = values["language"]
            refresh()
        if actor.user_id is not None:
            keep_preferences(actor, values)
        looks = {name: value for name, value in values.items() if name != "language"}
        if looks:
            session[LOOK] = {**(session.get(LOOK) or {}), **looks}
        return redirect(safe_path((request.form.get("next") or "").rstrip("?")))
