"""An old ledger comes in: tried with its faults in the file, mended, imported as a whole, undone as a whole."""

import io
from typing import Any

import openpyxl
import pytest
from case_factory import code_item, organisation_of
from ledger import FAULTY, headings, ledger, matter, workbook
from sqlalchemy import func, select

from app.access.actor import acting, system_scope
from app.access.chain import verify
from app.core.db import db
from app.core.errors import Conflict
from app.models.audit import AuditEntry
from app.models.case import Case, CaseState
from app.models.deadline import Deadline
from app.models.import_batch import ImportBatch, ImportState
from app.models.party import Claim, ClaimResult
from app.models.person import Person
from app.models.visit import Visit
from app.services import archive, import_batch, import_undo
from app.services.queries.quick_search import find_cases


def hand_in(actor: Any, rows: Any, noun: str = "case", name: str = "旧台账.xlsx") -> ImportBatch:
    """A file handed in and tried."""
    with acting(actor):
        batch = import_batch.take(actor, noun, name, workbook(rows, headings(actor, noun)))
        import_batch.try_out(actor, batch.id)
        return import_batch.find(batch.id)


def bring_in(actor: Any, batch: ImportBatch) -> ImportBatch:
    """The import of a file that was tried."""
    with acting(actor):
        import_batch.begin(actor, batch.id, batch.version)
        import_batch.carry_out(actor, batch.id)
        return import_batch.find(batch.id)


def count(model: Any) -> int:
    with system_scope("test"):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_old_matter_is_reopened_and_its_import_then_stays(actor: Any) -> None:
    archivist, head = actor("archivist"), actor("centre_head")
    made = bring_in(archivist, hand_in(archivist, ledger(2)))
    with acting(head):
        case = db.session.scalars(select(Case).where(Case.outside_number == "旧00001")).one()
        lead = organisation_of("handler.d1")
        said = {"reason": "有新的证据", "ground": code_item("reopen_reason"), "lead": lead}
        done = archive.reopen(head, case.id, said)
        assert (done.state, done.round) == (CaseState.handling, 2)
    with acting(archivist), pytest.raises(import_undo.Built) as refused:
        import_undo.undo(archivist, made.id)
    assert [row[0] for row in refused.value.rows] == [2] and count(Case) >= 2


def test_two_hundred_old_cases_are_tried_mended_imported_and_undone(actor: Any) -> None:
    archivist = actor("archivist")
    before = {model: count(model) for model in (Case, Person, Claim, Visit, Deadline)}
    tried = hand_in(archivist, ledger(200, FAULTY))
    assert (tried.state, tried.total, tried.good, tried.bad) == (ImportState.tried, 200, 193, 7)
    with acting(archivist):
        faults = {row.row - 1: said for row, said in import_batch.faults_of(tried)}
        assert faults.keys() == FAULTY.keys()
        assert "57" in faults[57]  # the row where that number stands first
        with pytest.raises(Conflict):
            import_batch.begin(archivist, tried.id, None)
        book = openpyxl.load_workbook(io.BytesIO(import_batch.marked_file(archivist, tried)))
    sheet = book.worksheets[0]
    said = {row: sheet.cell(row, sheet.max_column).value for row in range(2, 202)}
    assert {row - 1 for row, text in said.items() if text} == FAULTY.keys()
    assert sheet.cell(24, 10).fill.fgColor.rgb.endswith("FFC7CE") and not any(
        cell.data_type == "f" for line in sheet.iter_rows() for cell in line
    )
    assert {model: count(model) for model in before} == before

    mended = bring_in(archivist, hand_in(archivist, ledger(200)))
    assert mended.state is ImportState.imported and count(Case) == before[Case] + 200
    with acting(archivist):
        case = db.session.scalars(select(Case).where(Case.outside_number == "旧00010")).one()
        assert (case.state, case.registered_at.date().isoformat()) == (CaseState.archived, "2017-01-13")
        assert case.import_batch_id == mended.id and case.number.startswith("SQH-2017-") and case.due_on is None
        assert [(claim.result, claim.resolved) for claim in case.claims] == [
            (ClaimResult.supported, True),
            (ClaimResult.supported, False),
        ]
        assert case.resolved is False and case.parties[0].person.unverified is False
        assert case.parties[0].person.id_number == matter(10)["id_number"]
        assert [hit.id for hit in find_cases(archivist, "第10号承包地")] == [case.id]
    assert count(Deadline) == before[Deadline]  # no clock runs for what ended long ago
    with system_scope("test"):
        codes = ("case:import", "person:import", "import_batch:import")
        told = [db.session.scalar(select(func.count()).where(AuditEntry.code == code)) for code in codes]
    assert told == [200, 200, 1] and verify(db.session)[1] is None

    with acting(archivist):
        again = hand_in(archivist, ledger(3))
        assert again.bad == 3  # these numbers are on file
        undone = import_undo.undo(archivist, mended.id, mended.version)
    assert undone.state is ImportState.undone and {model: count(model) for model in before} == before
    assert verify(db.session)[1] is None
    assert bring_in(archivist, hand_in(archivist, ledger(3))).state is ImportState.imported
