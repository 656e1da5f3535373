"""Handling on screen and by REST: rows for each party and claim, rows that are added, signatures, refusals."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.case import CaseState
from app.models.conference import Conference
from app.models.deadline import Deadline
from app.models.hearing import Hearing, HearingParticipant
from app.models.mediation import Mediation, MediationConsent
from app.models.party import Party
from app.models.reply import Acknowledgement
from app.models.signature import Signature, SignatureKind
from app.services import extension, suspension
from app.services.reminder import remind
from tests.case_factory import Cases, code_item, organisation_of
from tests.services.test_handling import HELD
from tests.services.test_handling import call as call_hearing
from tests.views.test_case_api import call  # noqa: F401 - a fixture
from tests.views.test_reply_pages import STROKES, rows, sent

BASE = "/api/v1/case"


@pytest.fixture
def cases(actor, session, app):
    with app.test_request_context("/"):
        yield Cases(actor)


def fresh(case):
    db.session.expire_all()
    with system_scope("test"):
        return db.session.get(type(case), case.id)


def settled(case, cases, **more):
    party = cases.petitioners(case)[0]
    given = {"findings": "村委会到场承诺。", "basis": "《村民委员会组织法》"}
    for n in (1, 2):
        given |= {f"answers-{n - 1}-claim": str(n), f"answers-{n - 1}-result": "supported"}
        given |= {f"answers-{n - 1}-resolved": "yes", f"answers-{n - 1}-text": "已清理。"}
    return given | {"signers-0-party": str(party.id), "signers-0-satisfied": "yes", **more}


def test_a_settlement_by_form_signed_on_the_screen(cases, login):
    case = cases.accepted()
    browser, address = login("clerk"), f"/case/{case.id}/do/settle_on_spot"
    page = browser.get(address).get_data(as_text=True)
    assert "支付补偿款" in page and "于秀兰" in page and 'name="signers-0-signature-strokes"' in page
    unsigned = browser.post(address, data=sent(browser, case, **settled(case, cases)))
    assert unsigned.status_code == 422 and "签字" in unsigned.get_data(as_text=True)
    assert "村委会到场承诺。" in unsigned.get_data(as_text=True) and rows(Signature, case) == []
    drawn = {"signers-0-signature-kind": "touch", "signers-0-signature-strokes": json.dumps(STROKES)}
    done = browser.post(address, data=sent(browser, case, **settled(case, cases, **drawn)))
    assert done.status_code == 302, done.get_data(as_text=True)[-3000:]
    assert rows(Signature, case)[0].kind is SignatureKind.touch and rows(Acknowledgement, case)[0].satisfied
    assert fresh(case).state is CaseState.follow_up_due


def test_a_mediation_by_rest_with_a_side_that_was_no_party(cases, call):  # noqa: F811
    case = cases.handling()
    told = call("handler.d1", "get", f"{BASE}/{case.id}/steps").get_json()
    schema = next(step for step in told["result"] if step["name"] == "mediate")["schema"]["properties"]
    party = cases.petitioners(case)[0]
    assert schema["consents"]["items"]["properties"]["party"]["enum"] == [party.id]
    assert schema["others"]["items"]["properties"]["side"]["enum"] == ["petitioner", "respondent", "interested"]
    body = {
        "version": told["version"],
        "began_at": clock.now().isoformat(),
        "consents": [{"party": party.id, "consents": True}],
        "others": [{"name": "付德柱", "side": "respondent", "consents": True}],
    }
    for wrong in (
        {**body, "consents": []},
        {**body, "consents": [{"party": party.id}]},
        {**body, "consents": [{"party": 999999, "consents": True}]},
        {**body, "others": [{"name": "付德柱"}]},
        {**body, "others": "all"},
    ):
        answer = call("handler.d1", "post", f"{BASE}/{case.id}/steps/mediate", wrong)
        assert answer.status_code == 422 and set(answer.get_json()["errors"]) <= {"consents", "others"}, answer.json
    done = call("handler.d1", "post", f"{BASE}/{case.id}/steps/mediate", body)
    assert done.status_code == 200, done.get_json()
    with system_scope("test"):
        assert [p.name for p in rows(Party, case)] == ["于秀兰", "付德柱"]
    assert len(rows(MediationConsent, case)) == 2
    sides = [{"party": p.id, "signature": {"kind": "touch", "strokes": STROKES}} for p in rows(Party, case)]
    agreed = {
        "agreed": True,
        "minutes": "双方到场。",
        "agreement": "三日内恢复地界。",
        "effective_on": clock.today().isoformat(),
        "signatures": sides,
    }
    done = call("handler.d1", "post", f"{BASE}/{case.id}/steps/conclude_mediation", agreed)
    assert done.status_code == 200, done.get_json()
    assert rows(Mediation, case)[0].state == "agreed" and len(rows(Signature, case)) == 2


def test_a_conference_by_rest_names_organisations_by_their_codes(cases, call):  # noqa: F811
    case = cases.handling()
    codes = [organisation_of(name).code for name in ("handler.d1", "handler.d2")]
    body = {
        "at": clock.now().isoformat(),
        "organisations": codes,
        "minutes": "各单位发表意见。",
        "conclusion": "未形成方案。",
        "solved": False,
    }
    one = call("centre_head", "post", f"{BASE}/{case.id}/steps/confer", {**body, "organisations": codes[:1]})
    assert one.status_code == 422 and "organisations" in one.get_json()["errors"]
    assert call("centre_head", "post", f"{BASE}/{case.id}/steps/confer", body).status_code == 200
    assert rows(Conference, case)[0].solved is False
    done = call("centre_head", "post", f"{BASE}/{case.id}/steps/escalate", {"reason": "会商未果"})
    assert done.status_code == 200 and done.get_json()["state"] == "handling"


def test_participants_are_added_without_scripts(cases, login):
    case = cases.handling()
    call_hearing(cases, case)
    with clock.standing_at(clock.now() + timedelta(days=11)):
        browser, address = login("centre_head"), f"/case/{case.id}/do/hold_hearing"
        page = browser.get(address).get_data(as_text=True)
        assert "围墙外空地权属" in page and 'name="participants-0-name"' in page
        typed = {"participants-0-name": "王守业", "minutes": "双方陈述", "chosen_how": "随机抽取"}
        more = browser.post(address, data=sent(browser, fresh(case), **typed, add_row="participants"))
        text = more.get_data(as_text=True)
        assert more.status_code == 200 and 'name="participants-1-name"' in text and "王守业" in text
        both = {**typed, "participants-1-name": "于秀兰", "opinions-0-text": "按实测补偿", "opinions-0-adopted": "no"}
        short = browser.post(address, data=sent(browser, fresh(case), **both))
        assert short.status_code == 422 and "未采纳" in short.get_data(as_text=True)
        done = browser.post(address, data=sent(browser, fresh(case), **both, **{"opinions-0-reason": HELD["minutes"]}))
        assert done.status_code == 302
    (hearing,) = rows(Hearing, case)
    with system_scope("test"):
        people = db.session.scalars(select(HearingParticipant).where(HearingParticipant.hearing_id == hearing.id))
        assert [p.name for p in people] == ["王守业", "于秀兰"]


def test_what_cannot_be_done_yet_is_said_on_the_page(cases, login):
    case = cases.handling()
    page = login("centre_head").get(f"/case/show/{case.id}").get_data(as_text=True)
    assert "会商未形成方案后方可提级" in page and "没有待审批的延期申请" not in page


def test_the_page_tells_of_handling(cases, login):
    case = cases.handling()
    cases.do("unit_head.d1", extension.request_extension, case, days=10, reason="需复测", ground=None)
    page = login("centre_head").get(f"/case/show/{case.id}").get_data(as_text=True)
    assert "已申请延期 10 日" in page and "需复测" in page
    cases.do("centre_head", extension.approve_extension, case)
    until = clock.today() + timedelta(days=5)
    cases.do(
        "centre_head", suspension.suspend, case, ground=code_item("suspend_reason"), reason="等鉴定", until_on=until
    )
    page = login("centre_head").get(f"/case/show/{case.id}").get_data(as_text=True)
    assert f"至 {until} 恢复" in page and "重新计算" in page and "批准延期" in page


def test_one_day_everywhere(cases, login, call, actor):  # noqa: F811
    """The same due day in the list, on the page, by REST, in the export and in the reminder."""
    case = cases.handling()
    cases.do("unit_head.d1", extension.request_extension, case, days=15, reason="需复测", ground=None)
    cases.do("centre_head", extension.approve_extension, case)
    for days in (4, 3):
        until = clock.today() + timedelta(days=days)
        given = {"ground": code_item("suspend_reason"), "reason": "等鉴定", "until_on": until}
        cases.do("centre_head", suspension.suspend, case, **given)
        with clock.standing_at(clock.now() + timedelta(days=days)):
            suspension.resume_due()
    (running,) = [d for d in rows(Deadline, case) if d.code == "D-REPLY15"]
    (handle,) = [d for d in rows(Deadline, case) if d.code == "D-HANDLE60"]
    day, last = running.due_on.isoformat(), handle.due_on.isoformat()
    assert fresh(case).due_on == running.due_on and day != last
    browser = login("clerk")
    assert day in browser.get("/case/list/").get_data(as_text=True)
    page = browser.get(f"/case/show/{case.id}").get_data(as_text=True)
    assert day in page and last in page
    clocks = call("clerk", "get", f"{BASE}/{case.id}/clocks").get_json()["result"]
    assert {c["code"]: c["due"] for c in clocks}["D-REPLY15"] == day
    assert {c["code"]: c["due"] for c in clocks}["D-HANDLE60"] == last
    assert call("clerk", "get", f"{BASE}/{case.id}").get_json()["result"]["due_on"] == day
    export = browser.post("/case/export", data={"csrf_token": browser.token, "form": "csv", "query": ""})
    assert day in export.get_data(as_text=True)
    near = clock.now().replace(hour=9) + (handle.due_on - clock.today()) - timedelta(days=2)
    with clock.standing_at(near), system_scope("test"):
        remind()
    assert last in login("handler.d1").get("/notice/list/").get_data(as_text=True)
