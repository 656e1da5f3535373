"""A course that is over, walked again: at every step the facts as they stood then, and all that the flow asks of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.access.actor import SYSTEM, Actor
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db
from app.models.account import RowScope
from app.models.attachment import Attachment
from app.models.case import Case, CaseState
from app.models.code_table import CodeItem
from app.models.document import DocumentKind
from app.models.organisation import Organisation
from app.models.referral import Referral
from app.models.reply import ReplyState
from app.models.review import ReviewState
from app.models.step import CaseStep
from app.services.deadline import HANDLE
from app.services.follow_up import is_low
from app.services.queries.case_facts import facts_of
from app.services.queries.shifts import shift_at
from app.services.queries.speakers import speakers_of
from app.workflow.case_flow import CASE_FLOW
from app.workflow.engine import check
from app.workflow.facts import CaseFacts, LateFacts

SIGNED = object()  # where a guard only asks whether somebody signed


@lru_cache(maxsize=200)
def actor(user_id: int) -> Actor:
    """Whoever has that account."""
    return actor_of(account_row(user_id))


def _reply(row: Any, at: datetime) -> Any:
    was = SimpleNamespace(**vars(row))
    if row.approved_at is None and row.checked_at is None:  # settled on the spot
        return was
    was.state = ReplyState.approved
    if row.approved_at >= at:
        was.state, was.approved_by_id, was.approved_at = ReplyState.checked, None, None
    if row.checked_at >= at:
        was.state, was.checked_by_id = ReplyState.checking, None
    return was


def _rectification(row: Any, at: datetime) -> Any:
    was = SimpleNamespace(**vars(row))
    if row.accepted_at >= at:
        was.state, was.accepted_at = "reported", None
    if row.reported_at >= at:
        was.state, was.reported_by_id = "ordered", None
    return was


def _late(late: LateFacts, at: datetime, course: set[str]) -> LateFacts:
    services = [row for row in late.services if row.served_at < at]
    known = {row.id for row in services}
    notices = [SimpleNamespace(**vars(row)) for row in late.notices if row.asked_at < at]
    for row in notices:
        row.service_id = row.service_id if row.service_id in known else None
    reviews = [SimpleNamespace(**vars(row)) for row in late.reviews if row.filed_at < at]
    for row in reviews:
        row.state = ReviewState.closed if "conclude_review" in course else ReviewState.filed
    return replace(
        late,
        clocks=tuple(row for row in late.clocks if row.starts_on <= at.date()),
        receptions=tuple(row for row in late.receptions if row.at < at),
        replies=tuple(_reply(row, at) for row in late.replies if row.drafted_at < at),
        services=tuple(services),
        acknowledgements=tuple(row for row in late.acknowledgements if row.at < at),
        notices=tuple(notices),
        reviews=tuple(reviews),
        applicants=tuple(row for row in late.applicants if row.filed_at < at),
        follow_ups=tuple(row for row in late.follow_ups if row.at < at),
        rectifications=tuple(
            _rectification(row, at) for row in late.rectifications if row.follow_up_id in _asked(late, at)
        ),
    )


def _asked(late: LateFacts, at: datetime) -> set[int]:
    return {row.id for row in late.follow_ups if row.at < at}


def _as_of(final: CaseFacts, place: int, at: datetime, signed: datetime | None) -> CaseFacts:
    course = final.course[:place]
    names = {event.step for event in course}
    referrals = final.referrals if "assign" in names else ()
    if signed is None or at <= signed:
        referrals = tuple(replace(row, state="sent") for row in referrals)
    late = _late(final.late, at, names)
    handle = late.clock_of(HANDLE)
    due = handle.due_on if handle is not None and "approve_reply" not in names else None
    known = {"course": course, "referrals": referrals, "late": late, "handle_due_on": due}
    return replace(final, today=at.date(), next_seq=place + 1, **known)


class Replay:
    """One case: its final rows, and its steps one after the other."""

    def __init__(self, case: Case) -> None:
        self.case, self.final = case, facts_of(case)
        rows = select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.seq)
        self.steps = list(db.session.scalars(rows))
        self.files = list(db.session.scalars(select(Attachment).where(Attachment.case_id == case.id)))
        self.signed = next((row.at for row in self.steps if row.step == "sign_for"), None)

    def walk(self) -> Iterator[str]:
        """Check every step; yields its name."""
        state: Any = None
        for place, row in enumerate(self.steps):
            assert (row.seq, row.from_state) == (place + 1, state), (self.case.number, row.step)
            assert place == 0 or row.at >= self.steps[place - 1].at, (self.case.number, row.step)
            self._check(place, row)
            state = row.to_state
            yield row.step
        assert state == self.case.state.value

    def _check(self, place: int, row: CaseStep) -> None:
        flow = CASE_FLOW.row(row.step)
        assert flow is not None
        before = CaseState(row.from_state) if row.from_state else None
        targets = [before if target is None else target for target in flow.targets]
        assert CaseState(row.to_state) in targets, (self.case.number, row.step)
        who = actor(row.actor_id) if row.actor_id is not None else SYSTEM
        record = SimpleNamespace(
            state=before,
            id=self.case.id,
            kind=self.case.kind,
            category_id=self.case.category_id,
            registered_at=self.case.registered_at if place else None,
            supplements=0,
        )
        facts = _as_of(self.final, place, row.at, self.signed)
        if row.step in ("settle_on_spot", "receive_by_leader") and RowScope.named in who.scopes:
            brought = {one.data["leader_id"] for one in self.steps[:place] if one.step == "present_to_leader"}
            assert who.user_id in brought  # else the matter would not exist for the leader
        with clock.standing_at(row.at):
            by = replace(who, system=True) if flow.system else who
            check(CASE_FLOW, record, row.step, by, facts, self._said(row, facts, who), row.reason)

    def _said(self, row: CaseStep, facts: CaseFacts, who: Actor) -> Mapping[str, Any]:
        """What the form held, read back from what the step left."""
        told, late = row.data or {}, self.final.late
        said = dict(told)
        party = next((one for one in late.parties if one.id == told.get("party_id")), None)
        if party is None and "party" in told:
            party = next(one for one in late.parties if one.person_name == told["party"])
        said["party"] = SimpleNamespace(**vars(party), name=party.person_name) if party is not None else None
        said |= {"reason": row.reason, "note": row.reason, "signature": SIGNED}
        return said | getattr(self, f"_{row.step}", lambda *_: {})(row, facts, who)

    def _assign(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        sent = db.session.scalars(select(Referral).where(Referral.case_id == self.case.id)).one()
        lead = db.session.get_one(Organisation, self.case.lead_organisation_id)
        assert (sent.organisation_id, row.data["lead"]) == (lead.id, lead.name)
        assert sent.due_on.isoformat() == row.data["lead_due_on"]
        return {"lead": lead, "lead_due_on": sent.due_on}

    def _redirect(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"route": row.data["route"], "where": row.data["where"]}

    def _serve_notice(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"paper": DocumentKind(row.data["paper"]).value, "served_at": row.at, "way": self._service(row).way}

    def _service(self, row: CaseStep, review: bool = False) -> Any:
        return next(
            one
            for one in self.final.late.services
            if one.party_id == row.data["party_id"] and (one.review_id is not None) == review
        )

    def _serve_reply(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        service = self._service(row)
        proof = SIGNED if service.signature_id is not None else None
        return {"served_at": service.served_at, "way": service.way, "signature": proof, "tracking": "EMS"}

    def _log_work(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"text": row.reason}

    def _present_to_leader(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"shift": shift_at(row.data["leader_id"], row.at)}

    def _receive_by_leader(self, row: CaseStep, _facts: CaseFacts, who: Actor) -> dict[str, Any]:
        held = self.final.late.receptions[0]
        more = {"said": held.said, "instruction": held.instruction, "head_count": held.head_count}
        return {"at": held.at, "own_shift": shift_at(who.user_id, held.at), **more}

    def _answers(self) -> list[dict[str, Any]]:
        return [
            {"claim": row.number, "result": row.result, "resolved": row.resolved, "text": row.text}
            for row in self.final.late.points
        ]

    def _settle_on_spot(self, row: CaseStep, _facts: CaseFacts, who: Actor) -> dict[str, Any]:
        reply, late = self.final.late.reply, self.final.late
        signed = {one.party_id: one for one in late.acknowledgements if one.signature_id is not None}
        return {
            "own_shift": shift_at(who.user_id, row.at),
            "answers": self._answers(),
            "findings": reply.findings,
            "basis": reply.basis,
            "speakers": [party.id for party in speakers_of(self.case)],
            "signers": [{"party": key, "satisfied": one.satisfied, "signature": SIGNED} for key, one in signed.items()],
        }

    def _submit_reply(self, *_: Any) -> dict[str, Any]:
        reply = self.final.late.reply
        page = [one for one in self.files if one.name == "核查记录.png"]
        more = {"findings": reply.findings, "basis": reply.basis}
        return {"answers": self._answers(), "evidence": page, **more}

    def _acknowledge(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"satisfied": row.data["satisfied"]}

    def _apply_review(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        return {"claims": [claim for claim in self.final.late.claims if claim.number in row.data["claims"]]}

    def _follow_up(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        kept = next(one for one in self.final.late.follow_ups if one.at == row.at)
        said = {
            name: getattr(kept, name) for name in ("reached", "solved", "satisfied", "quality", "conduct", "centre")
        }
        low = is_low(said)
        assert low == (row.to_state == CaseState.rectifying.value)
        causes = [one.cause for one in self.final.late.rectifications if one.follow_up_id == kept.id]
        return {**said, "at": kept.at, "low": low, "cause": causes[0] if low else None}

    def _report_rectification(self, *_: Any) -> dict[str, Any]:
        return {"report": self.final.late.rectifications[0].report, "evidence": self.files}

    def _archive(self, row: CaseStep, *_: Any) -> dict[str, Any]:
        named = select(CodeItem).where(CodeItem.name == row.data["retention"]).limit(1)
        return {"retention": db.session.scalar(named)}
