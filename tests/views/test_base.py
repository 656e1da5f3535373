"""The base of every generated screen, on two trial registers: what it shows, keeps, refuses and remembers."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask_appbuilder.actions import action
from flask_appbuilder.api.manager import OpenApi
from flask_babel import lazy_gettext as _l
from sqlalchemy import event, select, text

import app as portal_package
from app import views
from app.access.actor import SYSTEM, acting, set_actor, system_scope
from app.core.db import db
from app.models.audit import AuditEntry
from app.models.expert import Expert, ExpertEmployment
from app.models.organisation import Level, Organisation
from app.models.preference import ListPreference, SavedView
from app.views.api_base import PortalRestApi
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed
from tests.conftest import PASSWORD, IsolatedClient, overrides, token_of

DEEP = "(" * 5000


class TrialJobView(PortalModelView):
    """Where an expert works."""

    datamodel = PortalInterface(ExpertEmployment)
    class_permission_name = "Expert"
    route_base = "/trial_job"
    noun = _l("Employers")
    list_columns = ("employer_name", "post", "since")
    form_groups = ((None, ("expert", "employer_name", "employer", "post", "since", "until")),)


class TrialExpertView(PortalModelView):
    """Experts, with everything a screen may declare."""

    datamodel = PortalInterface(Expert)
    class_permission_name = "Expert"
    route_base = "/trial_expert"
    list_columns = (("name", "title", "phone"), "category", "organisation", "specialties", "term", "status")
    optional_columns = ("village", "appointed_from")
    search_columns = ("name", "category", "status", "organisation", "specialties", "appointed_until")
    quick_columns = ("name", "pinyin")
    order_columns = ("name", "appointed_until", "status")
    quick_filters = (
        ("serving", _l("In service"), {"status": "serving"}),
        ("old", _l("Ended"), lambda statement: statement.where(Expert.status == "ended")),
    )
    count_tabs = True
    computed = {
        "term": Computed(
            _l("Appointment"), ("appointed_from", "appointed_until"), lambda a, b: f"{a} – {b}", order="appointed_until"
        )
    }
    form_groups = (
        (_l("Person"), ("name", "phone", "title", "organisation", "village")),
        (_l("Appointment"), ("category", "specialties", "appointed_from", "appointed_until", "status", "introduction")),
    )
    narrow_choices = {"village": lambda statement: statement.where(Organisation.level == Level.village)}
    related_views = (TrialJobView,)
    allow_delete = True
    method_permission_name = {"retire": "edit"}

    @action("retire", _l("End"), multiple=True, single=True)
    def retire(self, items: Any) -> str:
        """A trial action."""
        return ",".join(str(item.id) for item in (items if isinstance(items, list) else [items]))


class TrialUnitView(PortalModelView):
    """Organisations: a box that can be unticked."""

    datamodel = PortalInterface(Organisation)
    class_permission_name = "Organisation"
    route_base = "/trial_unit"
    list_columns = (("name", "code"), "level", "parent", "active")
    search_columns = ("name", "level", "active", "parent")
    form_groups = ((None, ("name", "code", "level", "parent", "sort", "active")),)


class TrialExpertApi(PortalRestApi):
    """The same as JSON."""

    view = TrialExpertView
    resource_name = "trial_expert"


@pytest.fixture(scope="module")
def trial(app: Any, database_url: str, tmp_path_factory: Any) -> Iterator[Any]:
    """A second application on the same database, with the trial screens besides its own."""
    shipped, views.VIEWS = (
        views.VIEWS,
        (*views.VIEWS, (None, TrialJobView), (None, TrialExpertView), (None, TrialUnitView), (None, TrialExpertApi)),
    )
    try:
        made = portal_package.create_app(overrides(app.config["INSTANCE"], database_url))
    finally:
        views.VIEWS = shipped
    made.test_client_class = IsolatedClient
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def held(trial: Any) -> Iterator[Any]:
    """Every session of the trial application on one connection, rolled back afterwards."""
    with trial.app_context():
        engine = db.engine
    connection = engine.connect()
    outer = connection.begin()
    db._app_engines[trial][None] = connection
    factory = db.session.session_factory
    factory.configure(join_transaction_mode="create_savepoint")
    try:
        yield connection
    finally:
        factory.configure(join_transaction_mode="conditional_savepoint")
        db._app_engines[trial][None] = engine
        outer.rollback()
        connection.close()
        set_actor(None)


@pytest.fixture
def sign_in(trial: Any, held: Any) -> Any:
    """A browser of the trial application, signed in."""

    def as_user(username: str) -> Any:
        browser: Any = trial.test_client()
        data = {"username": username, "password": PASSWORD, "csrf_token": token_of(browser.get("/login/").text)}
        assert browser.post("/login/", data=data).status_code == 302
        browser.token = token_of(browser.get("/").text)
        return browser

    return as_user


@pytest.fixture
def admin(sign_in: Any) -> Any:
    """The business administrator of the city."""
    return sign_in("business_admin")


def unit(held: Any, level: str, nth: int = 0) -> int:
    """The key of some organisation of that level."""
    statement = text("SELECT id FROM organisation WHERE level = :level ORDER BY id LIMIT 1 OFFSET :nth")
    return int(held.execute(statement, {"level": level, "nth": nth}).scalar_one())


def valid(held: Any, **more: Any) -> dict[str, Any]:
    """A filled-in form."""
    return {
        "name": "Wang Dashan",
        "phone": "13812342207",
        "category": "scholar",
        "organisation": unit(held, "city"),
        "appointed_from": "2026-01-01",
        "appointed_until": "2027-12-31",
        "status": "serving",
        **more,
    }


def send(browser: Any, path: str, data: dict[str, Any]) -> Any:
    """Post a form with its token."""
    return browser.post(path, data={"csrf_token": browser.token, **data})


def add(browser: Any, held: Any, **more: Any) -> int:
    """Add an expert by the form; his or her key."""
    answer = send(browser, "/trial_expert/add", valid(held, **more))
    assert answer.status_code == 302, answer.text[-3000:]
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def version(browser: Any, path: str) -> str:
    """The row version a form carries."""
    found = re.search(r'name="row_version"[^>]*value="([^"]*)"', browser.get(path).text)
    assert found
    return found[1]


def count_in(page: str) -> int:
    """How many results a list says it has."""
    found = re.search(r'<nav class="pager"[^>]*><span>\D*(\d+)', page)
    assert found or 'class="empty"' in page
    return int(found[1]) if found else 0


# ---- lists


def test_list_shows_labels_tags_and_masks(admin, held):
    add(admin, held, title="Lawyer")
    page = admin.get("/trial_expert/list/").text
    assert "138****2207" in page and "13812342207" not in page
    assert "2026-01-01 – 2027-12-31" in page
    assert 'class="tag ok plain"' in page and "serving" not in re.sub(r'"[^"]*"', "", page)
    assert "aria-label" in page and 'data-label="' in page


@pytest.mark.parametrize("query", [
    "page=abc", "page=-1", "page=0", "page=" + "9" * 30, "size=abc", "size=-5", "size=100000", "order=nope",
    "order=phone", "order=created_by.password", "order=organisation", "order=metadata", "status=bogus", "status=%00",
    "organisation=abc", "organisation=" + "9" * 30, "specialties=x", "appointed_until_from=abc",
    "appointed_until_to=0000-00-00", "appointed_until_from=99999-01-01", "q=%00", "q=" + "x" * 500, "after=abc&page=2",
    "before=1&page=3", "tab=nope", "_flt_0_phone=138", "_flt_9_status=x", "_oc_ExpertView=nope", "psize_ExpertView=9",
    "name=%25", "name=%EF%BF%BE", "q=%27%20OR%201%3D1--", "status=serving&status=bogus", "page=2&after=" + "9" * 18,
])  # fmt: skip
def test_no_address_breaks_the_list(admin, held, query):
    add(admin, held)
    answer = admin.get(f"/trial_expert/list/?{query}")
    assert answer.status_code == 200
    assert "<table" in answer.text or 'class="empty"' in answer.text


@pytest.mark.parametrize("column", ["phone", "id_number_hash", "created_by_id", "version", "account", "introduction"])
def test_hidden_columns_cannot_be_searched(admin, held, column):
    add(admin, held)
    rows = {
        re.sub(r"nonce=\S+|csrf[^>]*>", "", admin.get(f"/trial_expert/list/?{column}={value}").text)
        for value in ("138", "13812342207", "nothing-like-it", "1")
    }
    assert {count_in(page) for page in rows} == {count_in(admin.get("/trial_expert/list/?all=1").text)}


def test_masked_column_in_search_or_order_is_a_fault_at_start(trial):
    with trial.app_context():
        for words in (
            {"search_columns": ("phone",)},
            {"order_columns": ("phone",)},
            {"quick_columns": ("phone",)},
            {"list_columns": ("id_number_hash",)},
            {"base_filters": [["name", None, ""]]},
        ):
            broken = type("BrokenView", (TrialExpertView,), words)
            with pytest.raises(LookupError):
                broken()


def test_filters_narrow_and_can_be_taken_away(admin, held):
    add(admin, held)
    add(admin, held, name="Li Xiaolan", category="other", status="ended")
    count = lambda query: count_in(admin.get(f"/trial_expert/list/?{query}").text)  # noqa: E731
    everybody = count("all=1")
    assert count("status=ended&name=Xiaolan") == 1
    assert count("category=other&category=scholar&q=Dashan") >= 1
    assert count("appointed_until_from=2028-01-01&q=Dashan") == 0
    assert count("appointed_until_from=2027-12-31&appointed_until_to=2027-12-31&q=Dashan") >= 1
    assert count(f"organisation={unit(held, 'city')}") >= 2
    assert count("tab=old&q=Xiaolan") == 1 and count("tab=serving&q=Xiaolan") == 0
    assert count("q=dashan+wang") >= 1 and count("q=%25") == 0
    page = admin.get("/trial_expert/list/?status=ended&name=Xiaolan").text
    assert 'href="?name=Xiaolan"' in page and 'href="?status=ended"' in page
    assert everybody >= 2


def test_next_page_by_key_equals_the_page_by_number(admin, held):
    for number in range(60):
        held.execute(text(
            "INSERT INTO expert (organisation_id, name, pinyin, category, status, appointed_from, appointed_until,"
            " version, created_at, changed_at)"
            " VALUES (:o, :n, '', 'scholar', 'serving', '2026-01-01', :u, 1, :now, :now)"
        ), {"o": unit(held, "city"), "n": f"Page {number % 7}", "u": f"2027-01-{number % 9 + 1:02d}",
            "now": "2026-01-01 00:00:00"})  # fmt: skip
    for order in ("name", "-name", "appointed_until", "-appointed_until"):
        page, seen = admin.get(f"/trial_expert/list/?q=Page&order={order}"), []
        while True:
            seen.append(re.findall(r'data-href="/trial_expert/show/(\d+)"', page.text))
            number = len(seen) + 1
            following = re.search(r'href="([^"]+)" rel="next"', page.text)
            if not following:
                break
            assert f"after={seen[-1][-1]}" in following[1]
            by_number = admin.get(f"/trial_expert/list/?q=Page&order={order}&page={number}")
            page = admin.get("/trial_expert/list/" + following[1].replace("&amp;", "&"))
            rows = r'data-href="/trial_expert/show/(\d+)"'
            assert re.findall(rows, by_number.text) == re.findall(rows, page.text)
            back = re.search(r'href="([^"]+)" rel="prev"', page.text)
            before = admin.get("/trial_expert/list/" + back[1].replace("&amp;", "&"))
            assert re.findall(rows, before.text) == seen[-1]
        flat = [key for part in seen for key in part]
        assert len(flat) == len(set(flat)) == 60


def test_list_costs_few_statements(admin, held, trial):
    add(admin, held)
    admin.get("/trial_expert/list/")
    statements: list[str] = []
    listener = lambda _c, _cur, statement, *_rest: statements.append(statement)  # noqa: E731
    event.listen(held, "before_cursor_execute", listener)
    try:
        assert admin.get("/trial_expert/list/?order=name").status_code == 200
    finally:
        event.remove(held, "before_cursor_execute", listener)
    asked = [s for s in statements if not s.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN"))]
    assert len(asked) <= 8, asked


def test_foreign_rows_do_not_exist_anywhere(admin, held, sign_in):
    key = add(admin, held, organisation=unit(held, "township", 1), name="Foreign One")
    clerk = sign_in("clerk.t1")
    assert "Foreign One" not in clerk.get("/trial_expert/list/?q=Foreign").text
    for path in (
        f"/trial_expert/show/{key}",
        "/trial_expert/show/" + "9" * 23,
        "/trial_expert/show/x",
        "/trial_expert/show/-1",
        "/trial_expert/show/0",
    ):
        assert clerk.get(path).status_code == 404
    assert clerk.get("/trial_expert/add").status_code == 403
    assert send(clerk, f"/trial_expert/action/retire/{key}", {}).status_code == 403
    assert send(clerk, "/trial_expert/export", {"form": "csv"}).status_code == 403


def test_actions_find_their_rows_within_the_scope(trial, admin, held):
    key = add(admin, held)
    other = add(admin, held)
    assert send(admin, f"/trial_expert/action/retire/{key}", {}).text == str(key)
    both = send(admin, "/trial_expert/action_post", {"action": "retire", "rowid": [str(key), str(other)]})
    assert both.text == f"{key},{other}"
    for path, data in (
        (f"/trial_expert/action/retire/{'9' * 18}", {}),
        ("/trial_expert/action/nope/1", {}),
        ("/trial_expert/action_post", {"action": "retire", "rowid": [str(key), "9" * 23]}),
    ):
        assert send(admin, path, data).status_code == 404
    assert send(admin, "/trial_expert/action_post", {"action": "retire"}).status_code == 302
    assert admin.get(f"/trial_expert/action/retire/{key}").status_code == 405


# ---- preferences


def test_list_comes_back_as_left_and_reading_changes_nothing(admin, held):
    add(admin, held)
    before = held.execute(text("SELECT count(*) FROM list_preference")).scalar_one()
    admin.get("/trial_expert/list/?status=ended")
    assert held.execute(text("SELECT count(*) FROM list_preference")).scalar_one() == before
    assert 'data-query="status=ended"' in admin.get("/trial_expert/list/?status=ended").text
    assert send(admin, "/trial_expert/leave", {"query": "status=ended"}).status_code == 204
    assert "data-remember" not in admin.get("/trial_expert/list/").text
    ended = admin.get("/trial_expert/list/?status=ended").text
    assert count_in(admin.get("/trial_expert/list/").text) == count_in(ended)
    send(admin, "/trial_expert/leave", {"query": "q=370786199001011234"})
    with admin.application.app_context(), system_scope("test"):
        assert db.session.scalars(select(ListPreference.query)).all() == [""]


def test_columns_and_page_size_are_chosen(admin, held):
    add(admin, held)
    answer = send(admin, "/trial_expert/columns", {"column": ["status", "village", "phone", "bogus"], "size": "50"})
    assert answer.headers["Location"].startswith("/trial_expert/list/")
    heads = re.findall(r"<th scope=\"col\"[^>]*>", admin.get("/trial_expert/list/?all=1").text)
    assert len(heads) == 3  # tick box, state, home village: the phone is no cell of its own
    send(admin, "/trial_expert/columns", {"reset": "1"})
    assert "138****2207" in admin.get("/trial_expert/list/?all=1").text


def test_filters_are_saved_shared_and_dropped(admin, held, sign_in):
    data = {"name": "Ended ones", "query": "status=ended&bogus=1", "shared": "yes"}
    assert send(admin, "/trial_expert/save-filter", data).status_code == 302
    send(admin, "/trial_expert/save-filter", data)
    page = admin.get("/trial_expert/list/?all=1").text
    assert page.count(">Ended ones<") == 1 and 'href="?status=ended"' in page
    with admin.application.app_context(), system_scope("test"):
        key = db.session.scalars(select(SavedView.id)).one()
    other = sign_in("clerk")
    assert "Ended ones" in other.get("/trial_expert/list/?all=1").text
    assert send(other, f"/trial_expert/drop-filter/{key}", {}).status_code == 404
    assert send(admin, f"/trial_expert/drop-filter/{key}", {}).status_code == 302
    assert "Ended ones" not in admin.get("/trial_expert/list/?all=1").text


# ---- choices


def test_choices_are_listed_scoped_and_narrowed(admin, held, sign_in):
    rows = admin.get("/trial_expert/choices/organisation?q=").json
    assert 0 < len(rows) <= 20 and set(rows[0]) == {"id", "text"}
    villages = {str(row[0]) for row in held.execute(text("SELECT id FROM organisation WHERE level = 'village'"))}
    assert {row["id"] for row in admin.get("/trial_expert/choices/village?q=").json} <= villages
    for field in ("phone", "name", "account", "created_by_id", "nope", "organisation.parent"):
        assert admin.get(f"/trial_expert/choices/{field}").status_code == 404
    seen = sign_in("clerk.t1").get("/trial_expert/choices/organisation?q=").json
    own = {
        str(row[0])
        for row in held.execute(
            text(
                "SELECT o.id FROM organisation o JOIN organisation t ON o.path LIKE t.path || '%' "
                "JOIN ab_user u ON u.organisation_id = t.id WHERE u.username = 'clerk.t1'"
            )
        )
    }
    assert {row["id"] for row in seen} <= own


# ---- forms


def test_form_offers_its_fields(admin):
    page = admin.get("/trial_expert/add").text
    for name in ("category", "status", "organisation", "specialties"):
        assert re.search(rf'<select [^>]*id="{name}"[^>]*name="{name}"', page), name
    assert '<option value="serving" selected>' in page and 'data-remote="/trial_expert/choices/village"' in page
    assert 'name="row_version"' not in page and 'name="pinyin"' not in page


def test_form_is_kept_on_every_error(admin, held):
    wrong = valid(held, name="  Keep Me  ", category="nope", appointed_from="x", organisation="99999999")
    answer = send(admin, "/trial_expert/add", wrong)
    assert answer.status_code == 422
    assert "Keep Me" in answer.text and 'value="x"' in answer.text
    assert len(re.findall(r'class="err"', answer.text)) == 3
    answer = send(admin, "/trial_expert/add", valid(held, appointed_until="2020-01-01"))
    assert answer.status_code == 422 and "Wang Dashan" in answer.text and "CHECK" not in answer.text
    answer = send(admin, "/trial_expert/add", valid(held, name="a\x00b"))
    assert answer.status_code == 422
    answer = send(admin, "/trial_expert/add", valid(held, name="x" * 65))
    assert answer.status_code == 422


def test_foreign_and_narrowed_parents_are_refused(admin, held):
    town, village = unit(held, "township"), unit(held, "village")
    assert send(admin, "/trial_expert/add", valid(held, village=town)).status_code == 422
    assert send(admin, "/trial_expert/add", valid(held, village="1; DROP TABLE expert")).status_code == 422
    key = add(admin, held, village=village)
    assert held.execute(text("SELECT village_id FROM expert WHERE id = :k"), {"k": key}).scalar_one() == village


def test_only_declared_columns_change(admin, held):
    every = {c.name: "7" for c in Expert.__table__.columns}
    key = add(admin, held, **{k: v for k, v in every.items() if k not in valid(held) and k != "village_id"})
    row = held.execute(text("SELECT * FROM expert WHERE id = :k"), {"k": key}).mappings().one()
    assert row["version"] == 1 and row["account_id"] is None and row["id_number_hash"] is None and key != 7
    assert row["pinyin"] != "7" and row["created_by_id"] != 7


def test_empty_masked_box_keeps_the_value(admin, held):
    key = add(admin, held)
    page = admin.get(f"/trial_expert/edit/{key}").text
    assert "13812342207" not in page and 'placeholder="138****2207"' in page
    data = valid(held, name="New Name", phone="", row_version=version(admin, f"/trial_expert/edit/{key}"))
    assert send(admin, f"/trial_expert/edit/{key}", data).status_code == 302
    assert send(admin, f"/trial_expert/reveal/{key}/phone", {"reason": "call back"}).json == {"value": "13812342207"}


def test_second_of_two_writers_is_told_and_loses_nothing(admin, held):
    key = add(admin, held)
    path = f"/trial_expert/edit/{key}"
    stale = version(admin, path)
    assert send(admin, path, valid(held, name="First", row_version=stale)).status_code == 302
    answer = send(admin, path, valid(held, name="Second", row_version=stale))
    assert answer.status_code == 409 and "First" in answer.text and "Second" in answer.text
    assert send(admin, path, valid(held, name="Third")).status_code == 409
    again = re.search(r'name="row_version"[^>]*value="([^"]*)"', answer.text)
    assert send(admin, path, valid(held, name="Second", row_version=again[1])).status_code == 302
    assert held.execute(text("SELECT name FROM expert WHERE id = :k"), {"k": key}).scalar_one() == "Second"


def test_box_can_be_unticked_and_unique_fault_names_its_field(sign_in, held):
    admin = sign_in("sysadmin")
    key = unit(held, "township")
    path = f"/trial_unit/edit/{key}"
    row = held.execute(text("SELECT * FROM organisation WHERE id = :k"), {"k": key}).mappings().one()
    data = {"name": row["name"], "code": row["code"], "level": row["level"], "parent": row["parent_id"], "sort": "3"}
    assert send(admin, path, {**data, "row_version": version(admin, path)}).status_code == 302
    assert not held.execute(text("SELECT active FROM organisation WHERE id = :k"), {"k": key}).scalar_one()
    taken = held.execute(text("SELECT code FROM organisation WHERE id <> :k LIMIT 1"), {"k": key}).scalar_one()
    answer = send(admin, path, {**data, "code": taken, "row_version": version(admin, path)})
    assert answer.status_code == 422 and 'id="code-err"' in answer.text and "UNIQUE" not in answer.text
    assert send(admin, path, {**data, "sort": "", "row_version": version(admin, path)}).status_code == 422


def test_prefilled_by_the_address_and_shown_with_its_parent(admin, held):
    key = add(admin, held)
    page = admin.get(f"/trial_job/add?expert={key}&employer_name=Bureau&since=bogus&version=9").text
    assert f'<option value="{key}" selected' in page and 'value="Bureau"' in page and 'value="bogus"' not in page
    done = send(admin, "/trial_job/add", {"expert": key, "employer_name": "Bureau of Justice", "since": "2020-01-01"})
    assert done.status_code == 302
    page = admin.get(f"/trial_expert/show/{key}").text
    assert "Bureau of Justice" in page and f"/trial_job/add?expert={key}" in page
    stays = version(admin, f"/trial_expert/delete/{key}")
    answer = send(admin, f"/trial_expert/delete/{key}", {"row_version": stays})
    assert answer.status_code == 409 and "FOREIGN" not in answer.text
    assert admin.get(f"/trial_expert/show/{key}").status_code == 200


def test_delete_asks_first(admin, held):
    key = add(admin, held)
    path = f"/trial_expert/delete/{key}"
    now = version(admin, path)
    assert send(admin, path, {"row_version": "99"}).status_code == 409
    assert admin.get(f"/trial_expert/show/{key}").status_code == 200
    assert send(admin, path, {"row_version": now}).status_code == 302
    assert admin.get(f"/trial_expert/show/{key}").status_code == 404
    assert admin.get("/trial_unit/delete/1").status_code == 404


def test_reveal_needs_right_reason_and_leaves_a_trace(admin, held, sign_in):
    key = add(admin, held)
    assert send(admin, f"/trial_expert/reveal/{key}/phone", {"reason": " "}).status_code == 422
    assert send(admin, f"/trial_expert/reveal/{key}/name", {"reason": "why not"}).status_code == 404
    assert send(admin, f"/trial_expert/reveal/{key}/id_number_hash", {"reason": "why not"}).status_code == 404
    assert send(sign_in("clerk"), f"/trial_expert/reveal/{key}/phone", {"reason": "curious"}).status_code == 403
    send(admin, f"/trial_expert/reveal/{key}/phone", {"reason": "call back"})
    with admin.application.app_context(), acting(SYSTEM):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.code == "expert:reveal")).one()
    assert entry.reason == "call back" and "13812342207" not in json.dumps(entry.changes)


# ---- export


def test_export_is_masked_guarded_and_noted(admin, held):
    add(admin, held, name="=cmd|calc!A1")
    add(admin, held, name="Plain Person", title="+1")
    csv_file = send(admin, "/trial_expert/export", {"form": "csv", "query": "category=scholar"})
    assert csv_file.status_code == 200 and "attachment" in csv_file.headers["Content-Disposition"]
    table = csv_file.get_data(as_text=True)
    assert "138****2207" in table and "13812342207" not in table
    assert "'=cmd|calc!A1" in table and "'+1" in table and "2026-01-01 – 2027-12-31" in table
    sheet = send(admin, "/trial_expert/export", {"form": "xlsx", "query": "q=Plain"})
    with zipfile.ZipFile(io.BytesIO(sheet.data)) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Plain Person" in cells and "=cmd" not in cells and "<f>" not in cells
    assert send(admin, "/trial_expert/export", {"form": "exe"}).status_code == 400
    with admin.application.app_context(), acting(SYSTEM):
        exports = select(AuditEntry).where(AuditEntry.code == "expert:export").order_by(AuditEntry.id)
        notes = db.session.scalars(exports).all()
    assert [note.changes["form"] for note in notes] == ["csv", "xlsx"]


def test_export_stops_at_its_cap(admin, held, monkeypatch):
    monkeypatch.setattr(TrialExpertView, "export_max", 1)
    add(admin, held)
    add(admin, held)
    assert send(admin, "/trial_expert/export", {"form": "csv"}).status_code == 422


# ---- REST


@pytest.fixture
def rest(trial: Any, held: Any) -> Any:
    """Calls as a program, with a token."""

    def call(username: str) -> Any:
        client = trial.test_client()
        who = {"username": username, "password": PASSWORD, "provider": "db"}
        answer = client.post("/api/v1/security/login", json=who)
        headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

        def send_json(method: str, path: str, headers_more: Any = None, **kw: Any) -> Any:
            sent = headers | (headers_more or {})
            return client.open(f"/api/v1/trial_expert/{path}", method=method, headers=sent, **kw)

        return send_json

    return call


def test_rest_walks_through_a_record(rest, held):
    call = rest("business_admin")
    made = call("POST", "", json={**valid(held), "specialties": []})
    assert made.status_code == 201, made.json
    key, result = made.json["id"], made.json["result"]
    assert result["phone"] == "138****2207" and result["organisation"]["id"] == unit(held, "city")
    assert result["version"] == 1 and result["status"] == "serving"
    assert call("GET", f"{key}").json["result"]["name"] == "Wang Dashan"
    assert call("PUT", f"{key}", json={"name": "New"}).status_code == 400
    assert call("PUT", f"{key}", json={"name": "New", "version": 9}).status_code == 409
    changed = call("PUT", f"{key}", json={"name": "New", "version": 1})
    assert changed.status_code == 200 and changed.json["result"]["version"] == 2
    assert changed.json["result"]["phone"] == "138****2207"
    found = call("GET", "?q=(filters:!((col:name,opr:eq,value:New)),columns:!(name,phone,id_number_hash))").json
    assert found["count"] == 1 and set(found["result"][0]) == {"id", "name", "phone", "version"}
    assert call("DELETE", f"{key}").status_code == 200
    assert call("GET", f"{key}").status_code == 404


def test_rest_refuses_in_the_contract_s_form(rest, held):
    call = rest("business_admin")
    for sent, status in (
        ({"name": "x", "bogus": 1}, 422),
        ({"name": ["x"]}, 422),
        ({"organisation": 99999999}, 422),
        ([], 400),
        ({}, 422),
        (valid(held, village=unit(held, "township")), 422),
        (valid(held, version=7), 422),
        (valid(held, created_by_id=1), 422),
        (valid(held, name="\ud800"), 422),
        (valid(held, appointed_until="2020-01-01"), 422),
    ):
        answer = call("POST", "", json=sent)
        assert answer.status_code == status and answer.json["message"], (sent, answer.status_code, answer.text)
    assert call("POST", "", data="{", content_type="application/json").status_code == 400
    assert call("POST", "", data="x").status_code == 415


@pytest.mark.parametrize(("query", "status"), [
    ("((((", 400), (DEEP, 400), ("'", 400), ("(page:-1)", 400), ("(page:x)", 400), ("(page_size:100000)", 200),
    ("(order_column:phone,order_direction:asc)", 400), ("(order_column:created_by_id,order_direction:asc)", 400),
    ("(filters:!((col:phone,opr:sw,value:'138')))", 400), ("(filters:!((col:name,opr:bogus,value:x)))", 400),
    ("(filters:!((col:status,opr:eq,value:bogus)))", 400),
    ("(filters:!((col:organisation,opr:rel_o_m,value:abc)))", 400),
    ("(filters:!((col:appointed_until,opr:gt,value:'2026-01-01')))", 200), ('{"page":0}', 200), ("(keys:!(none))", 200),
    ("(page:9999999,page_size:100)", 200), ("!(1)", 400), ("1", 400),
])  # fmt: skip
def test_rest_list_reads_q_safely(rest, query, status):
    answer = rest("business_admin")("GET", f"?q={quote(query)}")
    assert answer.status_code == status, answer.text
    if status == 200:
        assert len(answer.json["result"]) <= 100


def test_rest_keeps_rights_and_rows(trial, rest, held, admin):
    key = add(admin, held, organisation=unit(held, "township", 1))
    clerk = rest("clerk.t1")
    assert clerk("GET", f"{key}").status_code == 404
    assert clerk("POST", "", json=valid(held)).status_code == 403
    assert clerk("DELETE", f"{key}").status_code == 403
    assert clerk("GET", "9" * 25).status_code == 404
    told = clerk("GET", "_info").json
    assert told["permissions"] == ["can_read"] and "PO-Revision-Date" not in json.dumps(told)
    client = trial.test_client()
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic abc"}):
        assert client.get("/api/v1/trial_expert/", headers=headers).status_code == 401


def test_openapi_tells_of_every_operation(trial):
    with trial.test_request_context():
        api = next(v for v in trial.appbuilder.baseviews if isinstance(v, TrialExpertApi))
        spec = OpenApi._create_api_spec("v1")
        api.add_api_spec(spec)
    told = spec.to_dict()
    paths = told["paths"]
    assert set(paths) == {"/api/v1/trial_expert/", "/api/v1/trial_expert/{pk}", "/api/v1/trial_expert/_info"}
    for path in paths.values():
        for name, said in path.items():
            assert {"400", "401", "403", "429"} <= set(said["responses"]), name
    sent = told["components"]["schemas"]["TrialExpertApi.post"]["properties"]
    assert sent["category"]["enum"] and "version" not in sent and "pinyin" not in sent
    assert "version" in told["components"]["schemas"]["TrialExpertApi.put"]["required"]


def test_rest_by_a_browser_needs_the_page_s_token(admin, held):
    assert admin.get("/api/v1/trial_expert/").status_code == 200
    assert admin.post("/api/v1/trial_expert/", json=valid(held)).status_code == 400
    with_token = {"X-CSRFToken": admin.token, "Referer": "https://localhost/"}
    assert admin.post("/api/v1/trial_expert/", json=valid(held), headers=with_token).status_code == 201


def test_a_form_sent_twice_makes_one_record(admin, held):
    page = admin.get("/trial_expert/add").text
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    assert add(admin, held, form_key=key) == add(admin, held, form_key=key)
    assert add(admin, held) != add(admin, held), "without the key each is a record of its own"


def test_a_refused_form_keeps_its_key(admin, held):
    key = re.search(r'name="form_key" value="([^"]+)"', admin.get("/trial_expert/add").text)[1]
    refused = send(admin, "/trial_expert/add", valid(held, form_key=key, name=""))
    assert refused.status_code == 422 and f'value="{key}"' in refused.text
    assert add(admin, held, form_key=key) == add(admin, held, form_key=key)


def test_rest_answers_a_repeated_call_alike(rest, held):
    call = rest("business_admin")
    body = {**valid(held), "specialties": []}
    ids = [call("POST", "", json=body, headers_more={"Idempotency-Key": "once-1"}).json["id"] for _each in range(3)]
    assert len(set(ids)) == 1
    assert call("POST", "", json=body).json["id"] not in ids
