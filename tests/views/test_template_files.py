"""Template files: kept by the system administrator, fetched by everybody signed in, and no way out of the folder."""

import io
import zipfile
from urllib.parse import quote

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.audit import AuditEntry
from app.services import template_file

CONSOLE = "/maintenance/template_file"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
NAME = "授权委托书（样式）.pdf"


@pytest.fixture(autouse=True)
def empty(app, tmp_path):
    before, app.config["INSTANCE"] = app.config["INSTANCE"], tmp_path
    yield
    app.config["INSTANCE"] = before


def send(browser, name, data, token=True):
    given = {"upload": (io.BytesIO(data), name)} | ({"csrf_token": browser.token} if token else {})
    return browser.post(f"{CONSOLE}/upload/", data=given, content_type="multipart/form-data", follow_redirects=True)


def names(app):
    with app.app_context():
        return [file.name for file in template_file.listing()]


def test_upload_fetch_delete(app, login):
    admin, clerk = login("sysadmin"), login("clerk")
    page = send(admin, NAME, PDF)
    assert page.status_code == 200 and names(app) == [NAME] and NAME in page.get_data(as_text=True)
    assert NAME in clerk.get("/template_files/").get_data(as_text=True)
    for browser, address in ((clerk, f"/template_files/{quote(NAME)}"), (admin, f"{CONSOLE}/download/{quote(NAME)}")):
        answer = browser.get(address, buffered=True)
        assert answer.status_code == 200 and answer.data == PDF and answer.mimetype == "application/pdf"
        told = answer.headers["Content-Disposition"]
        assert told.startswith("attachment") and quote(NAME, safe="") in told
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    gone = admin.post(f"{CONSOLE}/delete/", data={"csrf_token": admin.token, "path": NAME})
    assert gone.status_code == 302 and names(app) == []
    with app.app_context():
        table = AuditEntry.__table__
        trail = select(table.c.code, table.c.reason, table.c.actor_name).order_by(table.c.id)
        rows = db.session.execute(trail.where(table.c.code.startswith("template_file"))).all()
    assert [(row.code, row.reason) for row in rows] == [("template_file:add", NAME), ("template_file:delete", NAME)]


def test_an_old_file_is_never_overwritten(app, login):
    admin = login("sysadmin")
    send(admin, "a.txt", b"one")
    send(admin, "A.TXT", b"two")
    with app.app_context():
        assert names(app) == ["a.txt"] and template_file.find("a.txt").read_bytes() == b"one"


def docm():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"):
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
        ("a.exe", b"MZ"),
        ("a.pdf", b"no pdf"),
        ("a.docx", docm()),
        ("a.txt", b"\x00\x01"),
        ("a.txt", b""),
        ("a.pdf.html", PDF),
        (".pdf", b"x"),
        ("a", PDF),
        ("a.mp4", b"\0\0\0\0ftyp"),
        ("a.txt", b"x" * (21 * 2**20)),
    ],
)
def test_what_is_not_kept(app, login, name, data):
    page = send(login("sysadmin"), name, data)
    assert page.status_code == 200 and names(app) == []


@pytest.mark.parametrize("name", ["../../evil.txt", "..\\evil.txt", "/etc/evil.txt", "x/../../evil.txt"])
def test_a_name_is_no_path(app, login, tmp_path, name):
    send(login("sysadmin"), name, b"text")
    assert names(app) == ["evil.txt"] and (tmp_path / "public_templates" / "evil.txt").is_file()


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "....//secret.txt",
        "../public_templates_x/secret.txt",
        "secret.txt",
        "link.txt",
        ".hidden.txt",
        "nul%00.txt",
        "/etc/passwd",
        "x" * 5000,
    ],
)
def test_nothing_else_is_given(app, login, tmp_path, path):
    with app.app_context():
        place = template_file.folder()
    (tmp_path / "secret.txt").write_text("nobody sees this")
    (tmp_path / "public_templates_x").mkdir()
    (tmp_path / "public_templates_x" / "secret.txt").write_text("nobody sees this")
    (place / ".hidden.txt").write_text("nobody sees this")
    (place / "link.txt").symlink_to(tmp_path / "secret.txt")
    admin = login("sysadmin")
    for address in (f"/template_files/{path}", f"{CONSOLE}/download/{path}", f"{CONSOLE}/b/{path}"):
        answer = admin.get(address)
        assert answer.status_code in (308, 404) and b"nobody sees this" not in answer.data, address
    answer = admin.post(f"{CONSOLE}/delete/", data={"csrf_token": admin.token, "path": path})
    assert answer.status_code == 404 and (tmp_path / "secret.txt").exists() and (place / ".hidden.txt").exists()


def test_the_rest_of_the_framework_is_shut(login):
    admin = login("sysadmin")
    for word in ("mkdir", "rename", "edit", "action", "old_index", "upload"):
        assert admin.get(f"{CONSOLE}/{word}/").status_code in (404, 405), word
        if word != "upload":
            posted = admin.post(f"{CONSOLE}/{word}/", data={"csrf_token": admin.token, "name": "x", "path": "x"})
            assert posted.status_code == 404, word
    assert send(admin, "a.txt", b"x", token=False).status_code == 400


def test_only_the_signed_in(client, login):
    assert client.get("/template_files/").status_code == 302
    assert client.get("/template_files/a.txt").location.startswith("/login/")
    assert send(login("business_admin"), "a.txt", b"x").status_code == 403
