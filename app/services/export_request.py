"""Exports above the limit: asked for with a reason and decided by somebody else (the file: see export_file)."""

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.text import clean_text
from app.models.export_request import ExportRequest, ExportState
from app.services import parameter
from app.services.export_file import enqueue, page_of
from app.services.notice import holders, tell_people
from app.services.queries.export import Export, rows_of

CEILING = 200_000  # what nobody approves: a copy of the register belongs into a backup
REASON_MOST = 500


@unit_of_work
def ask(actor: Actor, path: str, query: str, cells: Sequence[str], job: Export, reason: str) -> ExportRequest:
    """Ask for an export; those who decide for the own centre and above are told."""
    if not actor.may("export", job.page) or actor.organisation_id is None or actor.user_id is None:
        raise NotAllowed()
    why = clean_text(reason, "reason", REASON_MOST, required=True)
    rows = rows_of(job, CEILING)
    if rows > CEILING:
        raise Invalid(
            _l("More than %(most)s rows are exported to nobody. Please narrow the result by a filter.", most=CEILING)
        )
    asked = ExportRequest(
        organisation_id=actor.organisation_id,
        asked_by_id=actor.user_id,
        page=job.page,
        path=path,
        query=query,
        told=job.told,
        columns=",".join(cells),
        form=job.form,
        rows=rows,
        reason=why,
    )
    db.session.add(asked)
    db.session.flush()
    people = holders("approve_export", actor.ancestors, "ExportRequest")
    tell_people(actor, "export_asked", people, {"by": actor.name, "count": rows}, link=page_of(asked))
    return asked


def why_not_decide(actor: Actor, asked: ExportRequest) -> object:
    """A sentence why the actor cannot decide on it, or None."""
    if asked.state is not ExportState.asked:
        return _l("This request is “%(state)s” already.", state=asked.state.label)
    if asked.asked_by_id == actor.user_id:
        return _l("Who asks for an export does not decide on it.")
    return None


@unit_of_work
def decide(actor: Actor, asked: ExportRequest, approve: bool, note: str, version: int | None = None) -> int | None:
    """Approve or refuse; never one's own request. The number of the job that makes the file, if it was approved."""
    if not actor.may("approve_export", "ExportRequest"):
        raise NotAllowed()
    refusal = why_not_decide(actor, asked)
    if refusal:
        raise Conflict(refusal)
    if version is not None and version != asked.version:
        raise Conflict()
    said = clean_text(note, "note", REASON_MOST, required=not approve)
    now = clock.now()
    asked.state = ExportState.approved if approve else ExportState.refused
    asked.decided_by_id, asked.decided_at, asked.decision = actor.user_id, now, said or None
    asked.until = now + timedelta(days=parameter.number("export_days")) if approve else None
    db.session.flush()
    code = "export_approved" if approve else "export_refused"
    tell_people(actor, code, [asked.asked_by_id], {"by": actor.name, "count": asked.rows}, link=page_of(asked))
    return enqueue(asked) if approve else None
