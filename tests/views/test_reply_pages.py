"""The reply on screen and by REST: forms with files and signatures, versions side by side, rights and their slip."""

import io
import json

import pytest
from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.case import CaseState
from app.models.deadline import Deadline
from app.models.document import Document, DocumentKind
from app.models.parameter import Parameter
from app.models.reply import Reply
from app.models.service import Service
from app.models.signature import Signature, SignatureKind
from app.services import parameter, reply
from app.services.document import values_of
from app.services.queries.reply_versions import difference
from tests.case_factory import PDF, Cases, code_item, id_number
from tests.views.test_case_api import call  # noqa: F401 - a fixture

BASE = "/api/v1/case"
STROKES = [[{"x": 10, "y": 20, "time": 5}, {"x": 120, "y": 60, "time": 60}]]


@pytest.fixture
def cases(actor):
    return Cases(actor)


def rows(model, case):
    with system_scope("test"):
        fresh = select(model).where(model.case_id == case.id).order_by(model.id)
        return list(db.session.scalars(fresh.execution_options(populate_existing=True)))


def sent(browser, case, **more):
    return {"csrf_token": browser.token, "row_version": str(case.version), **more}


def answers(text="予以支持"):
    found = {}
    for n in (1, 2):
        found |= {f"answers-{n - 1}-claim": str(n), f"answers-{n - 1}-result": "supported"}
        found |= {f"answers-{n - 1}-resolved": "yes", f"answers-{n - 1}-text": text}
    return found


def test_a_reply_by_form_with_its_evidence_on_the_same_page(cases, login, session):
    case = cases.handling()
    browser, address = login("handler.d1"), f"/case/{case.id}/do/submit_reply"
    page = browser.get(address).get_data(as_text=True)
    assert "支付补偿款" in page and "书面说明原因" in page and 'name="evidence-upload"' in page
    files = {"evidence-upload": (io.BytesIO(PDF), "现场照片.pdf")}
    short = browser.post(address, data=sent(browser, case, findings="属实", **answers(), **files))
    text = short.get_data(as_text=True)
    assert short.status_code == 422 and "属实" in text and text.count("予以支持") == 2
    assert (
        "现场照片.pdf</option>" in text and rows(Reply, case) == []
    )  # the file is kept and chosen though the form failed
    [file] = [int(part.split('"')[0]) for part in text.split('<option value="')[1:] if "现场照片.pdf" in part[:60]]
    filled = sent(browser, case, findings="属实", basis="有据", evidence=str(file), **answers())
    done = browser.post(address, data=filled)
    assert done.status_code == 302 and [r.state.value for r in rows(Reply, case)] == ["checking"]


def test_a_refused_file_is_told_at_its_field(cases, login, session):
    case = cases.handling()
    browser = login("handler.d1")
    files = {"evidence-upload": (io.BytesIO(b"<svg/>"), "图.svg")}
    filled = sent(browser, case, findings="属实", basis="有据", **answers(), **files)
    page = browser.post(f"/case/{case.id}/do/submit_reply", data=filled)
    assert page.status_code == 422 and "图.svg" in page.get_data(as_text=True)


def test_a_returned_draft_is_mended_not_typed_anew(cases, login, session):
    case = cases.submit(cases.handling(), findings="初稿的调查情况")
    head = login("unit_head.d1")
    page = head.get(f"/case/{case.id}/do/approve_reply").get_data(as_text=True)
    assert "初稿的调查情况" in page and "第1项予以支持" in page
    cases.do("unit_head.d1", reply.return_reply, case, reason="补充")
    page = login("handler.d1").get(f"/case/{case.id}/do/submit_reply").get_data(as_text=True)
    assert "初稿的调查情况" in page and "第2项予以支持" in page and "被退回" in page


def test_versions_stand_side_by_side_with_marked_differences(cases, login, session):
    case = cases.submit(cases.handling(), findings="面积38平方米。")
    cases.do("unit_head.d1", reply.return_reply, case, reason="补充")
    browser = login("clerk")
    alone = browser.get(f"/case/{case.id}/replies").get_data(as_text=True)
    assert "对照" not in alone and "支付补偿款" in alone and "书面说明原因" in alone  # each answer beside its claim
    cases.submit(case, findings="面积38.6平方米。")
    page = browser.get(f"/case/{case.id}/replies").get_data(as_text=True)
    assert "第1版与第2版对照" in page and "<del>" in page and "<ins>" in page and "删去：" in page
    assert "未修改" in page and "有修改" in page
    for query in ("old=2&new=1", "old=9&new=x", "old=-1", "old=99999999999999999999"):
        assert browser.get(f"/case/{case.id}/replies?{query}").status_code == 200
    assert browser.get(f"/case/{cases.handling().id}/replies").status_code == 404
    assert login("clerk.t2").get(f"/case/{case.id}/replies").status_code == 404


def test_a_difference_keeps_numbers_whole_and_loses_nothing():
    old, new = "补偿标准每平方米100元", "补偿标准每平方米120元，合计4632元"
    pieces = difference(old, new)
    assert "".join(text for mark, text in pieces if mark != "in") == old
    assert "".join(text for mark, text in pieces if mark != "out") == new
    assert ("out", "100") in pieces and difference("", "") == []


def test_a_service_by_form_signed_on_the_screen(cases, login, session):
    case = cases.approved()
    party = cases.petitioners(case)[0]
    browser, address = login("clerk"), f"/case/{case.id}/do/serve_reply"
    assert "signature_pad.js" in browser.get(address).get_data(as_text=True)
    now = f"{clock.now():%Y-%m-%d %H:%M}"
    filled = {"party": str(party.id), "way": "handed", "served_at": now, "signature-kind": "touch"}
    empty = browser.post(address, data=sent(browser, case, **filled))
    assert empty.status_code == 422 and "签收人签名" in empty.get_data(as_text=True)
    filled["signature-strokes"] = json.dumps(STROKES)
    done = browser.post(address, data=sent(browser, case, **filled))
    assert done.status_code == 302, done.get_data(as_text=True)[:3000]
    [signed] = rows(Signature, case)
    assert signed.kind is SignatureKind.touch and signed.party_id == party.id and len(signed.sha256) == 64
    page = browser.get(f"/case/show/{case.id}").get_data(as_text=True)
    assert f"/signature/{signed.id}/view" in page and signed.sha256[:8] in page and "申请复查" in page


def test_a_scan_may_come_with_the_form(cases, login, session):
    case = cases.replied()
    party = cases.petitioners(case)[0]
    browser, address = login("clerk"), f"/case/{case.id}/do/acknowledge"
    files = {"signature-upload": (io.BytesIO(PDF), "签字页.pdf")}
    filled = {"party": str(party.id), "signature-kind": "paper", **files}
    asked = browser.post(address, data=sent(browser, case, **filled))
    text = asked.get_data(as_text=True)
    assert asked.status_code == 422 and "签字页.pdf" in text  # satisfaction is asked, never taken for granted
    scan = text.split("签字页.pdf</option>")[0].split('value="')[-1].split('"')[0]
    filled = {"party": str(party.id), "signature-kind": "paper", "signature-scan": scan, "satisfied": "no"}
    assert browser.post(address, data=sent(browser, case, **filled)).status_code == 302
    [*_served, signed] = rows(Signature, case)
    assert signed.kind is SignatureKind.paper and str(signed.attachment_id) == scan


def test_the_page_tells_who_has_it_and_which_rights_run(cases, login, session):
    case = cases.replied()
    page = login("clerk").get(f"/case/show/{case.id}").get_data(as_text=True)
    for said in ("送达与救济权利", "申请专家评审", "申请复查", "剩 ", "前往", "第1项予以支持", "已化解"):
        assert said in page, said
    assert "待送达：受理告知书（于秀兰）" in page


def test_the_slip_of_rights_is_issued_once_while_nothing_changes(cases, login, session):
    session.execute(text("UPDATE organisation SET address = '中心大街1号' WHERE parent_id IS NULL"))
    case = cases.replied()
    party = cases.petitioners(case)[0]
    browser = login("clerk")
    address = f"/case/{case.id}/remedies/{party.id}/slip"
    first = browser.post(address, data={"csrf_token": browser.token})
    again = browser.post(address, data={"csrf_token": browser.token})
    assert first.status_code == 302 and first.location == again.location
    [slip] = [d for d in rows(Document, case) if d.kind is DocumentKind.remedy_slip]
    assert slip.party_id == party.id
    page = browser.get(first.location).get_data(as_text=True)
    assert "申请复查" in page and "申请专家评审" in page
    where = [right["where"] for right in values_of(slip)["rights"]]
    assert "中心大街1号" in where[0] and "人民政府" in where[1] and "中心大街1号" not in where[1]  # not the centre's
    days = [(right["name"], right["days"]) for right in values_of(slip)["rights"]]
    assert days == [("申请专家评审（可行使）", "5日"), ("申请复查（可行使）", "30日")]
    nobody = f"/case/{case.id}/remedies/{party.id + 1_000_000}/slip"
    assert browser.post(nobody, data={"csrf_token": browser.token}).status_code == 404
    assert login("follow_up_clerk").post(address).status_code in (400, 403)


def test_where_the_government_takes_requests_is_a_parameter(cases, call, actor, session):  # noqa: F811
    case, who = cases.replied(), actor("business_admin")
    with acting(who):
        row = session.scalars(select(Parameter).where(Parameter.code == "recheck_place")).one()
        parameter.change(who, row, {"value": "市信访局复查复核室 7211234"})
    told = call("clerk", "get", f"{BASE}/{case.id}/remedies").get_json()["result"]
    assert "市信访局复查复核室 7211234" in str(told[1]["where"]) and "复查复核室" not in str(told[0]["where"])


def test_the_rights_by_rest(cases, call, session):  # noqa: F811
    case = cases.replied()
    told = call("clerk", "get", f"{BASE}/{case.id}/remedies").get_json()
    codes = [(right["code"], right["state"], right["party_name"]) for right in told["result"]]
    assert codes == [("D-REV5", "open", "于秀兰"), ("D-FC30", "open", "于秀兰")]
    assert all(right["why"] and right["where"] and right["source"] for right in told["result"])
    assert call("clerk.t2", "get", f"{BASE}/{case.id}/remedies").status_code == 404


def test_a_redirected_matter_shows_its_route(cases, call, session):  # noqa: F811
    case = cases.register()
    route = {"reason": "属于劳动争议", "route": code_item("legal_route").code, "where": "市劳动仲裁院"}
    assert call("dispatcher", "post", f"{BASE}/{case.id}/steps/redirect", route).status_code == 200
    assert call("centre_head", "post", f"{BASE}/{case.id}/steps/approve_decline", {}).status_code == 200
    [right] = call("clerk", "get", f"{BASE}/{case.id}/remedies").get_json()["result"]
    assert right["code"] == "route" and right["where"] == "市劳动仲裁院" and right["party"] is None


def test_the_whole_reply_by_rest(cases, call, session):  # noqa: F811
    case = cases.handling(parties=[two(61, "于秀兰"), two(62, "王建军")], head_count=2)
    file = cases.evidence(case)
    body = {
        "findings": "属实",
        "basis": "有据",
        "answers": [
            {"claim": 2, "result": "explained", "resolved": False, "text": "已说明"},
            {"claim": 1, "result": "supported", "resolved": True, "text": "予以支付"},
        ],
        "evidence": [file.id],
    }
    step = f"{BASE}/{case.id}/steps"
    assert call("handler.d1", "post", f"{step}/submit_reply", {**body, "evidence": []}).status_code == 422
    assert call("handler.d1", "post", f"{step}/submit_reply", body).get_json()["state"] == "reply_checking"
    assert call("handler.d1", "post", f"{step}/approve_reply", {}).status_code == 403
    assert call("unit_head.d1", "post", f"{step}/approve_reply", {}).get_json()["state"] == "reply_checking"
    assert call("centre_head", "post", f"{step}/approve_reply", {}).get_json()["state"] == "reply_approved"
    first, second = cases.petitioners(case)
    served = {"way": "handed", "served_at": clock.now().isoformat(), "signature": {"kind": "touch", "strokes": STROKES}}
    one = call("clerk", "post", f"{step}/serve_reply", {"party": first.id, **served})
    assert one.get_json()["state"] == "reply_approved", one.get_json()
    refusal = {
        "party": second.id,
        "way": "handed",
        "served_at": clock.now().isoformat(),
        "refused": True,
        "refusal": "不认可",
        "witness_one": "王建国",
    }
    alone = call("clerk", "post", f"{step}/serve_reply", refusal)
    assert alone.status_code == 422 and set(alone.get_json()["errors"]) == {"witness_two"}
    both = call("clerk", "post", f"{step}/serve_reply", {**refusal, "witness_two": "李素珍"})
    assert both.get_json()["state"] == "replied"
    said = {"party": first.id, "satisfied": True, "signature": {"kind": "witness", "witness": "王建国"}}
    assert call("clerk", "post", f"{step}/acknowledge", {**said, "satisfied": None}).status_code == 422
    assert call("clerk", "post", f"{step}/acknowledge", said).get_json()["state"] == "replied"
    assert [s.refused for s in rows(Service, case)] == [False, True]
    course = call("clerk", "get", f"{BASE}/{case.id}/timeline").get_json()["result"]
    assert "表示：满意。" in course[0]["lines"]


def two(place, name):
    return {
        "side": "petitioner",
        "name": name,
        "id_type": "id_card",
        "id_number": id_number(place),
        "phone": f"1580003{place:04d}",
        "address": "山东省昌邑市柳疃镇西付村12号",
    }


def test_what_waits_to_be_served_is_work_of_the_desk(cases, login, session):
    case = cases.accepted()
    page = login("clerk").get("/work/").get_data(as_text=True)
    assert case.number in page and "送达文书" in page
    assert case.state is CaseState.accepted


def test_what_is_typed_is_kept_on_the_server_until_the_step_is_done(cases, login, session):
    case = cases.handling()
    browser, address = login("handler.d1"), f"/case/{case.id}/do/submit_reply"
    typed = sent(browser, case, findings="写到一半的调查情况", **answers("答复写到一半"))
    assert browser.post(f"{address}/draft", data=typed).get_json()["saved"]
    assert browser.post(f"{address}/draft", data={**typed, "basis": "依据也写了"}).status_code == 200
    page = browser.get(address).get_data(as_text=True)
    assert "写到一半的调查情况" in page and page.count("答复写到一半") == 2 and "依据也写了" in page
    head = login("unit_head.d1")
    assert head.post(f"{address}/draft", data={"csrf_token": head.token}).status_code == 403
    assert login("handler.d2").post(f"{address}/draft").status_code in (400, 404)
    browser.post(f"{address}/draft", data={"csrf_token": browser.token, "forget": "1"})
    assert "写到一半" not in browser.get(address).get_data(as_text=True)
    browser.post(f"{address}/draft", data=typed)
    filled = sent(browser, case, findings="属实", basis="有据", evidence=str(cases.evidence(case).id), **answers())
    assert browser.post(address, data=filled).status_code == 302
    cases.do("unit_head.d1", reply.return_reply, case, reason="补充")
    assert "写到一半" not in browser.get(address).get_data(as_text=True)
    assert browser.post(f"/case/{case.id}/do/log_work/draft", data=typed).status_code == 404


def test_a_day_that_may_still_move_says_so_on_the_slip(cases, login, session):
    case = cases.replied()
    with system_scope("test"):
        for row in rows(Deadline, case):
            row.provisional = row.code == "D-FC30"
        db.session.commit()
    browser = login("clerk")
    address = f"/case/{case.id}/remedies/{cases.petitioners(case)[0].id}/slip"
    slip = browser.post(address, data={"csrf_token": browser.token}).location
    text = browser.get(slip).get_data(as_text=True)
    assert text.count("日（暂估）") == 1
