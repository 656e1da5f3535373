"""The public page of a case: one door, one answer, nothing of anybody else."""

import base64
import io
import json
import re

import pytest
from case_factory import Cases
from PIL import Image

from app.access.actor import acting, system_scope
from app.core.db import db
from app.models.follow_up import Rating
from app.models.review import Door, Review, ReviewApplicant
from app.services import case as intake
from app.services.registration import hash_of_code, register_case
from tests.conftest import token_of


@pytest.fixture
def registered(actor, session):
    """A registered case with its number and secret code."""
    cases, who = Cases(actor), actor("clerk")
    with acting(who):
        made = register_case(who, cases.body(title="村道占地未补偿 公开"))
        db.session.commit()
        return made.case_id, made.number, made.receipt_code


@pytest.fixture
def browser(client):
    page = client.get("/public/").get_data(as_text=True)
    client.token = token_of(page)
    return client


def ask(browser, number, code, **more):
    return browser.post("/public/", data={"number": number, "code": code, "csrf_token": browser.token}, **more)


def test_number_and_code_open_the_case_in_plain_words(registered, browser):
    _key, number, code = registered
    answer = ask(browser, f" {number.lower()} ", code.lower())
    assert answer.status_code == 302 and answer.location == "/public/case"
    text = browser.get("/public/case").get_data(as_text=True)
    assert "您的诉求已登记" in text and number in text and "支付补偿款" in text and "正在审查是否受理" in text
    for private in ("王敏", "3707861980", "1580000", "西付村12号"):
        assert private not in text


def test_a_wrong_number_and_a_wrong_code_get_the_same_answer(registered, browser):
    _key, number, code = registered
    answers = [ask(browser, number, "AAAAAAAA"), ask(browser, "SQ-2026-999999", code), ask(browser, "", "")]
    bodies = {
        re.sub(r'(?:value|content)="[^"]*"|nonce="[^"]*"|nonce-[^\s"]*', "", a.get_data(as_text=True)) for a in answers
    }
    assert {a.status_code for a in answers} == {404} and len(bodies) == 1
    assert browser.get("/public/case").status_code == 404


def test_tries_are_counted_by_number_and_never_tell_whether_it_exists(registered, browser):
    _key, number, code = registered
    for name in (number, "SQ-2026-999998"):
        for _try in range(5):
            assert ask(browser, name, "WRONGWRO").status_code == 404
        assert ask(browser, name, code).status_code == 429
    assert browser.get("/public/case").status_code == 404


def test_a_new_code_ends_what_was_opened_with_the_old_one(registered, browser, session):
    key, number, code = registered
    assert ask(browser, number, code).status_code == 302
    assert browser.get("/public/case").status_code == 200
    with system_scope("test"):
        db.session.execute(db.text('UPDATE "case" SET receipt_hash = :h WHERE id = :id'), {"h": "f" * 64, "id": key})
        db.session.commit()
    assert browser.get("/public/case").status_code == 404


def test_leaving_closes_it_on_this_device(registered, browser):
    _key, number, code = registered
    ask(browser, number, code)
    browser.post("/public/leave", data={"csrf_token": browser.token})
    assert browser.get("/public/case").status_code == 404


def test_the_course_is_told_without_names_of_staff(registered, browser, actor):
    key, number, code = registered
    cases = Cases(actor)
    who = actor("dispatcher")
    with acting(who):
        intake.accept(who, key, {"note": "内部意见：材料齐全"})
        db.session.commit()
    assert cases.made == 0
    ask(browser, number, code)
    text = browser.get("/public/case").get_data(as_text=True)
    assert "您的诉求已受理" in text and "陈静" not in text and "内部意见" not in text


def test_rating_waits_for_the_reply_and_is_given_once(registered, browser):
    key, number, code = registered
    ask(browser, number, code)

    def rate(**data):
        return browser.post("/public/case/rate", data={"csrf_token": browser.token, **data})

    early = rate(satisfied="satisfied")
    assert early.status_code == 409 and "尚未送达" in early.get_data(as_text=True)
    with system_scope("test"):
        db.session.execute(db.text("UPDATE \"case\" SET state = 'closed' WHERE id = :id"), {"id": key})
        db.session.commit()
    silent = rate(quality="5", opinion="办得好")
    assert silent.status_code == 422 and "办得好" in silent.get_data(as_text=True)
    assert rate(satisfied="fairly_satisfied", quality="4", opinion="态度很好 𠮷").status_code == 302
    again = rate(satisfied="satisfied")
    assert again.status_code == 409 and "评价过" in again.get_data(as_text=True)
    with system_scope("test"):
        rows = db.session.scalars(db.select(Rating).where(Rating.case_id == key)).all()
    assert [(r.satisfied.value, r.quality, r.conduct, r.opinion) for r in rows] == [
        ("fairly_satisfied", 4, None, "态度很好 𠮷")
    ]


@pytest.fixture
def answered(actor, session, browser):
    """A case whose reply was served, opened on the public page."""
    cases = Cases(actor)
    case = cases.replied(title="村道占地未补偿 答复后")
    with system_scope("test"):
        party = cases.petitioners(case)[0].id
        hashed = hash_of_code(case.number, "ABCDEFGH")
        db.session.execute(db.text('UPDATE "case" SET receipt_hash = :h WHERE id = :id'), {"h": hashed, "id": case.id})
        claims = [claim.id for claim in case.claims]
        db.session.commit()
    assert ask(browser, case.number, "abcdefgh").status_code == 302
    return case.id, party, claims


def send(browser, step, version="", **data):
    page = browser.get(f"/public/case/do/{step}").get_data(as_text=True)
    seen = re.search(r'name="row_version" value="([^"]*)"', page)
    given = {"csrf_token": browser.token, "row_version": seen.group(1) if seen else version, **data}
    return browser.post(f"/public/case/do/{step}", data=given)


def signed(way="touch"):
    """A signature as the pad sends it."""
    made = io.BytesIO()
    Image.new("RGB", (120, 40), "white").save(made, "PNG")
    return {
        "signature-kind": way,
        "signature-strokes": json.dumps([[{"x": 5, "y": 5}, {"x": 60, "y": 30}, {"x": 90, "y": 12}]]),
        "signature-image": "data:image/png;base64," + base64.b64encode(made.getvalue()).decode(),
        "signature-witness": "王五",
    }


def test_a_party_applies_for_a_review_without_an_account(answered, browser, actor):
    key, party, claims = answered
    page = browser.get("/public/case").get_data(as_text=True)
    assert "/public/case/do/apply_review" in page and "申请专家评审" in page
    form = browser.get("/public/case/do/apply_review").get_data(as_text=True)
    names = set(re.findall(r'name="(signature[^"]*)"', form))
    assert names, "the form asks for a signature"
    empty = send(browser, "apply_review", party=str(party), claims=str(claims[0]))
    assert empty.status_code == 422 and "理由" in empty.get_data(as_text=True)
    said = {"party": str(party), "claims": str(claims[0]), "reason": "面积计算不对"}
    assert send(browser, "apply_review", **said, **signed("witness")).status_code == 422
    with system_scope("test"):
        assert db.session.scalar(db.select(Review.id).where(Review.case_id == key)) is None
    done = send(browser, "apply_review", **said, **signed())
    assert done.status_code == 302, re.findall(r'class="err">([^<]+)', done.get_data(as_text=True))
    with system_scope("test"):
        row = db.session.scalars(db.select(ReviewApplicant).where(ReviewApplicant.case_id == key)).one()
        assert row.door is Door.public and row.party_id == party
    after = browser.get("/public/case").get_data(as_text=True)
    assert after.count("答复意见书已审批") == 1, "the check before the approval is a matter of the offices"
    asked = browser.get("/public/case/do/withdraw_review").get_data(as_text=True)
    assert 'data-confirm="' in asked, "what cannot be taken back is asked for once more"
    assert "专家评审" in after and "/public/case/do/withdraw_review" in after and "do/apply_review" not in after


def test_steps_that_need_a_desk_are_not_there(answered, browser):
    for name in ("accept", "serve_reply", "assign", "accept_review", "nonsense"):
        assert browser.get(f"/public/case/do/{name}").status_code == 404
    assert browser.get("/public/case/do/pick_experts").status_code == 404
    assert browser.get("/public/case/expert/1/photo").status_code == 404


def test_without_the_key_no_step_is_there(client, answered):
    stranger = client.application.test_client()
    assert stranger.get("/public/case/do/apply_review").status_code == 404
