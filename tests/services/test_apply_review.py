"""Applying for an expert review: the party's own five days, against answers of the reply, once for each version."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actor import system_scope
from app.core import clock
from app.core.errors import Invalid, WrongState
from app.models.case import CaseState
from app.models.deadline import Deadline, DeadlineState
from app.models.party import Claim
from app.models.review import Review, ReviewApplicant, ReviewState
from app.models.step import CaseStep
from app.services import acknowledgement, review
from tests.case_factory import WITNESSED, Cases, id_number


@pytest.fixture
def cases(actor, session):
    return Cases(actor)


@pytest.fixture(autouse=True)
def _keep_session(session, app):
    global _session
    _session = session
    with app.test_request_context("/"):
        yield


def rows(model, case):
    with system_scope("test"):
        fresh = select(model).where(model.case_id == case.id).order_by(model.id)
        return list(_session.scalars(fresh))


def petitioner(place, name):
    return {
        "side": "petitioner",
        "name": name,
        "id_type": "id_card",
        "id_number": id_number(place),
        "phone": f"1580004{place:04d}",
        "address": "山东省昌邑市柳疃镇西付村12号",
    }


TWO = {"parties": [petitioner(91, "于秀兰"), petitioner(92, "栾𠮷明")], "head_count": 2}


def apply(cases, case, party, who="clerk", **more):
    given = {"party": party, "claims": rows(Claim, case)[:1], "reason": "丈量面积有误", **more}
    return cases.do(who, acknowledgement.apply_review, case, **given)


def days(case, code="D-REV5"):
    return {row.party_id: row for row in rows(Deadline, case) if row.code == code}


def test_an_application_makes_a_review_and_uses_the_right(cases):
    case = cases.replied()
    [party] = cases.petitioners(case)
    apply(cases, case, party)
    [made] = rows(Review, case)
    assert case.state is CaseState.reviewing and made.state is ReviewState.filed
    assert [a.party_id for a in rows(ReviewApplicant, case)] == [party.id]
    assert (
        days(case)[party.id].state is DeadlineState.met
        and days(case, "D-FC30")[party.id].state is DeadlineState.running
    )
    step = rows(CaseStep, case)[-1]
    assert step.step == "apply_review" and step.data["review"] == made.number and step.reason == "丈量面积有误"


@pytest.mark.parametrize("late", [0, 1])
def test_the_last_day_yes_the_day_after_no(cases, late):
    case = cases.replied()
    [party] = cases.petitioners(case)
    last = days(case)[party.id].due_on
    with clock.standing_at(clock.now().replace(hour=15) + (last - clock.today()) + timedelta(days=late)):
        if not late:
            apply(cases, case, party)
            assert case.state is CaseState.reviewing
            return
        with pytest.raises(WrongState) as refusal:
            apply(cases, case, party)
        assert last.isoformat() in str(refusal.value) and not rows(Review, case)


def test_each_party_has_own_days(cases):
    start = clock.now().replace(hour=10)
    with clock.standing_at(start):
        case = cases.approved(**TWO)
        first, second = cases.petitioners(case)
        cases.serve(case, first)
    with clock.standing_at(start + timedelta(days=3)):
        cases.serve(case, second)
    day = days(case)[first.id].due_on
    assert day < days(case)[second.id].due_on
    with clock.standing_at(start + (day - start.date()) + timedelta(days=1)):
        with pytest.raises(Invalid) as refusal:
            apply(cases, case, first)
        assert set(refusal.value.errors) == {"party"} and day.isoformat() in str(refusal.value)
        apply(cases, case, second)
    assert case.state is CaseState.reviewing


def test_another_party_joins_while_experts_are_not_picked(cases):
    case = cases.replied(**TWO)
    first, second = cases.petitioners(case)
    apply(cases, case, first)
    with pytest.raises(Invalid) as again:
        apply(cases, case, first)
    assert set(again.value.errors) == {"party"}
    apply(cases, case, second)
    [one] = rows(Review, case)
    assert [a.party_id for a in rows(ReviewApplicant, case)] == [first.id, second.id] and one.reply_id


@pytest.mark.parametrize(
    ("more", "field"), [({"claims": []}, "claims"), ({"reason": " "}, "reason"), ({"party": None}, "party")]
)
def test_claims_and_reason_are_named(cases, more, field):
    case = cases.replied()
    with pytest.raises(Invalid) as refusal:
        apply(cases, case, more.pop("party", cases.petitioners(case)[0]), **more)
    assert set(refusal.value.errors) == {field}


def test_a_claim_of_another_matter_or_a_respondent_is_refused(cases):
    parties = [petitioner(93, "于秀兰"), {"side": "respondent", "organisation_name": "西付村村民委员会"}]
    case, other = cases.replied(parties=parties), cases.replied()
    with pytest.raises(Invalid) as strange:
        apply(cases, case, cases.petitioners(case)[0], claims=rows(Claim, other))
    assert set(strange.value.errors) == {"claims"}
    with system_scope("test"):
        village = next(party for party in case.parties if party.side == "respondent")
    for party in (village, cases.petitioners(other)[0]):
        with pytest.raises(Invalid) as refusal:
            apply(cases, case, party)
        assert "party" in refusal.value.errors


def test_who_signed_does_not_apply_and_who_applied_does_not_sign(cases):
    case = cases.replied(**TWO)
    first, second = cases.petitioners(case)
    said = {"satisfied": True, "signature": WITNESSED}
    cases.do("clerk", acknowledgement.acknowledge, case, party=first, **said)
    with pytest.raises(Invalid) as signed:
        apply(cases, case, first)
    assert set(signed.value.errors) == {"party"}
    apply(cases, case, second)
    with pytest.raises(WrongState):
        cases.do("clerk", acknowledgement.acknowledge, case, party=second, **said)


def test_who_applies_before_all_are_served_has_the_matter_reviewed_then(cases):
    case = cases.approved(**TWO)
    first, second = cases.petitioners(case)
    cases.serve(case, first)
    apply(cases, case, first)
    assert case.state is CaseState.reply_approved
    cases.serve(case, second)
    assert case.state is CaseState.reviewing and case.replied_at is not None


def test_a_refused_application_gives_the_days_back(cases):
    case = cases.replied()
    [party] = cases.petitioners(case)
    apply(cases, case, party)
    cases.do("review_secretary", review.refuse_review, rows(Review, case)[0], reason="请补充异议理由")
    assert case.state is CaseState.replied and days(case)[party.id].state is DeadlineState.running
    apply(cases, case, party)
    assert case.state is CaseState.reviewing and len(rows(Review, case)) == 2


def test_a_refusal_after_the_last_day_ends_the_wait(cases):
    case = cases.replied()
    [party] = cases.petitioners(case)
    apply(cases, case, party)
    with clock.standing_at(clock.now() + timedelta(days=12)):
        cases.do("review_secretary", review.refuse_review, rows(Review, case)[0], reason="不属于评审范围")
    assert case.state is CaseState.follow_up_due
    assert {"D-FUP3", "D-FUP10", "D-FUP30"} <= {row.code for row in rows(Deadline, case)}
