"""Every guard by itself: when it is silent, and what it says."""

import inspect
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.access.actor import Actor
from app.core import clock
from app.models.case import CaseState, Kind
from app.models.referral import ReferralKind, ReferralState
from app.workflow import guards as g
from app.workflow.facts import CaseFacts, Event, ReferralFact
from app.workflow.types import Situation

TODAY = date(2026, 11, 20)
ME, OTHER, OWN = 7, 8, 12
CATEGORY = SimpleNamespace(id=3, parent_id=1, name="征地补偿", active=True, leaf=True)


def organisation(key, path="/1/9/", active=True):
    return SimpleNamespace(id=key, name=f"单位{key}", path=path, active=active)


def case(**more):
    now = datetime(2026, 11, 1, 9, 0, 30, tzinfo=clock.LOCAL)
    base = {
        "id": 1,
        "number": "SQ-1",
        "state": CaseState.registered,
        "supplements": 0,
        "kind": Kind.appeal,
        "category_id": 3,
        "category": CATEGORY,
        "registered_at": now,
    }
    return SimpleNamespace(**{**base, **more})


def sent(kind=ReferralKind.lead, state=ReferralState.sent, due=TODAY, organisation_id=OWN):
    return ReferralFact(1, organisation_id, kind, state, due)


def at(record=None, data=None, **facts):
    actor = Actor(ME, "x", organisation_id=OWN)
    return Situation(record or case(), actor, CaseFacts(**{"today": TODAY, **facts}), data or {})


def by(step, who):
    return {"course": (Event(step, who),)}


FINE, WRONG = "fine", "wrong"
TABLE = [
    (g.own_organisation_concerned, at(referrals=(sent(ReferralKind.co),)), at(referrals=(sent(organisation_id=99),))),
    (g.own_organisation_leads, at(referrals=(sent(),)), at(referrals=(sent(ReferralKind.co),))),
    (g.not_the_proposer, at(**by("decline", OTHER)), at(**by("redirect", ME))),
    (g.not_the_withdrawer, at(**by("withdraw", OTHER)), at(**by("withdraw", ME))),
    (g.not_the_objector, at(**by("object", OTHER)), at(**by("object", ME))),
    (g.not_the_asker, at(**by("request_extension", OTHER)), at(**by("request_extension", ME))),
    (g.not_the_drafter, at(**by("submit_reply", OTHER)), at(**by("submit_reply", ME))),
    (g.supplement_only_once, at(), at(case(supplements=1))),
    (g.awaits_own_signature, at(referrals=(sent(),)), at(referrals=(sent(state=ReferralState.signed),))),
    (g.signed_by_own_organisation, at(referrals=(sent(state=ReferralState.signed),)), at(referrals=(sent(),))),
    (g.within_objection_days, at(referrals=(sent(due=TODAY),)), at(referrals=(sent(due=TODAY - timedelta(days=1)),))),
    (g.no_second_objection, at(referrals=(sent(),)), at(referrals=(sent(due=None),))),
    (g.nothing_merged_into_it, at(), at(children=1)),
    (g.parent_not_yet_replied, at(parent_state=CaseState.handling), at(parent_state=CaseState.replied)),
    (g.kind_and_category_set, at(), at(case(category_id=None))),
    (g.kind_and_category_set, at(case(category_id=None), {"category": CATEGORY}), at(case(kind=None))),
    (
        g.category_is_a_leaf_in_use,
        at(data={"category": CATEGORY}),
        at(data={"category": SimpleNamespace(name="x", active=False, leaf=True)}),
    ),
    (g.category_is_a_leaf_in_use, at(), at(data={"category": SimpleNamespace(name="x", active=True, leaf=False)})),
    (g.something_is_missing, at(data={"missing": [1]}), at(data={"reason": " "})),
    (g.route_is_named, at(data={"route": 1}), at()),
    (g.place_is_named, at(data={"where": "法院"}), at(data={"where": " "})),
    (g.ground_is_named, at(data={"ground": 1}), at()),
    (g.parent_is_the_same_claim, at(data={"parent": case(id=2)}), at()),
    (
        g.parent_is_the_same_claim,
        at(data={"parent": case(id=2, category=SimpleNamespace(id=4, parent_id=1))}),
        at(data={"parent": case(id=1)}),
    ),
    (
        g.parent_is_the_same_claim,
        at(data={"parent": case(id=2, state=CaseState.handling)}),
        at(data={"parent": case(id=2, state=CaseState.replied)}),
    ),
    (
        g.parent_is_the_same_claim,
        at(data={"parent": case(id=2)}),
        at(data={"parent": case(id=2, category=SimpleNamespace(id=9, parent_id=2, name="劳动"))}),
    ),
    (g.lead_is_named, at(data={"lead": organisation(5)}), at()),
    (g.recipients_are_active, at(data={"lead": organisation(5)}), at(data={"co": [organisation(5, active=False)]})),
    (
        g.recipients_are_distinct,
        at(data={"lead": organisation(5), "co": [organisation(6)]}),
        at(data={"lead": organisation(5), "co": [organisation(5)]}),
    ),
    (
        g.recipients_are_not_accused,
        at(case(kind=Kind.accusation), {"lead": organisation(5, "/1/8/")}, accused_paths=("/1/9/",)),
        at(case(kind=Kind.accusation), {"lead": organisation(5, "/1/9/44/")}, accused_paths=("/1/9/",)),
    ),
    (
        g.recipients_are_not_accused,
        at(data={"lead": organisation(5)}, accused_paths=("/1/9/",)),
        at(case(kind=Kind.accusation), {"co": [organisation(5)]}, accused_paths=("/1/9/",)),
    ),
    (
        g.due_days_fit_the_case,
        at(data={"lead_due_on": TODAY}, handle_due_on=TODAY),
        at(data={"lead_due_on": TODAY + timedelta(days=1)}, handle_due_on=TODAY),
    ),
    (g.due_days_fit_the_case, at(), at(data={"co_due_on": TODAY - timedelta(days=1)})),
    (g.proposal_is_another, at(data={"proposed": organisation(5)}), at()),
    (g.proposal_is_another, at(data={"proposed": organisation(5)}), at(data={"proposed": organisation(OWN)})),
    (g.work_is_told, at(data={"text": "到村"}), at(data={"text": " "})),
    (g.work_lies_in_the_past, at(), at(data={"done_at": datetime(2099, 1, 1, tzinfo=clock.LOCAL)})),
    (
        g.work_lies_in_the_past,
        at(data={"done_at": datetime(2026, 11, 1, 9, 0, tzinfo=clock.LOCAL)}),
        at(data={"done_at": datetime(2026, 11, 1, 8, 59, tzinfo=clock.LOCAL)}),
    ),
    (g.supplement_is_told, at(data={"facts": "还有"}), at()),
]


@pytest.mark.parametrize("guard, fine, wrong", TABLE, ids=[f"{row[0].__name__}-{n}" for n, row in enumerate(TABLE)])
def test_a_guard_is_silent_or_says_why(guard, fine, wrong):
    assert guard(fine) is None
    said = guard(wrong)
    field, sentence = said if isinstance(said, tuple) else (None, said)
    assert str(sentence) and (field is None or isinstance(field, str))


def test_every_guard_is_in_the_table():
    named = {
        f
        for name, f in inspect.getmembers(g, inspect.isfunction)
        if f.__module__ == g.__name__ and not name.startswith("_")
    }
    assert named == {row[0] for row in TABLE}
