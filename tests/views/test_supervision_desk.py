"""The pages of the desk: cases by light, the whole course of one, signs of gaming, causes that come back."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.case import Case, CaseState
from app.models.extension import Extension
from app.models.follow_up import FollowUp, FollowUpMode, Satisfaction
from app.models.proposal import Proposal
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services import parameter, proposal, supervision
from app.services.queries import causes, gaming, supervision_desk
from app.services.queries.supervision_desk import Lamp
from tests.case_factory import Cases, category, organisation_of

TODAY = clock.today()
_case = Case.__table__


@pytest.fixture
def cases(actor):
    return Cases(actor)


def change(case, **values):
    db.session.connection().execute(update(_case).where(_case.c.id == case.id).values(**values))


def test_the_desk_sorts_open_cases_by_light(cases, actor):
    late, soon, fine, still, ended = (cases.handling() for _place in range(5))
    for case, days in ((late, -2), (soon, 2), (fine, 20), (still, -9), (ended, -9)):
        change(case, due_on=TODAY + timedelta(days=days), paused=case is still)
    change(ended, state=CaseState.archived)
    change(still, state=CaseState.suspended)
    cases.do("supervisor", supervision.urge, late, text="请办理")
    with acting(actor("supervisor")):
        assert supervision_desk.counts(TODAY) == {Lamp.late: 1, Lamp.soon: 1, Lamp.ok: 1, Lamp.hold: 1}
        (line,) = supervision_desk.lines(Lamp.late, TODAY)
    assert line.row.id == late.id and line.urged_at and line.office == organisation_of("handler.d1").name
    with acting(actor("supervisor.t1")):
        assert not any(supervision_desk.counts(TODAY).values())


def test_pages_of_the_desk_open_for_those_who_watch(cases, login):
    case = cases.handling()
    browser = login("supervisor")
    for address in ("/supervision/", "/supervision/?light=ok", "/supervision/causes", "/supervision/checks"):
        assert browser.get(address).status_code == 200, address
    page = browser.get(f"/supervision/case/{case.id}").get_data(as_text=True)
    assert case.number in page and "领导参与" in page and "专家评审" in page and "督查监督" in page
    table = browser.post("/supervision/table", data={"light": "ok", "csrf_token": browser.token})
    assert table.status_code == 200 and table.data[:2] == b"PK"
    head = login("centre_head")
    assert head.get("/supervision/").status_code == 200 and head.get("/supervision/checks").status_code == 403
    assert login("unit_head.d1").get("/supervision/").headers["Location"] == "/supervision/list/"
    assert login("supervisor.t1").get(f"/supervision/case/{case.id}").status_code == 404
    for wrong in ("/supervision/cause", "/supervision/cause?category=x", "/supervision/cause?category=1&place=9999999"):
        assert browser.get(wrong).status_code == 404, wrong
    assert browser.get("/supervision/checks?from=x").status_code == 200


def signs(actor):
    with acting(actor("supervisor")):
        found = gaming.seen(TODAY - timedelta(days=30), TODAY)
    return {(one.sign.code, row.id) for one in found for row in one.rows}


def closed(case, at, **more):
    step = {"seq": 90, "round": 1, "step": "follow_up", "from_state": "follow_up_due", "to_state": "closed"}
    db.session.add(CaseStep(case_id=case.id, at=at, actor_name="x", **step))
    change(case, state=CaseState.closed, closed_at=at, **more)
    db.session.flush()


def test_each_sign_of_gaming_finds_its_matter_and_no_other(cases, actor):
    quiet, back, hand, minute, paper = (cases.handling() for _place in range(5))
    party = {case.id: cases.petitioners(case)[0].id for case in (quiet, hand)}
    ten = clock.now() - timedelta(days=10)
    with system_scope("test"), acting(actor("clerk")):
        closed(quiet, ten, resolved=False)
        closed(back, ten, resolved=False)
        closed(paper, ten, resolved=True)
        for case, days in ((quiet, 9), (back, 3)):
            db.session.add(Visit(case_id=case.id, at=ten + timedelta(days=days), channel="visit", head_count=1))
        for case, who in ((quiet, "follow_up_clerk"), (hand, "handler.d1")):
            said = {"mode": FollowUpMode.phone, "reached": True, "solved": True, "satisfied": Satisfaction.satisfied}
            row = FollowUp(
                case_id=case.id, party_id=party[case.id], by_id=actor(who).user_id, at=ten, attempt=1, **said
            )
            db.session.add(row)
        for case, left in ((quiet, 12), (minute, 1)):
            asked = {"days": 9, "reason": "核查", "asked_by_id": actor("unit_head.d1").user_id, "asked_at": ten}
            day = clock.local(ten).date() + timedelta(days=left)
            db.session.add(Extension(case_id=case.id, old_due_on=day, **asked))
        db.session.flush()
    wanted = {("back", back.id), ("wrong_hand", hand.id), ("last_minute", minute.id), ("no_paper", paper.id)}
    assert signs(actor) == wanted


def test_causes_that_come_back_and_what_a_proposal_did(cases, actor):
    kinds = [category(place) for place in range(2)]
    many = [cases.register(category=kinds[0].code) for _place in range(parameter.number("cluster_least"))]
    once = cases.register(category=kinds[1].code)
    old = cases.register(category=kinds[0].code)
    change(old, registered_at=clock.now() - timedelta(days=parameter.number("cluster_days") + 5))
    village = db.session.connection().execute(text('SELECT min(village_id) FROM "case"')).scalar_one()
    with acting(actor("supervisor")):
        (found,) = causes.causes(TODAY)
        assert (found.category_id, found.place_id) == (kinds[0].id, village) and once.category_id != kinds[0].id
        assert (found.now, found.before, found.proposals) == (len(many), 1, 0)
        assert sum(month.cases for month in causes.months(kinds[0].id, village, TODAY)) == len(many) + 1
        about = {"category": kinds[0], "place": many[0].village, "kind": "improve_work"}
        words = {
            "addressee": "市农业农村局",
            "subject": "规范台账",
            "text": "建议规范",
            "due_on": TODAY + timedelta(days=9),
        }
        proposal.propose(actor("supervisor"), {**about, **words})
        (row,) = causes.causes(TODAY)
        assert row.proposals == 1
    sent = TODAY - timedelta(days=3)
    db.session.connection().execute(update(Proposal.__table__).values(sent_on=sent))
    db.session.expire_all()
    with acting(actor("supervisor")):
        (effect,) = causes.effects(kinds[0].id, village, TODAY)
        assert (effect.days, effect.before, effect.after) == (4, 0, len(many))
    with acting(actor("supervisor.t1")):
        assert causes.causes(TODAY) == []
