"""The rows a case gathers from its handling on, all in one select; the case itself is within the row scope."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all

from app.core.db import BigId, db
from app.core.nested import Nested, columns_of
from app.models.account import Account
from app.models.case import Case, CaseState
from app.models.code_table import CodeItem
from app.models.conference import Conference
from app.models.deadline import Deadline
from app.models.extension import Extension, Suspension
from app.models.follow_up import FollowUp
from app.models.hearing import Hearing
from app.models.mediation import Mediation, MediationConsent
from app.models.member import CaseMember
from app.models.organisation import Organisation
from app.models.party import Claim, Party
from app.models.person import Person
from app.models.reception import LeaderReception
from app.models.recount import DeadlineMove, Recount
from app.models.rectification import Rectification
from app.models.reply import Acknowledgement, Reply, ReplyPoint
from app.models.review import Review, ReviewApplicant
from app.models.service import PaperDue, Service
from app.models.signature import Signature
from app.workflow.facts import LateFacts

# Before these states nothing of it exists, unless a step of the course says so.
EARLY = frozenset(
    {
        CaseState.registered,
        CaseState.decline_proposed,
        CaseState.merged,
    }
)
_account, _org, _person = Account.__table__, Organisation.__table__, Person.__table__
_case, _signature = Case.__table__, Signature.__table__


def _rows(model: Any, *names: str) -> Nested:
    table = model.__table__
    return Nested(table, table.c.case_id, columns_of(table, "id", *names))


def family(key: Any) -> Any:
    """The case and the matters merged into it."""
    return union_all(
        select(_case.c.id).where(_case.c.id == key), select(_case.c.id).where(_case.c.merged_into_id == key)
    )


def _parties() -> Nested:
    """Those of the case itself, then those of matters merged into it: the reply is theirs, too."""
    table = Party.__table__
    source = table.outerjoin(_person, _person.c.id == table.c.person_id).outerjoin(
        _org, _org.c.id == table.c.respondent_organisation_id
    )
    columns = columns_of(table, "id", "case_id", "side", "person_id", "organisation_name") | {
        "person_name": _person.c.name,
        "respondent_name": _org.c.name,
        "respondent_path": _org.c.path,
    }
    return Nested(source, table.c.case_id, columns, among=lambda key: table.c.case_id.in_(family(key)))


def _signed(model: Any, *names: str) -> Nested:
    """Rows that a party signed for, with the signature as a page shows it."""
    table = model.__table__
    source = table.outerjoin(_signature, _signature.c.id == table.c.signature_id)
    shown = {
        f"signature_{name}": _signature.c[name] for name in ("kind", "signer", "witness", "sha256", "attachment_id")
    }
    return Nested(source, table.c.case_id, columns_of(table, "id", "signature_id", *names) | shown)


def _receptions() -> Nested:
    table = LeaderReception.__table__
    columns = columns_of(
        table, "id", "leader_id", "shift_id", "at", "video", "head_count", "said", "instruction", "settled", "recording"
    )
    source = table.join(_account, _account.c.id == table.c.leader_id)
    return Nested(source, table.c.case_id, columns | {"leader_name": _account.c.first_name})


def _members() -> Nested:
    table = CaseMember.__table__
    source = table.join(_account, _account.c.id == table.c.user_id)
    return Nested(
        source, table.c.case_id, columns_of(table, "id", "user_id", "capacity") | {"name": _account.c.first_name}
    )


def _suspensions() -> Nested:
    table, ground = Suspension.__table__, CodeItem.__table__
    columns = columns_of(table, "id", "ground_id", "reason", "from_on", "until_on", "resumed_on")
    source = table.join(ground, ground.c.id == table.c.ground_id)
    return Nested(source, table.c.case_id, columns | {"ground_name": ground.c.name})


def _moves() -> Nested:
    table, recount = DeadlineMove.__table__, Recount.__table__
    columns = columns_of(table, "id", "deadline_id", "code", "before_on", "after_on")
    source = table.join(recount, recount.c.id == table.c.recount_id)
    return Nested(
        source, table.c.case_id, columns | {"at": recount.c.at, "cause": recount.c.cause, "subject": recount.c.subject}
    )


def _replies() -> Nested:
    table = Reply.__table__
    columns = columns_of(
        table,
        "id",
        "number",
        "round",
        "organisation_id",
        "state",
        "findings",
        "basis",
        "drafted_by_id",
        "drafted_at",
        "checked_by_id",
        "checked_at",
        "approved_by_id",
        "approved_at",
        "on_spot",
    )
    source = table.join(_org, _org.c.id == table.c.organisation_id)
    return Nested(source, table.c.case_id, columns | {"organisation_name": _org.c.name}, ("number",))


LATE: dict[str, Nested] = {
    "parties": _parties(),
    "claims": _rows(Claim, "number", "text", "result", "resolved"),
    "clocks": _rows(
        Deadline, "code", "round", "party_id", "referral_id", "starts_on", "due_on", "provisional", "state", "met_on"
    ),
    "receptions": _receptions(),
    "conferences": _rows(Conference, "at", "level", "place", "chaired_by_id", "minutes", "conclusion", "solved"),
    "mediations": _rows(
        Mediation,
        "state",
        "mediator_id",
        "began_at",
        "ended_at",
        "minutes",
        "agreement",
        "effective_on",
        "confirmation",
        "confirmed_on",
    ),
    "consents": _rows(MediationConsent, "mediation_id", "party_id", "consents", "signature_id"),
    "members": _members(),
    "moves": _moves(),
    "hearings": _rows(Hearing, "state", "subject", "noticed_on", "held_at", "place", "chaired_by_id", "minutes"),
    "extensions": _rows(
        Extension, "round", "days", "reason", "state", "asked_by_id", "decided_by_id", "old_due_on", "new_due_on"
    ),
    "suspensions": _suspensions(),
    "replies": _replies(),
    "points": _rows(ReplyPoint, "reply_id", "claim_id", "number", "result", "resolved", "text"),
    "services": _signed(
        Service,
        "what",
        "reply_id",
        "review_id",
        "paper",
        "party_id",
        "way",
        "served_at",
        "receiver",
        "refused",
        "witness_one",
        "witness_two",
    ),
    "acknowledgements": _signed(Acknowledgement, "reply_id", "party_id", "satisfied", "at"),
    "notices": _rows(PaperDue, "paper", "party_id", "asked_at", "service_id"),
    "reviews": _rows(Review, "number", "reply_id", "state", "size", "filed_at", "session_at", "outcome", "opinion"),
    "applicants": _rows(ReviewApplicant, "review_id", "party_id", "door", "filed_at", "reason", "satisfied"),
    "follow_ups": _rows(
        FollowUp,
        "round",
        "attempt",
        "party_id",
        "by_id",
        "at",
        "mode",
        "reached",
        "solved",
        "satisfied",
        "quality",
        "conduct",
        "centre",
        "opinion",
        "created_at",
    ),
    "rectifications": _rows(
        Rectification,
        "number",
        "round",
        "follow_up_id",
        "organisation_id",
        "state",
        "cause",
        "due_on",
        "report",
        "reported_by_id",
        "reported_at",
        "accepted_by_id",
        "accepted_at",
    ),
}


@lru_cache
def _select(engine: str) -> Select[Any]:
    """The one select, made once for an engine, asked with `pk`."""
    pk: Any = bindparam("pk", type_=BigId)
    return select(*(part.column(pk, engine).label(name) for name, part in LATE.items()))


def late_rows(case_id: int) -> LateFacts:
    """What a case has gathered; the caller has found the case within the row scope."""
    connection = db.session.connection()
    row = connection.execute(_select(connection.dialect.name), {"pk": case_id}).one()
    return LateFacts(**{name: tuple(part.read(getattr(row, name))) for name, part in LATE.items()})
