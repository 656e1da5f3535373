"""The end of a case: archived as a dossier that can only be read, and, for cause, reopened in a new round."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_pgettext as _lp

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.text import listed
from app.models.case import Case
from app.models.code_table import CodeItem
from app.models.dossier import Dossier
from app.models.party import Claim
from app.models.referral import Referral, ReferralKind, ReferralState
from app.services import deadline, document, numbering
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take
from app.services.dossier import page_counts
from app.services.notice import holders, tell
from app.services.queries.dossier import catalogue_of

PREFIX = "DA"
YEARS = {"y10": 10, "y30": 30}  # what the codes of the table "retention" mean; all others are kept for ever


def retain_until(retention: CodeItem, archived_on: date) -> date | None:
    """The last day a dossier is kept, counted from the end of the year it was archived in; None is for ever."""
    years = YEARS.get(retention.code)
    return date(archived_on.year + years, 12, 31) if years else None


def _number(actor: Actor) -> str:
    return numbering.next_number(f"{PREFIX}{numbering.prefix_of(actor)}", clock.today().year)


def archive(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """Make the dossier: number, catalogue, retention; from here on the case is read only. The pages of what lies in it
    are counted before anything is locked."""
    ready = actor.may("archive", "Case") and data.get("retention") is not None
    return _archive(actor, case_id, data, version, page_counts(case_id) if ready else {})


@unit_of_work
def _archive(actor: Actor, case_id: int, data: Data, version: int | None, pages: Mapping[tuple[str, int], int]) -> Case:
    note = text_of(data, "note")
    case, facts = take(actor, case_id, version, "archive", note)
    retention, number = data.get("retention"), _number(actor)
    told = {"dossier": number, "retention": retention.name} if retention is not None else None
    moment = carry_out(actor, case, facts, "archive", data, reason=note, told=told).at
    assert retention is not None  # the guards have seen to it
    catalogue = catalogue_of(case, pages)
    row: Any = Dossier(
        case_id=case.id,
        number=number,
        round=case.round,
        retention_id=retention.id,
        retain_until=retain_until(retention, moment.date()),
        catalogue=catalogue,
        pages=data.get("pages") or sum(item["pages"] or 0 for item in catalogue) or None,
        archived_at=moment,
        archived_by_id=actor.user_id,
    )
    db.session.add(row)
    db.session.flush()
    document.issue(actor, case, document.DocumentKind.dossier_cover, _cover(actor, case, row, catalogue), about=row)
    deadline.cancel_all(case)
    deadline.show_nearest(case)
    return keep(case)


def _result(case: Case) -> str:
    """The result of each claim, by its number."""
    claims = db.session.scalars(db.select(Claim).where(Claim.case_id == case.id).order_by(Claim.number))
    return listed(
        _lp("paper", "claim %(number)s: %(result)s", number=claim.number, result=claim.result.label)
        for claim in claims
        if claim.result is not None
    )


def _cover(actor: Actor, case: Case, row: Dossier, catalogue: Iterable[Any]) -> dict[str, Any]:
    lead = case.lead_organisation
    return {
        "opened_on": clock.local(case.registered_at).date(),
        "closed_on": clock.local(case.closed_at).date() if case.closed_at else None,
        "lead_organisation": lead.name if lead is not None else "",
        "result": _result(case),
        "retention": row.retention.name,
        "archived_by": actor.name,
        "archived_on": clock.local(row.archived_at).date(),
        "volume": row.number,
        "pages": row.pages,
        "round": row.round,
        "catalogue": [{**item, "date": date.fromisoformat(item["date"])} for item in catalogue],
    }


def _send_anew(case: Case, data: Data, due: date) -> None:
    """The lead organisation of the new round: the one named, else the one that had it; both begin as signed for."""
    standing = db.session.scalars(
        db.select(Referral).where(
            Referral.case_id == case.id, Referral.kind == ReferralKind.lead, Referral.state != ReferralState.ended
        )
    ).one_or_none()
    named = data.get("lead")
    if standing is not None and (named is None or named.id == standing.organisation_id):
        standing.due_on = due
        return
    if standing is not None:
        standing.state = ReferralState.ended
        db.session.flush()
    assert named is not None  # the guards have seen to it
    fresh: Any = Referral(
        case_id=case.id,
        organisation_id=named.id,
        kind=ReferralKind.lead,
        state=ReferralState.signed,
        signed_at=clock.now(),
        due_on=due,
    )
    db.session.add(fresh)
    case.lead_organisation_id = named.id


@unit_of_work
def reopen(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """A new round under the same number, for a new fact, a court's or a superior's order; its days begin anew."""
    reason, ground = text_of(data, "reason"), data.get("ground")
    case, facts = take(actor, case_id, version, "reopen", reason)
    told = {"ground": ground.name if ground is not None else "", "round": case.round + 1}
    if data.get("lead") is not None:
        told["lead"] = data["lead"].name
    step = carry_out(actor, case, facts, "reopen", data, reason=reason, told=told)
    case.round += 1
    case.closed_at = case.replied_at = case.resolved = None
    if case.lead_organisation_id is None and data.get("lead") is not None:  # settled at the desk, or an old ledger's
        case.lead_organisation_id = data["lead"].id
    db.session.flush()
    on = clock.local(step.at).date()
    due = [deadline.start(case, code, on) for code in (deadline.REPLY, deadline.HANDLE)]
    _send_anew(case, data, min(row.due_on for row in due))
    deadline.show_nearest(case)
    tell(actor, case, "reopened", holders("submit_reply", [case.lead_organisation_id]))
    return keep(case)
