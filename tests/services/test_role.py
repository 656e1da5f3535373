"""Roles: sync that respects administrators, separations, and rights that change at once."""

import pytest
from sqlalchemy import select, update

from app.access import audit
from app.access.actor import acting
from app.access.load import account_row, actor_of
from app.access.permissions import ALL_GRANTS
from app.access.roles import ROLES
from app.core.errors import Conflict, Invalid, NotAllowed
from app.models.account import Account, RoleProfile, RowScope, SecurityState
from app.models.audit import AuditEntry
from app.services import role as roles
from app.services.role import Wish, completed, save_role, sync_roles
from seed.roles import NAMES


@pytest.fixture
def admin(session, actor):
    someone = actor("sysadmin")
    with acting(someone):
        yield someone


def profile(session, code):
    return session.scalars(select(RoleProfile).where(RoleProfile.code == code)).one()


def wish(*grants, name="Desk helper", scope=RowScope.subtree):
    return Wish(name, "", "", scope, frozenset(grants))


def epoch(session):
    return session.connection().execute(select(SecurityState.__table__.c.epoch)).scalar_one()


def test_sync_twice_changes_nothing(admin, session):
    before = epoch(session)
    assert sync_roles(NAMES) == []
    assert epoch(session) == before
    assert roles.diff_roles() == []


def test_every_shipped_role_is_there_as_written(admin, session):
    for spec in ROLES:
        found = profile(session, spec.code)
        assert roles.grants_of_role(found.role) == spec.permissions() == completed(spec.permissions())
        assert (found.row_scope, found.exclusive, found.administrative) == (
            spec.row_scope,
            spec.exclusive,
            spec.administrative,
        )
        assert not roles.faults_of(spec.permissions(), spec.row_scope)
        assert found.name == NAMES[spec.code]["name"]


def test_sync_keeps_what_administrators_changed_and_brings_what_we_changed(admin, session, monkeypatch):
    clerk = profile(session, "clerk")
    grants = roles.grants_of_role(clerk.role)
    save_role(
        admin,
        clerk,
        Wish(
            "Front desk",
            "Front desk",
            "ours",
            RowScope.own,
            (grants | {("can_merge", "Case")}) - {("can_export", "Case")},
        ),
    )
    # we ship one more grant and take another back
    shipped = dict(clerk.shipped_as)
    shipped["grants"] = [text for text in shipped["grants"] if text != "can_print Case"] + ["can_import Room"]
    clerk.shipped_as = shipped
    session.flush()
    assert sync_roles(NAMES) == []  # print is there already; import is not in the role anyway
    now = roles.grants_of_role(clerk.role)
    assert ("can_merge", "Case") in now and ("can_export", "Case") not in now and ("can_print", "Case") in now
    assert (clerk.name, clerk.row_scope) == ("Front desk", RowScope.own)
    (diff,) = roles.diff_roles()
    assert diff.added == {("can_merge", "Case")} and diff.removed == {("can_export", "Case")}
    assert set(diff.said) == {"name", "name_en", "description", "row_scope"}
    roles.restore_role(admin, clerk)
    assert roles.diff_roles() == []


def test_sync_ships_new_grants_and_names(admin, session):
    clerk = profile(session, "clerk")
    old = dict(clerk.shipped_as)
    old["grants"] = [text for text in old["grants"] if text != "can_print Case"]
    old["name"] = clerk.name = "Old name"
    clerk.shipped_as = old
    roles.set_grants(clerk.role, roles.unpack(old["grants"]))
    session.flush()
    assert sync_roles(NAMES) == ["clerk"]
    assert ("can_print", "Case") in roles.grants_of_role(clerk.role)
    assert clerk.name == NAMES["clerk"]["name"]


def test_framework_roles_hold_nothing_and_nobody(admin, session):
    from flask_appbuilder.security.sqla.models import Role

    rows = {role.name: role for role in session.scalars(select(Role).where(Role.name.in_(("Admin", "Public"))))}
    assert set(rows) == {"Admin", "Public"}
    assert all(not role.permissions and not role.user for role in rows.values())
    rows["Admin"].permissions = list(roles.permission_rows().values())[:3]
    session.flush()
    assert sync_roles(NAMES) == ["framework"]
    assert not rows["Admin"].permissions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("can_edit", "Role"), ("can_read", "Case")),
        (("can_assign_roles", "Account"), ("can_read", "Person")),
        (("can_edit", "Account"), ("can_read", "Audit")),
        (("can_add", "Account"), ("can_edit", "Category")),
        (("can_read", "Audit"), ("can_edit", "DeadlineRule")),
        (("can_read", "Audit"), ("can_read", "Visit")),
        (("can_submit_reply", "Case"), ("can_approve_reply", "Case")),
        (("can_request_extension", "Case"), ("can_approve_extension", "Case")),
        (("can_decline", "Case"), ("can_approve_decline", "Case")),
        (("can_log_work", "Case"), ("can_follow_up", "Case")),
    ],
)
def test_forbidden_combinations_are_refused_in_words(admin, session, one, other):
    with pytest.raises(Invalid) as fault:
        save_role(admin, None, wish(one, other, scope=RowScope.none))
    assert fault.value.errors["grants"]


def test_an_action_brings_reading_and_the_menu(admin, session):
    made = save_role(admin, None, wish(("can_print", "Case"), ("can_fly", "Case"), ("can_read", "Nowhere")))
    assert roles.grants_of_role(made.role) == {("can_print", "Case"), ("can_read", "Case"), ("menu_access", "Case")}
    with pytest.raises(Invalid):  # an account-managing role may not read cases, not even by way of another action
        save_role(admin, None, wish(("can_print", "Case"), ("can_edit", "Role"), name="Both"))


def test_account_managers_see_no_rows(admin, session):
    with pytest.raises(Invalid):
        save_role(admin, None, wish(("can_edit", "Role"), scope=RowScope.subtree))


def test_rights_change_at_once_for_holders_and_nobody_is_signed_out(admin, session, actor):
    clerk = profile(session, "clerk")
    row = session.connection().execute(select(Account.__table__).where(Account.__table__.c.username == "clerk")).one()
    assert actor("clerk").may("print", "Case")
    save_role(
        admin,
        clerk,
        Wish(
            clerk.name, clerk.name_en, "", clerk.row_scope, roles.grants_of_role(clerk.role) - {("can_print", "Case")}
        ),
    )
    assert not actor_of(account_row(row.id)).may("print", "Case")
    again = session.connection().execute(select(Account.__table__).where(Account.__table__.c.id == row.id)).one()
    assert again.session_epoch == row.session_epoch


def test_nobody_edits_a_role_of_his_own(admin, session):
    own = profile(session, "sysadmin")
    with pytest.raises(NotAllowed):
        save_role(admin, own, wish(("can_edit", "Role"), scope=RowScope.none))
    with pytest.raises(NotAllowed):
        roles.restore_role(admin, own)
    with pytest.raises(NotAllowed):
        roles.delete_role(admin, own)


def test_only_role_administrators_may(session, actor):
    for username in ("clerk", "business_admin", "security_auditor"):
        with acting(actor(username)) as someone, pytest.raises(NotAllowed):
            save_role(someone, None, wish(("can_read", "Case")))


def test_a_held_role_does_not_become_an_administrators(admin, session):
    statistician = profile(session, "statistician")
    with pytest.raises(Invalid) as fault:
        save_role(admin, statistician, wish(("can_reset_password", "Account"), scope=RowScope.none))
    assert fault.value.errors["grants"]


def test_the_union_over_holders_is_judged(admin, session):
    handler, statistician = profile(session, "handler"), profile(session, "statistician")
    person = session.scalars(select(Account).where(Account.username == "handler")).one()
    person.roles = [handler.role, statistician.role]
    session.flush()
    with pytest.raises(Invalid) as fault:
        save_role(admin, statistician, wish(("can_follow_up", "Case")))
    assert person.first_name in str(fault.value)


def test_flags_of_new_roles_follow_their_grants(admin, session):
    keeper = save_role(admin, None, wish(("can_reset_password", "Account"), name="Key keeper", scope=RowScope.none))
    assert keeper.administrative and not keeper.exclusive
    boss = save_role(admin, None, wish(("can_assign_roles", "Account"), name="Role giver", scope=RowScope.none))
    assert boss.administrative and boss.exclusive
    plain = save_role(admin, None, wish(("can_read", "Room"), name="Room reader"))
    assert not plain.administrative and not plain.exclusive


def test_names_are_required_and_unique(admin, session):
    with pytest.raises(Invalid) as fault:
        save_role(admin, None, wish(("can_read", "Room"), name=" "))
    assert "name" in fault.value.errors
    with pytest.raises(Invalid) as fault:
        save_role(admin, None, wish(("can_read", "Room"), name=NAMES["clerk"]["name"]))
    assert "name" in fault.value.errors


def test_stale_edit_is_refused(admin, session):
    clerk = profile(session, "clerk")
    with pytest.raises(Conflict):
        save_role(admin, clerk, wish(("can_read", "Room")), version=clerk.version + 1)


def test_delete_only_own_roles_that_nobody_holds(admin, session):
    with pytest.raises(Conflict):
        roles.delete_role(admin, profile(session, "statistician"))
    made = save_role(admin, None, wish(("can_read", "Room")))
    person = session.scalars(select(Account).where(Account.username == "clerk")).one()
    person.roles = [*person.roles, made.role]
    session.flush()
    with pytest.raises(Conflict):
        roles.delete_role(admin, made)
    person.roles = [role for role in person.roles if role is not made.role]
    session.flush()
    code, name = made.code, made.name
    roles.delete_role(admin, made)
    assert not session.scalars(select(RoleProfile).where(RoleProfile.code == code)).first()
    trail = AuditEntry.__table__
    deleted = select(trail).where(trail.c.code == "role_profile:delete").order_by(trail.c.id)
    entry = session.execute(deleted).mappings().all()[-1]
    assert entry["subject"] == name  # history outlives the role


def test_role_edits_are_in_the_trail(admin, session):
    clerk = profile(session, "clerk")
    save_role(
        admin,
        clerk,
        Wish(
            clerk.name,
            clerk.name_en,
            clerk.description,
            RowScope.own,
            roles.grants_of_role(clerk.role) - {("can_print", "Case")},
        ),
    )
    table = AuditEntry.__table__
    entries = session.execute(select(table).order_by(table.c.id.desc()).limit(2)).mappings().all()
    by_code = {entry["code"]: entry for entry in entries}
    assert by_code["ab_role:edit"]["changes"] == {"permissions": [["can print on Case"], []]}
    assert by_code["role_profile:edit"]["changes"] == {"row_scope": ["subtree", "own"]}
    assert all(entry["actor_id"] == admin.user_id for entry in entries)
    assert audit.verify(session)[1] is None


def test_restore_needs_a_shipped_role(admin, session):
    from app.core.errors import NotFound

    made = save_role(admin, None, wish(("can_read", "Room")))
    with pytest.raises(NotFound):
        roles.restore_role(admin, made)


def test_a_permission_that_left_the_catalogue_leaves_the_database(admin, session):
    from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu

    row = PermissionView(permission=Permission(name="can_fly"), view_menu=ViewMenu(name="Sky"))
    clerk = profile(session, "clerk")
    clerk.role.permissions.append(row)
    session.flush()
    sync_roles(NAMES)
    assert set(roles.permission_rows()) == ALL_GRANTS
    session.expire_all()
    assert ("can_fly", "Sky") not in roles.grants_of_role(profile(session, "clerk").role)


def test_the_database_keeps_the_three_officers_apart(admin, session):
    from flask_appbuilder.security.sqla.models import assoc_user_role
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    person = (
        session.connection()
        .execute(select(Account.__table__.c.id).where(Account.__table__.c.username == "sysadmin"))
        .scalar_one()
    )
    auditor = profile(session, "security_auditor")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.connection().execute(insert(assoc_user_role).values(user_id=person, role_id=auditor.role_id))
    clerk = profile(session, "clerk")
    session.connection().execute(insert(assoc_user_role).values(user_id=person, role_id=clerk.role_id))
    profiles = RoleProfile.__table__
    with pytest.raises(IntegrityError), session.begin_nested():
        session.connection().execute(update(profiles).where(profiles.c.role_id == clerk.role_id).values(exclusive=True))
