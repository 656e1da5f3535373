"""Everything the page of a case shows, in a fixed number of selects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.core.db import BigId, db
from app.core.errors import NotFound
from app.core.nested import Nested, columns_of
from app.models.attachment import Attachment, look_of, size_text
from app.models.calendar import DeadlineRule
from app.models.case import Case, CaseState, Kind
from app.models.code_table import Category
from app.models.deadline import Deadline, DeadlineState
from app.models.document import Document
from app.models.dossier import Recording
from app.models.organisation import Organisation
from app.models.party import Party, Representative
from app.models.person import Person
from app.models.referral import Referral, ReferralState
from app.models.step import CaseStep, ReviewStep
from app.models.visit import Visit
from app.services.queries.case_facts import HANDLE, facts_from
from app.services.queries.late_rows import LATE
from app.workflow.case_flow import CASE_FLOW, STAGES
from app.workflow.engine import StepState, available
from app.workflow.facts import CaseFacts, LateFacts

CLOCK_ORDER = ("D-ACK15", "D-REPLY15", "D-HANDLE60", "D-OBJ5")


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the seven stages, and whether the case has passed it."""

    label: Any
    state: str  # done, current, todo, skipped


@dataclass(slots=True)
class Speaker:
    """One party (with what is kept of the person), its name, and the capacity in which it stands in the case."""

    party: Any
    name: str
    representative: bool
    agents: list[Any]


@dataclass(frozen=True, slots=True)
class CasePage:
    """The page of a case, as rows and plain values."""

    case: Case
    facts: CaseFacts
    claims: Sequence[Any]
    speakers: Sequence[Speaker]
    visits: Sequence[Any]
    referrals: Sequence[Any]
    clocks: Sequence[Any]
    course: Sequence[Any]
    review_course: Sequence[Any]
    recordings: Sequence[Any]
    files: Sequence[Any]
    papers: Sequence[Any]
    children: Sequence[Case]
    category: str
    place: str


def _clock_order(row: Any) -> tuple[int, int]:
    """Those of the case itself first."""
    return (CLOCK_ORDER.index(row.code) if row.code in CLOCK_ORDER else len(CLOCK_ORDER), row.id)


def clocks_of(case_id: int) -> list[Deadline]:
    """The clocks of a case, those of the case itself first."""
    rows = db.session.scalars(
        select(Deadline).where(Deadline.case_id == case_id).options(joinedload(Deadline.rule)).order_by(Deadline.id)
    ).all()
    return sorted(rows, key=_clock_order)


def _speakers(parties: Iterable[Any], speaking: Iterable[Any]) -> list[Speaker]:
    """The parties with those who speak for them."""
    found: dict[int, Speaker] = {
        row.id: Speaker(row, row.person_name or row.organisation_name or row.respondent_name or "", False, [])
        for row in parties
    }
    for row in speaking:
        speaker = found[row.party_id]
        if row.agent_id is None:
            speaker.representative = True
        else:
            speaker.agents.append(row)
    return list(found.values())


def visits_of(case_id: int) -> list[Visit]:
    """The contacts of a case with the centre, first to last."""
    return list(db.session.scalars(select(Visit).where(Visit.case_id == case_id).order_by(Visit.at, Visit.id)))


_visit, _step, _clock = Visit.__table__, CaseStep.__table__, Deadline.__table__
_referral, _rule, _org = Referral.__table__, DeadlineRule.__table__, Organisation.__table__.alias("referred")
_person, _speaking, _file = Person.__table__, Representative.__table__, Attachment.__table__
_agent, _paper = Person.__table__.alias("agent"), Document.__table__
_review, _recording = ReviewStep.__table__, Recording.__table__
COURSE = (
    *("id", "seq", "step", "from_state", "to_state", "at", "actor_id", "actor_name", "actor_post"),
    *("organisation_name", "reason", "data"),
)
# What comes along with the case in its one select; the case itself is within the row scope, and these are its own.
ALONG: dict[str, Nested] = {
    **LATE,
    "parties": LATE["parties"].also(columns_of(_person, "id_number", "phone", "address", "unverified")),
    "speaking": Nested(
        _speaking.outerjoin(_agent, _agent.c.id == _speaking.c.agent_id),
        _speaking.c.case_id,
        columns_of(_speaking, "id", "party_id", "agent_id", "authority") | {"name": _agent.c.name},
    ),
    "papers": Nested(
        _paper,
        _paper.c.case_id,
        columns_of(_paper, "id", "kind", "number", "edition", "state", "issued_at", "party_id"),
    ),
    "files": Nested(_file, _file.c.case_id, columns_of(_file, "id", "name", "mime", "size")),
    "visits": Nested(
        _visit,
        _visit.c.case_id,
        columns_of(_visit, "id", "at", "channel", "head_count", "first", "note", "recording"),
        ("at", "id"),
    ),
    "course": Nested(_step, _step.c.case_id, columns_of(_step, *COURSE), ("seq",)),
    "review_course": Nested(_review, _review.c.case_id, columns_of(_review, *COURSE), ("id",)),
    "recordings": Nested(
        _recording,
        _recording.c.case_id,
        columns_of(_recording, "id", "camera", "from_at", "until_at", "checksum", "note"),
        ("from_at",),
    ),
    "referrals": Nested(
        _referral.join(_org, _org.c.id == _referral.c.organisation_id),
        _referral.c.case_id,
        columns_of(_referral, "id", "organisation_id", "kind", "state", "due_on", "objection_due_on")
        | {"organisation_name": _org.c.name},
    ),
    "clocks": LATE["clocks"].also(
        columns_of(_clock, "why") | {"rule_name": _rule.c.name, "rule_source": _rule.c.source},
        _clock.join(_rule, _rule.c.id == _clock.c.rule_id),
    ),
}


@lru_cache
def _everything(engine: str) -> Select[Any]:
    """The select of a case with all that comes along; made once for an engine, asked with `pk`."""
    pk: Any = bindparam("pk", type_=BigId)
    child = Case.__table__.alias("child")
    children = select(func.count()).select_from(child).where(child.c.merged_into_id == pk).scalar_subquery()
    along = [part.column(pk, engine).label(name) for name, part in ALONG.items()]
    return select(Case, children.label("children"), *_names(), *along).where(Case.id == pk)


def _names() -> list[Any]:
    """What the case's category, town and village are called, without their whole rows."""
    told = (("category", Category, Case.category_id), ("town", Organisation, Case.town_id),
            ("village", Organisation, Case.village_id))  # fmt: skip
    tables = [(name, model.__table__.alias(f"case_{name}"), key) for name, model, key in told]
    return [select(t.c.name).where(t.c.id == key).scalar_subquery().label(name) for name, t, key in tables]


def _with_all(pk: int | None) -> tuple[Any, dict[str, list[Any]]]:
    if pk is None:
        raise NotFound()
    row = db.session.execute(_everything(db.engine.dialect.name), {"pk": pk}).one_or_none()
    if row is None:
        raise NotFound()
    return row, {name: part.read(getattr(row, name)) for name, part in ALONG.items()}


def _with_look(file: Any) -> Any:
    file.look, file.size_text = look_of(file.mime), size_text(file.size)
    return file


def _addressed(papers: Sequence[Any], speakers: Iterable[Speaker]) -> Sequence[Any]:
    """The papers, the newest first, each with the name of the party it is addressed to."""
    names = {speaker.party.id: speaker.name for speaker in speakers}
    for paper in papers:
        paper.party_name = names.get(paper.party_id, "")
    return papers[::-1]


def party_of(case_id: int | None, party_id: int | None) -> Party:
    """A party of a case, within the row scope."""
    row = db.session.scalar(select(Party).where(Party.id == party_id, Party.case_id == case_id))
    if row is None:
        raise NotFound()
    return row


def case_page(pk: int | None) -> CasePage:
    """Load the page of a case within the row scope."""
    row, rows = _with_all(pk)
    case, count = row[0], row.children
    course, referrals = rows["course"], rows["referrals"]
    clocks = sorted(rows["clocks"], key=_clock_order)
    running = (DeadlineState.running, DeadlineState.paused)
    accused = case.kind == Kind.accusation  # only then does it matter whom it is about
    merged = case.merged_into if case.merged_into_id is not None else None
    facts = facts_from(
        case,
        course,
        referrals,
        children=count,
        claims=len(rows["claims"]),
        accused=[row.respondent_path for row in rows["parties"] if row.respondent_path] if accused else [],
        handle_due_on=min((c.due_on for c in clocks if c.code == HANDLE and c.state in running), default=None),
        parent_state=merged.state if merged is not None else None,
        late=LateFacts(**{name: tuple(rows[name]) for name in LATE}),
    )
    children = (
        list(db.session.scalars(select(Case).where(Case.merged_into_id == case.id).order_by(Case.id))) if count else []
    )
    speakers = _speakers(rows["parties"], rows["speaking"])
    return CasePage(
        case,
        facts,
        rows["claims"],
        speakers,
        rows["visits"],
        [r for r in referrals if r.state != ReferralState.ended] or referrals,
        clocks,
        course,
        rows["review_course"],
        rows["recordings"],
        [_with_look(file) for file in rows["files"]],
        _addressed(rows["papers"], speakers),
        children,
        row.category,
        " ".join(filter(None, (row.town, row.village))),
    )


def stages(case: Case, course: Sequence[Any]) -> list[Stage]:
    """Where the case stands among the seven stages; stages it never passed are said to be left out."""
    been = {row.to_state for row in course} | {case.state.value}
    here = next((place for place, (_code, _label, states) in enumerate(STAGES) if case.state in states), 0)
    if case.state in (CaseState.withdrawal_proposed, CaseState.withdrawn):
        before = next((row.from_state for row in reversed(course) if row.step == "withdraw"), None)
        here = next((place for place, (_code, _label, states) in enumerate(STAGES) if before in states), 0)
    ended = case.state in CASE_FLOW.final or case.state is CaseState.closed
    found = []
    for place, (_code, label, states) in enumerate(STAGES):
        passed = any(state.value in been for state in states)
        if place == here:
            state = "done" if ended else "current"
        elif place < here:
            state = "done" if passed else "skipped"
        else:
            state = "skipped" if ended else "todo"
        found.append(Stage(label, state))
    return found


def steps_of(page: CasePage, actor: Actor, built: frozenset[str]) -> list[StepState]:
    """The steps of this version as they stand for the person."""
    return available(CASE_FLOW, page.case, actor, page.facts, built)
