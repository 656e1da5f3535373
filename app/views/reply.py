"""The versions of a reply side by side, and the slip that tells a party its rights."""

from typing import Any

from flask import redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core.errors import NotFound
from app.forms.steps import CASE
from app.services.access_log import log_read
from app.services.document_form import print_remedies
from app.services.queries.choices import parse_key
from app.services.queries.reply_versions import compare, people_of, versions_of
from app.views.needs import needs
from app.views.transition import find_record

PK = "<int(max=9223372036854775807):pk>"
PARTY = "<int(max=9223372036854775807):party>"


class ReplyView(BaseView):
    """Replies of a case."""

    route_base = "/case"
    default_view = "replies"

    @expose(f"/{PK}/replies")
    @needs("read", "Case")
    def replies(self, pk: int) -> Any:
        """All versions, and the differences of two of them."""
        case = find_record(CASE, pk)
        log_read(current_actor(), case)
        versions = versions_of(case)
        if not versions:
            raise NotFound(_("There is no reply yet."))
        old, new = (parse_key(request.args.get(name, "")) for name in ("old", "new"))
        return self.render_template(
            "portal/replies.html",
            case=case,
            versions=versions,
            people=people_of(versions),
            comparison=compare(versions, old, new),
            title=_("Versions of the reply"),
            crumbs=[
                (_("Reception"), None),
                (_("Cases"), "/case/list/"),
                (case.number, f"/case/show/{case.id}"),
                (_("Versions of the reply"), None),
            ],
        )

    @expose(f"/{PK}/remedies/{PARTY}/slip", methods=["POST"])
    @needs("print", "Case")
    def slip(self, pk: int, party: int) -> Any:
        """Issue the slip of rights of a party, or show the one in force when nothing changed since."""
        row = print_remedies(current_actor(), find_record(CASE, pk).id, party)
        return redirect(f"/document/{row.id}/print")
