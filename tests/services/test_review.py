"""The expert review as the people at the desk and on the panel do it: application, list, invitations, panel."""

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock, lots
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, PortalError, WrongState
from app.models.audit import Notice
from app.models.booking import Booking, BookingState
from app.models.case import CaseState
from app.models.deadline import DeadlineState
from app.models.document import Document, DocumentKind
from app.models.expert import ExpertStatus
from app.models.outbox import OutboxMessage
from app.models.review import Review, ReviewDraw, ReviewSeat, ReviewState, SeatOrigin, SeatState
from app.models.service import ServiceWay
from app.services import ballot, opinion, review, review_paper, review_seat, review_session
from app.services.queries.candidates import candidates
from app.services.queries.review_facts import facts_of
from tests.review_factory import WITNESSED, Reviews


@pytest.fixture
def reviews(actor):
    return Reviews(actor)


def at(day: date, hour: int = 10):
    return clock.standing_at(datetime(day.year, day.month, day.day, hour, 5, tzinfo=clock.LOCAL))


def seats(record):
    with system_scope("test"):
        rows = db.session.scalars(
            select(ReviewSeat).where(ReviewSeat.review_id == record.id).order_by(ReviewSeat.place)
        )
        return list(rows)


def told(code):
    with system_scope("test"):
        return [row.user_id for row in db.session.scalars(select(Notice).where(Notice.code == code))]


def sentence(error) -> str:
    return str(error.value)


def test_from_the_application_to_the_end(reviews):
    record = reviews.served()
    case = reviews.case(record)
    assert record.state is ReviewState.closed and record.outcome.value == "upheld"
    assert case.state is CaseState.follow_up_due
    with system_scope("test"):
        papers = {row.kind for row in db.session.scalars(select(Document).where(Document.case_id == case.id))}
        assert record.applicants[0].satisfied.value == "satisfied"
    assert {DocumentKind.review_application, DocumentKind.expert_choice, DocumentKind.review_opinion} <= papers
    assert reviews.clocks(record)["D-REVACC2"] is DeadlineState.met
    assert {row.state for row in seats(record)} == {SeatState.seated, SeatState.released}


# ---- the application


def test_the_number_the_clock_and_who_is_told(reviews, actor):
    record = reviews.filed()
    assert record.number == f"PS-SQ-{clock.today().year}-000001"
    assert reviews.clocks(record)["D-REVACC2"] is DeadlineState.running
    assert actor("review_secretary").user_id in told("review_filed")


def test_a_second_party_joins_until_experts_are_picked(reviews):
    case = reviews.replied(people=3)
    record = reviews.filed(case=case)
    joined = reviews.filed(case=case, party=1)
    with system_scope("test"):
        assert joined.id == record.id and len(joined.applicants) == 2
    with pytest.raises(PortalError, match="已经申请过"):
        reviews.filed(case=case, party=1)
    reviews.picked(record=reviews.do("review_secretary", review.accept_review, record))
    with pytest.raises(WrongState, match="已选定专家"):
        reviews.filed(case=case, party=2)


def test_a_late_application_is_refused_with_its_days(reviews):
    day = date(2026, 3, 2)
    with at(day - timedelta(days=30)):
        case = reviews.replied(served_on=day)
    with at(day + timedelta(days=8)):
        record = reviews.filed(case=case)
        with pytest.raises(WrongState, match="最后一天是 2026-03-09"):  # the 7th is a Saturday
            reviews.do("review_secretary", review.accept_review, record)


def test_refused_the_case_goes_back(reviews):
    record = reviews.do("review_secretary", review.refuse_review, reviews.filed(), reason="不是当事人本人")
    assert record.state is ReviewState.refused
    assert reviews.case(record).state is CaseState.replied
    assert reviews.clocks(record)["D-REVACC2"] is DeadlineState.met
    # the reply was not reviewed, so another application is possible
    again = reviews.filed(case=reviews.case(record))
    assert again.id != record.id and again.number != record.number


def test_refused_after_all_windows_the_follow_up_is_due(reviews):
    day = date(2026, 3, 2)
    with at(day):
        record = reviews.filed(case=reviews.replied(served_on=day))
    with at(date(2026, 3, 11)):
        record = reviews.do("review_secretary", review.refuse_review, record, reason="申请人无资格")
    assert reviews.case(record).state is CaseState.follow_up_due


def test_one_review_for_one_version_of_the_reply(reviews):
    record = reviews.served()
    reviews.put(reviews.case(record), "replied")
    with pytest.raises(WrongState, match="已有评审"):
        reviews.filed(case=reviews.case(record))


# ---- the list


@pytest.mark.parametrize("chosen", [(), (1, 2, 5, 9)])
def test_it_does_not_go_on_with_four(reviews, chosen):
    with pytest.raises(Invalid, match="至少须选五位专家"):
        reviews.picked(chosen=chosen)


def test_nobody_twice(reviews):
    with pytest.raises(Invalid, match="被选了两次"):
        reviews.picked(chosen=(1, 2, 5, 9, 9))
    with pytest.raises(Invalid, match="出现了两次"):
        reviews.picked(chosen=(1, 2, 5, 9, 10), reserves=(10,))


def test_a_town_chooses_from_all_pools(reviews, actor):
    """The row scope of a town ends at its border; the party's choice does not."""
    town = {row.pool for row in _candidates(reviews, actor("clerk.t1"))}
    assert len(town) == 3


def _candidates(reviews, who):
    record = reviews.choosing()
    with acting(who):
        return candidates(record)


def test_the_party_signs_and_all_applicants_agree(reviews):
    record = reviews.choosing()
    party = reviews.party(record)
    with pytest.raises(Invalid, match="签"):
        reviews.do("clerk", review_seat.pick_experts, record, experts=reviews.picks(1, 2, 5, 9, 10), party=party)
    two = reviews.filed(case=reviews.replied(people=2))
    reviews.filed(case=reviews.case(two), party=1)
    two = reviews.do("review_secretary", review.accept_review, two)
    with pytest.raises(Invalid, match="全体一致同意"):
        reviews.do(
            "clerk",
            review_seat.pick_experts,
            two,
            experts=reviews.picks(1, 2, 5, 9, 10),
            party=reviews.party(two),
            signature=WITNESSED,
        )


def test_who_does_not_serve_cannot_be_picked(reviews):
    reviews.experts["expert.1"].status = ExpertStatus.leave
    db.session.flush()
    with pytest.raises(Invalid, match="目前不在任"):
        reviews.picked()


def test_picking_anew_replaces_the_list(reviews):
    record = reviews.picked()
    record = reviews.picked(record=record, chosen=(3, 4, 7, 11, 12, 8), reserves=())
    assert [row.expert_id for row in seats(record)] == [e.id for e in reviews.picks(3, 4, 7, 11, 12, 8)]
    assert record.size == 6


# ---- draws


def _draw(reviews, record, **more):
    data = {"size": 5, "party": reviews.party(record), "signature": WITNESSED, **more}
    return reviews.do("clerk", review_seat.draw_experts, record, **data)


def test_a_draw_fills_up_and_can_be_repeated(reviews):
    record = _draw(reviews, reviews.choosing(), experts=reviews.picks(1, 9), size=7)
    rows = seats(record)
    assert [row.origin for row in rows] == [SeatOrigin.chosen] * 2 + [SeatOrigin.drawn] * 5
    with system_scope("test"):
        draw = db.session.scalars(select(ReviewDraw).where(ReviewDraw.review_id == record.id)).one()
    assert draw.candidates == sorted(draw.candidates) and not set(draw.candidates) & {row.expert_id for row in rows[:2]}
    assert lots.drawn(draw.seed, draw.candidates, draw.wanted) == draw.drawn == [row.expert_id for row in rows[2:]]
    assert len(draw.seed) == 64


def test_a_draw_is_not_repeated_until_it_pleases(reviews):
    record = _draw(reviews, reviews.choosing())
    with pytest.raises(WrongState, match="不再重抽"):
        _draw(reviews, record)
    assert reviews.picked(record=record).state is ReviewState.picked  # choosing oneself is always possible


def test_not_enough_for_a_draw(reviews):
    for number in range(1, 9):
        reviews.experts[f"expert.{number}"].status = ExpertStatus.ended
    db.session.flush()
    with pytest.raises(WrongState, match="只有 4 位专家可以参加"):
        _draw(reviews, reviews.choosing())


# ---- invitations


def test_five_are_asked_and_told(reviews, actor):
    record = reviews.inviting()
    assert [row.state for row in seats(record)] == [SeatState.invited] * 5 + [SeatState.listed] * 2
    assert set(told("review_invited")) == {actor(f"expert.{n}").user_id for n in (1, 2, 5, 9, 10)}
    with system_scope("test"):
        texts = [row.code for row in db.session.scalars(select(OutboxMessage))]
    assert texts.count("review_invited") == 5


def test_two_working_days_to_answer(reviews):
    with at(date(2026, 3, 5)):  # a Thursday
        record = reviews.inviting(served_on=date(2026, 3, 5))
    assert {row.answer_by for row in seats(record)[:5]} == {date(2026, 3, 9)}


def test_only_who_is_invited_answers_and_only_for_oneself(reviews):
    record = reviews.inviting()
    with pytest.raises(NotFound):  # for somebody who is not asked the review does not exist
        reviews.accept(record, 12)
    with pytest.raises(NotFound):
        reviews.accept(record, 11)  # a reserve is not asked yet
    reviews.accept(record, 1)
    with pytest.raises(NotAllowed, match="已经接受"):
        reviews.accept(record, 1)


def test_without_declaring_nobody_sits(reviews):
    record = reviews.inviting()
    with pytest.raises(Invalid, match="不作此声明不能就位"):
        reviews.do("expert.1", review_seat.accept_invitation, record, declared=False)


def test_a_decline_goes_to_the_reserves_then_to_the_lot(reviews):
    record = reviews.inviting(reserves=(11,))
    record = reviews.do("expert.1", review_seat.decline_invitation, record, reason="出差")
    rows = {row.expert_id: row for row in seats(record)}
    first, reserve = rows[reviews.experts["expert.1"].id], rows[reviews.experts["expert.11"].id]
    assert first.state is SeatState.declined and reserve.state is SeatState.invited
    assert reserve.replaces_id == first.id
    record = reviews.do("expert.2", review_seat.decline_invitation, record, reason="生病")
    drawn = [row for row in seats(record) if row.origin is SeatOrigin.drawn]
    assert len(drawn) == 1 and drawn[0].state is SeatState.invited and drawn[0].draw_id is not None
    assert len(facts_of(record).sitting) == 5


def test_silence_is_replaced_by_the_job(reviews):
    with at(date(2026, 3, 2)):
        record = reviews.inviting(served_on=date(2026, 3, 2), reserves=(11,))
        reviews.accept(record, 1, 2, 5, 9)
    with at(date(2026, 3, 4)), acting(SYSTEM):
        review_seat.expire_invitations()
        assert seats(record)[4].state is SeatState.invited  # the last day is not over
    with at(date(2026, 3, 5)), acting(SYSTEM):
        review_seat.expire_invitations()
        review_seat.expire_invitations()
    rows = seats(record)
    assert [row.state for row in rows[4:]] == [SeatState.expired, SeatState.invited]
    assert rows[5].answer_by == date(2026, 3, 9)
    with at(date(2026, 3, 5)):
        assert reviews.accept(record, 11).state is ReviewState.seated


def test_the_panel_sits_when_the_last_one_accepts(reviews):
    record = reviews.inviting()
    record = reviews.accept(record, 1, 2, 5, 9)
    assert record.state is ReviewState.inviting
    assert reviews.accept(record, 10).state is ReviewState.seated


def test_a_seated_expert_is_replaced_with_a_reason(reviews):
    record = reviews.seated()
    seat = seats(record)[0]
    with pytest.raises(Invalid, match="理由"):
        reviews.do("review_secretary", review_seat.replace_expert, record, seat=seat.id, reason=" ")
    record = reviews.do("review_secretary", review_seat.replace_expert, record, seat=seat.id, reason="住院")
    assert record.state is ReviewState.inviting and len(facts_of(record).sitting) == 5
    with pytest.raises(NotFound):
        reviews.do("expert.1", review_seat.accept_invitation, record, declared=True)
    assert reviews.accept(record, 11).state is ReviewState.seated
    with system_scope("test"):
        told = select(Notice).where(Notice.user_id == reviews.actor("expert.1").user_id).order_by(Notice.id.desc())
        notice = db.session.scalars(told.limit(1)).one()
    assert notice.code == "review_released" and notice.link is None  # the review is no longer this expert's


def test_when_the_pool_is_empty_the_secretary_is_told_and_tries_again(reviews, actor):
    for number in (3, 4, 6, 7, 8, 11, 12):
        reviews.experts[f"expert.{number}"].status = ExpertStatus.leave
    db.session.flush()
    record = reviews.inviting(reserves=())
    record = reviews.do("expert.1", review_seat.decline_invitation, record, reason="回避")
    assert actor("review_secretary").user_id in told("review_nobody_left")
    reviews.experts["expert.3"].status = ExpertStatus.serving
    db.session.flush()
    vacant = facts_of(record).vacant
    record = reviews.do("review_secretary", review_seat.replace_expert, record, seat=vacant[0].id, reason="库已补充")
    assert len(facts_of(record).sitting) == 5


def test_a_conflict_on_record_is_met_again_at_the_answer(reviews, actor):
    record = reviews.inviting()
    reviews.experts["expert.1"].village_id = reviews.case(record).village_id
    db.session.flush()
    with pytest.raises(Invalid, match="同村"):
        reviews.accept(record, 1)


# ---- material and session


def test_the_material_tells_of_nobody(reviews, actor):
    record = reviews.scheduled()
    assert record.material
    for secret in ("于秀兰", "秀兰", "15800010000", "西付村12号", "15800010001"):
        assert secret not in record.material, secret
    assert "于**" in record.material


def test_the_material_is_read_through_first(reviews):
    record = reviews.seated()
    with pytest.raises(Invalid, match="通读"):
        reviews.do("review_secretary", review_session.serve_material, record)
    record = reviews.do(
        "review_secretary", review_session.serve_material, record, read_through=True, hidden_words="现场丈量"
    )
    assert "现场丈量" not in record.material


def test_the_session_is_a_booking_with_the_experts(reviews):
    record = reviews.scheduled()
    with system_scope("test"):
        booking = db.session.get_one(Booking, record.booking_id)
        assert {account.username for account in booking.people} == {f"expert.{n}" for n in (1, 2, 5, 9, 10)}
        assert booking.case_id == record.case_id and booking.state is BookingState.requested
    again = reviews.fix(record, days=2)
    with system_scope("test"):
        assert db.session.get_one(Booking, booking.id).state is BookingState.cancelled
        assert db.session.get_one(Booking, again.booking_id).starts_at == again.session_at


def test_an_expert_is_not_in_two_sessions_at_once(reviews):
    reviews.scheduled()
    other = reviews.seated(case=reviews.replied(title="另一件", different_matter=True))
    with pytest.raises(PortalError, match="专家评审室"):
        reviews.scheduled(record=other)


def test_no_session_without_material_nor_in_the_past(reviews):
    record = reviews.seated()
    with pytest.raises(WrongState, match="材料"):
        reviews.fix(record)
    record = reviews.do("review_secretary", review_session.serve_material, record, read_through=True)
    start = clock.now() - timedelta(hours=1)
    with pytest.raises(Invalid, match="已经过去"):
        reviews.do("review_secretary", review_session.fix_session, record, room=reviews.room(), start=start, end=start)


def test_withdrawn_before_ballots_only(reviews):
    record = reviews.scheduled()
    data = {"reason": "已和解", "party": reviews.party(record), "signature": WITNESSED}
    record = reviews.do("clerk", review.withdraw_review, record, **data)
    assert record.state is ReviewState.withdrawn and reviews.case(record).state is CaseState.replied
    assert {row.state for row in seats(record)} == {SeatState.released}
    other = reviews.balloting(case=reviews.replied(title="另一件", different_matter=True))
    with pytest.raises(WrongState):
        reviews.do("clerk", review.withdraw_review, other, **{**data, "party": reviews.party(other)})


# ---- opinion


def test_the_outcome_is_counted_and_dissent_kept(reviews):
    record = reviews.signing(votes={1: "unsound"})
    assert record.outcome.value == "upheld" and "理由不足" in record.dissent
    record = db.session.get_one(Review, record.id)
    assert record.dissent.count('"seat"') == 4 * 1  # two claims, two points, legality only


def test_the_paper_tells_every_dissenting_voice_also_one_without_a_comment(reviews):
    record = reviews.signing(votes={1: "unsound", 2: "unsound", 5: "unsound"})
    voices = review_paper._dissent(db.session.get_one(Review, record.id)).splitlines()
    kept = json.loads(record.dissent)
    names = list(dict.fromkeys(row["expert"] for row in kept))
    assert len(kept) >= 2 and not all(row["comment"] for row in kept) and len(voices) == len(names)
    for name, voice in zip(names, voices, strict=True):
        assert voice.startswith(f"{name}：")
        assert voice.count("认为") == sum(row["expert"] == name for row in kept), voices


def test_the_paper_says_once_what_several_say(reviews):
    record = reviews.signing(votes={1: "unsound", 2: "unsound", 5: "unsound"})
    said = review_paper._comments(db.session.get_one(Review, record.id))
    assert [words for words in said.values() if words] and all(len(set(w)) == len(w) for w in said.values())
    assert not any(word.endswith("。") for words in said.values() for word in words)


def test_changed_a_new_reply_is_due(reviews):
    record = reviews.served(votes={1: "unsound", 2: "unsound", 5: "unsound"})
    case = reviews.case(record)
    assert record.outcome.value == "changed" and case.state is CaseState.handling
    assert reviews.clocks(record)["D-NEWREP15"] is DeadlineState.running
    assert case.due_on is not None


def test_four_signatures_are_not_enough(reviews):
    record = reviews.signing()
    for number in (1, 2, 5, 9):
        record = reviews.do(f"expert.{number}", opinion.sign_opinion, record, signature=WITNESSED)
    assert record.state is ReviewState.signing
    with pytest.raises(WrongState, match="已经签字"):
        reviews.do("expert.1", opinion.sign_opinion, record, signature=WITNESSED)
    assert reviews.do("expert.10", opinion.sign_opinion, record, signature=WITNESSED).state is ReviewState.signed


def test_every_petitioner_receives_the_opinion(reviews):
    case = reviews.replied(people=2)
    record = reviews.signed(case=case)
    with system_scope("test"):
        first, second = case.parties[:2]
    data = {"way": ServiceWay.handed, "served_at": clock.now(), "signature": WITNESSED}
    with pytest.raises(Invalid, match="未评价"):
        reviews.do("clerk", opinion.serve_opinion, record, party=first, **data)
    record = reviews.do("clerk", opinion.serve_opinion, record, party=first, satisfied="dissatisfied", **data)
    assert record.state is ReviewState.signed
    with pytest.raises(Invalid, match="尚未收到"):
        reviews.do("clerk", opinion.serve_opinion, record, party=first, satisfied="satisfied", **data)
    assert reviews.do("clerk", opinion.serve_opinion, record, party=second, **data).state is ReviewState.closed


def test_who_may_do_what(reviews):
    record = reviews.filed()
    for who in ("clerk", "dispatcher", "centre_head", "supervisor"):
        with pytest.raises(NotAllowed):
            reviews.do(who, review.accept_review, record)
    for who in ("expert.1", "handler.d2", "sysadmin", "clerk.t1"):
        with pytest.raises(NotFound):
            reviews.do(who, review.accept_review, record)
    with pytest.raises(NotAllowed):
        reviews.do("clerk", ballot.open_ballots, reviews.scheduled(record=_seated(reviews, record)))


def _seated(reviews, record):
    record = reviews.do("review_secretary", review.accept_review, record)
    record = reviews.do("review_secretary", review_seat.invite, reviews.picked(record=record))
    return reviews.accept(record, 1, 2, 5, 9, 10)
