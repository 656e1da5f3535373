"""The pages and the REST of papers: A4 view, files, copies, templates, the public check."""

import io
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core import pdf
from app.models.document import Document, DocumentKind, DocumentPrint, DocumentTemplate, PrintForm
from app.services import case as intake
from tests.case_factory import Cases
from tests.core.test_docx_template import template
from tests.services.test_document import make

K = DocumentKind


@pytest.fixture
def cases(session, actor) -> Cases:
    return Cases(actor)


@pytest.fixture
def paper(session, cases, actor) -> Iterator[Document]:
    """The notice of acceptance of a case of the city."""
    case = cases.do(
        "dispatcher", intake.accept, cases.register(title="<b>标题</b>", facts="𠮷㵘<script>alert(1)</script>")
    )
    with acting(SYSTEM):
        yield session.scalars(select(Document).where(Document.case_id == case.id)).one()


def uses(session) -> list[tuple[PrintForm, bool]]:
    with acting(SYSTEM):
        rows = session.execute(select(DocumentPrint.form, DocumentPrint.copy).order_by(DocumentPrint.id))
        return [tuple(row) for row in rows]


def test_the_a4_view(session, paper, login):
    browser = login("clerk")
    page = browser.get(f"/document/{paper.id}/print")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and paper.number in text and "受理告知书" in text
    assert "margin: 37.0mm 26.0mm 35.0mm 28.0mm" in text and "FangSong" in text and "data:image/png;base64" in text
    assert "&lt;b&gt;标题&lt;/b&gt;" in text and "<b>标题" not in text
    assert uses(session) == [(PrintForm.screen, False)] and "副　本" not in text
    assert browser.post(f"/document/{paper.id}/printed", data={"csrf_token": browser.token}).status_code == 204
    assert "副　本" in browser.get(f"/document/{paper.id}/print").get_data(as_text=True)
    assert uses(session)[1:] == [(PrintForm.print, False), (PrintForm.screen, True)]


def test_the_files_are_saved_and_never_shown_inline(session, paper, login):
    browser = login("clerk")
    for kind in ("docx", "pdf") if pdf.available() else ("docx",):
        answer = browser.get(f"/document/{paper.id}/{kind}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "%E5%8F%97%E7%90%86" in answer.headers["Content-Disposition"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in answer.headers["Cache-Control"]


def test_the_case_page_lists_its_papers_and_prints_the_form(session, paper, cases, login):
    browser, key = login("clerk"), paper.case_id
    page = browser.get(f"/case/show/{key}").get_data(as_text=True)
    assert paper.number in page and f"/document/{paper.id}/print" in page and "打印来访登记表" in page
    answer = browser.post(f"/case/{key}/intake-form", data={"csrf_token": browser.token})
    place = re.fullmatch(r"/document/(\d+)/print", answer.headers["Location"])
    assert answer.status_code == 302 and place
    assert "来访登记表" in browser.get(answer.headers["Location"]).get_data(as_text=True)
    again = browser.post(f"/case/{key}/intake-form", data={"csrf_token": browser.token})
    assert again.headers["Location"] == answer.headers["Location"]
    assert login("expert.1").get(f"/case/{key}/intake-form").status_code in (403, 404, 405)


@pytest.mark.parametrize("who", ["clerk.t1", "handler.d1", "expert.1", "village_officer.1"])
def test_papers_of_others_are_not_there(session, paper, login, who):
    browser = login(who)
    wanted = (403,) if who == "expert.1" else (404,)
    for tail in ("print", "docx", "pdf"):
        assert browser.get(f"/document/{paper.id}/{tail}").status_code in wanted, tail
    assert browser.post(f"/document/{paper.id}/printed", data={"csrf_token": browser.token}).status_code in wanted
    assert browser.get(f"/document/show/{paper.id}").status_code in (403, 404, 302)
    assert uses(session) == []


def test_personal_papers_are_refused_to_who_may_not_reveal(session, cases, login, actor):
    case = cases.register()
    clerk = actor("clerk")
    with acting(clerk):
        form = make(clerk, case, K.intake_form)
    assert login("centre_head").get(f"/document/{form.id}/print").status_code == 403
    assert login("clerk").get(f"/document/{form.id}/print").status_code == 200


def test_rest(session, paper, login):
    browser = login("clerk")
    answer = browser.get(f"/api/v1/case/{paper.case_id}/documents").get_json()
    (row,) = answer["result"]
    assert answer["count"] == 1 and row["number"] == paper.number and row["kind"] == "acceptance_notice"
    assert row["version"] == 1 and row["state"] == "issued" and row["sha256"] == paper.docx_sha256
    assert browser.get(row["docx"]).status_code == 200 and browser.get(row["page"]).status_code == 200
    assert browser.get(f"/api/v1/document/{paper.id}").get_json()["result"]["number"] == paper.number
    assert "fields" not in browser.get(f"/api/v1/document/{paper.id}").get_json()["result"]
    assert login("clerk.t1").get(f"/api/v1/case/{paper.case_id}/documents").status_code == 404
    paths = browser.get("/api/v1/_openapi").get_json()["paths"]
    assert {"/api/v1/case/{pk}/documents", "/api/v1/document/{pk}/docx", "/api/v1/document/{pk}/pdf"} <= set(paths)


def test_an_administrator_replaces_a_template(session, login):
    browser = login("business_admin")
    assert "文书模板" in browser.get("/document_template/list/").get_data(as_text=True)
    page = browser.get("/document_template/add?kind=reply").get_data(as_text=True)
    assert "{{ case_number }}" in page and "{%tr for r in answers %}" in page

    def send(data: bytes, name: str = "新模板.docx"):
        form = {"csrf_token": browser.token, "kind": "reply", "note": "试用", "file": (io.BytesIO(data), name)}
        return browser.post("/document_template/add", data=form, content_type="multipart/form-data")

    wrong = send(template("{{ nonsense }}"))
    assert (
        wrong.status_code == 422
        and "nonsense" in wrong.get_data(as_text=True)
        and "试用" in wrong.get_data(as_text=True)
    )
    assert send(b"", "").status_code == 400 and send(template("x"), "x.pdf").status_code == 415
    place = send(template("{{ number }} {{ case_title }}")).headers["Location"]
    key = place.rsplit("/", 1)[1]
    assert "示群诉例" in browser.get(f"/document_template/preview/{key}").get_data(as_text=True)
    saved = browser.get(f"/document_template/word/{key}")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert browser.post(f"/document_template/activate/{key}", data={"csrf_token": browser.token}).status_code == 302
    with acting(SYSTEM):
        assert session.get(DocumentTemplate, int(key)).active
    again = browser.post(f"/document_template/activate/{key}", data={"csrf_token": browser.token})
    assert again.status_code == 409
    assert browser.get("/document_template/preview/999999").status_code == 404
    assert login("clerk").get("/document_template/list/").status_code in (302, 403)


def test_the_public_check(session, paper, client, cases, actor):
    code = paper.check_code
    assert "校验码" in client.get("/public/verify").get_data(as_text=True)
    page = client.get(f"/public/verify?code={code}").get_data(as_text=True)
    assert paper.number in page and "受理告知书" in page and "目前有效" in page
    assert "于秀兰" not in page and "标题" not in page and paper.case.number not in page
    unknown = [client.get(f"/public/verify?code={wrong}") for wrong in ("ABCDEFGHJKLM", "x", "%00", "A" * 900, "<b>")]
    bodies = {re.sub(r'value="[^"]*"|nonce-?="?[^"]*"', "", answer.get_data(as_text=True)) for answer in unknown}
    assert len({re.sub(r"nonce=\"[^\"]*\"", "", b) for b in bodies}) == 1 and {a.status_code for a in unknown} == {200}


def test_a_file_is_compared(session, paper, client, login):
    data = login("clerk").get(f"/document/{paper.id}/docx").get_data()
    page = client.get("/public/verify").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def send(content: bytes) -> str:
        form = {"csrf_token": token, "code": paper.check_code, "file": (io.BytesIO(content), "a.docx")}
        return client.post("/public/verify", data=form, content_type="multipart/form-data").get_data(as_text=True)

    assert "完全一致" in send(data) and "不一致" in send(data + b" ")


def test_too_many_tries_are_refused(session, client):
    answers = [client.get("/public/verify?code=ABCDEFGHJKLM").status_code for _try in range(25)]
    assert answers[0] == 200 and answers[-1] == 429 and client.get("/public/verify").status_code == 200
