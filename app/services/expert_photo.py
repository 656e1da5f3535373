"""The photo of an expert, by which a party knows whom he or she picks: drawn anew, small, kept outside the web."""

import io
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import store
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.files import check_file
from app.core.late import late
from app.models.expert import Expert
from app.models.review import Review
from app.services.attachment import folder, path_of, read_upload
from app.services.queries.candidates import serving
from app.services.register import must_own

pillow, pillow_ops = late("PIL.Image"), late("PIL.ImageOps")

SIZE = (420, 525)
PICTURES = ("image/jpeg", "image/png")


def _drawn(name: str | None, stream: BinaryIO) -> bytes:
    checked = check_file(name, read_upload(stream))
    if checked.mime not in PICTURES:
        raise Invalid(errors={"photo": [_l("A photo is a picture: JPG or PNG.")]})
    with pillow.open(io.BytesIO(checked.data)) as picture:
        small = pillow_ops.fit(picture.convert("RGB"), SIZE)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


@unit_of_work
def _enter(actor: Actor, expert: Expert, key: str | None) -> str | None:
    must_own(actor, expert.organisation_id)
    before, expert.photo_key = expert.photo_key, key
    db.session.flush()
    return before


def put_photo(actor: Actor, expert: Expert, name: str | None, stream: BinaryIO) -> None:
    """Keep a photo of an expert, in place of an earlier one."""
    if not actor.may("edit", "Expert"):
        raise NotAllowed()
    key = store.write(folder(), _drawn(name, stream))
    try:
        before = _enter(actor, expert, key)
    except BaseException:
        path_of(key).unlink(missing_ok=True)
        raise
    if before:
        path_of(before).unlink(missing_ok=True)


def remove_photo(actor: Actor, expert: Expert) -> None:
    """Take the photo of an expert away."""
    if not actor.may("edit", "Expert"):
        raise NotAllowed()
    before = _enter(actor, expert, None)
    if before:
        path_of(before).unlink(missing_ok=True)


def _file(key: str | None) -> Path:
    path = path_of(key) if key else None
    if path is None or not path.is_file():
        raise NotFound()
    return path


def photo_of(expert_id: int) -> Path:
    """The photo of an expert within the row scope."""
    return _file(db.session.scalar(select(Expert.photo_key).where(Expert.id == expert_id)))


def photo_for(review: Review, expert_id: int) -> Path:
    """The photo of somebody who may be picked for a review that the actor has found, or who is on its list."""
    listed = {seat.expert_id for seat in review.seats}
    with system_scope("photos of the experts of all pools"):
        serves: Any = serving().with_only_columns(Expert.photo_key, Expert.id).where(Expert.id == expert_id)
        if expert_id in listed:
            serves = select(Expert.photo_key, Expert.id).where(Expert.id == expert_id)
        found = db.session.execute(serves).first()
    return _file(found[0] if found is not None else None)
