"""Conflicts of interest of an expert with a case, computed from what is on record, each with its reason (domain §4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.case import Case
from app.models.conference import Conference
from app.models.expert import Expert, ExpertEmployment, ExpertKin, Kinship
from app.models.hearing import Hearing
from app.models.mediation import Mediation
from app.models.member import Capacity, CaseMember
from app.models.organisation import Level, Organisation
from app.models.party import Party, Representative
from app.models.person import Person
from app.models.reception import LeaderReception
from app.models.referral import Referral
from app.models.reply import Reply
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services.expert import three_years_before

REGISTERED, RECEIVED, HANDLED, MEDIATED, ADVISED, DRAFTED, CHECKED, ACTED = (
    "registered",
    "received",
    "handled",
    "mediated",
    "advised",
    "drafted",
    "checked",
    "acted",
)
# What a step of the course makes of whoever carried it out; every other step is "acted".
BY_STEP: dict[str, str] = {
    **dict.fromkeys(("register", "request_supplement", "supplement"), REGISTERED),
    **dict.fromkeys(("receive_by_leader", "settle_on_spot"), RECEIVED),
    **dict.fromkeys(("sign_for", "log_work", "request_extension", "report_rectification"), HANDLED),
    **dict.fromkeys(("mediate", "conclude_mediation"), MEDIATED),
    "submit_reply": DRAFTED,
    **dict.fromkeys(("return_reply", "approve_reply"), CHECKED),
}
BY_CAPACITY = {
    Capacity.leader: RECEIVED,
    Capacity.adviser: ADVISED,
    Capacity.mediator: MEDIATED,
    Capacity.counsellor: ADVISED,
}
SENTENCES: dict[str, Any] = {
    REGISTERED: _l("Registered this matter."),
    RECEIVED: _l("Received the parties of this matter."),
    HANDLED: _l("Handled this matter."),
    MEDIATED: _l("Mediated in this matter."),
    ADVISED: _l("Advised in this matter."),
    DRAFTED: _l("Drafted a reply on this matter."),
    CHECKED: _l("Checked or approved a reply on this matter."),
    ACTED: _l("Acted on this matter before."),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason why an expert may not sit, as a code and a sentence that names no kin."""

    code: str
    sentence: Any


@dataclass(frozen=True, slots=True)
class Job:
    """Where somebody works or worked; `path` is that of the organisation, empty for one outside the tree."""

    path: str
    name: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """A kin of an expert, as far as a conflict goes."""

    kinship: Kinship
    id_hash: str | None = None
    person_id: int | None = None
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An expert as conflicts see him or her."""

    id: int
    account_id: int | None = None
    id_hash: str | None = None
    village_id: int | None = None
    village: str = ""
    town: str = ""
    jobs: tuple[Job, ...] = ()
    kin: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom and what a case concerns: who did what on it, which organisations, villages and persons."""

    doers: Mapping[int, frozenset[str]] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)  # path → name
    names: frozenset[str] = frozenset()  # organisations outside the tree
    villages: frozenset[int] = frozenset()
    addresses: tuple[str, ...] = ()
    towns: frozenset[str] = frozenset()  # the names of all towns, to read addresses by
    persons: frozenset[int] = frozenset()
    id_hashes: frozenset[str] = frozenset()


def lives_there(address: str, village: str, town: str, towns: Iterable[str]) -> bool:
    """Whether an address lies in a village: it names the village, and no other town."""
    if not village or village not in address:
        return False
    return town in address or not any(name in address for name in towns)


def _concerned(job: Job, concern: Concern, since: date) -> str | None:
    """The concerned organisation that somebody works for, or worked for since that day: the same or one below it."""
    if job.until is not None and job.until < since:
        return None
    for path, name in concern.organisations.items():
        if job.path and job.path.startswith(path):
            return name
    return job.name if job.name.strip() and job.name.strip() in concern.names else None


def conflicts_of(member: Member, concern: Concern, today: date) -> tuple[Conflict, ...]:
    """Every reason why this expert may not sit on a review of this case; none is a promise of nothing."""
    found = [
        Conflict(code, SENTENCES[code]) for code in SENTENCES if code in concern.doers.get(member.account_id or 0, ())
    ]
    if member.id_hash and member.id_hash in concern.id_hashes:
        found.append(Conflict("party", _l("Is a party of this matter, or speaks for one.")))
    if (member.village_id is not None and member.village_id in concern.villages) or any(
        lives_there(address, member.village, member.town, concern.towns) for address in concern.addresses
    ):
        found.append(Conflict("village", _l("Comes from the same village: %(name)s.", name=member.village)))
    since = three_years_before(today)
    employers = dict.fromkeys(name for job in member.jobs if (name := _concerned(job, concern, since)) is not None)
    found += [
        Conflict(
            "employer",
            _l("Works for %(name)s, or below it, or did so within three years; it is concerned here.", name=name),
        )
        for name in employers
    ]
    found += _kin_conflicts(member, concern, since)
    return tuple(dict.fromkeys(found))


def _kin_conflicts(member: Member, concern: Concern, since: date) -> list[Conflict]:
    found = []
    for kin in member.kin:
        if (kin.id_hash and kin.id_hash in concern.id_hashes) or kin.person_id in concern.persons:
            found.append(Conflict("kin", _l("Is kin of a party (%(kinship)s).", kinship=kin.kinship.label)))
        elif kin.job is not None and (name := _concerned(kin.job, concern, since)) is not None:
            sentence = _l("Has kin (%(kinship)s) who works for %(name)s.", kinship=kin.kinship.label, name=name)
            found.append(Conflict("kin", sentence))
    return found


# ---- from the database


def _doers(keys: list[int]) -> dict[int, frozenset[str]]:
    """Who did what on these matters, by the rows that say so."""
    found: dict[int, set[str]] = defaultdict(set)
    for step, user in db.session.execute(select(CaseStep.step, CaseStep.actor_id).where(CaseStep.case_id.in_(keys))):
        found[user].add(BY_STEP.get(step, ACTED))
    members = select(CaseMember.capacity, CaseMember.user_id).where(CaseMember.case_id.in_(keys))
    for capacity, user in db.session.execute(members):
        found[user].add(BY_CAPACITY[capacity])
    columns: tuple[tuple[Any, str], ...] = (
        (Visit.created_by_id, RECEIVED),
        (LeaderReception.leader_id, RECEIVED),
        (Mediation.mediator_id, MEDIATED),
        (Conference.chaired_by_id, ACTED),
        (Hearing.chaired_by_id, ACTED),
        (Reply.drafted_by_id, DRAFTED),
        (Reply.checked_by_id, CHECKED),
        (Reply.approved_by_id, CHECKED),
    )
    for column, code in columns:
        for user in db.session.scalars(select(column).where(column.class_.case_id.in_(keys)).distinct()):
            found[user].add(code)
    return {user: frozenset(codes) for user, codes in found.items() if user is not None}


def concern_of(case_id: int) -> Concern:
    """Whom and what a case concerns, together with the matters merged into it."""
    with system_scope("conflicts of interest with a case that the actor has found"):
        keys = list(db.session.scalars(select(Case.id).where(or_(Case.id == case_id, Case.merged_into_id == case_id))))
        organisations = {
            *db.session.scalars(select(Referral.organisation_id).where(Referral.case_id.in_(keys))),
            *db.session.scalars(select(Reply.organisation_id).where(Reply.case_id.in_(keys))),
            *db.session.scalars(select(Party.respondent_organisation_id).where(Party.case_id.in_(keys))),
        } - {None}
        rows = db.session.scalars(select(Organisation).where(Organisation.id.in_(organisations))).all()
        villages = set(db.session.scalars(select(Case.village_id).where(Case.id.in_(keys))))
        outside = db.session.scalars(select(Party.organisation_name).where(Party.case_id.in_(keys)))
        people = people_of(keys)
        return Concern(
            doers=_doers(keys),
            organisations={row.path: row.name for row in rows},
            names=frozenset({name.strip() for name in outside if name} | {row.name for row in rows}),
            villages=frozenset({key for key in villages if key} | {r.id for r in rows if r.level == Level.village}),
            addresses=tuple(person.address for person in people if person.address),
            towns=frozenset(db.session.scalars(select(Organisation.name).where(Organisation.level == Level.township))),
            persons=frozenset(person.id for person in people),
            id_hashes=frozenset(person.id_number_hash for person in people if person.id_number_hash),
        )


def people_of(keys: list[int]) -> list[Person]:
    """The persons who stand in these matters, or speak for somebody there."""
    stand = select(Party.person_id).where(Party.case_id.in_(keys), Party.person_id.is_not(None))
    speak = select(Representative.agent_id).where(
        Representative.case_id.in_(keys), Representative.agent_id.is_not(None)
    )
    found = select(Person).where(or_(Person.id.in_(stand), Person.id.in_(speak)))
    return list(db.session.scalars(found.order_by(Person.id)))


def _nodes(keys: Iterable[int | None]) -> dict[int, Any]:
    columns = (Organisation.id, Organisation.name, Organisation.path, Organisation.level, Organisation.parent_id)
    wanted = {key for key in keys if key is not None}
    return {row.id: row for row in db.session.execute(select(*columns).where(Organisation.id.in_(wanted)))}


def members_of(experts: Iterable[Expert]) -> dict[int, Member]:
    """Experts as conflicts see them, in a fixed number of selects."""
    with system_scope("employers and kin of experts, for conflicts of interest"):
        rows = list(experts)
        keys = [row.id for row in rows]
        worked = select(ExpertEmployment).where(ExpertEmployment.expert_id.in_(keys)).order_by(ExpertEmployment.id)
        employments = db.session.scalars(worked).all()
        related = select(ExpertKin).where(ExpertKin.expert_id.in_(keys)).order_by(ExpertKin.id)
        kin = db.session.scalars(related).all()
        accounts = {row.account_id for row in rows if row.account_id is not None}
        homes = dict(
            db.session.execute(select(Account.id, Account.organisation_id).where(Account.id.in_(accounts))).all()
        )
        named = [row.employer_id for row in (*employments, *kin)] + [row.village_id for row in rows]
        nodes = _nodes([*named, *homes.values()])
        towns = _nodes(nodes[row.village_id].parent_id for row in rows if row.village_id is not None)
    jobs: dict[int, list[Job]] = defaultdict(list)
    for work in employments:
        jobs[work.expert_id].append(_job(nodes.get(work.employer_id or 0), work.employer_name, work.until))
    family: dict[int, list[Kin]] = defaultdict(list)
    for one in kin:
        node = nodes.get(one.employer_id or 0)
        job = _job(node, node.name) if node is not None else None
        family[one.expert_id].append(Kin(one.kinship, one.id_number_hash, one.person_id, job))
    found = {}
    for row in rows:
        village, desk = nodes.get(row.village_id or 0), nodes.get(homes.get(row.account_id or 0) or 0)
        town = towns.get(village.parent_id) if village is not None else None
        # a pool is no employer: only the desk at a department or in a village is a place of work
        at_work = desk is not None and desk.level in (Level.department, Level.village)
        found[row.id] = Member(
            row.id,
            row.account_id,
            row.id_number_hash,
            row.village_id,
            village.name if village is not None else "",
            town.name if town is not None else "",
            (*jobs[row.id], *([_job(desk, desk.name)] if at_work and desk is not None else [])),
            tuple(family[row.id]),
        )
    return found


def _job(node: Any, name: str, until: date | None = None) -> Job:
    return Job(node.path if node is not None else "", name, until)


def conflicts_with(
    case_id: int, experts: Iterable[Expert], today: date | None = None
) -> dict[int, tuple[Conflict, ...]]:
    """The conflicts of these experts with a case, by expert."""
    rows = list(experts)
    concern, members = concern_of(case_id), members_of(rows)
    return {row.id: conflicts_of(members[row.id], concern, today or clock.today()) for row in rows}
