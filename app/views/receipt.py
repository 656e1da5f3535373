"""The receipt of a case on paper: A4 and 80 mm."""

import secrets
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from markupsafe import Markup

from app.access.actor import current_actor
from app.services import receipt
from app.views.needs import needs

FORMS = ("a4", "slip")


class ReceiptView(BaseView):
    """Print a receipt; renew its code."""

    route_base = "/case"
    default_view = "receipt"

    @expose("/<int(max=9223372036854775807):pk>/receipt")
    @needs("print", "Case")
    def receipt(self, pk: int) -> Any:
        """The receipt, A4 or 80 mm; the secret code stands on it only shortly after registration."""
        ticket = request.args.get("ticket", "")[:80]
        slip = request.args.get("form") == "slip"
        paper = receipt.receipt_of(current_actor(), pk, ticket)
        return self.render_template(
            f"portal/{'receipt80' if slip else 'receipt'}.html",
            paper=paper,
            case=paper.case,
            ticket=ticket,
            slip=slip,
            qr=Markup(receipt.qr_code(paper.case.number)),  # noqa: S704 - drawn by us from a number of ours
            back=f"/case/show/{pk}",
            title=_("Receipt %(number)s", number=paper.case.number),
            key=secrets.token_urlsafe(18),
            warn=request.args.get("form"),
        )

    @expose("/<int(max=9223372036854775807):pk>/receipt/printed", methods=["POST"])
    @needs("print", "Case")
    def printed(self, pk: int) -> Response:
        """Note a print; asked for by the print button."""
        form = request.form.get("form", "")
        receipt.note_print(current_actor(), pk, form if form in FORMS else FORMS[0])
        return Response(status=204)

    @expose("/<int(max=9223372036854775807):pk>/receipt/renew", methods=["POST"])
    @needs("print", "Case")
    def renew(self, pk: int) -> Any:
        """Make a new secret code and show it."""
        key = request.form.get("key", "")[:80] or secrets.token_urlsafe(18)
        receipt.renew_receipt(current_actor(), pk, key)
        form = "&form=slip" if request.form.get("form") == "slip" else ""
        return redirect(f"/case/{pk}/receipt?ticket={quote(key, safe='')}{form}")
