"""Signatures drawn on a screen: the picture, for those who see the case."""

from typing import Any

from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import current_actor
from app.core import store
from app.core.db import db
from app.core.errors import NotFound
from app.models.signature import Signature
from app.services.access_log import log_read
from app.services.attachment import folder
from app.views.attachment import send_kept
from app.views.needs import needs


class SignatureView(BaseView):
    """The picture of a signature."""

    route_base = "/signature"
    default_view = "view"

    @expose("/<int(max=9223372036854775807):pk>/view")
    @needs("read", "Case")
    def view(self, pk: int) -> Any:
        """A signature as it was drawn."""
        row = db.session.scalar(select(Signature).where(Signature.id == pk))
        if row is None or row.storage_key is None:
            raise NotFound()
        path = store.path_of(folder(), row.storage_key)
        answer = send_kept(path, "image/png", "inline", _("Signature of %(name)s", name=row.signer) + ".png")
        log_read(current_actor(), row, "signature:read")
        return answer
