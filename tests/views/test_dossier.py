"""The whole story of a case: narrowed on its page, and as one PDF."""

import io

import pytest
from case_factory import Cases
from PIL import Image
from pypdf import PdfReader

from app.access.actor import acting
from app.core.db import db
from app.models.case import Case
from app.services import attachment


@pytest.fixture
def case(actor, session):
    made = Cases(actor).handling(title="村道占地未补偿 卷宗")
    return made.id


def test_the_course_is_narrowed_and_an_unknown_word_shows_all(case, login):
    clerk = login("clerk")
    whole = clerk.get(f"/case/show/{case}").get_data(as_text=True)
    assert "签收" in whole
    for word in ("way", "all", "nonsense", "%00", "x" * 500):
        assert clerk.get(f"/case/show/{case}?course={word}").status_code == 200


def test_the_dossier_holds_course_papers_and_files(case, login, actor):
    who = actor("clerk")
    with acting(who):
        owner = db.session.get(Case, case)
        picture = io.BytesIO()
        Image.new("RGB", (900, 500), "white").save(picture, "PNG")
        attachment.attach(who, owner, "现场照片.png", io.BytesIO(picture.getvalue()))
        db.session.commit()
    answer = login("clerk").get(f"/case/{case}/dossier.pdf")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.get_data()))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "办理全程" in text and "签收" in text and "受理告知书" in text
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert any("现场照片" in title for title in titles) and len(reader.pages) >= 4


def test_the_dossier_of_a_hidden_case_is_not_there(case, login):
    assert login("clerk.t1").get(f"/case/{case}/dossier.pdf").status_code == 404
    assert login("statistician").get(f"/case/{case}/dossier.pdf").status_code in (403, 404)
