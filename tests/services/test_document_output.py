"""Papers leaving the house: noted each time, a copy the second time, the same bytes for good."""

import hashlib
import io
import zipfile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from tests_support import need

from app.access.actor import acting
from app.core import pdf
from app.core.db import unit_of_work
from app.core.errors import NotAllowed, NotFound
from app.models.audit import AuditEntry
from app.models.document import DocumentKind, DocumentPrint, PrintForm
from app.services import document, document_output, verify
from app.services.document_form import print_form
from tests.case_factory import Cases
from tests.services.test_document import make

K = DocumentKind


@pytest.fixture
def pango() -> None:
    need("Pango", pdf.available(), "apt-get install libpango-1.0-0 libpangoft2-1.0-0")


@pytest.fixture
def cases(actor):
    return Cases(actor)


@pytest.fixture
def clerk(actor):
    return actor("clerk")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_word_file_is_the_issued_one_then_a_marked_copy(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        first = document_output.hand_out(clerk, paper.id, PrintForm.docx)
        second = document_output.hand_out(clerk, paper.id, PrintForm.docx)
        uses = document_output.uses(session.get(type(paper), paper.id))
    assert sha(first.data) == paper.docx_sha256 and not first.copy and first.name.startswith("答复意见书 昌群诉答")
    assert second.copy and sha(second.data) != paper.docx_sha256
    with zipfile.ZipFile(io.BytesIO(second.data)) as archive:
        header = "".join(archive.read(n).decode() for n in archive.namelist() if "header" in n and n.endswith(".xml"))
    assert "副　本" in header
    assert [(use.form, use.copy, use.sha256) for use in uses] == [
        (PrintForm.docx, True, sha(second.data)),
        (PrintForm.docx, False, None),
    ]


@pytest.mark.usefixtures("pango")
def test_the_pdf_is_made_once_and_kept(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        first = document_output.hand_out(clerk, paper.id, PrintForm.pdf)
        paper = session.get(type(paper), paper.id)
        assert paper.pdf_sha256 == sha(first.data) and not first.copy
        copy = document_output.hand_out(clerk, paper.id, PrintForm.pdf)
        paper = session.get(type(paper), paper.id)
        assert copy.copy and paper.pdf_sha256 == sha(first.data)
        assert document_output.original_pdf(paper) == first.data
        code = paper.check_code
    assert verify.verdict(code, io.BytesIO(first.data)).file_is_it is True
    assert verify.verdict(code, io.BytesIO(copy.data)).file_is_it is True  # a copy that left the house is known too
    assert verify.verdict(code, io.BytesIO(first.data + b" ")).file_is_it is False


@pytest.mark.usefixtures("pango")
def test_the_dossier_gets_the_original_without_a_copy(session, cases, clerk):
    case = cases.register()

    @unit_of_work
    def dossier():
        return document_output.original_pdf(document.of_case(clerk, case.id)[0])

    with acting(clerk):
        make(clerk, case, K.reply)
        assert dossier() == dossier()
        assert session.scalars(select(DocumentPrint)).all() == []


def test_a_print_is_noted_and_the_next_view_bears_the_mark(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        _row, shown, copy = document_output.show(clerk, paper.id)
        assert not copy and "副　本" not in shown.body
        document_output.note_shown(clerk, paper.id)
        assert not document_output.show(clerk, paper.id)[2]  # looking at it makes no copy of it
        document_output.note(clerk, paper.id, PrintForm.print)
        _row, shown, copy = document_output.show(clerk, paper.id)
        assert copy and "副　本" in shown.body
        document_output.note(clerk, paper.id, PrintForm.print)
        said = session.execute(
            select(DocumentPrint.form, DocumentPrint.copy, DocumentPrint.user_name).order_by(DocumentPrint.id)
        ).all()
    assert [(form, again) for form, again, _who in said] == [
        (PrintForm.screen, False),
        (PrintForm.print, False),
        (PrintForm.print, True),
    ]
    assert {who for *_rest, who in said} == {clerk.name}


def test_each_reading_stands_in_the_trail(session, cases, clerk, actor):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        document_output.hand_out(clerk, paper.id, PrintForm.docx)
    with acting(actor("security_auditor")):
        of_papers = select(AuditEntry.code).where(AuditEntry.subject_type == "document").order_by(AuditEntry.id)
        codes = session.scalars(of_papers).all()
    assert codes == ["document:add", "document:docx"]


def test_what_was_given_out_stays_noted(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        document_output.note(clerk, paper.id, PrintForm.print)
    for statement in ("UPDATE document_print SET copy = NOT copy", "DELETE FROM document_print"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().execute(text(statement))


def test_papers_of_other_cases_are_not_there(session, cases, actor):
    case = cases.register("clerk.t1")
    mine, other = actor("clerk.t1"), actor("clerk.t2")
    with acting(mine):
        paper = make(mine, case, K.reply)
    with acting(other):
        for ask in (
            lambda: document_output.show(other, paper.id),
            lambda: document_output.hand_out(other, paper.id, PrintForm.docx),
            lambda: document_output.note(other, paper.id, PrintForm.print),
            lambda: print_form(other, case.id, K.intake_form),
        ):
            with pytest.raises(NotFound):
                ask()
        assert document.of_case(other, case.id) == []


def test_personal_data_in_full_is_for_those_who_may_reveal_it(session, cases, actor):
    case = cases.register()
    clerk, head, village = actor("clerk"), actor("centre_head"), actor("village_officer.1")
    with acting(clerk):
        paper = print_form(clerk, case.id, K.intake_form)
    with acting(head), pytest.raises(NotAllowed):
        document_output.show(head, paper.id)
    with acting(clerk):
        assert document_output.show(clerk, paper.id)[0].personal
    own = cases.register("village_officer.1")
    with acting(village):  # may not reveal, but typed it in
        paper = print_form(village, own.id, K.intake_form)
        assert paper.personal and document_output.show(village, paper.id)


def test_an_unchanged_case_needs_no_new_form(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        first = print_form(clerk, case.id, K.intake_form)
        assert print_form(clerk, case.id, K.intake_form).id == first.id
        case.facts = "补充：另有照片为证。"
        session.flush()
        second = print_form(clerk, case.id, K.intake_form)
    assert second.edition == 2 and "照片" in document.values_of(second)["facts"]


def test_the_check_tells_of_the_paper_and_of_nobody(session, cases, clerk):
    case = cases.register()
    with acting(clerk):
        paper = make(clerk, case, K.reply)
        code = paper.check_code
    told = verify.verdict(f" {code[:4].lower()}-{code[4:8]}-{code[8:]} ")
    assert (told.number, told.edition, told.state.value, told.file_is_it) == (paper.number, 1, "issued", None)
    assert case.petitioner_name not in repr(told) and case.title not in repr(told) and case.number not in repr(told)
    with acting(clerk):
        make(clerk, case, K.reply)
    assert verify.verdict(code).state.value == "replaced"
    for wrong in ("", None, "ABCD", "A" * 12, code[:-1], code + "A", "%" * 12, "０" * 12, "x" * 500):
        assert verify.verdict(wrong) is None
