"""The receipt: code shown for a while to who registered, renewed on purpose, printing noted."""

import re

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.models.audit import AuditEntry
from app.models.case import Case
from app.services.registration import hash_of_code, register_case
from tests.case_factory import Cases
from tests.services.people import intake

CODE = re.compile(r"(?:<strong[^>]*>|class=\"code\">)([2-9A-Z]{8})<")


@pytest.fixture
def done(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        return register_case(clerk, intake(idempotency_key="ticket-1", head_count=12))


def text_of(answer):
    return answer.get_data(as_text=True)


def test_it_bears_the_days_of_the_matter_not_those_of_each_party(session, actor, login):
    case = Cases(actor).replied()
    for form in ("", "?form=slip"):
        page = text_of(login("clerk").get(f"/case/{case.id}/receipt{form}"))
        assert case.number in page and "申请复查：" not in page and "<td>申请复查" not in page
        assert "后续办理与期限" not in page


def test_both_sizes(login, done):
    browser = login("clerk.t1")
    for form in ("", "&form=slip"):
        page = text_of(browser.get(f"/case/{done.case.id}/receipt?ticket=ticket-1{form}"))
        assert CODE.search(page)[1] == done.receipt_code and done.case.number in page and "<svg" in page
        assert "12" in page and "http" in page
        assert done.receipt_code not in text_of(browser.get(f"/case/{done.case.id}/receipt?{form}"))


def test_only_who_registered_sees_the_code(login, done):
    page = text_of(login("clerk").get(f"/case/{done.case.id}/receipt?ticket=ticket-1"))
    assert done.case.number in page and done.receipt_code not in page
    assert login("clerk.t2").get(f"/case/{done.case.id}/receipt").status_code == 404
    assert login("sysadmin").get(f"/case/{done.case.id}/receipt").status_code == 403


def test_a_new_code_replaces_the_old(session, login, done):
    browser = login("clerk.t1")
    sent = {"csrf_token": browser.token, "key": "renew-1"}
    answer = browser.post(f"/case/{done.case.id}/receipt/renew", data=sent)
    code = CODE.search(text_of(browser.get(answer.location)))[1]
    assert code != done.receipt_code
    assert browser.post(f"/case/{done.case.id}/receipt/renew", data=sent).location == answer.location
    assert CODE.search(text_of(browser.get(answer.location)))[1] == code
    session.expire_all()
    with system_scope("test"):
        assert session.scalar(select(Case.receipt_hash)) == hash_of_code(done.case.number, code)
        assert not CODE.search(text_of(browser.get(f"/case/{done.case.id}/receipt?ticket=ticket-1")))
        codes = session.scalars(select(AuditEntry.code)).all()
    assert "case:renew-receipt" in codes
    other = login("clerk.t2")
    answer = other.post(f"/case/{done.case.id}/receipt/renew", data={"csrf_token": other.token})
    assert answer.status_code == 404


def test_printing_is_noted(session, login, done):
    browser = login("clerk.t1")
    answer = browser.post(f"/case/{done.case.id}/receipt/printed", data={"csrf_token": browser.token, "form": "slip"})
    assert answer.status_code == 204
    with system_scope("test"):
        entry = session.scalars(select(AuditEntry).where(AuditEntry.code == "case:print-receipt")).one()
    assert entry.changes == {"form": "slip"} and entry.actor_name
