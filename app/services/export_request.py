"""Exports above the limit: asked for with a reason, decided by somebody else, fetched once within some days."""

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid, NotAllowed, WrongState
from app.core.text import clean_text
from app.models.export_request import ExportRequest, ExportState
from app.services import parameter
from app.services.notice import holders, tell_people
from app.services.queries.export import Export, rows_of

CEILING = 200_000  # what nobody approves: a copy of the register belongs into a backup
REASON_MOST = 500
GREW = 10  # the result may have grown by a tenth since it was asked for

NOT_YOURS = _l("Only the person who asked for it fetches this export.")


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
    tell_people(actor, "export_asked", people, {"by": actor.name, "count": rows}, link=_page(asked))
    return asked


def _page(asked: ExportRequest) -> str:
    return f"/export_request/show/{asked.id}"


def why_not_decide(actor: Actor, asked: ExportRequest) -> object:
    """A sentence why the actor cannot decide on it, or None."""
    if asked.state is not ExportState.asked:
        return _l("This request is “%(state)s” already.", state=asked.state.label)
    if asked.asked_by_id == actor.user_id:
        return _l("Who asks for an export does not decide on it.")
    return None


@unit_of_work
def decide(actor: Actor, asked: ExportRequest, approve: bool, note: str, version: int | None = None) -> ExportRequest:
    """Approve or refuse; never one's own request."""
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
    tell_people(actor, code, [asked.asked_by_id], {"by": actor.name, "count": asked.rows}, link=_page(asked))
    return asked


@unit_of_work
def fetch(actor: Actor, asked: ExportRequest) -> int:
    """From here on it is fetched; how many rows the file may have."""
    if asked.asked_by_id != actor.user_id:
        raise Conflict(NOT_YOURS)
    if asked.state is not ExportState.approved or asked.until is None:
        raise WrongState(_l("This request is “%(state)s” already.", state=asked.state.label))
    if asked.until < clock.now():
        raise Conflict(_l("The time to fetch this export is over. Please ask again."))
    asked.state, asked.fetched_at = ExportState.fetched, clock.now()
    return asked.rows + asked.rows // GREW
