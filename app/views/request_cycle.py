"""What happens around every request: who acts, may it write, what must come first, headers of the answer."""

import logging
import secrets
import time
from dataclasses import replace
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access.actor import ANONYMOUS, actor_or_none, set_actor
from app.access.load import actor_of
from app.core.db import set_writing
from app.core.errors import NotAllowed
from app.services.access_log import write_reads
from app.services.password import must_change
from app.views.browser import SignedCookies, signed_in_row
from app.views.errors import wants_json
from app.views.health import count_answer
from app.views.safe_json import SafeJson

log = logging.getLogger("portal.access")
READING = ("GET", "HEAD", "OPTIONS")
ASKING = ".ask"  # a POST that only leads to the address of its answer
STATIC = ("static", "appbuilder.static")
CSP = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)
FIXED_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
HTTPS_HEADER = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
TOKENS_KEPT = 2000
_tokens: dict[str | None, tuple[int, str]] = {}
# What must be done before any other page, where it is done, and the sentence for programs.
GATES: dict[str, tuple[str, Any]] = {
    "password": ("/account/password", _l("Please choose a new password on the website first.")),
    "second_factor": ("/account/second-factor", _l("Please set up the second factor on the website first.")),
}
# Open while something must come first: the way out, the look, and the page itself with its confirmation.
PASSABLE = frozenset(
    {
        "LoginView.logout",
        "MyAccountView.preferences",
        "LocaleView.index",
        "MyAccountView.confirm",
        "HealthView.healthz",
        "HealthView.readyz",
        "HealthView.metrics",
        *STATIC,
    }
)


def csp_nonce() -> str:
    """The nonce of this answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def csrf_token() -> str:
    """The token of this page's forms. Signing one is dear, so a browser's pages of one minute have the same."""
    if "csrf_token" not in g:
        secret, minute = session.get("csrf_token"), int(time.time()) // 60
        kept = _tokens.get(secret, (0, ""))
        if kept[0] == minute:
            g.csrf_token = kept[1]  # where the extension looks for it
        else:
            generate_csrf()
            if len(_tokens) >= TOKENS_KEPT:
                _tokens.clear()
            _tokens[session["csrf_token"]] = (minute, g.csrf_token)
    return str(g.csrf_token)


def _gate(row: Any, actor: Any) -> str | None:
    if must_change(row):
        return "password"
    missing = current_app.config["SECOND_FACTOR_REQUIRED"] and actor.administrative and not row["second_factor"]
    return "second_factor" if missing else None


def become(row: Any) -> None:
    """Act as the account of `row` for the rest of this request."""
    g.account = row
    g.actor = actor_of(row, request.remote_addr, english=str(get_locale() or "").startswith("en"))
    g.gate = _gate(row, g.actor)
    set_actor(g.actor)


def refuse_behind_gate() -> None:
    """For programs: nothing goes through while the person has something to do on the website first."""
    if g.get("gate"):
        raise NotAllowed(GATES[g.gate][1])


def bears_token() -> bool:
    """Whether a program shows a token of its own; the cookie is then not looked at."""
    return request.path.startswith("/api/") and request.headers.get("Authorization", "").lower().startswith("bearer ")


def _first_things_first() -> Any:
    """The answer that leads to the page that must come before all others."""
    if not g.get("gate") or request.endpoint in PASSABLE:
        return None
    place = GATES[g.gate][0]
    if request.path.rstrip("/") == place:
        return None
    if wants_json():
        refuse_behind_gate()
    return redirect(place)


def _check_cookie_write() -> None:
    """A browser's write to the REST interface carries the page's token in X-CSRFToken, as a form does."""
    signing_in = (request.endpoint or "").startswith("SignInApi.")
    if request.method not in READING and request.path.startswith("/api/") and not signing_in:
        current_app.extensions["csrf"].protect()


def _begin() -> Any:
    g.request_id, g.began = secrets.token_hex(8), time.perf_counter()
    set_writing(request.method not in READING and not (request.endpoint or "").endswith(ASKING))
    set_actor(replace(ANONYMOUS, address=request.remote_addr))
    if request.endpoint in STATIC:
        return None
    if session.get("locale") not in (None, *current_app.config["LANGUAGES"]):
        session["locale"] = current_app.config["BABEL_DEFAULT_LOCALE"]
    row = None if bears_token() else signed_in_row()
    if row is not None:
        become(row)
        _check_cookie_write()
        return _first_things_first()
    return None


def _headers(answer: Response) -> Response:
    headers = answer.headers
    wanted = [("Content-Security-Policy", CSP.format(nonce=csp_nonce())), *FIXED_HEADERS]
    if current_app.config["HTTPS"]:
        wanted.append(HTTPS_HEADER)
    said = {name.lower() for name, _value in headers}
    headers.extend([(name, value) for name, value in wanted if name.lower() not in said])
    headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint not in STATIC:
        headers["Cache-Control"] = "no-store"
    return answer


def _line(answer: Response) -> None:
    """One line for the log of requests; the address without its query, which may hold what somebody searched for."""
    actor, seconds = actor_or_none(), time.perf_counter() - g.get("began", time.perf_counter())
    log.info(
        "request",
        extra={
            "request_id": g.get("request_id"),
            "user_id": actor.user_id if actor else None,
            "method": request.method,
            "route": str(request.url_rule or "-"),
            "status": answer.status_code,
            "address": request.remote_addr,
            "ms": round(seconds * 1000),
        },
    )
    count_answer(answer, seconds)


def install(app: Flask) -> None:
    """Hook the cycle into the application."""
    app.json = SafeJson(app)
    app.session_interface = SignedCookies()
    hops = app.config["TRUSTED_PROXIES"]
    if hops > 0:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_begin)

    @app.errorhandler(SecurityError)
    def _foreign_host(_error: SecurityError) -> Response:
        """Asked for under a name that is not ours: no page, for its links would bear that name."""
        return Response("400\n", status=400, mimetype="text/plain")

    @app.after_request
    def _finish(answer: Response) -> Response:
        if answer.status_code < 400:
            try:
                write_reads()
            except Exception as fault:  # no entry, no answer: the refusal in words, like any other
                answer = app.make_response(app.handle_user_exception(fault))
        answer = _headers(answer)
        if request.endpoint not in STATIC:
            _line(answer)
        return answer

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        set_actor(None)
        set_writing(True)

    app.jinja_env.globals.update(csp_nonce=csp_nonce, csrf_token=csrf_token)
