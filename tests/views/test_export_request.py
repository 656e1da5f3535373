"""An export above the limit: asked for with a reason, decided by another, made beside the request, fetched once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from views.test_exfiltration import cases, export, turn

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock, store
from app.core.db import db
from app.core.errors import Full, PortalError
from app.models.audit import Job
from app.models.export_request import ExportRequest, ExportState
from app.services import attachment, export_file, export_request
from app.services.queries import export as queries
from app.services.registration import register_case
from tests.services.people import intake

__all__ = ["cases"]  # the fixture
FORMULA = "=HYPERLINK(0)道路积水"


def asked() -> ExportRequest:
    with system_scope("test"):
        last = select(ExportRequest).order_by(ExportRequest.id.desc()).limit(1)
        return db.session.scalars(last, execution_options={"populate_existing": True}).one()


def post(browser: Any, path: str, **fields: str) -> Any:
    return browser.post(path, data={"csrf_token": browser.token, **fields}, buffered=True)


def ask(browser: Any, form: str = "csv", query: str = "all=1") -> ExportRequest:
    assert post(browser, "/case/export", query=query, form=form, ask="1", reason="年度统计核对").status_code == 302
    return asked()


def approve(browser: Any) -> ExportRequest:
    post(browser, f"/export_request/decide/{asked().id}", word="approve")
    return asked()


def fetch(browser: Any) -> Any:
    return post(browser, f"/export_request/fetch/{asked().id}")


def page(browser: Any) -> str:
    return str(browser.get(f"/export_request/show/{asked().id}").get_data(as_text=True))


def kept() -> list[Path]:
    """The files of exports in the store."""
    with system_scope("test"):
        keys = set(db.session.scalars(select(ExportRequest.storage_key).where(ExportRequest.storage_key.is_not(None))))
    return [path for path in attachment.folder().glob("*/*/*") if path.name in keys]


def told(session: Any, code: str) -> int:
    found = text("SELECT count(*) FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE code = :c AND username = :u")
    return int(session.connection().execute(found, {"c": code, "u": "clerk.t1"}).scalar_one())


def change(session: Any, statement: str, **values: Any) -> None:
    session.connection().execute(text(statement), values)
    session.commit()


@pytest.fixture
def people(login: Any, cases: Any) -> tuple[Any, Any]:
    """Who asks, and who decides; eight rows are above the limit."""
    turn("export_most", 7)
    return login("clerk.t1"), login("centre_head.t1")


@pytest.fixture
def stretches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are read three rows at a time."""
    monkeypatch.setattr(queries, "STRETCH", 3)
    return


def test_asked_approved_by_another_and_fetched_once(people: Any, login: Any, session: Any) -> None:
    clerk, head = people
    offered = export(clerk, "csv", "all=1").get_data(as_text=True)
    assert 'name="reason"' in offered
    assert post(clerk, "/case/export", query="all=1", form="csv", ask="1", reason=" ").status_code == 422
    key = ask(clerk).id
    shown = f"/export_request/show/{key}"
    assert asked().rows == 8
    asks = session.connection().execute(text("SELECT user_id FROM notice WHERE code = 'export_asked'")).scalars().all()
    assert asks, "those who decide are told"
    assert post(clerk, f"/export_request/decide/{key}", word="approve").status_code == 403
    assert fetch(clerk).status_code == 409
    assert login("clerk.t2").get(shown).status_code == 404, "not theirs"
    assert "年度统计核对" in head.get(shown).get_data(as_text=True)
    assert post(head, f"/export_request/decide/{key}", word="refuse", note="").status_code == 302
    assert asked().state is ExportState.asked, "a refusal needs a reason"
    approve(head)
    assert asked().state is ExportState.ready and asked().done == 8 and told(session, "export_ready") == 1
    assert fetch(head).status_code == 409, "it is the asker's"
    file = fetch(clerk)
    assert file.status_code == 200 and file.get_data(as_text=True).count("\r\n") == 9
    assert file.headers["Content-Disposition"].startswith('attachment; filename="case-')
    assert fetch(clerk).status_code == 409, "once"
    assert asked().state is ExportState.fetched and asked().done == 8


def test_the_file_is_kept_sealed_and_erased_when_it_is_fetched(people: Any, session: Any) -> None:
    clerk, head = people
    ask(clerk)
    approve(head)
    (path,) = kept()
    data = path.read_bytes()
    assert "道路积水".encode() not in data and b"13800132207" not in data and path.stat().st_mode & 0o077 == 0
    assert fetch(clerk).status_code == 200
    assert not path.exists() and not kept()
    trail = text("SELECT count(*) FROM audit_entry WHERE code = 'case:export'")
    assert session.connection().execute(trail).scalar_one() == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_is_the_file_of_the_list_with_masks_and_without_formulas(
    people: Any, actor: Any, stretches: None, form: str
) -> None:
    clerk, head = people
    with acting(actor("clerk.t1")) as who:
        register_case(who, intake(title=FORMULA))
    ask(clerk, form)
    approve(head)
    file = fetch(clerk).get_data()
    turn("export_most", 20)
    whole = export(clerk, form, "all=1").get_data()
    assert form == "xlsx" or file == whole
    if form == "csv":
        rows = file.decode("utf-8-sig")
        assert f"'{FORMULA}" in rows and "138****2207" in rows and "13800132207" not in rows
    assert abs(len(file) - len(whole)) < 100


def test_how_far_it_is_stands_on_its_page(
    people: Any, stretches: None, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, head = people
    seen: list[str] = []
    progress = export_file._progress

    def looked(key: int, done: int) -> None:
        progress(key, done)
        seen.append(page(clerk))

    ask(clerk)
    monkeypatch.setattr(export_file, "_progress", looked)
    approve(head)
    assert [f"已处理 {done} / 8 行" in said for done, said in zip((3, 6, 8), seen, strict=True)] == [True] * 3
    assert all('http-equiv="refresh"' in said and "<progress" in said for said in seen)
    ready = page(clerk)
    assert 'http-equiv="refresh"' not in ready and "共 8 行" in ready


def test_a_right_that_is_lost_refuses_the_file(people: Any, session: Any) -> None:
    clerk, head = people
    ask(clerk)
    approve(head)
    (path,) = kept()
    drop = "DELETE FROM ab_permission_view_role WHERE permission_view_id IN (SELECT pv.id FROM ab_permission_view pv"
    drop += " JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id"
    change(session, f"{drop} WHERE p.name = 'can_export' AND v.name = 'Case')")
    change(session, "UPDATE security_state SET epoch = epoch + 1000")  # one that no other test has left in memory
    assert fetch(clerk).status_code == 403
    assert not path.exists() and asked().state is ExportState.failed
    assert "不再有导出" in page(clerk)
    assert post(clerk, f"/export_request/make/{asked().id}").status_code == 403


def test_roles_that_changed_have_it_made_anew(people: Any, session: Any) -> None:
    clerk, head = people
    ask(clerk)
    approve(head)
    (path,) = kept()
    add = "INSERT INTO ab_user_role (user_id, role_id) SELECT u.id, p.role_id FROM ab_user u, role_profile p"
    change(session, f"{add} WHERE u.username = 'clerk.t1' AND p.code = 'follow_up_clerk'")
    answer = fetch(clerk)
    assert answer.status_code == 302 and not path.exists()
    assert "重新生成" in page(clerk)
    assert len(kept()) == 1 and asked().state is ExportState.ready
    assert fetch(clerk).status_code == 200


def test_an_account_that_is_not_in_use_has_no_file_made(people: Any, session: Any) -> None:
    clerk, head = people
    ask(clerk)
    change(session, "UPDATE ab_user SET active = :no WHERE username = 'clerk.t1'", no=False)
    assert approve(head).state is ExportState.failed
    assert not kept() and "已停用" in page(head)


def test_a_full_disk_is_told_and_it_is_made_again(people: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, head = people

    def full(_folder: Path, _pieces: Any) -> str:
        raise Full()

    ask(clerk)
    with monkeypatch.context() as broken:
        broken.setattr(store, "write_pieces", full)
        approve(head)
    assert asked().state is ExportState.failed and told(session, "export_failed") == 1
    assert "磁盘" in page(clerk)
    assert post(clerk, f"/export_request/make/{asked().id}").status_code == 302
    assert asked().state is ExportState.ready and fetch(clerk).status_code == 200


def test_a_file_that_is_lost_is_made_anew(people: Any) -> None:
    clerk, head = people
    ask(clerk)
    approve(head)
    (path,) = kept()
    path.write_bytes(path.read_bytes()[:-80])
    assert fetch(clerk).status_code == 302, "cut short"
    assert fetch(clerk).status_code == 200


def test_rows_beyond_those_approved_are_not_given(people: Any, actor: Any) -> None:
    clerk, head = people
    ask(clerk)
    with acting(actor("clerk.t1")) as who:
        register_case(who, intake(title="又一件"))
    assert approve(head).state is ExportState.failed
    assert "多于批准的行数" in page(clerk)


def test_two_runners_make_one_file(people: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, head = people
    ask(clerk)
    written, rival = export_file._written, [True]
    files: list[str] = []

    def overtaken(actor: Any, key: int, job: int) -> tuple[int, str]:
        found = written(actor, key, job)
        files.append(found[1])
        if rival and rival.pop():
            export_file.work_off({"request": key, "user": asked().asked_by_id, "job": job})
        return found

    monkeypatch.setattr(export_file, "_written", overtaken)
    approve(head)
    assert asked().state is ExportState.ready and told(session, "export_ready") == 1
    assert len(files) == 2 and [path.name for path in kept()] == files[1:]
    assert not attachment.path_of(files[0]).exists()
    with system_scope("test"):
        (job,) = session.scalars(select(Job).where(Job.kind == export_file.KIND))
        export_file.work_off(job.data)
    assert len(files) == 2, "what is ready is not made again"


def test_nobody_decides_on_the_own_request_and_time_runs_out(login: Any, cases: Any, session: Any, actor: Any) -> None:
    turn("export_most", 1)
    head = login("centre_head.t1")
    ask(head, "xlsx")
    with acting(actor("centre_head.t1")) as who, pytest.raises(PortalError):
        export_request.decide(who, asked(), True, "")
    approve(login("centre_head"))
    (path,) = kept()
    with acting(SYSTEM):
        export_file.lapse()
    assert path.exists(), "there is time"
    with system_scope("test"):
        asked().until = clock.now() - timedelta(minutes=1)
        session.commit()
    assert fetch(head).status_code == 409
    with acting(SYSTEM):
        export_file.lapse()
    assert not path.exists() and asked().state is ExportState.lapsed
    assert "逾期" in page(head)


def test_the_page_itself_is_told_of_the_limit_and_leads_on(people: Any, login: Any, session: Any) -> None:
    clerk, _head = people
    say = {"csrf_token": clerk.token, "query": "all=1", "form": "csv"}
    refused = clerk.post("/case/export", data=say, headers={"Accept": "application/json"})
    assert refused.status_code == 422 and "7 行" in refused.json["message"] and refused.json["ask"] is True
    offered = clerk.post("/case/export", data={**say, "ask": "show"}).get_data(as_text=True)
    assert 'name="reason"' in offered and "7 行" in offered
    trail = text("SELECT count(*) FROM audit_entry WHERE code = 'access:export-refused'")
    assert session.connection().execute(trail).scalar_one() == 1, "refused once, told once"
    given = clerk.post("/case/export", data={**say, "query": "q=积水+1"}, headers={"Accept": "application/json"})
    rows = given.get_data(as_text=True).count("\r\n") - 1
    assert given.status_code == 200 and given.headers["X-Rows"] == str(rows)
