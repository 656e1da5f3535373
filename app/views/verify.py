"""The public page on which anybody checks whether a paper is genuine; no account, no personal data."""

from contextlib import ExitStack
from typing import Any

from flask import current_app, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from limits import RateLimitItemPerMinute

from app.core.errors import TooMany
from app.services.verify import CODE_MOST, verdict

TRIES = RateLimitItemPerMinute(20, 5)  # for one network address; a hall of people is behind one


def limited() -> None:
    """Count a try of this network address; too many are refused."""
    limiter = current_app.appbuilder.sm.limiter.limiter  # type: ignore[attr-defined]
    if not limiter.hit(TRIES, "verify", request.remote_addr or "-"):
        raise TooMany()


class VerifyView(BaseView):
    """Check a paper by its code, or by the file."""

    route_base = "/public"
    default_view = "verify"

    @expose("/verify", methods=["GET", "POST"])
    def verify(self) -> Any:
        """The form, and the answer; the same one for every code that is not known."""
        code = (request.values.get("code") or "")[:CODE_MOST]
        found, asked = None, bool(code.strip())
        if asked:
            limited()
            with ExitStack() as held:
                upload = request.files.get("file")
                stream: Any = held.enter_context(upload.stream) if upload is not None and upload.filename else None
                found = verdict(code, stream)
        return self.render_template(
            "portal/verify.html", code=code, asked=asked, found=found, title=_("Is this paper genuine?")
        )
