"""The actor's messages; the row scope leaves nobody else's."""

from sqlalchemy import select

from app.core.db import db
from app.models.audit import Notice


def latest(most: int = 100) -> list[Notice]:
    """The newest messages first."""
    return list(db.session.scalars(select(Notice).order_by(Notice.id.desc()).limit(most)))
