"""Accounts: one-time passwords, sessions that end at once, and a second person for powerful roles."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.access.actor import SYSTEM, Actor, acting
from app.access.load import account_row, actor_of
from app.core.errors import Conflict, Invalid, NotAllowed
from app.models.account import Account, LoginSession, RequestState, RoleProfile
from app.services import account as accounts
from app.services.login_session import start_session
from app.services.password import weaknesses


@pytest.fixture
def admin(session, actor):
    someone = actor("sysadmin")
    with acting(someone):
        yield someone


def person(session, username):
    return session.scalars(select(Account).where(Account.username == username)).one()


def roles(session, *codes):
    rows = {p.code: p for p in session.scalars(select(RoleProfile).where(RoleProfile.code.in_(codes)))}
    return [rows[code].role_id for code in codes]


def new(session, admin, username="probe"):
    values = {"username": username, "first_name": "Probe", "organisation": person(session, "clerk").organisation}
    return accounts.create_account(admin, values)


def second_admin(session, admin):
    """A second system administrator, as the first installation would have been given one."""
    account, _password = new(session, admin, "second.admin")
    with acting(SYSTEM):
        profile = session.scalars(select(RoleProfile).where(RoleProfile.code == "sysadmin")).one()
        account.roles = [profile.role]
        session.flush()
    return actor_of(account_row(account.id))


def test_one_time_passwords_pass_the_policy(app):
    with app.app_context():
        made = {accounts.one_time_password() for _ in range(200)}
        assert len(made) == 200
        assert not any(weaknesses(password, "probe") for password in made)


def test_new_account(admin, session):
    account, password = new(session, admin, "New.Person")
    assert account.username == "new.person" and account.must_change_password and account.active
    assert check_password_hash(account.password, password)
    assert account.first_name == account.get_full_name() == "Probe" and account.last_name == ""
    assert account.roles == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a"),
        ("username", "has space"),
        ("username", "-x-"),
        ("username", "x" * 65),
        ("username", "clerk"),
        ("username", "CLERK"),
        ("first_name", ""),
        ("first_name", "a\u202eb"),
        ("mobile", "123"),
        ("organisation", None),
    ],
)
def test_bad_values_are_refused_at_their_field(admin, session, field, value):
    values = {"username": "probe", "first_name": "Probe", "organisation": person(session, "clerk").organisation}
    with pytest.raises(Invalid) as fault:
        accounts.create_account(admin, {**values, field: value})
    assert list(fault.value.errors) == [field]


def open_sessions(session, account):
    table = LoginSession.__table__
    found = session.execute(select(table.c.id).where(table.c.user_id == account.id, table.c.ended_at.is_(None)))
    return len(found.all())


@pytest.mark.parametrize("what", ["roles", "organisation", "password", "disable"])
def test_what_changes_rights_ends_sessions(admin, session, what):
    account = person(session, "clerk")
    start_session(account.id, "127.0.0.1", "probe")
    before = account.session_epoch
    assert open_sessions(session, account) == 1
    if what == "roles":
        accounts.set_roles(admin, account, roles(session, "archivist"))
    elif what == "organisation":
        accounts.update_account(admin, account, {"organisation": person(session, "clerk.t1").organisation})
    elif what == "password":
        accounts.reset_password(admin, account)
    else:
        accounts.set_active(admin, account, False, "left")
    assert open_sessions(session, account) == 0 and account.session_epoch > before


def test_what_does_not_change_rights_keeps_sessions(admin, session):
    account = person(session, "clerk")
    start_session(account.id, "127.0.0.1", "probe")
    accounts.update_account(
        admin, account, {"post": "Desk 2", "mobile": "13812342207", "organisation": account.organisation}
    )
    accounts.set_roles(admin, account, roles(session, "clerk"))
    assert open_sessions(session, account) == 1 and account.mobile == "13812342207"


def test_nobody_changes_the_own_account(admin, session):
    own = person(session, "sysadmin")
    for act in (
        lambda: accounts.set_roles(admin, own, roles(session, "sysadmin", "clerk")),
        lambda: accounts.update_account(admin, own, {"post": "Boss"}),
        lambda: accounts.update_account(admin, own, {"organisation": person(session, "clerk.t1").organisation}),
        lambda: accounts.reset_password(admin, own),
        lambda: accounts.set_active(admin, own, False, "x"),
        lambda: accounts.unlock(admin, own),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_only_account_administrators_may(session, actor):
    account = person_as_system(session, "clerk")
    for username in ("clerk", "business_admin", "security_auditor", "centre_head"):
        with acting(actor(username)) as someone:
            for act in (
                lambda who=someone: accounts.set_roles(who, account, []),
                lambda who=someone: accounts.update_account(who, account, {"post": "x"}),
                lambda who=someone: accounts.reset_password(who, account),
                lambda who=someone: accounts.set_active(who, account, False, "x"),
                lambda who=someone: accounts.create_account(who, {"username": "probe", "first_name": "x"}),
            ):
                with pytest.raises(NotAllowed):
                    act()


def person_as_system(session, username):
    with acting(SYSTEM):
        return person(session, username)


@pytest.mark.parametrize(
    "codes",
    [
        ("handler", "follow_up_clerk"),
        ("clerk", "sysadmin"),
        ("sysadmin", "security_auditor"),
        ("security_auditor", "business_admin"),
        ("sysadmin", "business_admin"),
        ("handler", "unit_head"),
        ("dispatcher", "centre_head"),
        ("security_auditor", "supervisor"),
    ],
)
def test_forbidden_unions_are_refused_in_words(admin, session, codes):
    account = person(session, "statistician")
    with pytest.raises(Invalid) as fault:
        accounts.set_roles(admin, account, roles(session, *codes))
    assert fault.value.errors["roles"]
    assert [role.name for role in account.roles] == ["statistician"]


def test_a_powerful_role_waits_for_a_second_person(admin, session):
    account, _password = new(session, admin)
    (wish,) = accounts.set_roles(admin, account, roles(session, "statistician", "business_admin"))
    assert [role.name for role in account.roles] == ["statistician"] and wish.state == RequestState.open
    assert accounts.open_requests(account) == [wish]
    with pytest.raises(NotAllowed):
        accounts.decide_request(admin, wish, True)
    other = second_admin(session, admin)
    with acting(other):
        accounts.decide_request(other, wish, True)
    assert sorted(role.name for role in account.roles) == ["business_admin", "statistician"]
    assert (wish.state, wish.decided_by_id) == (RequestState.confirmed, other.user_id)
    with acting(other), pytest.raises(Conflict):
        accounts.decide_request(other, wish, True)


def test_who_gets_the_role_does_not_confirm_it(admin, session):
    other = second_admin(session, admin)
    target, _password = new(session, admin)
    (wish,) = accounts.set_roles(admin, target, roles(session, "business_admin"))
    as_target = Actor(user_id=target.id, name="Probe", permissions=other.permissions)
    for confirmed in (True, False):
        with acting(as_target), pytest.raises(NotAllowed):
            accounts.decide_request(as_target, wish, confirmed)


def test_asking_twice_is_one_request_and_can_be_taken_back(admin, session):
    account, _password = new(session, admin)
    (wish,) = accounts.set_roles(admin, account, roles(session, "business_admin"))
    assert accounts.set_roles(admin, account, roles(session, "business_admin")) == []
    accounts.decide_request(admin, wish, False)
    assert wish.state == RequestState.withdrawn and accounts.open_requests(account) == []
    (again,) = accounts.set_roles(admin, account, roles(session, "business_admin"))
    other = second_admin(session, admin)
    with acting(other):
        accounts.decide_request(other, again, False)
    assert again.state == RequestState.refused and account.roles == []


def test_a_waiting_role_counts_for_the_separations(admin, session):
    account, _password = new(session, admin)
    accounts.set_roles(admin, account, roles(session, "sysadmin"))
    with pytest.raises(Invalid):
        accounts.set_roles(admin, account, roles(session, "clerk"))


def test_the_union_is_judged_again_when_confirmed(admin, session):
    account, _password = new(session, admin)
    (wish,) = accounts.set_roles(admin, account, roles(session, "sysadmin"))
    with acting(SYSTEM):
        account.roles = [session.get(RoleProfile, roles(session, "clerk")[0]).role]
        session.flush()
    other = second_admin(session, admin)
    with acting(other), pytest.raises(Invalid):
        accounts.decide_request(other, wish, True)


def test_the_last_system_administrator_stays(admin, session):
    other = second_admin(session, admin)
    first = person(session, "sysadmin")
    with acting(other):
        accounts.set_active(other, first, False, "left")  # there is still the second
        accounts.set_active(other, person(session, "sysadmin.2"), False, "left")
    third, _password = new(session, admin, "third")
    ghost = replace(admin, user_id=third.id)
    with acting(ghost):
        last = session.get(Account, other.user_id)
        with pytest.raises(Conflict):
            accounts.set_active(ghost, last, False, "left")
        with pytest.raises(Conflict):
            accounts.set_roles(ghost, last, [])


def test_stale_roles_page(admin, session):
    account = person(session, "clerk")
    with pytest.raises(Conflict):
        accounts.set_roles(admin, account, [], version=account.version + 1)


def test_unknown_role_and_framework_roles(admin, session):
    from flask_appbuilder.security.sqla.models import Role

    account = person(session, "clerk")
    framework = session.scalars(select(Role.id).where(Role.name == "Admin")).one()
    for key in (framework, 99999):
        with pytest.raises(Invalid):
            accounts.set_roles(admin, account, [key])


def test_disable_and_enable(admin, session):
    account = person(session, "clerk")
    with pytest.raises(Invalid):
        accounts.set_active(admin, account, False, "  ")
    accounts.set_active(admin, account, False, "left")
    with pytest.raises(Conflict):
        accounts.set_active(admin, account, False, "again")
    accounts.set_active(admin, account, True)
    assert account.active
