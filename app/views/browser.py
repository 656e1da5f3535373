"""The session of a browser: a token in a signed cookie, its row on the server, and what else the cookie remembers."""

from typing import Any

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.core import clock
from app.services.login_session import end_session, session_row, start_session

USER, TOKEN, SEEN, CONFIRMED, PENDING = "_user_id", "token", "seen", "confirmed", "pending"
LOOK, LOCALE = "ui", "locale"
REFRESH_AFTER = 60  # seconds: the time of the last request is written into the cookie at most so often
PENDING_FOR = 300  # seconds between password and second factor


class SignedCookies(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies, with the signer made once."""

    _signers: dict[Any, URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of the application's key."""
        if app.secret_key not in self._signers:
            self._signers[app.secret_key] = super().get_signing_serializer(app)
        return self._signers[app.secret_key]


def moment() -> int:
    """The present second."""
    return int(clock.now().timestamp())


def _clean() -> None:
    """A new session that keeps only what is no secret: language and look."""
    kept = {name: session[name] for name in (LOOK, LOCALE) if name in session}
    session.clear()
    session.update(kept)


def signed_in_row() -> Any:
    """The account's line of this browser's session; None, and the cookie emptied, when it is over."""
    user_id, token, seen = session.get(USER), session.get(TOKEN), session.get(SEEN)
    if user_id is None and token is None:
        return None
    row = None
    if isinstance(user_id, str) and user_id.isdecimal() and isinstance(token, str) and isinstance(seen, int):
        idle = moment() - seen
        if idle <= current_app.config["SESSION_IDLE"].total_seconds():
            row = session_row(int(user_id), token)
            if row is not None and idle >= REFRESH_AFTER:
                session[SEEN] = moment()
    if row is None:
        _clean()
    return row


def enter(user_id: int, code: str = "sign-in:ok") -> Any:
    """Start a fresh session in this browser for an account that has proved itself."""
    if session.get(TOKEN):
        end_session(session[TOKEN], "signed in anew")
    _clean()
    token, row = start_session(user_id, request.remote_addr, request.user_agent.string, code)
    session.update({USER: str(user_id), TOKEN: token, SEEN: moment(), CONFIRMED: moment()})
    kept = row["preferences"] or {}
    if kept.get("language") in current_app.config["LANGUAGES"]:
        session[LOCALE] = kept["language"]
    return row


def leave() -> None:
    """End the session of this browser."""
    if session.get(TOKEN):
        end_session(session[TOKEN])
    _clean()


def wait_for_second_factor(row: Any, back: str) -> None:
    """Remember for a few minutes that the password was right; nobody is signed in by it."""
    _clean()
    session[PENDING] = {
        "user": row["id"],
        "name": row["username"],
        "epoch": row["session_epoch"],
        "at": moment(),
        "next": back,
    }


def pending() -> dict[str, Any] | None:
    """Who has typed the right password and still owes the second factor."""
    found = session.get(PENDING)
    if not isinstance(found, dict) or moment() - found["at"] > PENDING_FOR:
        session.pop(PENDING, None)
        return None
    return found
