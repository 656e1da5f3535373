"""Signatures as rows: strokes encrypted, picture with hash, scan or witness; the picture for those who see the case."""

import hashlib
import io
import json

import pytest
from sqlalchemy import text

from app.access.actor import acting, system_scope
from app.core.errors import Invalid
from app.models.signature import SignatureKind, SignaturePurpose
from app.services import attachment, signature
from app.services.signature import Signing
from tests.case_factory import Cases

STROKES = [[[10.0, 20.0, 0, 0.5], [90.0, 44.0, 40, 0]]]


@pytest.fixture
def cases(actor, session):
    return Cases(actor)


def drawn():
    return Signing(SignatureKind.touch, STROKES, signature.drawn(STROKES), device="touch · Chrome")


def keep(actor, case, signing, party=None):
    clerk = actor("clerk")
    with acting(clerk):
        return signature.keep(clerk, case.id, signing, SignaturePurpose.acknowledgement, party=party)


def party_of(case):
    with system_scope("test"):
        return case.parties[0]


def test_a_drawn_signature_is_kept_with_hash_and_encrypted_strokes(cases, actor, session):
    case = cases.register()
    row = keep(actor, case, drawn(), party_of(case))
    assert row.signer == "于秀兰" and row.user_id is None
    picture = signature.picture_of(row)
    assert hashlib.sha256(picture).hexdigest() == row.sha256
    raw = session.execute(text("SELECT strokes FROM signature WHERE id = :id"), {"id": row.id}).scalar_one()
    assert "90.0" not in raw and json.loads(row.strokes) == STROKES


def test_the_actor_signs_for_himself(cases, actor):
    row = keep(actor, cases.register(), drawn())
    assert row.user_id == actor("clerk").user_id and row.party_id is None and row.signer == actor("clerk").name


def test_a_scan_is_a_file_of_the_case(cases, actor):
    case, clerk = cases.register(), actor("clerk")
    with acting(clerk):
        scan = attachment.attach(clerk, case, "手印.pdf", io.BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
    row = keep(actor, case, Signing(SignatureKind.thumb, scan=scan), party_of(case))
    assert row.attachment_id == scan.id and row.sha256 == scan.sha256 and signature.picture_of(row) is None


def test_nobody_witnesses_the_own_signature(cases, actor):
    case = cases.register()
    with pytest.raises(Invalid) as refusal:
        keep(actor, case, Signing(SignatureKind.witness, witness="于秀兰"), party_of(case))
    assert "signature" in refusal.value.errors
    assert keep(actor, case, Signing(SignatureKind.witness, witness="王建国"), party_of(case)).witness == "王建国"


def test_the_sweep_leaves_pictures_of_signatures(cases, actor, monkeypatch):
    row = keep(actor, cases.register(), drawn())
    monkeypatch.setattr(attachment, "ORPHAN_AGE", -10)
    attachment.sweep()
    assert signature.picture_of(row)


def test_the_picture_is_shown_to_those_who_see_the_case(cases, actor, login):
    row = keep(actor, cases.register(), drawn())
    answer = login("clerk").get(f"/signature/{row.id}/view")
    assert answer.status_code == 200 and answer.mimetype == "image/png" and answer.data.startswith(b"\x89PNG")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    answer.close()
    assert login("clerk.t2").get(f"/signature/{row.id}/view").status_code == 404
    assert login("clerk").get("/signature/999999/view").status_code == 404
