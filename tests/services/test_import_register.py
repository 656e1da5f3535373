"""Registers come in by the verbs of their forms; hostile and careless files are refused in words."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from case_factory import code_item
from ledger import headings, ledger, matter, workbook
from services.registers import org
from services.test_import_case import bring_in, count, hand_in
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.access.chain import verify
from app.core.db import db
from app.core.errors import NotAllowed, PortalError
from app.core.sheet import read_book
from app.models.adviser import LawFirm, LegalAdviser
from app.models.case import Case
from app.models.expert import Expert, Kinship
from app.models.import_batch import ImportState
from app.models.organisation import Organisation
from app.services import import_batch, import_job, import_undo, job
from app.services.expert import add_kin, change_expert, delete_child
from app.services.import_register import REGISTERS
from app.services.import_sheet import template

EXPERT = {
    "name": "单雄信",
    "category": "法学学者",
    "organisation": "370786",
    "phone": "13800001234",
    "appointed_from": "2026/1/1",
    "appointed_until": "20271231",
    "specialties": "",
}


def said(actor: Any, batch: Any) -> list[str]:
    with acting(actor):
        return [text for _row, text in import_batch.faults_of(batch)]


def test_experts_come_in_by_the_verb_of_the_form(actor: Any) -> None:
    admin = actor("business_admin")
    good = [{**EXPERT, "name": f"专家{letter}", "category": "scholar"} for letter in "甲乙丙"]
    bad = [
        {**EXPERT, "name": "", "category": "scholar"},
        {**EXPERT, "name": "学者丁", "category": "不是类别"},
        {**EXPERT, "name": "学者戊", "category": "scholar", "phone": "12345"},
        {**EXPERT, "name": "学者己", "category": "scholar", "appointed_until": "2020-01-01"},
        {**EXPERT, "name": "专家甲", "category": "scholar"},
    ]
    tried = hand_in(admin, good + bad, "expert")
    assert (tried.total, tried.good) == (8, 3)
    assert [bool(text) for text in said(admin, tried)] == [True] * 5
    made = bring_in(admin, hand_in(admin, good, "expert"))
    with acting(admin):
        rows = db.session.scalars(select(Expert).where(Expert.name.like("专家_"), Expert.phone.is_not(None))).all()
        first = next(row for row in rows if row.name == "专家甲")
        assert first.pinyin and first.organisation.code == "370786" and first.status == "serving"
        assert hand_in(admin, good, "expert").bad == 3  # on file now
        change_expert(admin, first, {"title": "教授"})
        with pytest.raises(import_undo.Built) as refused:
            import_undo.undo(admin, made.id)
        assert [row[0] for row in refused.value.rows] == [2]
    with acting(admin):
        assert db.session.scalar(select(Expert).where(Expert.name == "专家乙")) is not None  # nothing was undone


def test_undoing_takes_the_rows_with_their_lists_and_names_those_that_others_rely_on(actor: Any) -> None:
    admin = actor("business_admin")
    before = {model: count(model) for model in (Expert, LegalAdviser)}
    skill = code_item("specialty").code
    rows = [{**EXPERT, "name": f"专家{letter}", "category": "scholar", "specialties": skill} for letter in "甲乙丙"]
    made = bring_in(admin, hand_in(admin, rows, "expert"))
    with acting(admin):
        used = db.session.scalars(select(Expert).where(Expert.name == "专家乙")).one()
        assert [one.code for one in used.specialties] == [skill]
        kin = add_kin(admin, {"expert": used, "name": "单某", "kinship": Kinship.parent})
        with pytest.raises(import_undo.Built) as refused:
            import_undo.undo(admin, made.id)
        assert [(row, name) for row, name, _why in refused.value.rows] == [(3, "专**")]
        assert count(Expert) == before[Expert] + 3
        delete_child(admin, kin)
        import_undo.undo(admin, made.id)
    adviser = {**EXPERT, "kind": "law_scholar", "category": "", "specialties": ""}
    again = bring_in(admin, hand_in(admin, [{k: v for k, v in adviser.items() if v}], "adviser"))
    with acting(admin):
        import_undo.undo(admin, again.id)
    assert {model: count(model) for model in before} == before and verify(db.session)[1] is None


def test_every_template_comes_back_as_it_is_filled_in(actor: Any) -> None:
    """The columns of each template are found again, its example is skipped, an older version is refused."""
    admin, officer = actor("business_admin"), actor("sysadmin")
    for noun in REGISTERS:
        who = officer if noun == "organisation" else admin
        with acting(who):
            book = openpyxl.load_workbook(io.BytesIO(template(noun, "样例", import_batch.columns_of(noun))))
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            assert "portal" in hidden and len(hidden) > 1
            with pytest.raises(PortalError):  # only the example stands in it
                import_batch.take(who, noun, "a.xlsx", saved(book))
            book["portal"]["A1"] = f"{noun} 00000000"
            with pytest.raises(PortalError) as refused:
                import_batch.take(who, noun, "a.xlsx", saved(book))
            assert "旧版" in str(refused.value)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_law_firms_organisations_and_codes(actor: Any) -> None:
    admin, officer = actor("business_admin"), actor("sysadmin")
    firm = {"name": "样例律师事务所甲", "licence": "137 0720 A", "active": "是"}
    batch = bring_in(admin, hand_in(admin, [firm, {**firm, "name": "样例乙", "licence": ""}], "law_firm"))
    with acting(admin):
        assert db.session.scalars(select(LawFirm.licence).where(LawFirm.name == firm["name"])).one() == "1370720A"
        import_undo.undo(admin, batch.id)
        assert db.session.scalar(select(LawFirm).where(LawFirm.name == firm["name"])) is None
    place = {"code": "370786001999", "name": "样例新村", "level": "village", "parent": "370786001"}
    bring_in(officer, hand_in(officer, [place], "organisation"))
    with system_scope("test"):
        village = db.session.scalars(select(Organisation).where(Organisation.code == place["code"])).one()
        assert village.path == f"{org('370786001').path}{village.id}/"
    code = {"table": "specialty", "code": "bees", "name": "养蜂"}
    assert bring_in(admin, hand_in(admin, [code], "code_item")).state is ImportState.imported


def test_who_may_not_and_what_is_not_theirs(actor: Any) -> None:
    with acting(actor("clerk")), pytest.raises(NotAllowed):
        import_batch.take(actor("clerk"), "case", "a.xlsx", b"x")
    mine = hand_in(actor("archivist"), ledger(1))
    for stranger in ("clerk", "business_admin", "sysadmin"):
        with acting(actor(stranger)), pytest.raises(PortalError):
            import_batch.find(mine.id)
    town = actor("business_admin")
    foreign = {"name": "张三", "kind": "law_scholar", "organisation": "不存在的中心"}
    assert hand_in(town, [{**foreign, "appointed_from": "2026-01-01", "appointed_until": "2027-01-01"}], "adviser").bad
    with system_scope("test"):
        assert db.session.scalar(select(LegalAdviser).where(LegalAdviser.name == "张三")) is None


def test_the_runner_of_jobs_takes_over_what_a_request_left(actor: Any) -> None:
    archivist = actor("archivist")
    with acting(archivist):
        batch = import_batch.take(archivist, "case", "a.xlsx", workbook(ledger(2), headings(archivist, "case")))
        import_job.enqueue(archivist, batch)
    job.run_once()
    with acting(archivist):
        found = import_batch.find(batch.id)
        assert (found.state, found.good) == (ImportState.tried, 2)
        import_batch.begin(archivist, batch.id, None)
        import_job.enqueue(archivist, found)
        with pytest.raises(PortalError):
            import_batch.begin(archivist, batch.id, None)  # the second of two clicks
    job.run_once()
    with acting(archivist):
        assert import_batch.find(batch.id).state is ImportState.imported
        assert not import_batch.attachment.path_of(found.storage_key).exists()  # the file is no longer needed


def book_of(cells: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append(row)
    return saved(book)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"MZ\x90\x00"),
        ("a.xlsm", b"PK\x03\x04"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(500)),
        ("a.xlsx", b""),
        ("a.csv", "姓名\n张三".encode()),
        ("a.xls", b"\xd0\xcf\x11\xe0"),
    ],
)
def test_what_is_no_table_is_refused_in_words(actor: Any, name: str, content: bytes) -> None:
    archivist = actor("archivist")
    with acting(archivist), pytest.raises(PortalError) as refused:
        import_batch.take(archivist, "case", name, content)
    assert refused.value.status in (413, 415, 422)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "文件是空的"),
        ("a.csv", b"", "文件是空的"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "请另存为 XLSX 或 CSV"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "请另存为 XLSX 或 CSV"),
    ],
)
def test_the_refusal_says_what_is_wanted(actor: Any, name: str, content: bytes, said: str) -> None:
    admin = actor("business_admin")
    with acting(admin), pytest.raises(PortalError, match=said):
        import_batch.take(admin, "expert", name, content)


@pytest.mark.parametrize(("rows", "taken"), [(2000, True), (2001, False), (2006, False)])
def test_the_limit_is_of_rows_below_the_headings(actor: Any, rows: int, taken: bool) -> None:
    admin = actor("business_admin")
    with acting(admin):
        heads = headings(admin, "expert")
        names = ",".join(word.replace("\n", " ") for word in heads.values())
        table = "\r\n".join([names, *[",".join(["x"] * len(heads))] * rows]).encode()
        if taken:
            assert import_batch.take(admin, "expert", "a.csv", table).total == rows
            return
        with pytest.raises(PortalError, match="超过 2000 行"):
            import_batch.take(admin, "expert", "a.csv", table)


def test_bombs_macros_and_entities_are_refused(actor: Any) -> None:
    archivist, plain = actor("archivist"), book_of([["a"]])
    extra = {
        "xl/vbaProject.bin": b"x",
        "xl/worksheets/sheet2.xml": b"0" * 120_000_000,
        "xl/styles2.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>',
    }
    for part, content in extra.items():
        out = io.BytesIO(plain)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr(part, content)
        with acting(archivist), pytest.raises(PortalError):
            import_batch.take(archivist, "case", "a.xlsx", out.getvalue())


def test_mixed_encodings_are_read_line_by_line(actor: Any) -> None:
    archivist = actor("archivist")
    with acting(archivist):
        heads = headings(archivist, "case")
    names = list(matter(1))
    lines = [",".join(heads[name] for name in names).encode()]
    for number, encoding in ((1, "utf-8"), (2, "gb18030"), (3, "utf-8")):
        row = matter(number, claims="重新丈量", result="支持", resolved="是")
        lines.append(",".join(str(row[name]) for name in names).encode(encoding))
    lines.append(lines[-1].replace("旧00003".encode(), "旧00004".encode()).replace("王".encode(), b"\xff\xff"))
    with acting(archivist):
        batch = import_batch.take(archivist, "case", "台账.csv", b"\r\n".join(lines))
        import_batch.try_out(archivist, batch.id)
        found = import_batch.find(batch.id)
        assert (found.total, found.good) == (4, 3), import_batch.faults_of(found)
        assert openpyxl.load_workbook(io.BytesIO(import_batch.marked_file(archivist, import_batch.find(batch.id))))


def test_a_table_too_long_is_refused_but_not_for_empty_rows_with_a_format() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.cell(400, 3).number_format = "@"
    assert read_book(saved(book), 3, 10**6).rows == [["a"]]
    book.active.cell(400, 3).value = "b"
    with pytest.raises(PortalError):
        read_book(saved(book), 3, 10**6)


def test_a_broken_import_keeps_nothing(actor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    archivist = actor("archivist")
    tried = hand_in(archivist, ledger(5))
    monkeypatch.setattr(import_batch, "_finish", lambda *_said: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bring_in(archivist, tried)
    with acting(archivist):
        kept = import_batch.find(tried.id)
        assert kept.state is ImportState.tried and kept.error
        assert db.session.scalar(select(Case).where(Case.outside_number == "旧00001")) is None
