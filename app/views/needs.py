"""The gate of hand-made pages: a visitor is sent to the sign-in, a role without the right is told so."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import redirect, request

from app.access.actor import current_actor
from app.access.permissions import check
from app.core.errors import NotAllowed

P = ParamSpec("P")


def needs(action: str, page: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Decorator: only for actors who hold `action` on `page`; the names are checked when the program starts."""
    check(action, page)

    def gate(view: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            actor = current_actor()
            if actor.user_id is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else "/"
                return redirect("/login/?next=" + quote(back, safe=""))
            if not actor.may(action, page):
                raise NotAllowed()
            return view(*args, **kwargs)

        return run

    return gate
