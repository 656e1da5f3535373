"""Every guard of what comes after the reply, by itself: when it is silent, and what it says."""

import inspect
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.core import clock
from app.models.party import Side
from app.models.referral import ReferralKind, ReferralState
from app.workflow import guards_follow_up as f
from app.workflow.facts import CaseFacts, Event, LateFacts, ReferralFact
from app.workflow.types import Situation

TODAY = date(2026, 11, 20)
SERVED = datetime(2026, 11, 18, 10, 0, tzinfo=clock.LOCAL)
ME, OTHER, OWN = 7, 8, 12
PARTIES = (SimpleNamespace(id=1, side=Side.petitioner), SimpleNamespace(id=2, side=Side.respondent))
REPLY = SimpleNamespace(id=5, number=1, round=1, state="approved")
SERVICE = SimpleNamespace(id=1, reply_id=5, party_id=1, served_at=SERVED)
ASKED = SimpleNamespace(id=1, round=1, party_id=1, reached=True, created_at=SERVED)


def party(key=1):
    return SimpleNamespace(id=key, name="于秀兰")


def at(data=None, referrals=(), course=(), **late):
    held = {"parties": PARTIES, "replies": (REPLY,), "services": (SERVICE,), **late}
    facts = CaseFacts(today=TODAY, referrals=referrals, course=course, late=LateFacts(**held))
    return Situation(SimpleNamespace(id=1, round=1), Actor(ME, "x", organisation_id=OWN), facts, data or {})


def order(state="ordered", owner=OWN, reporter=None):
    row = SimpleNamespace(id=1, state=state, organisation_id=owner, reported_by_id=reporter, accepted_at=None)
    return {"rectifications": (row,)}


def sent():
    return (ReferralFact(1, OWN, ReferralKind.lead, ReferralState.signed),)


CONTENT = {"reached": True, "solved": True, "satisfied": "satisfied"}
TABLE = [
    (f.not_the_handler, at(course=(Event("log_work", OTHER),)), at(course=(Event("receive_by_leader", ME),))),
    (f.not_the_handler, at(), at(referrals=sent())),
    (f.party_is_asked, at({"party": party()}), at({"party": party(2)})),
    (f.party_is_asked, at({"party": party()}), at({"party": party()}, follow_ups=(ASKED,))),
    (
        f.asked_after_the_service,
        at({"party": party(), "at": SERVED}),
        at({"party": party(), "at": SERVED - timedelta(1)}),
    ),
    (f.asked_after_the_service, at({}), at({"at": clock.now() + timedelta(hours=1)})),
    (f.answers_are_whole, at(CONTENT), at({**CONTENT, "solved": None})),
    (f.answers_are_whole, at({"reached": False}), at({})),
    (f.answers_are_whole, at({"reached": False}), at({"reached": False, "satisfied": "satisfied"})),
    (f.cause_is_named, at({"low": False}), at({"low": True, "cause": "  "})),
    (f.is_to_be_rectified, at(**order()), at(**order("reported"))),
    (f.is_reported, at(**order("reported")), at(**order())),
    (f.own_organisation_rectifies, at(**order()), at(**order(owner=99))),
    (f.not_the_reporter, at(**order("reported", reporter=OTHER)), at(**order("reported", reporter=ME))),
    (f.report_is_told, at({"report": "已补发"}), at({"report": " "})),
    (f.report_has_evidence, at({"evidence": [1]}), at({"evidence": []})),
    (f.dossier_is_complete, at(follow_ups=(ASKED,)), at()),
    (f.dossier_is_complete, at(follow_ups=(ASKED,)), at(follow_ups=(ASKED,), services=())),
    (f.retention_is_chosen, at({"retention": 1}), at()),
    (f.ground_of_reopening_is_named, at({"ground": 1}), at()),
    (f.has_somebody_to_handle_it, at(referrals=sent()), at()),
]


@pytest.mark.parametrize(
    ("guard", "fine", "wrong"), TABLE, ids=[f"{row[0].__name__}{n}" for n, row in enumerate(TABLE)]
)
def test_guard(guard, fine, wrong):
    assert guard(fine) is None
    said = guard(wrong)
    assert said is not None
    assert str(said[1] if isinstance(said, tuple) else said).strip()


def test_every_guard_is_in_the_table():
    own = {
        one
        for name, one in inspect.getmembers(f, inspect.isfunction)
        if one.__module__ == f.__name__ and not name.startswith("_")
    }
    assert own - {f.missing_from_dossier} == {row[0] for row in TABLE}
