"""How a parameter was turned, as the audit trail tells it: settings name nobody, so whoever sets them may read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.access.actor import system_scope
from app.core.db import db
from app.models.audit import AuditEntry
from app.models.parameter import Parameter

SHOWN = 50
_entry = AuditEntry.__table__


@dataclass(frozen=True)
class Turn:
    """One change: when, by whom, from what to what."""

    at: datetime
    by: str
    before: str
    after: str


def turns(parameter: Parameter) -> list[Turn]:
    """The changes of a parameter, the newest first."""
    with system_scope("the history of a parameter"):
        rows = db.session.execute(
            select(_entry.c.at, _entry.c.actor_name, _entry.c.changes)
            .where(
                _entry.c.subject_type == Parameter.__tablename__,
                _entry.c.subject_id == parameter.id,
                _entry.c.code == "parameter:edit",
            )
            .order_by(_entry.c.id.desc())
            .limit(SHOWN)
        )
        found = [(row.at, row.actor_name, (row.changes or {}).get("value")) for row in rows]
    return [Turn(at, by, str(value[0]), str(value[1])) for at, by, value in found if value]
