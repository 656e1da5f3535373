"""Bad input on the pages of the steps (domain §7): a clear sentence at its place, and nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from tests.case_factory import Cases, code_item, organisation_of

REASON = "与村委会已当面谈妥"
REQUIRED, LONG = "该字段是必填字段", "2000"


def signed(place):
    return {f"{place}-signature-kind": "witness", f"{place}-signature-witness": "王五"}


def suspend(cases):
    on = clock.today() + timedelta(days=20)
    return cases.handling(), {"ground": str(code_item("suspend_reason").id), "until_on": on.isoformat()}


def withdraw(cases):
    case = cases.register()
    return case, {"signatures-0-party": str(cases.petitioners(case)[0].id), **signed("signatures-0")}


def split(cases):
    case = cases.accepted()
    with system_scope("test"):
        return case, {"claims": str(case.claims[0].id), "title": "另案办理"}


def merge(cases):
    return cases.register(), {"parent": str(cases.register().id)}


def reopen(cases):
    case = cases.replied()
    db.session.execute(text("UPDATE \"case\" SET state = 'closed' WHERE id = :id"), {"id": case.id})
    db.session.expire(case)
    given = {"ground": str(code_item("reopen_reason").id), "lead": str(organisation_of("handler.d1").id)}
    return case, given


STEPS = {
    suspend: "centre_head", withdraw: "clerk", split: "dispatcher", merge: "dispatcher", reopen: "centre_head"
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_wrong_word_is_told_and_kept(step, actor, session, login, app):
    with app.test_request_context("/"):
        case, given = step(Cases(actor))
        key, version, browser = case.id, case.version, login(STEPS[step])
        address = f"/case/{key}/do/{step.__name__}"

    def send(seen=version, **data):
        answer = browser.post(address, data={"csrf_token": browser.token, "row_version": str(seen), **data})
        return answer.status_code, re.sub(r"\s+", " ", answer.get_data(as_text=True))

    form = browser.get(address)
    assert form.status_code == 200 and "不予受理理由" not in form.get_data(as_text=True), "each ground has its own name"
    code, page = send()
    assert code == 422 and REQUIRED in page
    code, page = send(**given, reason="长" * 2001)
    assert code == 422 and LONG in page and "长" * 2001 in page
    code, page = send(seen=version - 1, **given, reason=REASON)
    assert code == 409 and REASON in page, page[-2000:]
    code, page = send(seen="none", **given, reason=REASON)
    assert code == 409 and REASON in page
    if step is suspend:
        for wrong in (clock.today().isoformat(), "2999-12-31", "昨天"):
            code, page = send(**{**given, "until_on": wrong}, reason=REASON)
            assert code == 422 and REASON in page and wrong in page
    assert send(**given, reason=REASON)[0] == 302
    code, page = send(**given, reason=REASON)  # sent twice: carried out once
    assert code in (302, 409)
