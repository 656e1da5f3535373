"""The shipped data holds together: counts of the article, unique codes, valid numbers, references that exist."""

from collections import Counter

import pytest

from app.core.identity import check_phone, clean_name, parse_id_number
from app.core.workdays import due
from seed import accounts, calendar, category, codes, deadlines, make_calendar, organisation, people, rooms

PURPOSES = {
    "legal_consultation",
    "counselling",
    "mediation",
    "leader_reception",
    "video_reception",
    "expert_review",
    "hearing",
    "conference",
    "other",
}


def unique(values) -> bool:
    """Whether no value comes twice."""
    values = list(values)
    return len(values) == len(set(values))


def test_the_tree_has_the_numbers_of_the_article():
    nodes = organisation.organisations()
    levels = Counter(node.level for node in nodes)
    assert (levels["city"], levels["township"], levels["village"]) == (1, 10, 690)
    assert sum(node.level == "department" and node.parent == organisation.CITY for node in nodes) >= 14
    assert all(
        sum(node.parent == town.code and node.level == "department" for node in nodes) >= 2
        for town in organisation.towns()
    )
    assert all(
        sum(node.parent == town.code and node.level == "village" for node in nodes) >= 30
        for town in organisation.towns()
    )


def test_nodes_are_unique_and_come_after_their_parents():
    nodes = organisation.organisations()
    assert unique(node.code for node in nodes) and unique(node.name for node in nodes)
    assert unique(node.number_prefix for node in nodes if node.number_prefix)
    seen = {None}
    for node in nodes:
        assert node.parent in seen and len(node.code) <= 32 and node.short_name
        assert (node.number_prefix is not None) == (node.level in ("city", "township"))
        seen.add(node.code)
    assert organisation.city().centre_name == "昌邑市群众诉求接待服务中心"


def test_categories():
    tree = category.categories()
    assert unique(one.code for one in tree) and unique(one.sort for one in tree)
    branches = [one for one in tree if not one.leaf]
    assert [one.name for one in branches[:4]] == ["征地拆迁", "房产物业", "劳动社保", "企业改制"]
    assert all(3 <= sum(leaf.parent == branch.code for leaf in tree) <= 6 for branch in branches)


def test_code_tables():
    tables = {table.code: table for table in codes.tables()}
    assert len(tables["ethnic_group"].items) == 56
    for table in tables.values():
        assert unique(code for code, _ in table.items) and unique(name for _, name in table.items)


def test_rooms():
    shipped = rooms.rooms()
    assert len(shipped) == 18 and unique(room.name for room in shipped) and unique(room.code for room in shipped)
    equipment = {code for code, _ in codes.EQUIPMENT}
    for room in shipped:
        assert set(room.equipment) <= equipment and set(room.purposes) <= PURPOSES
        assert room.kind in ("open", "approval", "private") and (room.kind == "private") == (not room.purposes)
        assert room.closes_at > room.opens_at and room.capacity >= 1
    assert {purpose for room in shipped for purpose in room.purposes} == PURPOSES


def test_deadline_rules():
    rules = {rule.code: rule for rule in deadlines.rules()}
    assert {code: (rule.length, rule.unit, rule.nature) for code, rule in rules.items()} | {
        "D-ACK15": (15, "calendar", "law"),
        "D-OBJ5": (5, "working", "law"),
        "D-REPLY15": (15, "calendar", "local"),
        "D-HANDLE60": (60, "calendar", "law"),
        "D-REV5": (5, "calendar", "local"),
        "D-FC30": (30, "calendar", "law"),
        "D-CONF30": (30, "calendar", "law"),
        "D-HEAR7": (7, "calendar", "law"),
        "D-RECT": (15, "calendar", "local"),
    } == {code: (rule.length, rule.unit, rule.nature) for code, rule in rules.items()}
    for rule in rules.values():
        assert (rule.least or 1) <= rule.length <= (rule.most or rule.length)
        assert rule.nature == "local" or (rule.most is not None and rule.source)


def test_the_calendar_file_is_what_the_libraries_say():
    assert [(day.on.isoformat(), int(day.workday), day.name) for day in calendar.days()] == make_calendar.rows()
    assert [year.year for year in calendar.years()] == list(range(2019, 2027))
    for start in (day.on for day in calendar.days()):
        assert calendar.as_calendar().is_workday(due(start, 15, "calendar", calendar.as_calendar()).due)


def test_ninety_advisers():
    shipped = people.advisers()
    places = Counter(adviser.organisation for adviser in shipped)
    assert len(shipped) == 90 and places == {"370786": 30} | {town.code: 6 for town in organisation.towns()}
    assert {adviser.kind for adviser in shipped} == {"law_scholar", "lawyer", "legal_worker"}
    assert unique(adviser.name for adviser in shipped) and unique(adviser.licence for adviser in shipped)
    firms = {firm.code for firm in people.law_firms()}
    for adviser in shipped:
        assert (adviser.firm is None) == (adviser.kind == "law_scholar") and adviser.firm in firms | {None}
        assert check_phone(adviser.phone) == adviser.phone and clean_name(adviser.name) == adviser.name
    assert all(check_phone(firm.phone) == firm.phone for firm in people.law_firms())


def test_experts_of_two_towns_and_the_city():
    shipped = people.experts()
    nodes = {node.code: node for node in organisation.organisations()}
    fields = {code for code, _ in codes.SPECIALTIES}
    pools = [town.code for town in organisation.towns()[:2]] + [organisation.CITY]
    assert [expert.organisation for expert in shipped] == [pool for pool in pools for _ in range(4)]
    for expert in shipped:
        assert set(expert.specialties) <= fields and {expert.employer_code, expert.village} - {None} <= set(nodes)
        assert expert.village is None or nodes[expert.village].level == "village"
        assert expert.employer_code is None or nodes[expert.employer_code].name == expert.employer


def test_people_with_accounts_bear_the_same_names():
    names = {account.username: account.name for account in accounts.accounts()}
    assert [adviser.name for adviser in people.advisers()[:3]] == [names[f"adviser.{n}"] for n in (1, 2, 3)]
    assert all(expert.person.name == names[expert.account] for expert in people.experts())


@pytest.mark.parametrize("block", [0, 1, 49])
def test_invented_people_are_valid_and_distinct(block):
    made = [people.person(block * 20_000 + index) for index in range(2_000)]
    assert unique(one.id_number for one in made) and unique(one.phone for one in made)
    for one in made:
        card = parse_id_number(one.id_number)
        assert (card.birth, card.sex) == (one.birth, one.sex)
        assert check_phone(one.phone) == one.phone and clean_name(one.name) == one.name
    assert people.person(5) == people.person(5)
