"""Errors that are sentences for the person at the desk; each knows its HTTP status."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l


class PortalError(Exception):
    """What is wrong and what to do next, in one sentence; `errors` holds sentences by field."""

    status = 400
    default: Any = _l("This request cannot be carried out.")

    def __init__(self, message: Any = None, errors: Mapping[str, Sequence[Any]] | None = None, **extra: Any) -> None:
        self.message = message if message is not None else self.default
        self.errors = {k: list(v) for k, v in (errors or {}).items()}
        self.extra = extra
        super().__init__(self.message)

    def __str__(self) -> str:
        parts = [str(self.message)] + [str(s) for sentences in self.errors.values() for s in sentences]
        return " ".join(dict.fromkeys(parts))


class Malformed(PortalError):
    """400: the request itself cannot be read."""

    default = _l("The request cannot be read.")


class Unauthorised(PortalError):
    """401: not signed in, or not any more."""

    status = 401


class NotAllowed(PortalError):
    """403: the role may not do this."""

    status = 403
    default = _l("You are not allowed to do this.")


class NotFound(PortalError):
    """404: not there, or not yours; the two are never told apart."""

    status = 404
    default = _l("This record does not exist, or is not yours to see.")


class Conflict(PortalError):
    """409: somebody else was faster, or the page is stale."""

    status = 409
    default = _l("The record was changed by somebody else in the meantime.")


class WrongState(Conflict):
    """409: the step does not start from the present state."""

    default = _l("This step is not possible in the present state.")


class TooLarge(PortalError):
    """413: more bytes than allowed."""

    status = 413
    default = _l("The upload is too large.")


class WrongType(PortalError):
    """415: a type that is not accepted."""

    status = 415
    default = _l("This type of file is not accepted.")


class Invalid(PortalError):
    """422: readable, but the content breaks a rule; `errors` says which field."""

    status = 422
    default = _l("Please correct the marked fields.")


class TooMany(PortalError):
    """429: too many tries."""

    status = 429
    default = _l("Too many tries. Please wait a while and try again.")


class Full(PortalError):
    """507: no room on the disk."""

    status = 507
    default = _l("The disk of the server is full. Nothing was saved; please tell the system administrator.")


class Unavailable(PortalError):
    """503: the database is busy or out of reach; try again."""

    status = 503
    default = _l("The system is busy. Nothing was lost; please try again in a moment.")
