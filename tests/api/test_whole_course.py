"""One case from the desk to the archive by REST alone: objection, leader, conference, extension, reply returned and
approved, service before witnesses, an application in time and one too late, a panel with a conflict and a decline,
dissent, a new reply, a low score, rectification, the second asking, the dossier."""

import base64
import io
from datetime import date, datetime, time, timedelta

import pytest
from case_factory import id_number
from PIL import Image
from sqlalchemy import text

from app.access.actor import SYSTEM, acting, system_scope
from app.access.audit import verify
from app.core import clock
from app.core.db import db
from app.models.attachment import Attachment
from app.models.roster import DutyKind, Shift
from seed.load_registers import load_registers
from tests.case_factory import Cases, organisation_of
from tests.conftest import PASSWORD

START = datetime(2026, 3, 2, 9, 0, tzinfo=clock.LOCAL)


def picture():
    made = io.BytesIO()
    Image.new("RGB", (120, 40), "white").save(made, "PNG")
    return "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()


SIGNED = {
    "kind": "touch",
    "strokes": [
        {"points": [{"time": 1, "x": 5, "y": 5, "pressure": 0.5}, {"time": 20, "x": 60, "y": 30, "pressure": 0.5}]}
    ],
    "image": picture(),
}
WITNESSED = {"kind": "witness", "witness": "村委会主任孙建国"}


class Walk:
    """Calls as demo accounts, each on its day."""

    def __init__(self, app):
        self.app, self.day = app, START
        self.case = self.review = 0

    def at(self, day, hour=9):
        self.day = datetime.combine(day, time(hour), clock.LOCAL)

    def call(self, who, method, address, json=None, status=200):
        self.day += timedelta(minutes=3)
        with clock.standing_at(self.day):
            browser = self.app.test_client()
            login = {"username": who, "password": PASSWORD, "provider": "db", "refresh": False}
            token = browser.post("/api/v1/security/login", json=login).get_json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            answer = getattr(browser, method)(f"/api/v1{address}", json=json, headers=headers)
        said = answer.get_json(silent=True)
        assert answer.status_code == status, f"{who} {address}: {answer.status_code} {said}"
        return said

    def do(self, who, step, status=200, **form):
        return self.call(who, "post", f"/case/{self.case}/steps/{step}", form, status)

    def on_review(self, who, step, status=200, **form):
        return self.call(who, "post", f"/review/{self.review}/steps/{step}", form, status)

    def state(self, who="supervisor"):
        return self.call(who, "get", f"/case/{self.case}/steps")["state"]


@pytest.fixture
def walk(app, bound, session):
    with acting(SYSTEM), system_scope("test"):
        load_registers()
        db.session.commit()
    return Walk(app)


def people():
    parties = []
    for place, name in ((71, "于秀兰"), (72, "栾𠮷明")):
        parties.append(
            {
                "side": "petitioner",
                "name": name,
                "id_type": "id_card",
                "id_number": id_number(place),
                "phone": f"1580002{place:04d}",
                "address": "山东省昌邑市柳疃镇西付村12号",
            }
        )
    return parties


def ids(query, **values):
    return list(db.session.connection().execute(text(query), values).scalars())


def roster(leader, day):
    with system_scope("test"):
        db.session.add(
            Shift(
                organisation_id=organisation_of("centre_head").id,
                kind=DutyKind.leader,
                on=day,
                starts_at=time(8, 30),
                ends_at=time(17, 30),
                account_id=ids("SELECT id FROM ab_user WHERE username = :name", name=leader)[0],
            )
        )
        db.session.commit()


def answers(resolved=True):
    return [
        {
            "claim": 1,
            "result": "supported" if resolved else "partly_supported",
            "resolved": resolved,
            "text": "补偿款按标准支付。",
        },
        {"claim": 2, "result": "explained", "resolved": True, "text": "占地依据已书面说明。"},
    ]


def to_handling(walk, actor):
    body = Cases(actor).body(parties=people(), head_count=2, title="村道占地未补偿 全程")
    walk.case = walk.call("clerk", "post", "/case/", body, 201)["id"]
    walk.do("dispatcher", "accept")
    one, other = organisation_of("handler.d1").code, organisation_of("handler.d2").code
    walk.do("dispatcher", "assign", lead=other)
    walk.do("unit_head.d2", "object", proposed=one, reason="不属于本单位职权")
    walk.do("dispatcher", "uphold", reason="情况属实")
    walk.do("dispatcher", "assign", lead=one, co=[other])
    walk.do("handler.d1", "sign_for")
    walk.do("handler.d1", "log_work", text="到现场丈量。")
    assert walk.state() == "handling"
    return one, other


def code_of(table, place=0):
    query = "SELECT i.id FROM code_item i JOIN code_table t ON t.id = i.table_id WHERE t.code = :table ORDER BY i.sort"
    return ids(query, table=table)[place]


def before_a_leader_and_back(walk, actor, other):
    day = START.date() + timedelta(days=1)
    roster("leader.1", day)
    walk.at(day)
    shift = ids("SELECT max(id) FROM shift")[0]
    walk.do("clerk", "present_to_leader", shift=shift)
    walk.at(day, 10)
    moment = walk.day.isoformat()
    received = {"at": moment, "head_count": 2, "said": "要求尽快补偿。", "instruction": "三日内拿出方案。"}
    walk.do("leader.2", "receive_by_leader", 404, **received)
    walk.do("leader.1", "receive_by_leader", **received)
    met = {"at": walk.day.isoformat(), "minutes": "各方意见不一。", "conclusion": "补充测绘后再议。", "solved": False}
    walk.do("centre_head", "confer", 422, organisations=[other], **met)
    walk.do("centre_head", "confer", organisations=[other, organisation_of("handler.d1").code], **met)
    walk.do("unit_head.d1", "request_extension", 422, days=31, ground=code_of("extension_reason"), reason="等待测绘")
    walk.do("unit_head.d1", "request_extension", days=30, ground=code_of("extension_reason"), reason="等待测绘成果")
    walk.do("unit_head.d1", "approve_extension", 403)
    due = walk.call("clerk", "get", f"/case/{walk.case}/clocks")["result"]
    walk.do("centre_head", "approve_extension")
    later = walk.call("clerk", "get", f"/case/{walk.case}/clocks")["result"]
    handle = [{row["code"]: row["due"] for row in rows}["D-HANDLE60"] for rows in (due, later)]
    assert date.fromisoformat(handle[1]) > date.fromisoformat(handle[0])
    walk.do("unit_head.d1", "request_extension", 409, days=5, ground=code_of("extension_reason"), reason="再延")


def replied(walk, evidence, version=1):
    draft = {
        "findings": "经现场丈量，占用38.6平方米。",
        "basis": "《土地管理法》第四十八条",
        "answers": answers(version > 1),
    }
    walk.do("handler.d1", "submit_reply", 422, **draft)
    walk.do("handler.d1", "submit_reply", **draft, evidence=[evidence])
    if version == 1:
        walk.do("unit_head.d1", "return_reply", reason="依据写明条款")
        walk.do(
            "handler.d1", "submit_reply", **{**draft, "basis": "《土地管理法》第四十八条第二款"}, evidence=[evidence]
        )
    walk.do("unit_head.d1", "approve_reply")
    walk.do("unit_head.d1", "approve_reply", 409 if version > 9 else 403)
    walk.do("centre_head", "approve_reply")
    assert walk.state() == "reply_approved"


def served(walk, parties, refusing):
    first, second = parties
    moment = walk.day.isoformat()
    walk.do("clerk", "serve_reply", party=first, way="handed", served_at=moment, signature=SIGNED)
    refused = {"party": second, "way": "left", "served_at": moment, "refused": True, "refusal": "不认可答复"}
    if refusing:
        walk.do("clerk", "serve_reply", 422, **refused, witness_one="张三")
        walk.do("clerk", "serve_reply", **refused, witness_one="张三", witness_two="李四")
    else:
        walk.do("clerk", "serve_reply", party=second, way="handed", served_at=moment, signature=SIGNED)
    assert walk.state() == "replied"


def attached(walk):
    """A file of the case, as its page would attach it."""
    now = clock.now()
    with system_scope("test"):
        row = Attachment(
            case_id=walk.case,
            name="测绘图.pdf",
            mime="application/pdf",
            size=9,
            sha256="0" * 64,
            storage_key=f"w{now:%H%M%S%f}",
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def panel(walk):
    """Five from three pools, one of them with a conflict found, one who declines; the sixth takes the seat."""
    found = walk.call("review_secretary", "get", f"/review/{walk.review}/candidates")
    rows = found["result"] if isinstance(found, dict) else found
    free = [row for row in rows if not row["conflicts"]]
    named = dict(
        db.session.connection()
        .execute(text("SELECT e.id, u.username FROM expert e JOIN ab_user u ON u.id = e.account_id"))
        .all()
    )
    free = [row for row in free if row["id"] in named]
    pools = {row["pool"] for row in free}
    assert len(pools) >= 3, pools
    picked, seen = [], set()
    for row in free:  # one of every pool first
        if row["pool"] not in seen:
            picked.append(row)
            seen.add(row["pool"])
    picked += [row for row in free if row not in picked][: 5 - len(picked)]
    rest = [row for row in free if row not in picked]
    return [row["id"] for row in picked[:5]], [row["id"] for row in rest[:2]], named


def review(walk, first, second):
    walk.at(START.date() + timedelta(days=15))  # day 5 after the service
    claims = ids("SELECT id FROM claim WHERE case_id = :case ORDER BY number", case=walk.case)
    apply = {"claims": claims[:1], "reason": "面积不对", "signature": SIGNED}
    walk.do("clerk", "apply_review", party=first, **apply)
    walk.at(START.date() + timedelta(days=16))  # day 6
    walk.do("clerk", "apply_review", 409, party=second, **apply)
    walk.review = ids("SELECT max(id) FROM review")[0]
    walk.on_review("review_secretary", "accept_review")
    chosen, reserves, named = panel(walk)
    sign = {"party": first, "signature": SIGNED}
    walk.on_review("clerk", "pick_experts", 422, experts=chosen[:4], reserves=reserves, **sign)
    walk.on_review("clerk", "pick_experts", experts=chosen, reserves=reserves, **sign)
    walk.on_review("review_secretary", "invite")
    for place, expert in enumerate(chosen):
        if place == 0:
            walk.on_review(named[expert], "decline_invitation", reason="出差")
        else:
            walk.on_review(named[expert], "accept_invitation", declared=True)
    walk.on_review(named[reserves[0]], "accept_invitation", declared=True)
    seated = [*chosen[1:], reserves[0]]
    walk.on_review("review_secretary", "serve_material", read_through=True)
    room = ids("SELECT id FROM room WHERE name = '专家评审室'")[0]
    day = START.date() + timedelta(days=18)
    begins = datetime.combine(day, time(10), clock.LOCAL)
    walk.on_review(
        "review_secretary",
        "fix_session",
        room=room,
        start=begins.isoformat(),
        end=(begins + timedelta(hours=2)).isoformat(),
    )
    walk.at(day, 10)
    walk.on_review("review_secretary", "open_ballots")
    steps = walk.call(named[seated[0]], "get", f"/review/{walk.review}/steps")["result"]
    schema = next(step for step in steps if step["name"] == "cast_ballot")["schema"]
    lines = schema["properties"]["marks"]["items"]["properties"]["line"]["enum"]
    for place, expert in enumerate(seated):
        bad = place < 3  # three of five find the first line not sound: the reply must change
        marks = [
            {
                "line": line,
                "legality": "sound",
                "reasonableness": "unsound" if bad else "sound",
                "comment": "面积计算有误" if bad else "",
            }
            for line in lines
        ]
        walk.on_review(named[expert], "cast_ballot", marks=marks)
        if place == 0:
            walk.on_review(named[expert], "cast_ballot", 409, marks=marks)
    walk.on_review("review_secretary", "assemble_opinion", text="评审团认为占地面积应重新测算。")
    for expert in seated:
        walk.on_review(named[expert], "sign_opinion", signature=SIGNED)
    for party in (first, second):
        given = {"party": party, "way": "handed", "served_at": walk.day.isoformat(), "signature": SIGNED}
        if party == first:
            given["satisfied"] = "satisfied"
        walk.on_review("review_secretary", "serve_opinion", **given)
    assert walk.state() == "handling"


def asked(walk, party, status=200, **said):
    told = {
        "mode": "phone",
        "at": walk.day.isoformat(),
        "reached": True,
        "solved": True,
        "satisfied": "satisfied",
        **said,
    }
    return walk.do("follow_up_clerk", "follow_up", status, party=party, **told)


def test_from_objection_to_archive(walk, actor, session):
    _one, other = to_handling(walk, actor)
    first, second = ids("SELECT id FROM party WHERE case_id = :case ORDER BY id", case=walk.case)
    before_a_leader_and_back(walk, actor, other)
    walk.at(START.date() + timedelta(days=9))
    evidence = attached(walk)
    replied(walk, evidence)
    walk.at(START.date() + timedelta(days=10), 10)
    served(walk, (first, second), refusing=True)
    review(walk, first, second)
    walk.at(START.date() + timedelta(days=21))
    replied(walk, evidence, version=2)
    served(walk, (first, second), refusing=False)
    for party in (first, second):
        walk.do("clerk", "acknowledge", party=party, satisfied=True, signature=SIGNED)
    assert walk.state() == "follow_up_due"
    walk.at(START.date() + timedelta(days=23))
    asked(walk, first, 422, satisfied="dissatisfied")
    asked(walk, first, satisfied="dissatisfied", quality=2, cause="补偿款未足额到账", opinion="还差一部分")
    assert walk.state() == "rectifying"
    walk.do("unit_head.d1", "report_rectification", report="已补发差额。", evidence=[evidence])
    walk.do("unit_head.d1", "accept_rectification", 403)
    walk.do("supervisor", "accept_rectification")
    walk.at(START.date() + timedelta(days=26))
    for party in (first, second):
        asked(walk, party)
    assert walk.state() == "closed"
    for paper in ("acceptance_notice", "extension_notice"):
        for party in (first, second):
            if paper == "extension_notice":
                walk.do("archivist", "archive", 409, retention=code_of("retention"))  # a notice still waits
            handed = {"way": "handed", "served_at": walk.day.isoformat(), "signature": SIGNED}
            walk.do("clerk", "serve_notice", party=party, paper=paper, **handed)
    walk.do("archivist", "archive", retention=code_of("retention"))
    assert walk.state() == "archived"
    story = walk.call("supervisor", "get", f"/case/{walk.case}/timeline")["result"]
    told = [event["step"] for event in story]
    for step in (
        "object",
        "receive_by_leader",
        "confer",
        "approve_extension",
        "return_reply",
        "serve_reply",
        "cast_ballot",
        "sign_opinion",
        "accept_rectification",
        "archive",
    ):
        assert step in told, step
    with system_scope("test"):
        assert verify(db.session)[1] is None
