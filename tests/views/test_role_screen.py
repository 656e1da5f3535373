"""The role and account screens: an administrator builds a role, sees what it comes to, is refused what may not meet."""

import re

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.account import Account, RoleProfile
from app.views.browser import CONFIRMED
from tests.conftest import PASSWORD


@pytest.fixture
def admin(login):
    browser = login("sysadmin")
    confirm(browser)
    return browser


def confirm(browser):
    answer = browser.post("/account/confirm", data={"password": PASSWORD, "csrf_token": browser.token})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:800]


def role_id(app, code):
    with app.app_context(), acting(SYSTEM):
        return db.session.scalars(select(RoleProfile.role_id).where(RoleProfile.code == code)).one()


def account_id(app, username):
    with app.app_context(), acting(SYSTEM):
        return db.session.scalars(select(Account.id).where(Account.username == username)).one()


def text_of(answer):
    return answer.get_data(as_text=True)


def send(browser, address, **data):
    return browser.post(address, data={"csrf_token": browser.token, **data})


def test_list_and_page(admin, app):
    page = text_of(admin.get("/role/list/"))
    assert "/role/show/" in page and page.count("<tr>") == 19
    page = admin.get(f"/role/show/{role_id(app, 'clerk')}")
    assert page.status_code == 200 and "/role/edit/" in text_of(page)


def test_form_asks_for_the_password_first(login):
    browser = login("sysadmin")
    with browser.session_transaction() as kept:
        kept.pop(CONFIRMED)
    answer = browser.get("/role/add")
    assert answer.status_code == 302 and answer.location.startswith("/account/confirm")
    answer = send(browser, "/role/add", name="Typed long ago", row_scope="none", grant=["can_read Room"])
    assert answer.status_code == 403 and "Typed long ago" in text_of(answer)  # nothing typed is lost


def test_build_a_role(admin, app):
    assert admin.get("/role/add").status_code == 200
    answer = send(admin, "/role/add", name="Room reader", row_scope="subtree", grant=["can_export Room"])
    assert answer.status_code == 302
    page = text_of(admin.get(answer.location))
    assert "Room reader" in page
    preview = text_of(admin.get(answer.location.replace("show", "preview")))
    assert "role-menu" in preview


def test_refused_with_the_whole_form_kept(admin):
    answer = send(
        admin,
        "/role/add",
        name="Too much",
        description="kept text",
        row_scope="subtree",
        grant=["can_edit Role", "can_read Case"],
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "grant-errors" in page and "Too much" in page and "kept text" in page
    for value in ("can_edit Role", "can_read Case"):
        assert re.search(rf'value="{value}" checked', page)
    assert re.search(r'value="subtree" checked', page)


def test_preview_follows_the_boxes(admin):
    part = admin.get("/role/preview?grant=can_read+Room&row_scope=none", headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<html" not in text_of(part)
    bad = admin.get("/role/preview?grant=can_edit+Role&grant=can_read+Case&row_scope=x", headers={"HX-Request": "true"})
    assert "alert danger" in text_of(bad)
    for query in ("grant=", "grant=x", "grant=a+b+c", "row_scope=%00", "grant=can_read+Room" * 400):
        assert admin.get(f"/role/preview?{query}").status_code == 200


def test_copy_edit_difference_restore_delete(admin, app):
    clerk = role_id(app, "clerk")
    page = text_of(admin.get(f"/role/add?copy={clerk}"))
    assert 'value="can_register Case" checked' in page
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', text_of(admin.get(f"/role/edit/{clerk}"))).group(1)
    answer = send(
        admin, f"/role/edit/{clerk}", name="Front desk", row_scope="own", row_version=version, grant=["can_read Case"]
    )
    assert answer.status_code == 302
    page = text_of(admin.get(f"/role/show/{clerk}"))
    assert "<del>" in page and "/role/restore/" in page
    stale = send(
        admin, f"/role/edit/{clerk}", name="Front desk 2", row_scope="own", row_version=version, grant=["can_read Case"]
    )
    assert stale.status_code == 409 and "Front desk 2" in text_of(stale)
    now = re.search(r'name="row_version" value="(\d+)"', page).group(1)
    assert send(admin, f"/role/restore/{clerk}", row_version=now).status_code == 302
    assert "/role/restore/" not in text_of(admin.get(f"/role/show/{clerk}"))
    made = send(admin, "/role/add", name="Short-lived", row_scope="none", grant=["can_read Room"]).location
    assert send(admin, made.replace("show", "delete")).status_code == 302
    assert admin.get(made).status_code == 404


def test_own_role_is_locked(admin, app):
    own = role_id(app, "sysadmin")
    assert admin.get(f"/role/edit/{own}").status_code == 403
    assert send(admin, f"/role/restore/{own}").status_code == 403
    assert "/role/edit/" not in text_of(admin.get(f"/role/show/{own}"))


@pytest.mark.parametrize("username", ["clerk", "business_admin", "security_auditor", "centre_head"])
def test_others_are_kept_out(login, app, username):
    browser = login(username)
    clerk, person = role_id(app, "clerk"), account_id(app, "clerk.t1")
    for address in (
        "/role/list/",
        f"/role/show/{clerk}",
        f"/role/preview/{clerk}",
        "/role/preview",
        "/role/add",
        f"/role/edit/{clerk}",
        "/account/list/",
        f"/account/show/{person}",
        "/account/add",
        f"/account/edit/{person}",
        f"/account/{person}/roles",
    ):
        assert browser.get(address).status_code == 403, address
    for address in (
        "/role/add",
        f"/role/edit/{clerk}",
        f"/role/restore/{clerk}",
        f"/role/delete/{clerk}",
        f"/account/{person}/roles",
        f"/account/{person}/password",
        f"/account/{person}/disable",
        f"/account/{person}/enable",
        f"/account/{person}/unlock",
        "/account/request/1/confirm",
    ):
        assert send(browser, address).status_code == 403, address


def test_bad_addresses_are_404(admin):
    for key in ("0", "x", "9" * 30, "-1", "%00"):
        assert admin.get(f"/role/show/{key}").status_code == 404
        assert admin.get(f"/role/preview/{key}").status_code == 404
        assert admin.get(f"/account/{key}/roles").status_code == 404
    assert send(admin, "/account/request/99999/confirm").status_code == 404


# ---- accounts


def city_id(app):
    with app.app_context(), acting(SYSTEM):
        return db.session.scalars(select(Account).where(Account.username == "clerk")).one().organisation_id


def test_new_account_shows_its_password_once(admin, app, client):
    page = text_of(admin.get("/account/add"))
    assert 'type="password"' not in page
    answer = send(admin, "/account/add", first_name="Probe Person", username="probe.person", organisation=city_id(app))
    page = text_of(answer)
    assert answer.status_code == 200
    password = re.search(r'id="one-time-password">([^<]+)<', page).group(1)
    person = account_id(app, "probe.person")
    assert password not in text_of(admin.get(f"/account/show/{person}"))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text_of(client.get("/login/"))).group(1)
    entered = client.post("/login/", data={"username": "probe.person", "password": password, "csrf_token": token})
    assert entered.status_code == 302
    assert client.get("/").location == "/account/password"  # an own password first


def test_form_is_kept_when_the_name_is_taken(admin, app):
    answer = send(admin, "/account/add", first_name="Probe Person", username="clerk", organisation=city_id(app))
    assert answer.status_code == 422 and "Probe Person" in text_of(answer)


def test_roles_change_at_once_and_end_sessions(admin, app, login):
    browser = login("clerk")
    assert browser.get("/").status_code == 200
    person = account_id(app, "clerk")
    answer = send(admin, f"/account/{person}/roles", role=[role_id(app, "archivist")])
    assert answer.status_code == 302
    assert browser.get("/").status_code == 302  # signed out
    assert login("clerk").get("/role/list/").status_code == 403


def test_forbidden_union_is_refused_in_words_with_the_boxes_kept(admin, app):
    person = account_id(app, "handler")
    roles = [role_id(app, "handler"), role_id(app, "follow_up_clerk")]
    answer = send(admin, f"/account/{person}/roles", role=roles)
    page = text_of(answer)
    assert answer.status_code == 422 and "alert danger" in page
    assert all(re.search(rf'name="role" value="{key}" checked', page) for key in roles)


def test_disabling_ends_sessions_at_once(admin, app, login):
    browser = login("clerk")
    person = account_id(app, "clerk")
    send(admin, f"/account/{person}/disable", reason="")
    assert browser.get("/").status_code == 200  # a reason is needed
    send(admin, f"/account/{person}/disable", reason="left the centre")
    assert browser.get("/").status_code == 302
    assert send(admin, f"/account/{person}/enable").status_code == 302
    assert login("clerk").get("/").status_code == 200


def test_nobody_administers_the_own_account(admin, app):
    own = account_id(app, "sysadmin")
    assert admin.get(f"/account/{own}/roles").status_code == 403
    for address in ("roles", "password", "disable", "enable", "unlock"):
        assert send(admin, f"/account/{own}/{address}", reason="x").status_code == 403, address
    assert admin.get(f"/account/edit/{own}").status_code == 409


def test_password_reset_shows_a_new_one(admin, app, login):
    browser = login("clerk")
    person = account_id(app, "clerk")
    page = text_of(send(admin, f"/account/{person}/password"))
    assert "one-time-password" in page
    assert browser.get("/").status_code == 302


# ---- the trail


def test_the_trail_is_the_auditors(login, admin):
    auditor = login("security_auditor")
    page = auditor.get("/audit/list/")
    assert page.status_code == 200 and "/audit/verify" in text_of(page)
    first = re.search(r"/audit/show/(\d+)", text_of(page)).group(1)
    assert auditor.get(f"/audit/show/{first}").status_code == 200
    answer = send(auditor, "/audit/verify")
    assert answer.status_code == 302
    assert "alert success" in text_of(auditor.get(answer.location))
    for address in ("/audit/add", f"/audit/edit/{first}", f"/audit/delete/{first}"):
        assert auditor.get(address).status_code == 404
    for browser in (admin, login("clerk"), login("business_admin")):
        assert browser.get("/audit/list/").status_code == 403
        assert send(browser, "/audit/verify").status_code == 403


def test_entries_speak_words(login, admin, app):
    send(admin, "/role/add", name="Room reader", row_scope="subtree", grant=["can_read Room"])
    auditor = login("security_auditor")
    page = text_of(auditor.get("/audit/list/?q=Room"))
    assert "Room reader" in page
    for query in ("kind=change", "subject_type=role_profile", "at_from=2026-01-01", "actor_name=x", "subject_id=9"):
        assert auditor.get(f"/audit/list/?{query}").status_code == 200
