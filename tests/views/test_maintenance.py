"""The console: one door for every view, no address that fails, nothing of the business, our verbs and our trail."""

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core.db import Base, db
from app.models.audit import AuditEntry
from app.models.code_table import CodeItem, CodeTable
from app.models.parameter import Parameter
from app.views.console.base import ConsoleView, Guard
from seed.parameters import parameters

TABLES = {"code_table", "code_item", "job", "login_session", "login_attempt", "notice", "outbox_message", "parameter"}
CONSOLE = "/maintenance"


def views(app):
    (admin,) = app.extensions["admin"]
    return admin._views


def addresses(app):
    return sorted(rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(CONSOLE))


def send(browser, address, token=True, **data):
    return browser.post(address, data={**({"csrf_token": browser.token} if token else {}), **data})


def test_every_view_has_the_door(app):
    assert len(views(app)) == 11
    for view in views(app):
        assert isinstance(view, Guard), view
        assert type(view).is_accessible is Guard.is_accessible, view
        assert type(view).inaccessible_callback is Guard.inaccessible_callback, view


def test_only_technical_tables(app):
    shown = {view.model.__tablename__ for view in views(app) if isinstance(view, ConsoleView)}
    assert shown == TABLES
    assert not shown & {"case", "person", "party", "audit_entry", "ab_user", "ab_role"}
    for view in views(app):
        if isinstance(view, ConsoleView):
            assert not {"token_hash", "username_hash", "data", "key", "password"} & set(view.column_list)


def concrete(rule):
    return re.sub(r"<[^>]*>", "x", rule)


@pytest.mark.parametrize("username", ["clerk", "business_admin", "security_auditor", "centre_head", "statistician"])
def test_others_are_refused_everywhere(app, login, username):
    browser = login(username)
    for rule in addresses(app):
        for answer in (browser.get(concrete(rule)), send(browser, concrete(rule))):
            assert answer.status_code in (403, 405), (rule, answer.status_code)


def test_visitors_are_sent_to_the_sign_in(app, client):
    for rule in addresses(app):
        answer = client.get(concrete(rule))
        assert answer.status_code == 405 or answer.location.startswith("/login/?next="), rule


def test_pages_open_in_our_look(app, login):
    browser = login("sysadmin")
    for view in views(app):
        answer = browser.get(view.url + "/" if not view.url.endswith("/") else view.url)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200, view
        assert 'class="shell"' in page and "bootstrap" not in page and "jquery" not in page.lower()


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=abc",
        "page=99999999999999999999999",
        "page_size=100000",
        "page_size=-5",
        "sort=99",
        "sort=x",
        "desc=x",
        "sort=-1",
        "flt0_0=x",
        "flt1_id=1",
        "search=%00",
        "search=%25",
        "search=" + "x" * 5000,
        "url=http://evil.example/",
        "sort=0&desc=1",
        "sort=1",
        "sort=2&desc=1",
    ],
)
def test_no_address_makes_a_list_fail(app, login, query):
    browser = login("sysadmin")
    for view in views(app):
        answer = browser.get(f"{view.url.rstrip('/')}/?{query}")
        assert answer.status_code == 200, (view.url, query)
        assert 'href="http' not in answer.get_data(as_text=True)


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "9" * 30, "1,2", "%00", "1.5"])
def test_no_key_makes_a_page_fail(login, key):
    browser = login("sysadmin")
    assert browser.get(f"{CONSOLE}/code_table/edit/?id={key}").status_code == 302
    assert browser.get(f"{CONSOLE}/code_table/details/?id={key}").status_code == 302
    assert browser.get(f"{CONSOLE}/code_table/ajax/lookup/?name={key}").status_code == 404
    assert send(browser, f"{CONSOLE}/code_table/delete/", id=key).status_code == 302
    assert send(browser, f"{CONSOLE}/code_table/action/", action="delete", rowid=key).status_code == 302
    assert send(browser, f"{CONSOLE}/code_table/ajax/update/", list_form_pk=key, name="x").status_code == 404


def table_of(app, code):
    with app.app_context(), acting(SYSTEM):
        return db.session.scalars(select(CodeTable).where(CodeTable.code == code)).one_or_none()


def test_code_table_new_edit_inline_delete(app, login):
    browser = login("sysadmin")
    assert browser.get(f"{CONSOLE}/code_table/new/").status_code == 200
    assert send(browser, f"{CONSOLE}/code_table/new/", code="probe", name="Probe").status_code == 302
    key = table_of(app, "probe").id
    again = send(browser, f"{CONSOLE}/code_table/new/", code="probe", name="Typed name")
    assert again.status_code == 200 and "Typed name" in again.get_data(as_text=True)
    page = browser.get(f"{CONSOLE}/code_table/edit/?id={key}").get_data(as_text=True)
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', page).group(1)
    inline = send(browser, f"{CONSOLE}/code_table/ajax/update/", list_form_pk=key, name="Inline")
    assert inline.status_code == 204 and table_of(app, "probe").name == "Inline"
    stale = send(browser, f"{CONSOLE}/code_table/edit/?id={key}", code="probe", name="Stale", row_version=version)
    assert stale.status_code == 200 and table_of(app, "probe").name == "Inline"
    fresh = str(table_of(app, "probe").version)
    saved = send(browser, f"{CONSOLE}/code_table/edit/?id={key}", code="probe", name="Edited", row_version=fresh)
    assert saved.status_code == 302 and table_of(app, "probe").name == "Edited"
    assert send(browser, f"{CONSOLE}/code_table/delete/", id=key).status_code == 302
    assert table_of(app, "probe") is None
    with app.app_context():
        trail = AuditEntry.__table__
        of_table = select(trail.c.code, trail.c.actor_name).where(trail.c.subject_id == key).order_by(trail.c.id)
        codes = db.session.execute(of_table).all()
    assert [row[0] for row in codes if row[0].startswith("code_table")] == [
        "code_table:add",
        "code_table:edit",
        "code_table:edit",
        "code_table:delete",
    ]


def test_inline_edit_is_checked(app, login):
    browser = login("sysadmin")
    with app.app_context(), acting(SYSTEM):
        item = db.session.scalars(select(CodeItem)).first()
        key, code, order = item.id, item.code, item.sort
    update = f"{CONSOLE}/code_item/ajax/update/"
    assert send(browser, update, list_form_pk=key, sort="abc").status_code == 422
    assert send(browser, update, list_form_pk=key, name="").status_code == 422
    assert send(browser, update, list_form_pk=key, code="other").status_code == 404  # not an editable column
    assert send(browser, update, list_form_pk=key, sort="7").status_code == 204
    with app.app_context(), acting(SYSTEM):
        item = db.session.get(CodeItem, key)
        assert (item.code, item.sort) == (code, 7) and order != 7


def test_parameters_are_turned_in_the_list_between_their_bounds(app, login):
    browser = login("sysadmin")
    with app.app_context(), acting(SYSTEM):
        key = db.session.scalars(select(Parameter).where(Parameter.code == "group_size")).one().id
    page = browser.get(f"{CONSOLE}/parameter/").get_data(as_text=True)
    assert re.search(rf'data-cell="value" data-key="{key}"[^>]*type="number"[^>]*min="2"[^>]*max="50"', page)
    update = f"{CONSOLE}/parameter/ajax/update/"
    assert send(browser, update, list_form_pk=key, value="8").status_code == 204
    for wrong in ("1", "51", "many", ""):
        told = send(browser, update, list_form_pk=key, value=wrong)
        assert told.status_code == 422 and told.get_data(as_text=True).endswith("。"), wrong
    assert "2" in told.get_data(as_text=True) or wrong == ""
    assert send(browser, update, list_form_pk=key, name="x").status_code == 404
    for word in ("new", "delete"):
        send(browser, f"{CONSOLE}/parameter/{word}/", id=key, code="x")
    with app.app_context(), acting(SYSTEM):
        assert [db.session.get(Parameter, key).value, len(db.session.scalars(select(Parameter)).all())] == [
            "8",
            len(parameters()),
        ]
        told = (
            db.session.execute(
                select(AuditEntry.__table__.c.changes).where(AuditEntry.__table__.c.code == "parameter:edit")
            )
            .scalars()
            .all()
        )
    assert [one["value"] for one in told] == [["5", "8"]]


def test_writing_needs_the_token(login):
    browser = login("sysadmin")
    for address in ("code_table/new/", "code_table/delete/", "code_table/ajax/update/", "code_table/sheet/csv/"):
        assert send(browser, f"{CONSOLE}/{address}", token=False, code="x", name="x", id="1").status_code == 400


@pytest.mark.parametrize("table", ["job", "login_session", "login_attempt", "notice"])
def test_read_only_tables_stay(login, table):
    browser = login("sysadmin")
    assert browser.get(f"{CONSOLE}/{table}/new/").status_code == 302
    assert browser.get(f"{CONSOLE}/{table}/edit/?id=1").status_code == 302
    assert send(browser, f"{CONSOLE}/{table}/delete/", id="1").status_code == 302
    assert send(browser, f"{CONSOLE}/{table}/action/", action="delete", rowid="1").status_code == 302
    assert send(browser, f"{CONSOLE}/{table}/ajax/update/", list_form_pk="1", note="x").status_code == 404


def test_sessions_are_listed_without_tokens(app, login):
    login("clerk")
    browser = login("sysadmin")
    page = browser.get(f"{CONSOLE}/login_session/").get_data(as_text=True)
    assert "(clerk)" in page and "(sysadmin)" in page
    hashes = [row[0] for row in db_rows(app, "login_session", "token_hash")]
    assert hashes and not any(one in page for one in hashes)
    tries = browser.get(f"{CONSOLE}/login_attempt/").get_data(as_text=True)
    assert not any(row[0] in tries for row in db_rows(app, "login_attempt", "username_hash"))


def db_rows(app, table, column):
    with app.app_context():
        return db.session.execute(select(Base.metadata.tables[table].c[column])).all()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", sorted(TABLES))
def test_sheets(login, table, form):
    browser = login("sysadmin")
    answer = browser.post(f"{CONSOLE}/{table}/sheet/{form}/", data={"csrf_token": browser.token}, buffered=True)
    assert answer.status_code == 200 and answer.data
    assert "attachment" in answer.headers["Content-Disposition"]
    assert send(browser, f"{CONSOLE}/{table}/sheet/pdf/").status_code == 400


def test_no_scripts_of_the_framework_are_served(app, client):
    assert client.get(f"{CONSOLE}/static/vendor/jquery.min.js").status_code == 404
    assert client.get("/static/admin/vendor/jquery.min.js").status_code == 404


def test_system_page_hides_paths(app, login):
    page = login("sysadmin").get(f"{CONSOLE}/system/").get_data(as_text=True)
    head = ScriptDirectory(str(Path(app.root_path) / "migrations")).get_current_head()
    assert "Flask-AppBuilder" in page and str(head) in page
    assert str(app.config["INSTANCE"]) not in page
