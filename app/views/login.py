"""The door for browsers: sign in, second factor, sign out."""

from typing import Any

from flask import redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core.errors import TooMany, Unauthorised
from app.forms.account import CodeForm, LoginForm
from app.services import second_factor, sign_in
from app.views.browser import enter, leave, pending, wait_for_second_factor
from app.views.safe_path import safe_path


class LoginView(BaseView):
    """User name and password, then the second factor if the account has one."""

    route_base = ""
    default_view = "login"

    def _page(self, form: LoginForm, status: int = 200) -> Any:
        return self.render_template("portal/login.html", form=form), status

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """Ask for user name and password; whatever is wrong, the answer is the same."""
        back = safe_path(request.args.get("next"))
        form = LoginForm()
        if request.method == "GET":
            return redirect(back) if current_actor().user_id else self._page(form)
        if not form.validate_on_submit():
            return self._page(form, 422)
        try:
            row = sign_in.check_password(form.username.data, form.password.data, request.remote_addr)
        except TooMany as refusal:
            form.password.errors = [refusal.message]
            return self._page(form, 429)
        except Unauthorised as refusal:
            form.password.errors = [refusal.message]
            return self._page(form, 401)
        if row is None:
            form.password.errors = [
                _(
                    "User name or password is not right, or the account is closed. "
                    "After %(tries)d failed tries it stays closed for %(minutes)d minutes.",
                    **sign_in.limits(),
                )
            ]
            return self._page(form, 401)
        if row["second_factor"]:
            wait_for_second_factor(row, back)
            return redirect("/login/second-factor")
        enter(row["id"])
        return redirect(back)

    @expose("/login/second-factor", methods=["GET", "POST"])
    @no_cache
    def second_factor(self) -> Any:
        """Ask for the code; only then a session begins."""
        waiting = pending()
        if waiting is None:
            return redirect("/login/")
        form = CodeForm()
        status = 200
        if form.validate_on_submit():
            if second_factor.verify(waiting["user"], waiting["name"], form.code.data, request.remote_addr):
                if not sign_in.still_open(waiting["user"], waiting["epoch"]):
                    leave()
                    return redirect("/login/")
                enter(waiting["user"], "sign-in:second-factor")
                return redirect(safe_path(waiting["next"]))
            form.code.errors, status = [second_factor.WRONG_CODE], 401
        elif request.method == "POST":
            status = 422
        return self.render_template("portal/login_totp.html", form=form), status

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> Any:
        """Sign out by POST; an address alone signs nobody out."""
        if request.method == "POST":
            leave()
            return redirect("/login/")
        return self.render_template("portal/logout.html")
