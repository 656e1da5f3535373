"""Files over the web: saved under their Chinese name, never run, 404 for whoever may not see the case."""

import io
from urllib.parse import quote

import pytest

from app.access.actor import acting
from app.services.registration import register_case
from app.views.attachment import disposition
from tests.services.people import intake
from tests.services.test_attachment import PDF, picture


@pytest.fixture
def case_id(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        return register_case(clerk, intake()).case.id


def upload(browser, case_id, *files):
    sent = {"csrf_token": browser.token, "files": [(io.BytesIO(data), name) for name, data in files]}
    return browser.post(
        f"/case/{case_id}/attach", data=sent, content_type="multipart/form-data", headers={"X-Requested-With": "fetch"}
    )


def test_up_and_down(login, case_id):
    browser = login("clerk.t1")
    files = (("征地 补偿协议.pdf", PDF), ("现场.jpg", picture()), ("说明.txt", b"<script>x"))
    rows = upload(browser, case_id, *files).get_json()
    assert [row["name"] for row in rows] == ["征地 补偿协议.pdf", "现场.jpg", "说明.txt"]
    pdf, photo, note = (row["id"] for row in rows)
    answer = browser.get(f"/attachment/{pdf}/download", buffered=True)
    assert answer.data == PDF and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"__ ____.pdf\"; filename*=UTF-8''" + quote("征地 补偿协议.pdf", safe="")
    )
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "no-store" in answer.headers["Cache-Control"]
    assert browser.get(f"/attachment/{photo}/view", buffered=True).headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in browser.get(f"/attachment/{photo}/view", buffered=True).headers["Content-Security-Policy"]
    shown = browser.get(f"/attachment/{note}/view", buffered=True)
    assert shown.headers["Content-Disposition"].startswith("attachment") and shown.mimetype == "text/plain"
    page = browser.get(f"/attachment/{pdf}/preview").get_data(as_text=True)
    assert f"/attachment/{pdf}/view" in page and "征地 补偿协议.pdf" in page
    assert "征地 补偿协议.pdf" in browser.get(f"/case/show/{case_id}").get_data(as_text=True)


@pytest.mark.parametrize("who", ["clerk.t2", "handler.d1", "sysadmin", "expert.1", "village_officer.1"])
def test_not_there_for_others(login, case_id, who):
    key = upload(login("clerk.t1"), case_id, ("a.pdf", PDF)).get_json()[0]["id"]
    other = login(who)
    for what in ("download", "view", "preview"):
        assert other.get(f"/attachment/{key}/{what}").status_code == (
            403 if who in ("sysadmin", "expert.1") else 404
        )  # no case page at all
    assert upload(other, case_id, ("b.pdf", PDF)).status_code in (403, 404)
    assert other.post(f"/attachment/{key}/remove", data={"csrf_token": other.token}).status_code in (403, 404)


def test_strangers_are_sent_to_the_door(client, login, case_id):
    key = upload(login("clerk.t1"), case_id, ("a.pdf", PDF)).get_json()[0]["id"]
    assert client.get(f"/attachment/{key}/download").status_code in (302, 401)


def test_refusals_have_their_status(app, login, case_id, monkeypatch):
    browser = login("clerk.t1")
    monkeypatch.setitem(app.config, "ATTACHMENT_MAX_BYTES", 1000)
    assert upload(browser, case_id, ("a.exe", b"MZ")).status_code == 415
    assert upload(browser, case_id, ("a.pdf", b"x")).status_code == 415
    assert upload(browser, case_id, ("a.txt", b"a" * 1001)).status_code == 413
    assert upload(browser, case_id).status_code == 400
    assert upload(browser, 99999, ("a.pdf", PDF)).status_code == 404
    for key in ("0", "99999", "9" * 30, "..%2f..%2fkeys.json"):
        assert browser.get(f"/attachment/{key}/download").status_code == 404


@pytest.mark.parametrize("name", ['a"b.pdf', "a\r\nX: y.pdf", "a;b.pdf", "𠮷.pdf", "a'b.pdf", "%0d%0a.pdf"])
def test_a_name_never_breaks_out_of_the_header(name):
    said = disposition("attachment", name)
    assert "\r" not in said and "\n" not in said and said.count('"') == 2 and said.isascii()
