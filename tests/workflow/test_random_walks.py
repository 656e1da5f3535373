"""Random people try random steps on real cases, and a small model watches: nothing illegal passes, nothing legal is
refused, each change has its row of the course and its entry of the trail, and every step of the table is reached.

PORTAL_WALKS=200 walks further than the suite does."""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.access.actor import SYSTEM, acting, system_scope
from app.access.audit import verify
from app.core import clock
from app.core.db import db
from app.forms.steps import CASE
from app.models.attachment import Attachment
from app.models.case import CaseState
from app.workflow.case_flow import CASE_FLOW
from seed.load_registers import load_registers
from tests.api.test_whole_course import SIGNED, answers, code_of, ids, people, roster
from tests.case_factory import Cases, organisation_of
from tests.conftest import PASSWORD

PEOPLE = (
    *("clerk", "dispatcher", "centre_head", "handler.d1", "unit_head.d1", "handler.d2", "unit_head.d2", "leader.1"),
    *("follow_up_clerk", "supervisor", "archivist", "review_secretary", "clerk.t1", "statistician"),
)
# Steps that lead to an end, or turn in a circle: taken now and then only.
ASIDE = {
    "decline",
    "redirect",
    "withdraw",
    "split",
    "merge",
    "request_supplement",
    "suspend",
    "refuse_extension",
    "object",
}
WALKS = int(os.environ.get("PORTAL_WALKS", "2"))
STEPS = 45


class World:
    """One case, and what the model knows of it."""

    def __init__(self, app, actor, dice):
        self.app, self.dice, self.tokens = app, dice, {}
        self.done, self.tried = Counter(), Counter()
        body = Cases(actor).body(parties=people(), head_count=2, title=f"村道占地未补偿 随机{dice.random()}")
        self.case = self.call("clerk", "post", "/case/", {**body, "different_matter": True})[1]["id"]
        self.files = [self._file()]

    def _file(self):
        with system_scope("test"):
            row = Attachment(
                case_id=self.case,
                name="测绘图.pdf",
                mime="application/pdf",
                size=9,
                sha256="0" * 64,
                storage_key=f"r{self.dice.random()}",
            )
            db.session.add(row)
            db.session.commit()
            return row.id

    def call(self, who, method, address, json=None):
        browser = self.app.test_client()
        if who not in self.tokens:
            login = {"username": who, "password": PASSWORD, "provider": "db", "refresh": False}
            self.tokens[who] = browser.post("/api/v1/security/login", json=login).get_json()["access_token"]
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = getattr(browser, method)(f"/api/v1{address}", json=json, headers=headers)
        assert answer.status_code < 500, f"{who} {address} {json}: {answer.get_json(silent=True)}"
        return answer.status_code, answer.get_json(silent=True)

    def picture(self):
        """What the database holds of the case: state, version, length of the course, entries of the trail."""
        row = db.session.connection().execute(
            text(
                "SELECT state, version, (SELECT count(*) FROM case_step WHERE case_id = :id), "
                '(SELECT max(id) FROM audit_entry) FROM "case" WHERE id = :id'
            ),
            {"id": self.case},
        )
        return tuple(row.one())

    def parties(self):
        return ids("SELECT id FROM party WHERE case_id = :id AND side = 'petitioner' ORDER BY id", id=self.case)

    def form(self, step):
        """Something sensible for the form of a step; often right, sometimes not."""
        dice, now = self.dice, clock.now().replace(microsecond=0)
        party = dice.choice(self.parties())
        words = {"reason": "情况属实", "note": "同意"}
        lead = organisation_of("handler.d1").code
        claims = ids("SELECT id FROM claim WHERE case_id = :id ORDER BY number", id=self.case)
        sides = ids("SELECT id FROM party WHERE case_id = :id ORDER BY id", id=self.case)
        handed = {"party": party, "way": "handed", "served_at": now.isoformat(), "signature": SIGNED}
        known = {
            "request_supplement": {"missing": [code_of("supplement_item")], "reason": "请补充"},
            "supplement": {"note": "补交合同"},
            "decline": {"ground": code_of("decline_reason"), "reason": "正在诉讼"},
            "redirect": {"route": code_of("legal_route"), "where": "人民法院", "reason": "属诉讼事项"},
            "assign": {"lead": lead, "co": [organisation_of("handler.d2").code]},
            "object": {"proposed": organisation_of("handler.d2").code, "reason": "不属本单位"},
            "log_work": {"text": "到现场丈量"},
            "submit_reply": {"findings": "属实", "basis": "条例", "answers": answers(), "evidence": self.files[:1]},
            "serve_reply": handed,
            "acknowledge": {"party": party, "satisfied": dice.choice((True, False)), "signature": SIGNED},
            "apply_review": {"party": party, "claims": claims[:1], "reason": "不同意", "signature": SIGNED},
            "follow_up": {
                "party": party,
                "mode": "phone",
                "reached": True,
                "solved": True,
                "satisfied": dice.choice(("satisfied", "dissatisfied")),
                "cause": "未到位",
            },
            "report_rectification": {"report": "已整改", "evidence": self.files[:1]},
            "archive": {"retention": code_of("retention")},
            "reopen": {"ground": code_of("reopen_reason"), "reason": "新的事实"},
            "suspend": {
                "ground": code_of("suspend_reason"),
                "reason": "等待鉴定",
                "until_on": (now.date() + timedelta(days=9)).isoformat(),
            },
            "request_extension": {"days": 10, "ground": code_of("extension_reason"), "reason": "等待测绘"},
            "confer": {
                "at": now.isoformat(),
                "organisations": [lead, organisation_of("handler.d2").code],
                "minutes": "讨论",
                "conclusion": "再议",
                "solved": False,
            },
            "mediate": {
                "began_at": now.isoformat(),
                "consents": [{"party": key, "consents": dice.random() < 0.8} for key in sides],
            },
            "conclude_mediation": {"agreed": False, "minutes": "未达成一致"},
            "withdraw": {"party": party, "signature": SIGNED, "reason": "不再要求"},
        }
        return known.get(step, words)

    def attempt(self, who, step):
        """One try of one person; the model says what may come of it."""
        self.tried[step] += 1
        before = self.picture()
        status, told = self.call(who, "get", f"/case/{self.case}/steps")
        offered = {s["name"]: s["allowed"] for s in told["result"]} if status == 200 else {}
        schema = next((s["schema"] for s in told["result"] if s["name"] == step), {}) if status == 200 else {}
        form = {name: value for name, value in self.form(step).items() if name in schema.get("properties", ())}
        code, said = self.call(who, "post", f"/case/{self.case}/steps/{step}", form)
        after = self.picture()
        row = CASE_FLOW.row(step)
        if code == 200:
            assert offered.get(step), f"{who} was not offered {step} in {before[0]}"
            assert CaseState(before[0]) in row.sources, f"{step} from {before[0]}"
            targets = {before[0] if target is None else target.value for target in row.targets}
            settled = after[0] in targets or after[0] in {
                "follow_up_due",
                "reviewing",
            }  # the program went on from there
            assert settled, f"{step}: {before[0]} -> {after[0]}, not {targets}"
            assert after[1] > before[1] and after[2] > before[2] and after[3] > before[3]
            self.done[step] += 1
        else:
            assert code in (403, 404, 409, 422), f"{step}: {code} {said}"
            assert after[:3] == before[:3], f"refused ({code}), yet changed: {step} {before} {after}"
            if offered.get(step):
                assert code == 422, f"{who} was offered {step} in {before[0]}, then refused: {code} {said}"
        return code

    def likely(self):
        """A step that somebody can take now, and who; one that ends the matter seldom."""
        for who in self.dice.sample(PEOPLE, len(PEOPLE)):
            status, told = self.call(who, "get", f"/case/{self.case}/steps")
            open_ = [s["name"] for s in told["result"] if s["allowed"]] if status == 200 else []
            fresh = [name for name in open_ if name not in ASIDE and self.tried[name] < 4]
            if self.dice.random() < 0.1:
                fresh += open_
            if fresh:
                return who, self.dice.choice(fresh)
        return None


@pytest.mark.parametrize("seed", range(WALKS))
def test_random_people_try_random_steps(app, bound, session, actor, seed):
    with acting(SYSTEM), system_scope("test"):
        load_registers()
        db.session.commit()
    roster("leader.1", clock.today())
    dice = random.Random(seed)
    world = World(app, actor, dice)
    names = sorted(CASE.pages)
    for _turn in range(STEPS):
        choice = world.likely() if dice.random() < 0.6 else (dice.choice(PEOPLE), dice.choice(names))
        if choice is not None:
            world.attempt(*choice)
    assert sum(world.done.values()) >= 8, world.done
    with system_scope("test"):
        assert verify(db.session)[1] is None
    rows = ids("SELECT count(*) FROM case_step WHERE case_id = :id", id=world.case)[0]
    assert rows >= 1 + sum(world.done.values())
