"""What happens around every request: who acts, may it write, headers of the answer."""

import secrets
from typing import Any

from flask import Flask, Response, g, request, session
from flask_babel import get_locale

from app.access.actor import ANONYMOUS, set_actor
from app.access.load import account_row, actor_of
from app.core.db import set_writing

READING = ("GET", "HEAD", "OPTIONS")
STATIC = ("static", "appbuilder.static")
CSP = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'; connect-src 'self'"
)


def csp_nonce() -> str:
    """The nonce of this answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def become(row: Any) -> None:
    """Act as the account of `row` for the rest of this request."""
    g.account = row
    g.actor = actor_of(row, request.remote_addr, english=str(get_locale() or "").startswith("en"))
    set_actor(g.actor)


def install(app: Flask) -> None:
    """Hook the cycle into the application."""

    @app.before_request
    def _begin() -> None:
        set_writing(request.method not in READING)
        set_actor(ANONYMOUS)
        if request.endpoint in STATIC:
            return
        if session.get("locale") not in (None, *app.config["LANGUAGES"]):
            session["locale"] = app.config["BABEL_DEFAULT_LOCALE"]
        user_id = session.get("_user_id")
        if user_id is not None and str(user_id).isdigit():
            row = account_row(int(user_id))
            if row is not None and row["active"]:
                become(row)

    @app.after_request
    def _headers(answer: Response) -> Response:
        headers = answer.headers
        headers.setdefault("Content-Security-Policy", CSP.format(nonce=csp_nonce()))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if app.config["HTTPS"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint not in STATIC:
            headers["Cache-Control"] = "no-store"
        return answer

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        set_actor(None)
        set_writing(True)

    app.jinja_env.globals["csp_nonce"] = csp_nonce


