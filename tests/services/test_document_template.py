"""Templates: shipped ones are what the script makes and pass their own checks; an administrator's stay in use."""

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document as open_docx
from docx.enum.text import WD_LINE_SPACING
from sqlalchemy import select

from app.access.actor import acting
from app.core.errors import Conflict, Invalid, NotAllowed, PortalError, TooLarge, WrongType
from app.models.document import DocumentKind, DocumentTemplate
from app.services import document_template as service
from app.services.document import values_of
from app.services.document_fields import LETTERS, REPORTS, FieldKind, example_of, fields_of
from seed import load, make_templates
from tests.case_factory import Cases
from tests.core.test_docx_template import template, with_part
from tests.services.test_document import make, words
from tests.services.write_documents import manual

K = DocumentKind


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def upload(admin, *texts: str, kind: DocumentKind = K.reply, name: str = "答复意见书.docx", data: bytes | None = None):
    with acting(admin):
        return service.add(admin, kind, name, io.BytesIO(data if data is not None else template(*texts)), "新版式")


def in_use(session, kind: DocumentKind) -> DocumentTemplate:
    return session.scalars(select(DocumentTemplate).where(DocumentTemplate.kind == kind, DocumentTemplate.active)).one()


def parts(data: bytes) -> dict[str, bytes]:
    """What is in a Word file; how it is packed may differ between machines."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_shipped_templates(app, kind):
    data = (load.TEMPLATES / f"{kind.value}.docx").read_bytes()
    assert parts(data) == parts(make_templates.make(kind.value)), "run python -m seed.make_templates"
    with app.test_request_context():
        service.check(kind, data)
        used = service.docx_template.check_words(data, service.known_words(kind))
    checked = {"number", "version", "check_code", "qr", "date"}
    named = {"addressee", "subject", "proposal", "due_on"} if kind in LETTERS else {"case_number"}
    assert ({"centre", "since", "until", "head"} if kind in REPORTS else checked | named) <= used
    assert len(data) < 20_000


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_word_cuts_no_signature_off_and_no_seal_stands_alone(kind):
    document = open_docx(load.TEMPLATES / f"{kind.value}.docx")
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    whole = [*document.paragraphs, *(one for cell in cells for one in cell.paragraphs)]
    for one in whole:
        if "signature }}" in one.text or "picture }}" in one.text:
            assert one.paragraph_format.line_spacing_rule == WD_LINE_SPACING.AT_LEAST, one.text
    said = [one for one in document.paragraphs if one.text and not one.text.startswith("{%p")]
    sealed = next((nth for nth, one in enumerate(said) if one.text == "{{ date }}"), None)
    if sealed is not None:
        assert all(one.paragraph_format.keep_with_next for one in said[sealed - 2 : sealed + 1])


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_examples_fill_every_field(kind):
    examples = example_of(kind)
    may_be_empty = {"refusal", "seed", "signature"}
    for name, field in fields_of(kind).items():
        if field.kind is FieldKind.rows:
            assert all(set(row) >= set(field.columns) - {"picture"} for row in examples[name]) and examples[name], name
        elif field.kind is FieldKind.text and name not in may_be_empty:
            assert examples[name], f"{kind.value}.{name}"


def test_a_new_edition_waits_until_it_is_put_in_use(session, actor, admin):
    cases, clerk = Cases(actor), actor("clerk")
    row = upload(admin, "{{ number }} 新版 {{ case_number }}")
    assert (row.edition, row.active, row.shipped) == (2, False, False) and in_use(session, K.reply).edition == 1
    with acting(clerk):
        old = make(clerk, cases.register(), K.reply)
    with acting(admin):
        service.activate(admin, row.id)
        with pytest.raises(Conflict):
            service.activate(admin, row.id)
    with acting(clerk):
        new = make(clerk, cases.register(), K.reply)
        assert "新版" in words(new) and "新版" not in words(old) and new.template_id == row.id
    with acting(admin):  # the old one can come back
        service.activate(
            admin,
            session.scalars(
                select(DocumentTemplate.id).where(DocumentTemplate.kind == K.reply).order_by("edition")
            ).first(),
        )
    assert in_use(session, K.reply).edition == 1 and values_of(new)["number"] == new.number


def test_a_newer_shipped_one_never_replaces_an_administrators(session, admin):
    service.ship(K.reply, "reply.docx", template("{{ number }} 随系统更新"))
    assert in_use(session, K.reply).edition == 2  # over a shipped one: taken
    row = upload(admin, "{{ number }} 本单位版式")
    with acting(admin):
        service.activate(admin, row.id)
    service.ship(K.reply, "reply.docx", template("{{ number }} 再次更新"))
    assert in_use(session, K.reply).id == row.id
    before = session.scalars(select(DocumentTemplate.id)).all()
    load.load_templates()
    load.load_templates()
    assert session.scalars(select(DocumentTemplate.id)).all() == before


def test_who_may(session, actor, admin):
    clerk = actor("clerk")
    with acting(clerk):
        with pytest.raises(NotAllowed):
            service.add(clerk, K.reply, "a.docx", io.BytesIO(template("x")))
        with pytest.raises(NotAllowed):
            service.activate(clerk, in_use(session, K.reply).id)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


HOSTILE = {
    "empty": ("a.docx", b""),
    "text": ("a.docx", "正文".encode()),
    "old word": ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
    "macro name": ("a.docm", template("x")),
    "pdf": ("a.docx", b"%PDF-1.4 %%EOF"),
    "html": ("a.docx", b"<html><script>alert(1)</script>"),
    "no extension": ("a", template("x")),
    "double extension": ("a.docx.exe", template("x")),
    "svg": ("a.svg", b"<svg/>"),
    "bare zip": ("a.docx", zipped(a=b"x")),
    "broken zip": ("a.docx", template("x")[:-200]),
    "macros": ("a.docx", with_part(template("x"), "word/vbaProject.bin", b"x")),
    "activex": ("a.docx", with_part(template("x"), "word/activeX/activeX1.xml", b"<x/>")),
    "ole": ("a.docx", with_part(template("x"), "word/embeddings/oleObject1.bin", b"x")),
    "path out": ("a.docx", with_part(template("x"), "../../evil.xml", b"<x/>")),
    "entity": ("a.docx", with_part(template("x"), "word/document.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')),
    "dde": ("a.docx", with_part(template("x"), "word/extra.xml", b"<x>DDEAUTO c:\\\\x</x>")),
    "bomb": ("a.docx", with_part(template("x"), "word/extra.xml", b"0" * (101 * 2**20))),
    "no body": (
        "a.docx",
        with_part(
            template("x"),
            "word/document.xml",
            b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>',
        ),
    ),
    "too large": ("a.docx", with_part(template("x"), "word/media/x.png", bytes(range(256)) * 9000)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence(session, admin, case):
    name, data = HOSTILE[case]
    if case == "too large":
        data += b"\0" * (2 * 2**20)
    before = session.scalars(select(DocumentTemplate.id)).all()
    with pytest.raises((Invalid, WrongType, TooLarge)) as refusal:
        upload(admin, name=name, data=data)
    assert str(refusal.value)
    assert session.scalars(select(DocumentTemplate.id)).all() == before


@pytest.mark.parametrize(
    "name",
    ["../../x.docx", "a\0b.docx", "a\r\nSet-Cookie: x.docx", "长" * 300 + ".docx", "a\u202excod.docx", "..\\x.docx"],
)
def test_names_are_made_harmless(session, admin, name):
    row = upload(admin, "{{ number }}", name=name)
    assert "/" not in row.name and "\\" not in row.name and "\n" not in row.name and len(row.name) <= 120


def test_the_sentence_names_unknown_and_known_fields(app, session, admin):
    with app.test_request_context(), pytest.raises(Invalid) as refusal:
        upload(admin, "{{ numbre }}")
    assert "numbre" in str(refusal.value) and "check_code" in str(refusal.value)


def test_injection_is_refused_and_nothing_runs(session, admin, tmp_path):
    mark = tmp_path / "mark"
    for attack in (
        f"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for c in claims %}{{ c.__init__ }}{% endfor %}",
        "{% for a in claims %}{% for b in claims %}{% for c in claims %}x{% endfor %}{% endfor %}{% endfor %}",
    ):
        with pytest.raises(PortalError):
            upload(admin, attack)
    assert not mark.exists()


def test_what_the_print_view_cannot_show_is_refused(session, admin):
    def put(document):
        document.add_paragraph("一", style="List Number")

    with pytest.raises(Invalid):
        upload(admin, data=template("{{ number }}", change=put))


def test_the_manual_names_every_field():
    assert (Path(__file__).parents[2] / "docs" / "documents.md").read_text("utf-8") == manual(), (
        "run: python -m tests.services.write_documents"
    )
