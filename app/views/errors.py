"""Errors become sentences once: a page for people, JSON for programs; never a trace (security C7)."""

import logging
import secrets
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.access.actor import actor_or_none
from app.core.db import db, is_contention, is_full
from app.core.errors import Conflict, Full, Malformed, PortalError, Unavailable

log = logging.getLogger("portal.errors")

SENTENCES: dict[int, Any] = {
    400: _l("The request cannot be read."),
    401: _l("Please sign in."),
    403: _l("You are not allowed to do this."),
    404: _l("This page or record does not exist, or is not yours to see."),
    405: _l("This address does not take that kind of request."),
    409: _l("The record was changed by somebody else in the meantime."),
    413: _l("The upload is too large."),
    415: _l("This type of content is not accepted."),
    422: _l("Please correct the marked fields."),
    429: _l("Too many tries. Please wait a while and try again."),
    500: _l(
        "Something went wrong on our side. Nothing was saved; please try again, "
        "or tell the administrator the number below."
    ),
    503: _l("The system is busy. Nothing was lost; please try again in a moment."),
    507: Full.default,
}


def wants_json() -> bool:
    """Whether the caller is a program."""
    accepted = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or (
        (request.is_json or "application/json" in accepted) and "text/html" not in accepted
    )


def signed_out_meanwhile() -> bool:
    """Whether a page of ours was sent by somebody whose session has ended since it was opened."""
    actor = actor_or_none()
    return (
        (actor is None or actor.user_id is None)
        and request.referrer is not None
        and not (wants_json() or request.path.startswith(("/login", "/logout")))
    )


def answer(
    status: int,
    message: Any,
    errors: dict[str, list[Any]] | None = None,
    error_id: str | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    """The one shape of a refusal, for people and programs alike."""
    if wants_json():
        body: dict[str, Any] = {"message": str(message)}
        if errors:
            body["errors"] = {field: [str(s) for s in sentences] for field, sentences in errors.items()}
        if error_id:
            body["error_id"] = error_id
        response = jsonify(body | (extra or {}))
    else:
        response = current_app.make_response(
            render_template("portal/error.html", code=status, message=message, errors=errors or {}, error_id=error_id)
        )
    response.status_code = status
    return response


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(PortalError)
    def _portal(error: PortalError) -> Response:
        db.session.rollback()
        return answer(error.status, error.message, error.errors, extra=error.extra)

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Any:
        if signed_out_meanwhile():
            flash(_("You have been signed out. Drafts are kept; sign in to go on."), "warning")
            return redirect(f"/login/?next={quote(urlsplit(request.referrer or '').path)}")
        return answer(400, _("The page is too old or came from elsewhere. Please reload it and try again."))

    @app.errorhandler(StaleDataError)
    def _stale(_error: StaleDataError) -> Response:
        db.session.rollback()
        return answer(409, Conflict.default)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:
            return error
        return answer(status, SENTENCES.get(status, SENTENCES[400 if status < 500 else 500]))

    @app.errorhandler(SQLAlchemyError)
    def _database(error: SQLAlchemyError) -> Response:
        db.session.rollback()
        if isinstance(error, OperationalError) and is_contention(error):
            response = answer(503, Unavailable.default)
            response.headers["Retry-After"] = "3"
            return response
        if is_full(getattr(error, "orig", None)):
            return _full(error)
        if isinstance(error, DataError):
            return answer(400, Malformed.default)
        if isinstance(error, IntegrityError):
            log.warning("integrity", extra={"constraint": str(error.orig)[:200]})
            return answer(409, _("The record clashes with one that exists already, or is still in use."))
        return _last(error)

    def _full(error: BaseException) -> Response:
        log.error("disk full", extra={"constraint": str(error)[:200]})
        return answer(507, Full.default)

    @app.errorhandler(OSError)
    def _system(error: OSError) -> Response:
        db.session.rollback()
        return _full(error) if is_full(error) else _last(error)

    @app.errorhandler(Exception)
    def _last(error: Exception) -> Response:
        db.session.rollback()
        number = secrets.token_hex(4)
        log.exception("error %s", number, exc_info=error)
        return answer(500, SENTENCES[500], error_id=number)
