"""Typing the password again before something grave: roles, password resets, the second factor (security A7)."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import redirect, request, session
from flask_babel import lazy_gettext as _l

from app.core.errors import NotAllowed
from app.views.browser import CONFIRMED, moment
from app.views.errors import wants_json
from app.views.safe_path import safe_path

P = ParamSpec("P")
FRESH = 300  # seconds a typed password counts
FORM_TIME = 600  # seconds more for filling in a form that was opened in time
SAY = _l("Please type your password again first.")


def recently_confirmed(within: int = FRESH) -> bool:
    """Whether the person at this browser typed the password just now."""
    at = session.get(CONFIRMED)
    return isinstance(at, int) and 0 <= moment() - at <= within


def confirmed_now() -> None:
    """The password was typed and is right."""
    session[CONFIRMED] = moment()


def confirmation_needed() -> Any:
    """The answer that asks for the password first; None when it was typed recently. For use inside a view."""
    writes = request.method not in ("GET", "HEAD")
    if recently_confirmed(FRESH + FORM_TIME if writes else FRESH):
        return None
    if wants_json():
        raise NotAllowed(SAY)
    back = safe_path(request.referrer, request.path) if writes else request.full_path.rstrip("?")
    return redirect("/account/confirm?next=" + quote(back, safe=""))


def require_confirmation(view: Callable[P, Any]) -> Callable[P, Any]:
    """Decorator of a view method: the password must have been typed within five minutes (put it below @has_access)."""

    @functools.wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        answer = confirmation_needed()
        return view(*args, **kwargs) if answer is None else answer

    return run
