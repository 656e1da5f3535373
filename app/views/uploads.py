"""Files that come with a step's form: they become files of the case first, so that no fault elsewhere loses them."""

from contextlib import closing
from typing import Any

from flask import request
from sqlalchemy import select

from app.access.actor import Actor
from app.core.db import db
from app.core.errors import PortalError
from app.forms.step_form import StepForm
from app.models.case import Case
from app.services import attachment


def keep_uploads(actor: Actor, form: StepForm, case_id: int | None) -> None:
    """Keep what was uploaded with the case and choose it in its field; a refused file is told there."""
    for field in form.file_fields():
        uploads = [upload for upload in request.files.getlist(field.upload_name) if upload.filename]
        case: Any = db.session.scalar(select(Case).where(Case.id == case_id)) if uploads else None
        for upload in uploads if case is not None else ():
            with closing(upload):
                stream: Any = upload.stream
                try:
                    field.add_file(attachment.attach(actor, case, upload.filename, stream))
                except PortalError as refusal:
                    db.session.rollback()
                    field.refuse_file(f"{upload.filename}: {refusal}")
