"""Registering a case: what is kept, what is refused, and that one form makes one case."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.errors import Invalid, NotAllowed
from app.models.case import CaseState
from app.models.deadline import Deadline
from app.models.organisation import Organisation
from app.models.party import RepresentativeKind
from app.models.person import IdType, Person, Sex
from app.models.step import CaseStep
from app.services.registration import CODE_LETTERS, hash_of_code, register_case
from tests.services.people import id_number, intake


def register(actor, **changes):
    with acting(actor):
        return register_case(actor, intake(**changes))


def refused(actor, **changes):
    with acting(actor), pytest.raises(Invalid) as refusal:
        register_case(actor, intake(**changes))
    return {path: [str(s) for s in sentences] for path, sentences in refusal.value.errors.items()}


def test_everything_is_kept(session, actor):
    clerk = actor("clerk")
    done = register(clerk)
    case = done.case
    with acting(clerk):
        assert case.state is CaseState.registered and case.version >= 1
        assert case.number == f"SQ-{clock.today().year}-000001"
        assert [claim.text for claim in case.claims] == ["请求足额发放征地补偿款", "请求公开补偿方案"]
        assert [(party.side.value, party.name) for party in case.parties] == [
            ("petitioner", "王建国"),
            ("respondent", "昌邑市自然资源和规划局"),
        ]
        person = case.parties[0].person
        assert person.birth.isoformat() == "1962-03-05" and person.sex is Sex.male and person.id_type is IdType.id_card
        assert person.organisation_id == clerk.organisation_id and person.pinyin and not person.unverified
        assert case.petitioner_name == "王建国" and case.petitioner_phone == "138****2207"
        assert [(v.head_count, v.first) for v in case.visits] == [(1, True)]
        assert case.village_id and case.town_id and case.owner_town_id is None
        assert session.scalars(select(CaseStep.step).where(CaseStep.case_id == case.id)).all() == ["register"]
        codes = session.scalars(select(Deadline.code).where(Deadline.case_id == case.id)).all()
        assert sorted(codes) == ["D-ACK15", "D-REPLY15"] and case.due_on
        assert len(done.receipt_code) == 8 and set(done.receipt_code) <= set(CODE_LETTERS)
        assert case.receipt_hash == hash_of_code(case.number, done.receipt_code)


def test_all_faults_at_once(session, actor):
    errors = refused(
        actor("clerk"),
        title=" ",
        facts="",
        claims=[{"text": ""}],
        category="none",
        village="",
        head_count=1,
        occurred_on=(clock.today() + timedelta(1)).isoformat(),
        parties=[
            {
                "side": "petitioner",
                "name": "李四",
                "id_number": "370786196203051234",
                "phone": "1380013",
                "address": "x",
            },
            {"side": "petitioner", "name": "张\u202e三", "id_type": "none"},
        ],
    )
    assert set(errors) == {
        "title",
        "facts",
        "claims-0-text",
        "category",
        "village",
        "head_count",
        "occurred_on",
        "parties-0-id_number",
        "parties-0-phone",
        "parties-1-name",
    }


def test_a_bad_number_never_turns_anybody_away(session, actor):
    party = {"side": "petitioner", "name": "李四", "id_number": "370786196203051234", "address": "下营镇"}
    assert "parties-0-id_number" in refused(actor("clerk"), parties=[party])
    done = register(actor("clerk"), parties=[{**party, "unverified": True}])
    with acting(actor("clerk")):
        assert done.case.parties[0].person.unverified
        assert done.warnings


def test_the_same_person_is_found_again(session, actor):
    one, two = register(actor("clerk")), register(actor("clerk"))
    with acting(actor("clerk")):
        assert one.case.parties[0].person_id == two.case.parties[0].person_id
        assert two.case.number.endswith("000002")
    third = register(actor("clerk.t2"), town="370786002", village="", parties=[intake()["parties"][0]])
    with system_scope("test"):
        assert third.case.parties[0].person_id != one.case.parties[0].person_id


def test_twice_in_one_case_and_too_many_representatives(session, actor):
    people = [
        {
            "side": "petitioner",
            "name": f"赵{c}",
            "id_number": id_number(place),
            "address": "下营镇",
            "representative": True,
        }
        for place, c in enumerate("一二三四五六")
    ]
    errors = refused(actor("clerk"), parties=people, head_count=6)
    assert list(errors) == ["parties-5-representative"]
    people[1]["id_number"] = people[0]["id_number"]
    assert "parties-1-id_number" in refused(actor("clerk"), parties=people[:2], head_count=2)


def test_a_group_without_representatives_is_registered_with_a_warning(session, actor):
    done = register(actor("clerk"), head_count=12)
    assert len(done.warnings) == 1 and "12" in str(done.warnings[0])
    party = {**intake()["parties"][0], "representative": True}
    assert register(actor("clerk"), head_count=12, parties=[party]).warnings == []


def test_an_agent_needs_authority(session, actor):
    party = {**intake()["parties"][0], "agent": {"name": "孙律师", "phone": "13900001111"}}
    assert "parties-0-agent-authority" in refused(actor("clerk"), parties=[party])
    party["agent"]["authority"] = "授权委托书 2026-11-20"
    done = register(actor("clerk"), parties=[party])
    with acting(actor("clerk")):
        assert [r.kind for r in done.case.representatives] == [RepresentativeKind.agent]


def test_place_and_category_rules(session, actor):
    clerk = actor("clerk")
    assert "village" in refused(clerk, town="370786002")  # the village of another town
    assert "category" in refused(clerk, category="C01")  # a group, not a leaf
    with system_scope("test"):
        village = session.scalar(select(Organisation).where(Organisation.code == intake()["village"]))
        village.active = False
        session.flush()
    assert "village" in refused(clerk)


def test_a_hidden_place_cannot_be_smuggled_in(session, actor):
    assert "village" in refused(actor("clerk.t2"), town="")  # a village of the first town


def test_one_form_one_case(session, actor):
    one = register(actor("clerk"), idempotency_key="k1")
    two = register(actor("clerk"), idempotency_key="k1")
    assert one.case.id == two.case.id and one.receipt_code == two.receipt_code
    other = register(actor("clerk.t1"), idempotency_key="k1", village="", town="370786001")
    assert other.case.id != one.case.id


def test_owner_town_and_number_of_a_village(session, actor):
    officer = actor("village_officer.1")
    done = register(officer)
    with acting(officer):
        assert done.case.number.startswith("SQKJ-") and done.case.owner_town_id == done.case.town_id
        assert done.case.organisation_id == officer.organisation_id


def test_who_may(session, actor):
    with acting(actor("dispatcher")), pytest.raises(NotAllowed):
        register_case(actor("dispatcher"), intake())


def test_similar_cases_must_be_answered(session, actor):
    clerk = actor("clerk")
    first = register(clerk)
    with acting(clerk):
        with pytest.raises(Invalid) as refusal:
            register_case(clerk, intake(), ask_duplicates=True)
        assert [one.id for one in refusal.value.extra["duplicates"]] == [first.case.id]
        assert register_case(clerk, intake(different_matter=True), ask_duplicates=True).case.id != first.case.id


def test_similar_claim_of_somebody_else(session, actor):
    clerk = actor("clerk")
    register(clerk)
    with acting(clerk), pytest.raises(Invalid) as refusal:
        register_case(
            clerk,
            intake(
                title="另一件事",
                claims=["请求足额发放征地补偿款项"],
                parties=[{"side": "petitioner", "name": "刘海", "id_type": "none", "address": "x"}],
            ),
            ask_duplicates=True,
        )
    assert len(refusal.value.extra["duplicates"]) == 1


def test_another_town_learns_nothing_of_duplicates(session, actor):
    register(actor("clerk"))
    other = actor("clerk.t2")
    with acting(other):
        done = register_case(other, intake(village="", town="370786002"), ask_duplicates=True)
    assert done.case.id


@pytest.mark.parametrize(
    "junk",
    [
        {"parties": "x"},
        {"parties": [1, None, []]},
        {"claims": {"a": 1}},
        {"claims": [{"text": ["a"]}]},
        {"head_count": {"$gt": 1}},
        {"head_count": "9" * 50},
        {"category": [1]},
        {"village": {"id": 1}},
        {"title": 5},
        {"occurred_on": "2026-13-45"},
        {"channel": "pigeon"},
        {"kind": ["x"]},
        {"category": "9" * 40},
        {"title": "a\x00b"},
        {"facts": "\ud800"},
        {"parties": [{"side": "judge", "name": "x"}]},
        {"parties": [{"name": "x", "agent": "y", "organisation": {"a": 1}}]},
    ],
)
def test_junk_is_refused_in_words(session, actor, junk):
    try:
        register(actor("clerk"), **junk)
    except Invalid as refusal:
        assert refusal.errors and all(str(s) for sentences in refusal.errors.values() for s in sentences)


def test_nothing_is_left_of_a_refused_form(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        before = session.scalar(select(func.count(Person.id)))
        refused(clerk, title="")
        assert session.scalar(select(func.count(Person.id))) == before
    assert register(clerk).case.number.endswith("000001")
