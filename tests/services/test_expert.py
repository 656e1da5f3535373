"""The expert pool keeps its rules: term of office, kin without numbers, employments in order, own pool only."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.expert import Expert, ExpertEmployment, ExpertKin
from app.services import adviser as advisers
from app.services import expert as experts
from app.services import room as rooms
from app.services.person import hash_id
from tests.services.people import id_number
from tests.services.registers import CITY, T1, T2, expert_values, item, new_expert, org, refusal


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def test_initials_phone_and_number_are_kept_as_they_should(session, admin):
    expert = new_expert(admin, id_number=id_number(7))
    assert "sxx" in expert.pinyin.split()
    assert expert.id_number_hash == hash_id(id_number(7))
    kept = session.execute(text("SELECT phone FROM expert WHERE id = :id"), {"id": expert.id}).scalar_one()
    assert "13800001234" not in kept
    with acting(admin):
        experts.change_expert(admin, expert, {"name": "解珍", "id_number": ""})
        assert "xz" in expert.pinyin.split() and expert.id_number_hash == hash_id(id_number(7))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"appointed_until": date(2025, 1, 1)}, "appointed_until", "聘期结束早于聘期开始"),
        ({"phone": "12345678901"}, "phone", "手机"),
        ({"name": "张\u202e三"}, "name", "202E"),
        ({"id_number": "370786196203050110"}, "id_number", "校验码"),
        ({"organisation": "370786001201"}, "organisation", "评审人员库应属于市或镇街"),
        ({"village": T1}, "village", "不是村"),
    ],
)
def test_what_is_refused_and_why(app, session, admin, changes, field, words):
    changes = {k: org(v) if k in ("organisation", "village") else v for k, v in changes.items()}
    with app.test_request_context():
        found = refusal(admin, experts.add_expert, expert_values(**changes))
    assert list(found) == [field] and words in found[field][0]


def test_the_database_itself_refuses_a_term_out_of_order(session, admin):
    expert = new_expert(admin)
    with acting(admin), pytest.raises(Exception, match="appointment_order"):
        expert.appointed_until = date(2020, 1, 1)
        db.session.flush()


def test_one_account_one_expert(session, admin, actor):
    account = actor("expert.1").user_id
    new_expert(admin, account_id=account)
    found = refusal(admin, experts.add_expert, expert_values(name="另一人", account_id=account))
    assert list(found) == ["account"]


def test_kin_and_employers_become_conflict_links(session, admin):
    expert = new_expert(admin)
    today = clock.today()
    with acting(admin):
        assert experts.conflict_links(expert) == (0, 0)
        experts.add_employment(admin, {"expert": expert, "employer": org(CITY), "since": date(2010, 1, 1)})
        experts.add_employment(
            admin,
            {
                "expert": expert,
                "employer_name": "旧单位",
                "since": date(2001, 1, 1),
                "until": today - timedelta(days=1200),
            },
        )
        kin = experts.add_kin(
            admin,
            {"expert": expert, "name": "单小凤", "kinship": "child", "id_number": id_number(9), "employer": org(T1)},
        )
        db.session.refresh(expert)
        assert expert.employments[0].employer_name == "昌邑市"
        assert experts.conflict_links(expert) == (1, 1)
        assert kin.id_number_hash == hash_id(id_number(9)) and kin.id_number is None
        experts.change_kin(admin, kin, {"name": "单小凤", "id_number": ""})
        assert kin.id_number_hash == hash_id(id_number(9))
    row = session.execute(text("SELECT * FROM expert_kin WHERE id = :id"), {"id": kin.id}).mappings().one()
    assert id_number(9) not in " ".join(map(str, row.values()))
    entries = session.execute(text("SELECT changes FROM audit_entry")).scalars()
    assert id_number(9) not in " ".join(map(str, entries))


def test_employments_keep_their_order_and_name_an_employer(session, admin):
    expert = new_expert(admin)
    early = {"expert": expert, "employer_name": "甲厂", "since": date(2020, 5, 1), "until": date(2020, 4, 1)}
    assert list(refusal(admin, experts.add_employment, early)) == ["until"]
    assert list(refusal(admin, experts.add_employment, {"expert": expert, "since": date(2020, 5, 1)})) == [
        "employer_name"
    ]
    tomorrow = clock.today() + timedelta(days=1)
    later = {"expert": expert, "employer_name": "甲厂", "since": tomorrow}
    assert list(refusal(admin, experts.add_employment, later)) == ["since"]


def test_the_same_kin_twice_and_the_own_number_are_refused(session, admin):
    expert = new_expert(admin, id_number=id_number(7))
    own = {"expert": expert, "name": "单某", "kinship": "spouse", "id_number": id_number(7)}
    assert list(refusal(admin, experts.add_kin, own)) == ["id_number"]
    kin = {"expert": expert, "name": "单某", "kinship": "spouse"}
    with acting(admin):
        experts.add_kin(admin, kin)
    assert list(refusal(admin, experts.add_kin, dict(kin))) == ["name"]


def test_a_town_does_not_change_the_city_pool(session, admin, actor):
    expert = new_expert(admin)
    town = actor("clerk.t1")
    assert list(refusal(town, experts.change_expert, expert, {"name": "别名"})) == [""]
    assert list(refusal(town, experts.add_expert, expert_values(organisation=org(T2)))) == [""]
    assert new_expert(town, organisation=org(T1)).organisation.code == T1


def test_deleting_takes_employers_and_kin_along(session, admin):
    expert = new_expert(admin)
    with acting(admin):
        experts.add_kin(admin, {"expert": expert, "name": "单某", "kinship": "spouse"})
        experts.add_employment(admin, {"expert": expert, "employer_name": "甲厂", "since": date(2020, 5, 1)})
        experts.delete_expert(admin, expert)
    with acting(SYSTEM):
        counts = [session.scalar(select(func.count()).select_from(m)) for m in (Expert, ExpertKin, ExpertEmployment)]
    assert counts == [0, 0, 0]


def adviser_values(**changes):
    return {
        "name": "孙律",
        "kind": "law_scholar",
        "licence": None,
        "firm": None,
        "organisation": org(CITY),
        "appointed_from": date(2026, 1, 1),
        "appointed_until": date(2027, 1, 1),
        **changes,
    }


def test_lawyers_have_firm_and_licence_and_licences_are_unique(session, admin):
    assert sorted(refusal(admin, advisers.add_adviser, adviser_values(kind="lawyer"))) == ["firm", "licence"]
    with acting(admin):
        firm = advisers.add_firm(admin, {"name": "某律师事务所", "licence": "3137", "phone": "0536-7212345"})
        advisers.add_adviser(admin, adviser_values(kind="lawyer", firm=firm, licence="1370 7201 a"))
    again = adviser_values(kind="lawyer", firm=firm, licence="13707201A")
    assert list(refusal(admin, advisers.add_adviser, again)) == ["licence"]
    assert list(refusal(admin, advisers.add_firm, {"name": "别所", "licence": "3137"})) == ["licence"]


def room_values(**changes):
    return {
        "name": "新调解室",
        "kind": "open",
        "organisation": org(T1),
        "capacity": 8,
        "opens_at": clock.now().time().replace(hour=9, minute=0),
        "closes_at": clock.now().time().replace(hour=17, minute=0),
        "equipment": [item("equipment", "video")],
        "buffer_before": 0,
        "buffer_after": 10,
        **changes,
    }


def test_rooms_keep_hours_capacity_and_name(session, admin):
    values = room_values()
    assert list(refusal(admin, rooms.add_room, {**values, "closes_at": values["opens_at"]})) == ["closes_at"]
    assert list(refusal(admin, rooms.add_room, {**values, "capacity": 0})) == ["capacity"]
    assert list(refusal(admin, rooms.add_room, {**values, "buffer_after": 500})) == ["buffer_after"]
    assert list(refusal(admin, rooms.add_room, {**values, "organisation": org("370786001201")})) == ["organisation"]
    with acting(admin):
        room = rooms.add_room(admin, values)
        assert [one.code for one in room.equipment] == ["video"]
    assert list(refusal(admin, rooms.add_room, room_values())) == ["name"]
