"""Persons: read with every fault named, found again by keyed hashes, refreshed but never overwritten blindly."""

import pytest
from sqlalchemy import select, text

from app.access.actor import acting
from app.core.errors import NotFound
from app.models.person import IdType, Person, Sex
from app.services.person import Who, find_or_create, hash_tail, hashes_of, keep_keys, known_persons, read_person
from app.services.problems import Problems
from app.services.registration import register_case
from app.services.reveal import reveal
from tests.services.people import id_number, intake

pytestmark = pytest.mark.usefixtures("app")  # the keyring


def read(**given):
    problems = Problems()
    return read_person(given, "p", problems, paper_needed=True), problems.errors


def test_a_card_tells_birthday_and_sex():
    spaced = f" 370786 19620305 {id_number(1)[14:]} "
    who, errors = read(name="王 建国", id_type="id_card", id_number=spaced)
    assert errors == {} and who.birth.isoformat() == "1962-03-05" and who.sex is Sex.male and who.name == "王建国"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"id_type": "id_card", "id_number": id_number(1)}, IdType.id_card),
        ({"id_number": id_number(1)}, IdType.id_card),
        ({"id_type": "none", "id_number": id_number(1)}, IdType.id_card),
        ({"id_type": "passport", "id_number": "e1234567"}, IdType.passport),
        ({"id_type": "officer_card", "id_number": "南字123456".replace("南字", "N")}, IdType.officer_card),
        ({"id_type": "none"}, IdType.none),
        ({}, IdType.none),
    ],
)
def test_papers(given, kind):
    who, errors = read(name="王建国", **given)
    assert errors == {} and who.id_type is kind


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": "", "id_type": "none"}, "p-name"),
        ({"name": "王\u200b建"}, "p-name"),
        ({"name": "王", "id_type": "id_card"}, "p-id_number"),
        ({"name": "王", "id_type": "id_card", "id_number": id_number(1)[:-1] + "0"}, "p-id_number"),
        ({"name": "王", "id_type": "passport", "id_number": "?"}, "p-id_number"),
        ({"name": "王", "phone": "123"}, "p-phone"),
        ({"name": "王", "birth": "yesterday"}, "p-birth"),
        ({"name": "王", "address": "a\u202eb"}, "p-address"),
    ],
)
def test_faults_are_named(given, path):
    assert list(read(**given)[1]) == [path]


def test_to_be_verified():
    who, errors = read(name="王", id_type="id_card", id_number="123", unverified=True)
    assert errors == {} and who.unverified and who.id_number == "123"
    who, errors = read(name="王", id_type="id_card", unverified=True)
    assert errors == {} and who.unverified and who.id_type is IdType.none


def test_found_again_and_refreshed(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        case = register_case(clerk, intake()).case
        person = case.parties[0].person
        who = Who(name="王建国", id_type=IdType.id_card, id_number=id_number(1), phone="13911112222")
        assert find_or_create(clerk, [who]) == [person]
        assert person.phone == "13911112222" and person.address and person.phone_tail_hash == hash_tail("13911112222")
        other = Who(name="王建军", id_type=IdType.id_card, id_number=id_number(1))
        new = find_or_create(clerk, [other])[0]
        assert new is not person and new.unverified
        same = Who(name="王建国", phone="13911112222")  # no paper: somebody with a paper is not taken for him
        assert find_or_create(clerk, [same])[0] is not person
    with acting(actor("clerk.t2")):
        assert known_persons([who]) == []


def test_keys_follow_changes(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        person = register_case(clerk, intake()).case.parties[0].person
        person.name, person.phone = "单雄信", "0536-7212345"
        keep_keys(person)
        assert "sxx" in person.pinyin.split() and person.phone_tail_hash == hash_tail("2345")
        assert hashes_of(None, None) == {"id_number_hash": None, "phone_hash": None, "phone_tail_hash": None}


def test_nothing_personal_lies_open_in_the_database(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        register_case(clerk, intake())
        session.flush()
        assert session.scalar(select(Person.id_number)) == id_number(1)
    for row in session.execute(text("SELECT id_number, phone, address FROM person")):
        assert not any(secret in str(row) for secret in (id_number(1), "13800132207", "奎聚街道"))


def test_an_agent_exists_for_whoever_sees_the_case(session, actor):
    clerk, spoken_for = actor("clerk.t1"), intake()
    agent = {"name": "于振海", "phone": "13905361234", "authority": "授权委托书"}
    spoken_for["parties"][0]["agent"] = agent
    with acting(clerk):
        case = register_case(clerk, spoken_for).case
        person = session.scalars(select(Person).where(Person.name == "于振海")).one()
        assert case.representatives[0].agent is person
        assert reveal(clerk, person, "phone", "电话通知代理人") == "13905361234"
    for stranger in ("clerk.t2", "handler.d1"):
        other = actor(stranger)
        with acting(other):
            assert session.scalars(select(Person).where(Person.name == "于振海")).first() is None
            with pytest.raises(NotFound):
                reveal(other, person, "phone", "电话通知代理人")
