"""The tree keeps its shape: levels, one city, whole branches moved, nothing in use taken out of use."""

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.models.code_table import NumberSequence
from app.models.organisation import Level, Organisation
from app.services import organisation as tree
from tests.case_factory import Cases
from tests.services.registers import CITY, T1, T2, org, refusal

VILLAGE, DEPARTMENT = "370786001201", "370786001-SS"


@pytest.fixture
def admin(actor):
    return actor("sysadmin")


def values(level, parent, **changes):
    return {
        "level": Level(level),
        "parent": org(parent) if parent else None,
        "name": "新机构",
        "code": "X900",
        "number_prefix": None,
        "sort": 1,
        **changes,
    }


def add(admin, *given, **changes):
    with acting(admin):
        return tree.add_organisation(admin, values(*given, **changes))


@pytest.mark.parametrize(
    ("level", "parent", "field"),
    [
        ("city", None, "level"),
        ("city", CITY, "parent"),
        ("township", None, "parent"),
        ("township", T1, "parent"),
        ("village", CITY, "parent"),
        ("village", VILLAGE, "parent"),
        ("department", VILLAGE, "parent"),
        ("department", DEPARTMENT, "parent"),
    ],
)
def test_levels_stand_where_they_belong(session, admin, level, parent, field):
    assert field in refusal(admin, tree.add_organisation, values(level, parent))


def test_path_position_and_prefix_are_made(session, admin):
    town = add(admin, "township", CITY, name="新河镇", short_name="新河")
    city = org(CITY)
    assert town.path == f"{city.path}{town.id}/" and town.position == f"{city.position}{town.step}"
    assert town.number_prefix == "SQXH"
    village = add(admin, "village", "X900", code="X901", name="东村")
    assert village.path == f"{town.path}{village.id}/" and village.number_prefix is None
    assert "number_prefix" in refusal(
        admin, tree.add_organisation, values("village", "X900", code="X902", number_prefix="AB")
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": T1}, "code"),
        ({"code": "小 村"}, "code"),
        ({"number_prefix": "SQKJ"}, "number_prefix"),
        ({"number_prefix": "9A"}, "number_prefix"),
        ({"sort": -1}, "sort"),
    ],
)
def test_codes_and_prefixes_are_checked(session, admin, changes, field):
    assert list(refusal(admin, tree.add_organisation, values("township", CITY, **changes))) == [field]


def test_a_prefix_in_use_stays(session, admin):
    session.add(NumberSequence(prefix="SQKJ", year=2026, last=3))
    session.flush()
    assert list(refusal(admin, tree.change_organisation, org(T1), {"number_prefix": "SQNEW"})) == ["number_prefix"]


def test_a_branch_moves_whole(session, admin):
    town = add(admin, "township", CITY, name="新河镇")
    office = add(admin, "department", "X900", code="X910", name="办公室")
    with acting(admin):
        tree.change_organisation(admin, office, {"parent": org(T2)})
    assert office.path == f"{org(T2).path}{office.id}/"
    with acting(admin):
        tree.change_organisation(admin, town, {"sort": 77})
    village = add(admin, "village", "X900", code="X911", name="西村")
    with acting(admin):
        tree.change_organisation(admin, town, {"sort": 5})
    assert village.position == f"{town.position}{village.step}" and town.position.endswith(town.step)
    assert list(refusal(admin, tree.change_organisation, village, {"parent": org(CITY)})) == ["parent"]


def test_a_village_without_cases_moves(session, admin):
    village = org(VILLAGE)
    with acting(SYSTEM):
        assert tree.cases_of(village) == 0
    with acting(admin):
        tree.change_organisation(admin, village, {"parent": org(T2)})
    with acting(SYSTEM):
        assert village.path.startswith(org(T2).path) and village.town_id == org(T2).id


def test_nothing_in_use_is_taken_out_of_use(app, session, admin):
    with app.test_request_context():
        found = refusal(admin, tree.change_organisation, org(T1), {"active": False})
    assert "个启用的账号" in found["active"][0] and "个启用的下级机构" in found["active"][0]
    village = org("370786001202")
    with acting(admin):
        tree.change_organisation(admin, village, {"active": False})
        assert village.active is False
        tree.change_organisation(admin, village, {"active": True})


def test_below_a_closed_organisation_nothing_opens(session, admin):
    town = add(admin, "township", CITY, name="新河镇")
    village = add(admin, "village", "X900", code="X901", name="东村")
    with acting(admin):
        tree.change_organisation(admin, village, {"active": False})
        tree.change_organisation(admin, town, {"active": False})
    assert list(refusal(admin, tree.change_organisation, village, {"active": True})) == ["active"]
    assert "parent" in refusal(admin, tree.add_organisation, values("village", "X900", code="X903"))


def test_only_empty_organisations_are_deleted(session, admin):
    assert refusal(admin, tree.delete_organisation, org(T1))[""]
    town = add(admin, "township", CITY, name="新河镇")
    with acting(admin):
        tree.delete_organisation(admin, town)
    with acting(SYSTEM):
        assert session.scalar(select(Organisation.id).where(Organisation.code == "X900")) is None


def test_the_level_never_changes(session, admin):
    with acting(admin):
        tree.change_organisation(admin, org(VILLAGE), {"level": Level.department, "name": "河东新村"})
    assert org(VILLAGE).level == Level.village and org(VILLAGE).name == "河东新村"


def test_what_has_cases_is_not_moved_and_keeps_its_prefix(session, admin, actor):
    case = Cases(actor).assigned()
    with acting(SYSTEM):
        village = session.get_one(Organisation, case.village_id)
    assert list(refusal(admin, tree.change_organisation, village, {"parent": org(T2)})) == ["parent"]
    with acting(SYSTEM):
        lead = session.get_one(Organisation, case.lead_organisation_id)
    assert list(refusal(admin, tree.change_organisation, lead, {"parent": org(T1)})) == ["parent"]
    assert list(refusal(admin, tree.change_organisation, org(CITY), {"number_prefix": "XX"})) == ["number_prefix"]
    assert list(refusal(admin, tree.change_organisation, lead, {"active": False})) == ["active"]
