"""The key to one case, or one booking, that a browser without an account holds for half an hour."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request, session
from flask_babel import gettext as _

from app.access.actor import Actor, acting, system_scope
from app.core.errors import NotFound
from app.models.case import Case
from app.services import public_access

KEPT = "public_case"
MINUTES = 30
HOME, CASE_PAGE = "/public/", "/public/case"


def opened(kept: str = KEPT) -> public_access.Key | None:
    """The key this browser holds, unless its time is over."""
    held = session.get(kept)
    if not isinstance(held, list) or len(held) < 3 or time.time() - held[2] > MINUTES * 60:
        session.pop(kept, None)
        return None
    return public_access.Key(int(held[0]), str(held[1]))


@contextmanager
def at_the_case() -> Iterator[tuple[Case, Actor]]:
    """The opened case with who acts; NotFound when none is open. Rows are looked up in it alone."""
    key = opened()
    with system_scope("the public page of a case"):
        case = public_access.case_of(key) if key is not None else None
        if case is None:
            session.pop(KEPT, None)
            raise NotFound(_("Please enter the number and the secret code again."))
        actor = public_access.party_actor(case, request.remote_addr)
        with acting(actor):
            yield case, actor
