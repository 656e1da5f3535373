"""The catalogue and the shipped roles, as a written table: nobody has everything, the separations hold."""

import itertools

import pytest

from app.access.permissions import ACTIONS, ALL_GRANTS, PAGES, check, grants_of
from app.access.roles import BY_CODE, FORBIDDEN_TOGETHER, ROLES, conflicts
from app.models.account import RowScope
from app.services.role import ADMINISTRATIVE, EXCLUSIVE, SEPARATIONS, completed, faults_of
from seed.roles import NAMES

CODES = (
    "sysadmin security_auditor business_admin clerk dispatcher handler unit_head centre_head leader "
    "review_secretary expert adviser counsellor follow_up_clerk supervisor archivist village_officer statistician"
)
CASE_TEXT = {("can_read", page) for page in ("Case", "Person", "Visit")}


def grants(code):
    return BY_CODE[code].permissions()


def test_the_eighteen_roles_of_the_domain():
    assert [role.code for role in ROLES] == CODES.split()
    assert set(NAMES) == set(BY_CODE)
    assert all(names["name"] and names["name_en"] and names["description"] for names in NAMES.values())


def test_every_action_and_page_has_a_label():
    for page in PAGES.values():
        assert str(page.label) and all(str(ACTIONS[action]) for action in page.actions)
    assert sum(len(grants_of(page)) for page in PAGES.values()) == len(ALL_GRANTS)


def test_a_name_outside_the_catalogue_is_a_fault():
    with pytest.raises(LookupError):
        check("fly", "Case")


def test_nobody_has_everything():
    assert all(len(grants(role.code)) < len(ALL_GRANTS) / 2 for role in ROLES)


def test_no_shipped_role_breaks_a_separation():
    for role in ROLES:
        assert faults_of(role.permissions(), role.row_scope) == []
        assert completed(role.permissions()) == role.permissions()


def test_the_three_officers():
    officers = [role for role in ROLES if role.exclusive]
    assert [role.code for role in officers] == ["sysadmin", "security_auditor", "business_admin"]
    for one, other in itertools.combinations(officers, 2):
        assert conflicts(one.permissions() | other.permissions())
    for role in officers:
        assert role.row_scope == RowScope.none and role.administrative
        assert not role.permissions() & CASE_TEXT
    assert {role.code for role in ROLES if role.permissions() & EXCLUSIVE} == {role.code for role in officers}
    assert {role.code for role in ROLES if role.permissions() & ADMINISTRATIVE} == {role.code for role in officers}


def test_system_administrator_reads_no_case_and_no_trail():
    assert not grants("sysadmin") & (CASE_TEXT | {("can_read", "Audit"), ("can_read", "Attachment")})
    pages = ("Account", "Role", "Organisation", "Maintenance", "Job", "Import", "ExportRequest")
    assert all(page in pages for _name, page in grants("sysadmin"))


def test_auditor_changes_nothing():
    assert grants("security_auditor") == {
        ("menu_access", "Audit"),
        ("can_read", "Audit"),
        ("can_export", "Audit"),
        ("can_verify", "Audit"),
    }


@pytest.mark.parametrize(
    ("asker", "approver", "asks", "approves"),
    [
        ("handler", "unit_head", "submit_reply", "approve_reply"),
        ("unit_head", "centre_head", "request_extension", "approve_extension"),
        ("dispatcher", "centre_head", "decline", "approve_decline"),
        ("handler", "follow_up_clerk", "log_work", "follow_up"),
    ],
)
def test_asking_and_approving_are_two_people(asker, approver, asks, approves):
    assert check(asks, "Case") in grants(asker) and check(approves, "Case") in grants(approver)
    assert not any(
        check(asks, "Case") in role.permissions() and check(approves, "Case") in role.permissions() for role in ROLES
    )
    assert conflicts(grants(asker) | grants(approver))


def test_every_separation_is_said_in_words_with_its_source():
    assert set(SEPARATIONS) == {key for key, _one, _other in FORBIDDEN_TOGETHER}
    assert all(str(sentence) and str(source) for sentence, source in SEPARATIONS.values())
    for key, one, other in FORBIDDEN_TOGETHER:
        assert one <= ALL_GRANTS and other <= ALL_GRANTS and not one & other, key


def test_a_new_permission_falls_to_no_role():
    held = set().union(*(role.permissions() for role in ROLES))
    unheld = ALL_GRANTS - held
    assert not any(name == "menu_access" for name, _page in unheld - {("menu_access", "Shift")})
