"""The registration page by plain POST, as it works without any script."""

import io
import re

import pytest
from sqlalchemy import func, select

from app.access.actor import system_scope
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.person import Person
from app.models.preference import Draft
from app.models.visit import Visit
from tests.services.people import id_number


def fields(browser, **changes):
    return {
        "csrf_token": browser.token,
        "petitioners-0-name": "王建国",
        "petitioners-0-id_type": "id_card",
        "petitioners-0-id_number": id_number(1),
        "petitioners-0-phone": "13800132207",
        "petitioners-0-address": "奎聚街道",
        "title": "征地补偿",
        "facts": "村里征地。",
        "claims-0-text": "请求补偿",
        "category": "C0101",
        "kind": "appeal",
        "channel": "visit",
        "village": "370786001201",
        "head_count": "1",
        "occurred_on": "2024-10-08",
        "idempotency_key": "form-1",
        **changes,
    }


@pytest.fixture
def clerk(login):
    return login("clerk")


def text_of(answer):
    return answer.get_data(as_text=True)


def count(session, model):
    with system_scope("test"):
        return session.scalar(select(func.count()).select_from(model))


def test_the_page_is_small_and_complete(clerk):
    page = text_of(clerk.get("/case/add"))
    assert len(page.encode()) <= 40_000
    for name in ("petitioners-0-name", "claims-0-text", "category", "village", "files", "idempotency_key", "card"):
        assert f'name="{name}"' in page
    assert max(len(re.findall("<option", select_)) for select_ in re.findall("<select.*?</select>", page, re.S)) <= 50


def test_a_case_is_registered_and_its_receipt_shown_once(clerk, session):
    answer = clerk.post("/case/add", data=fields(clerk))
    assert answer.status_code == 302 and "/receipt?ticket=form-1" in answer.location
    page = text_of(clerk.get(answer.location))
    code = re.search(r"<strong[^>]*>([2-9A-Z]{8})</strong>", page)
    assert code and "<svg" in page and "SQ-" in page
    assert code[1] not in text_of(clerk.get(answer.location.partition("?")[0]))
    again = clerk.post("/case/add", data=fields(clerk))
    assert again.location == answer.location and count(session, Case) == 1


def test_nothing_typed_is_lost_on_a_fault(clerk, session):
    sent = fields(
        clerk,
        **{
            "petitioners-0-id_number": "370786196203051234",
            "facts": "第一行\n<b>第二行</b>",
            "claims-0-text": "",
            "village": "x",
        },
    )
    answer = clerk.post("/case/add", data=sent)
    page = text_of(answer)
    assert answer.status_code == 422 and count(session, Case) == 0
    assert "370786196203051234" in page and "第二行&lt;/b&gt;" in page and "王建国" in page and "征地补偿" in page
    assert 'href="#petitioners-0-id_number"' in page and 'href="#claims-0-text"' in page and 'href="#village"' in page
    assert 'name="petitioners-0-unverified"' in page
    assert (
        clerk.post(
            "/case/add",
            data={**fields(clerk), "petitioners-0-id_number": "370786196203051234", "petitioners-0-unverified": "y"},
        ).status_code
        == 302
    )


def test_rows_come_and_go_without_script(clerk):
    page = text_of(clerk.post("/case/add", data=fields(clerk, add_row="petitioners")))
    assert 'name="petitioners-1-name"' in page and "王建国" in page
    sent = fields(clerk, remove_row="petitioners-0", **{"petitioners-1-name": "李四"})
    page = text_of(clerk.post("/case/add", data=sent))
    assert "李四" in page and "王建国" not in page


def test_a_card_fills_a_row(clerk):
    card = f"姓名 张三丰 性别 男 民族 汉 出生 1962年3月5日 住址 昌邑市奎聚街道 公民身份号码 {id_number(9)}"
    found = clerk.post("/case/add/card", data={"csrf_token": clerk.token, "card": card}).get_json()
    assert found["name"] == "张三丰" and found["id_number"] == id_number(9)
    page = text_of(clerk.post("/case/add", data=fields(clerk, card=card, read_card="1")))
    assert 'value="张三丰"' in page and 'name="petitioners-1-name"' in page


def test_duplicates_are_shown_and_a_visit_is_recorded_there(clerk, session):
    clerk.post("/case/add", data=fields(clerk))
    answer = clerk.post("/case/add", data=fields(clerk, idempotency_key="form-2"))
    page = text_of(answer)
    assert answer.status_code == 422 and 'name="visit_at"' in page and 'name="different_matter"' in page
    key = re.search(r'name="visit_at" value="(\d+)"', page)[1]
    checked = clerk.post("/case/add/check", data=fields(clerk)).get_json()
    assert checked["count"] == 1 and "1962-03-05" in checked["rows"]["petitioners-0"]["note"]
    answer = clerk.post("/case/add", data=fields(clerk, visit_at=key, head_count="3"))
    assert answer.location.endswith(f"/case/show/{key}")
    assert count(session, Visit) == 2 and count(session, Case) == 1
    assert clerk.post("/case/add", data=fields(clerk, idempotency_key="f3", different_matter="y")).status_code == 302


def test_drafts(clerk, login, session):
    kept = clerk.post("/case/draft", data=fields(clerk)).get_json()
    assert kept["saved"]
    again = clerk.post("/case/draft", data=fields(clerk, draft=kept["id"], title="征地补偿二")).get_json()
    assert again["id"] == kept["id"] and count(session, Draft) == 1
    assert "征地补偿二" in text_of(clerk.get("/case/drafts/"))
    page = text_of(clerk.get(f"/case/draft/{kept['id']}"))
    assert "征地补偿二" in page and id_number(1) in page and f'name="draft" type="hidden" value="{kept["id"]}"' in page
    other = login("clerk.t1")
    assert other.get(f"/case/draft/{kept['id']}").status_code == 404
    gone = other.post(f"/case/draft/{kept['id']}/delete", data={"csrf_token": other.token})
    assert gone.status_code == 404
    raw = session.execute(select(Draft.__table__.c.content.label("c"))).scalar()
    assert "王建国" in raw  # readable only through the keyring:
    bare = session.connection().exec_driver_sql("SELECT content FROM draft").scalar()
    assert "王建国" not in bare and id_number(1) not in bare
    done = clerk.post("/case/add", data=fields(clerk, draft=kept["id"]))
    assert done.status_code == 302 and count(session, Draft) == 0


def test_files_come_with_the_form(clerk, session):
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    sent = fields(clerk, title="", files=[(io.BytesIO(pdf), "征地补偿协议.pdf")])
    answer = clerk.post("/case/add", data=sent, content_type="multipart/form-data")
    page = text_of(answer)
    assert answer.status_code == 422 and "征地补偿协议.pdf" in page
    draft_id = re.search(r'name="draft" type="hidden" value="(\d+)"', page)[1]
    assert clerk.post("/case/add", data=fields(clerk, draft=draft_id)).status_code == 302
    with system_scope("test"):
        row = session.scalars(select(Attachment)).one()
        assert row.case_id and row.draft_id is None and row.name == "征地补偿协议.pdf"


def test_a_copy_brings_the_matter_but_not_the_people(clerk, login):
    place = clerk.post("/case/add", data=fields(clerk)).location
    key = re.search(r"/case/(\d+)/receipt", place)[1]
    page = text_of(clerk.get(f"/case/{key}/copy"))
    assert "请求补偿" in page and "征地补偿" in page and "王建国" not in page.replace("王建国 ", "")
    assert login("clerk.t2").get(f"/case/{key}/copy").status_code == 404


def test_look_ups_stay_within_the_scope(clerk, login):
    assert clerk.get("/case/add/places?q=河东").get_json()
    one = login("clerk.t1").get("/case/add/places?q=河东").get_json()
    assert one and all("奎聚" in row["text"] or "·" not in row["text"] for row in one)
    hidden = {row["id"] for row in login("clerk.t2").get("/case/add/places?q=河东村").get_json()}
    assert not hidden & {row["id"] for row in one}
    assert clerk.get("/case/add/categories?q=征地").get_json()
    assert login("clerk.t1").get("/case/add/organisations?q=自然资源").get_json()


@pytest.mark.parametrize("who", ["dispatcher", "handler.d1", "sysadmin", "expert.1"])
def test_who_may_not(login, who):
    browser = login(who)
    for address in ("/case/add", "/case/drafts/", "/case/add/places"):
        assert browser.get(address).status_code == 403
    assert browser.post("/case/draft", data={"csrf_token": browser.token}).status_code == 403


def test_a_name_is_carried_over_but_no_number(clerk):
    assert 'value="李小龙"' in text_of(clerk.get("/case/add?name=李小龙"))
    assert 'value="13800132207"' not in text_of(clerk.get("/case/add?name=13800132207"))


def test_a_group_of_a_hundred_is_fine_and_junk_is_no_error(clerk, session):
    many = {f"petitioners-{n}-name": f"村民{n}" for n in range(150)}
    assert clerk.post("/case/add", data=fields(clerk, **many)).status_code == 422
    for junk in (
        {"petitioners-999999999999-name": "x"},
        {"petitioners-x-name": "x"},
        {"claims-1-text": "\x00"},
        {"head_count": "-1"},
        {"add_row": "nothing"},
        {"remove_row": "title"},
        {"draft": "999999"},
        {"draft": "x' OR 1"},
        {"visit_at": "99"},
        {"town": "99999999999999999999"},
        {"petitioners-": "1"},
    ):
        assert clerk.post("/case/add", data=fields(clerk, **junk)).status_code < 500
    assert count(session, Person) >= 0
