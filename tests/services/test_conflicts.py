"""Conflicts of interest: each reason when it is planted, none when nothing is, and what the record alone brings up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.expert import ExpertEmployment, ExpertKin, Kinship
from app.models.member import Capacity, CaseMember
from app.models.party import Representative, RepresentativeKind
from app.models.person import Person
from app.services import referral
from app.services.person import hash_id
from app.services.queries.candidates import NO_ACCOUNT, candidates, hindrances
from app.services.queries.conflicts import (
    SENTENCES,
    Concern,
    Job,
    Kin,
    Member,
    concern_of,
    conflicts_of,
    conflicts_with,
    lives_there,
)
from tests.case_factory import id_number, organisation_of
from tests.review_factory import Reviews

TODAY = date(2026, 11, 25)
PATHS = ("/1/", "/1/2/", "/1/2/7/", "/1/3/", "/1/3/9/", "/1/4/")
HASHES = ("a" * 64, "b" * 64, "c" * 64)

# ---- by themselves

days = st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2026, 11, 25)))
jobs = st.builds(Job, st.sampled_from(("", *PATHS)), st.sampled_from(("甲厂", "乙局", "丙村")), days)
kin = st.builds(
    Kin,
    st.sampled_from(list(Kinship)),
    st.one_of(st.none(), st.sampled_from(HASHES)),
    st.one_of(st.none(), st.integers(1, 4)),
    st.one_of(st.none(), jobs),
)
members = st.builds(
    Member,
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(1, 5)),
    st.one_of(st.none(), st.sampled_from(HASHES)),
    st.one_of(st.none(), st.integers(1, 3)),
    st.sampled_from(("", "西付村", "东永安村")),
    st.just("柳疃镇"),
    st.lists(jobs, max_size=3).map(tuple),
    st.lists(kin, max_size=3).map(tuple),
)
concerns = st.builds(
    Concern,
    st.dictionaries(st.integers(1, 5), st.frozensets(st.sampled_from(list(SENTENCES)), min_size=1), max_size=3),
    st.dictionaries(st.sampled_from(PATHS[1:]), st.sampled_from(("乙局", "丁办")), max_size=3),
    st.frozensets(st.sampled_from(("甲厂", "乙局")), max_size=2),
    st.frozensets(st.integers(1, 3), max_size=2),
    st.lists(st.sampled_from(("昌邑市柳疃镇西付村12号", "昌邑市饮马镇西付村3号", "")), max_size=2).map(tuple),
    st.just(frozenset({"柳疃镇", "饮马镇"})),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.frozensets(st.sampled_from(HASHES), max_size=2),
)


def expected(member: Member, concern: Concern) -> set[str]:
    """The codes by the words of domain §4, written once more and another way."""
    since = date(TODAY.year - 3, TODAY.month, TODAY.day)

    def concerned(job: Job) -> bool:
        if job.until and job.until < since:
            return False
        below = any(job.path[: len(path)] == path for path in concern.organisations) if job.path else False
        return below or job.name in concern.names

    found = set(concern.doers.get(member.account_id, ())) if member.account_id else set()
    if member.id_hash in concern.id_hashes:
        found.add("party")
    lives = [a for a in concern.addresses if member.village and member.village in a and "饮马镇" not in a]
    if member.village_id in concern.villages or lives:
        found.add("village")
    if any(concerned(job) for job in member.jobs):
        found.add("employer")
    for one in member.kin:
        if one.id_hash in concern.id_hashes or one.person_id in concern.persons or (one.job and concerned(one.job)):
            found.add("kin")
    return found


@given(members, concerns)
def test_every_reason_that_is_there_and_no_other(member, concern):
    assert {conflict.code for conflict in conflicts_of(member, concern, TODAY)} == expected(member, concern)


@given(members, concerns, concerns)
def test_what_comes_to_light_takes_no_reason_away(member, one, other):
    both = Concern(
        {**one.doers, **{k: one.doers.get(k, frozenset()) | v for k, v in other.doers.items()}},
        {**one.organisations, **other.organisations},
        one.names | other.names,
        one.villages | other.villages,
        one.addresses + other.addresses,
        one.towns,
        one.persons | other.persons,
        one.id_hashes | other.id_hashes,
    )
    before = {conflict.code for conflict in conflicts_of(member, one, TODAY)}
    assert before <= {conflict.code for conflict in conflicts_of(member, both, TODAY)}


@given(members)
def test_where_nothing_is_on_record_nobody_stands_in_conflict(member):
    assert conflicts_of(member, Concern(), TODAY) == ()


@pytest.mark.parametrize(
    "until, counts",
    [(None, True), (date(2023, 11, 25), True), (date(2023, 11, 24), False), (date(2026, 1, 1), True)],
)
def test_three_years(until, counts):
    member = Member(1, jobs=(Job("/1/5/", "住建局", until),))
    assert bool(conflicts_of(member, Concern(organisations={"/1/5/": "住建局"}), TODAY)) == counts


@pytest.mark.parametrize("path, counts", [("/1/5/", True), ("/1/5/8/", True), ("/1/", False), ("/1/50/", False)])
def test_the_same_organisation_or_one_below(path, counts):
    member = Member(1, jobs=(Job(path, "某单位"),))
    assert bool(conflicts_of(member, Concern(organisations={"/1/5/": "住建局"}), TODAY)) == counts


def test_a_village_of_the_same_name_elsewhere_is_another():
    towns = {"柳疃镇", "饮马镇"}
    assert lives_there("山东省昌邑市柳疃镇西付村12号", "西付村", "柳疃镇", towns)
    assert lives_there("西付村12号", "西付村", "柳疃镇", towns)
    assert not lives_there("昌邑市饮马镇西付村12号", "西付村", "柳疃镇", towns)
    assert not lives_there("昌邑市柳疃镇", "", "柳疃镇", towns)


# ---- from what is on record


@pytest.fixture
def reviews(actor):
    return Reviews(actor)


@pytest.fixture
def case(reviews):
    return reviews.replied()


def codes(reviews, case, number=1):
    expert = reviews.experts[f"expert.{number}"]
    return {conflict.code for conflict in conflicts_with(case.id, [expert])[expert.id]}


def test_without_a_link_there_is_none(reviews, case):
    assert all(codes(reviews, case, number) == set() for number in range(1, 13))


@pytest.mark.parametrize(
    "who, code",
    [
        ("clerk", "registered"),
        ("dispatcher", "acted"),
        ("handler.d1", "handled"),
        ("handler.d1", "drafted"),
        ("unit_head.d1", "checked"),
        ("centre_head", "checked"),
    ],
)
def test_who_dealt_with_it(reviews, case, actor, who, code):
    expert = reviews.experts["expert.1"]
    expert.account_id = actor(who).user_id
    db.session.flush()
    assert code in codes(reviews, case)


@pytest.mark.parametrize(
    "capacity, code",
    [(Capacity.leader, "received"), (Capacity.adviser, "advised"), (Capacity.mediator, "mediated")],
)
def test_who_is_named_on_it(reviews, case, actor, capacity, code):
    db.session.add(CaseMember(case_id=case.id, user_id=actor("expert.1").user_id, capacity=capacity))
    db.session.flush()
    assert codes(reviews, case) == {code}


def test_village_party_and_speaker(reviews, case):
    expert = reviews.experts["expert.1"]
    expert.village_id = case.village_id
    db.session.flush()
    assert codes(reviews, case) == {"village"}
    with system_scope("test"):
        party = case.parties[0]
        expert.village_id, expert.id_number_hash = None, party.person.id_number_hash
        db.session.flush()
    assert codes(reviews, case) == {"party"}
    agent = Person(name="代理人", organisation_id=1, id_number_hash=hash_id(id_number(777)))
    db.session.add(agent)
    db.session.flush()
    speaks = {"case_id": case.id, "party_id": party.id, "agent_id": agent.id}
    db.session.add(Representative(kind=RepresentativeKind.agent, **speaks))
    expert.id_number_hash = hash_id(id_number(777))
    db.session.flush()
    assert codes(reviews, case) == {"party"}


def test_employer_and_kin(reviews, case):
    expert, lead = reviews.experts["expert.1"], organisation_of("handler.d1")
    job = ExpertEmployment(expert_id=expert.id, employer_id=lead.id, employer_name=lead.name, since=date(2015, 1, 1))
    db.session.add(job)
    db.session.flush()
    assert codes(reviews, case) == {"employer"}
    job.until = clock.today() - timedelta(days=3 * 366)
    db.session.add(ExpertKin(expert_id=expert.id, kinship=Kinship.spouse, name="单小凤", employer_id=lead.id))
    db.session.flush()
    assert codes(reviews, case) == {"kin"}
    said = str(conflicts_with(case.id, [expert])[expert.id][0].sentence)
    assert lead.name in said and "单小凤" not in said  # the kin is not named


def test_the_pool_is_no_employer_but_a_desk_at_a_department_is(reviews, actor):
    """Every expert of a town's team has an account of that town; a case referred to the town does not rule them out."""
    town = organisation_of("clerk.t1")
    case = reviews.cases.accepted()
    case = reviews.cases.do("dispatcher", referral.assign, case, lead=town, co=[])
    assert codes(reviews, case) == set()


def test_matters_merged_into_it_count(reviews, case, actor):
    other = reviews.cases.register("clerk.t1", title="合并的一件", different_matter=True, village=_village(actor))
    merge = text("UPDATE \"case\" SET state = 'merged', merged_into_id = :into WHERE id = :id")
    db.session.execute(merge, {"into": case.id, "id": other.id})
    reviews.experts["expert.1"].account_id = actor("clerk.t1").user_id
    db.session.flush()
    assert "registered" in codes(reviews, case)


def _village(actor):
    from sqlalchemy import text

    town = actor("clerk.t1").organisation_id
    found = text("SELECT code FROM organisation WHERE parent_id = :town AND level = 'village' ORDER BY id LIMIT 1")
    return db.session.execute(found, {"town": town}).scalar_one()


def test_candidates_say_load_pool_and_what_stands_in_the_way(reviews, actor):
    record = reviews.inviting()
    reviews.experts["expert.3"].account_id = None
    reviews.experts["expert.4"].village_id = reviews.case(record).village_id
    db.session.flush()
    with acting(actor("clerk")):
        rows = {row.id: row for row in candidates(record)}
    mine = lambda number: rows[reviews.experts[f"expert.{number}"].id]  # noqa: E731
    assert mine(1).load == 1 and mine(12).load == 0
    assert mine(3).conflicts == () and mine(3).reasons == [NO_ACCOUNT]
    assert [conflict.code for conflict in mine(4).conflicts] == ["village"]
    assert {mine(9).pool_kind, mine(1).pool_kind} <= {"own", "city", "other"} and mine(9).pool_kind == "city"


def test_who_may_not_sit_has_one_reason(reviews, case):
    reviews.experts["expert.1"].appointed_until = clock.today() - timedelta(days=1)
    reviews.experts["expert.2"].village_id = case.village_id
    db.session.flush()
    found = hindrances(case.id, reviews.experts.values())
    assert set(found) == {reviews.experts["expert.1"].id, reviews.experts["expert.2"].id}
    with system_scope("test"):
        assert concern_of(case.id).villages == {case.village_id}
