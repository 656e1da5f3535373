"""The actor's messages; the row scope leaves nobody else's."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.core.db import db
from app.models.audit import Notice
from app.models.booking import Booking
from app.models.case import Case
from app.models.review import Review
from app.models.supervision import Supervision
from app.services.sentences import ROOM_OF, ROOMS

SIZE = 25
PAGES_MOST = 200
RECORDS: dict[str, Any] = {"case": Case, "review": Review, "supervision": Supervision, "booking": Booking}
_RECORD = re.compile(r"/([a-z]+)/show/(\d{1,18})$")


@dataclass(frozen=True)
class Filter:
    """Which messages: those of one room (see services/sentences), only the unread ones."""

    kind: str = ""
    unread: bool = False


def leads_to(row: Notice) -> str | None:
    """Where a message leads; None where it leads nowhere, or to a record that is no longer the reader's: a matter given
    to another organisation, a seat given to another expert."""
    link = row.link or (f"/case/show/{row.case_id}" if row.case_id else None)
    record = _RECORD.match(link or "")
    model = RECORDS.get(record[1]) if record else None
    if record is None or model is None:
        return link
    seen = db.session.scalar(select(model.id).where(model.id == int(record[2])))
    return link if seen is not None else None


def _chosen(chosen: Filter) -> Select[tuple[Notice]]:
    statement = select(Notice)
    if chosen.kind in ROOMS:
        statement = statement.where(Notice.code.in_(sorted(ROOMS[chosen.kind].SENTENCES)))
    return statement.where(Notice.read_at.is_(None)) if chosen.unread else statement


def messages(chosen: Filter, page: int = 0, size: int = SIZE) -> list[Notice]:
    """A page of messages, the newest first, and one more if there is one."""
    statement = _chosen(chosen).order_by(Notice.id.desc()).offset(page * size).limit(size + 1)
    return list(db.session.scalars(statement))


def numbers() -> dict[str, tuple[int, int]]:
    """How many messages of each room there are, and how many of them are unread; "" for all together."""
    unread = func.count().filter(Notice.read_at.is_(None))
    found: dict[str, tuple[int, int]] = {"": (0, 0)}
    for code, there, waiting in db.session.execute(select(Notice.code, func.count(), unread).group_by(Notice.code)):
        for name in {"", ROOM_OF.get(code, "")}:
            before = found.get(name, (0, 0))
            found[name] = (before[0] + there, before[1] + waiting)
    return found
