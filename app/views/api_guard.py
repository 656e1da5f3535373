"""Who may call a REST resource, and what a call carries."""

import functools
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_jwt_extended import verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from werkzeug.exceptions import BadRequest

from app.access.actor import current_actor
from app.core.errors import Malformed, NotAllowed, PortalError, WrongType


class NotSignedIn(PortalError):
    """401: no token, or one that is not good any more."""

    status = 401

    def __init__(self) -> None:
        super().__init__(_("Please sign in."))


def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Only with a good token and the right; every refusal in the one JSON shape."""

    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kw: Any) -> Any:
        sign_in()
        action = f"can_{self.method_permission_name.get(method.__name__, method.__name__)}"
        held = self.appbuilder.sm.has_access(action, self.class_permission_name)
        if action not in self.base_permissions or not held:
            raise NotAllowed()
        return method(self, *args, **kw)

    wrapped._permission_name = method.__name__  # type: ignore[attr-defined]
    return wrapped


def sign_in() -> None:
    """Find out who calls: by the browser's session (its writes carry the page's token), else by the call's token."""
    if current_actor().user_id is not None:
        return
    try:
        verify_jwt_in_request()
    except (JWTExtendedException, PyJWTError, ValueError, KeyError) as refusal:
        raise NotSignedIn() from refusal
    if current_actor().user_id is None:
        raise NotSignedIn()


def body() -> dict[str, Any]:
    """The JSON object of the call."""
    if not request.is_json:
        raise WrongType(_("Send a JSON object, with the content type application/json."))
    try:
        data = request.get_json()
    except (BadRequest, RecursionError) as fault:
        raise Malformed() from fault
    if not isinstance(data, dict):
        raise Malformed(_("Send a JSON object, with the content type application/json."))
    return data
