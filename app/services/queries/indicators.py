"""Every indicator of the statistics in one place: its words, basis date, population, exclusions, unit, version and SQL.

docs/indicators.md says the same (tests/services/test_statistics.py keeps it so). A change of meaning raises `version`.
A rate is a numerator over a denominator, both counted; nobody types one. A satisfaction names its response rate.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ColumnElement, Date, and_, bindparam, case, exists, extract, func, not_, or_, select

from app.models.adviser import LegalAdviser
from app.models.case import OPEN_STATES, Case, CaseState, Channel
from app.models.consultation import Consultation, ConsultationKind
from app.models.deadline import Deadline, DeadlineState
from app.models.follow_up import FollowUp, Rating, Satisfaction
from app.models.hearing import Hearing, HearingKind, HearingState
from app.models.outreach import OutreachEvent, OutreachState
from app.models.reception import LeaderReception
from app.models.rectification import Rectification
from app.models.referral import Referral, ReferralKind
from app.models.review import Review, ReviewApplicant, ReviewState
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services.deadline import ACK, HANDLE, REPLY

_case, _visit, _hearing = Case.__table__, Visit.__table__, Hearing.__table__
_deadline, _review, _reception = Deadline.__table__, Review.__table__, LeaderReception.__table__
_follow_up, _rating, _adviser = FollowUp.__table__, Rating.__table__, LegalAdviser.__table__
_rectification, _referral, _step = Rectification.__table__, Referral.__table__, CaseStep.__table__
_applicant, _consultation, _event = ReviewApplicant.__table__, Consultation.__table__, OutreachEvent.__table__
TODAY: Any = bindparam("today", type_=Date())
GOOD = (Satisfaction.satisfied, Satisfaction.fairly_satisfied)
VALID = (*GOOD, Satisfaction.dissatisfied)
NOT_MERGED = _l("Matters merged into another are counted with that one.")
UNIT = {
    "cases": _lp("unit", "cases"), "visits": _lp("unit", "contacts"), "persons": _lp("unit", "persons"),
    "rate": "%", "days": _lp("unit", "days"), "times": _lp("unit", "times"), "items": _lp("unit", "items"),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What is counted: the rows, the date that puts a row into a period, and which rows never count."""

    name: str
    label: Any
    basis: Any  # the basis date in words
    table: Any
    date: Any  # the column, or (from, until) for what lasts
    only: ColumnElement[bool] | None = None
    of_case: bool = True  # the row is a case, or belongs to one
    exclusions: Any = ""
    now: bool = False  # as it stands at this moment, whatever the period
    walk: Any = None  # the column whose index leads to the rows: counted by it, so that no engine walks all cases
    sealed: bool = False  # of confidential rows: small numbers are not told to anybody


@dataclass(frozen=True)
class Indicator:
    """One indicator: `part` of the source's rows counts, over those of `whole` when it is a rate."""

    code: str
    label: Any
    words: Any
    source: Source
    part: ColumnElement[bool] | None = None
    whole: ColumnElement[bool] | None = None
    unit: str = "cases"
    sums: Any = None  # a column that is summed in place of counting rows
    percent: int | None = None  # the percentile of `sums`, by nearest rank
    response: str = ""  # the indicator beside which it must stand
    version: int = 1
    group: str = "intake"
    exclusions: Any = ""

    @property
    def is_rate(self) -> bool:
        """Whether it is a numerator over a denominator."""
        return self.unit == "rate"


def _said(table: Any, words: tuple[Satisfaction, ...]) -> ColumnElement[bool]:
    return exists().where(table.c.case_id == _case.c.id, table.c.satisfied.in_(words))


ANSWERED = or_(_case.c.replied_at.is_not(None), _case.c.state == CaseState.redirected)
ASSIGNED = exists().where(_referral.c.case_id == _case.c.id, _referral.c.kind == ReferralKind.lead)
_CAME = (Channel.visit, Channel.video, Channel.outreach)
CAME = (
    select(func.count()).where(_visit.c.case_id == _case.c.id, _visit.c.channel.in_(_CAME)).correlate(_case)
).scalar_subquery()  # fmt: skip
BACK = exists().where(_visit.c.case_id == _case.c.id, not_(_visit.c.first), _visit.c.at > _case.c.replied_at)
RATED = or_(_said(_follow_up, VALID), _said(_rating, VALID))
UNHAPPY = or_(_said(_follow_up, (Satisfaction.dissatisfied,)), _said(_rating, (Satisfaction.dissatisfied,)))
_D = Satisfaction.dissatisfied
REVIEW_RATED = exists().where(_applicant.c.review_id == _review.c.id, _applicant.c.satisfied.in_(VALID))
REVIEW_UNHAPPY = exists().where(_applicant.c.review_id == _review.c.id, _applicant.c.satisfied == _D)
SEEN_BEFORE = LeaderReception.__table__.alias("before")
FIRST_RECEPTION = ~exists().where(SEEN_BEFORE.c.case_id == _reception.c.case_id, SEEN_BEFORE.c.id < _reception.c.id)


def _month_number(day: Any) -> ColumnElement[int]:
    return extract("year", day) * 12 + extract("month", day)


REGISTERED = Source(
    "registered", _lp("statistics", "Cases registered"), _l("day of registration"), _case, _case.c.registered_at,
    _case.c.state != CaseState.merged, exclusions=NOT_MERGED,
)  # fmt: skip
CLOSED = Source(
    "closed", _lp("statistics", "Cases closed"), _l("day of closing"), _case, _case.c.closed_at,
    and_(_case.c.state.in_((CaseState.closed, CaseState.archived)), _case.c.replied_at.is_not(None)),
    exclusions=_l("Open, withdrawn and merged matters, and those shown the legal route."),
)  # fmt: skip
OPEN = Source(
    "open", _lp("statistics", "Cases open now"), _l("this moment, whatever the period"), _case,
    _case.c.registered_at, _case.c.state.in_(sorted(OPEN_STATES)), now=True,
    walk=_case.c.state,
)  # fmt: skip
VISITS = Source("visits", _l("Visits"), _l("day of the contact"), _visit, _visit.c.at)
RECEPTIONS = Source(
    "receptions", _l("Leader receptions"), _l("day of the first reception"), _reception, _reception.c.at,
    FIRST_RECEPTION, exclusions=_l("Further receptions of the same matter."),
)  # fmt: skip
REVIEWS = Source(
    "reviews", _l("Expert reviews"), _l("day of the application"), _review, _review.c.filed_at,
    _review.c.state.not_in((ReviewState.refused, ReviewState.withdrawn)),
    exclusions=_l("Applications refused or withdrawn."),
)  # fmt: skip
FOLLOW_UPS = Source("follow_ups", _l("Follow-ups"), _l("day of the follow-up"), _follow_up, _follow_up.c.at)
RECTIFICATIONS = Source(
    "rectifications", _l("Rectifications"), _l("day of the order"), _rectification, _rectification.c.ordered_at
)
DEADLINES = Source(
    "deadlines", _l("Deadlines"), _l("last day of the deadline"), _deadline, _deadline.c.due_on,
    and_(_deadline.c.state.in_((DeadlineState.met, DeadlineState.late, DeadlineState.running)),
         or_(_deadline.c.state != DeadlineState.running, _deadline.c.due_on < TODAY)),
    exclusions=_l("Deadlines that no longer apply, are paused, or are still running and not over."),
)  # fmt: skip
HEARINGS = Source(
    "hearings", _l("Hearings"), _l("day of the hearing"), _hearing, _hearing.c.held_at,
    and_(_hearing.c.kind == HearingKind.decision, _hearing.c.state.in_((HearingState.held, HearingState.concluded))),
    of_case=False,
    exclusions=_l("Hearings called but not held, and hearings on a case."),
)  # fmt: skip
CONSULTATIONS = Source(
    "consultations", _l("Consultations"), _l("day of the consultation"), _consultation, _consultation.c.at,
    and_(_consultation.c.kind == ConsultationKind.legal, not_(_consultation.c.secret)), of_case=False,
    exclusions=_l("Confidential consultations, which are counted by months."),
)  # fmt: skip
CONFIDENTIAL = Source(
    "confidential", _l("Confidential consultations"), _l("first day of the month"), _consultation,
    _consultation.c.month, and_(_consultation.c.secret, _month_number(_consultation.c.month) < _month_number(TODAY)),
    of_case=False, sealed=True,
    exclusions=_l("The present month, so that nobody learns on which day somebody came; small numbers are not told."),
)  # fmt: skip
EVENTS = Source(
    "events", _l("Legal service events"), _l("day of the event"), _event, _event.c.starts_at,
    _event.c.state == OutreachState.held, of_case=False, exclusions=_l("Events planned or cancelled."),
)  # fmt: skip
ADVISERS = Source(
    "advisers", _l("Legal advisers"), _l("appointed on the last day of the period"), _adviser,
    (_adviser.c.appointed_from, _adviser.c.appointed_until), _adviser.c.active, of_case=False,
)  # fmt: skip
SOURCES = (
    REGISTERED, CLOSED, OPEN, VISITS, RECEPTIONS, REVIEWS, FOLLOW_UPS, RECTIFICATIONS, DEADLINES, HEARINGS, ADVISERS,
    CONSULTATIONS, CONFIDENTIAL, EVENTS,
)  # fmt: skip

RESOLVED = _case.c.resolved.is_(True)
_was_redirected = exists().where(_step.c.case_id == _case.c.id, _step.c.step == "redirect")
_redirected = _case.c.state == CaseState.redirected


def _kept(code: str) -> dict[str, Any]:
    of_code = _deadline.c.code == code
    met = _deadline.c.state == DeadlineState.met
    return {"part": and_(of_code, met), "whole": of_code, "unit": "rate", "group": "time"}


KEPT_WORDS = _l("Deadlines met in time ÷ those met in time, met late or missed.")
# fmt: off
INDICATORS: tuple[Indicator, ...] = (
    Indicator("cases", _lp("indicator", "Cases"), _l("Matters registered."), REGISTERED),
    Indicator("visits", _lp("indicator", "Contacts"), _l("Contacts of every channel, first and repeated."),
              VISITS, unit="visits"),
    Indicator("persons", _lp("indicator", "Person-visits"), _l("The head counts of all contacts added up."),
              VISITS, unit="persons", sums=_visit.c.head_count),
    Indicator("resolved", _lp("indicator", "Resolved"), _l("Matters registered of which every claim is resolved."),
              REGISTERED, RESOLVED, group="result"),
    Indicator("resolution_rate", _lp("indicator", "Resolution rate"),
              _l("Resolved ÷ registered; open matters stay below the line."), REGISTERED, RESOLVED,
              REGISTERED.only, "rate", group="result"),
    Indicator("answer_rate", _lp("indicator", "Answer rate"),
              _l("Matters replied to, declined or shown the legal route ÷ registered."), REGISTERED, ANSWERED,
              REGISTERED.only, "rate", group="result"),
    Indicator("assigned", _lp("indicator", "Assigned to departments"),
              _l("Matters registered that were handed to a lead organisation."), REGISTERED, ASSIGNED,
              group="course"),
    Indicator("redirected", _lp("indicator", "Shown the legal route"),
              _l("Matters registered that ended by being shown a legal route."), REGISTERED,
              and_(_redirected, _was_redirected), group="course"),
    Indicator("declined", _lp("indicator", "Declined"),
              _l("Matters registered that were not accepted, without a legal route."), REGISTERED,
              and_(_redirected, ~_was_redirected), group="course"),
    Indicator("leader_receptions", _lp("indicator", "Leader receptions"), _l("Matters received by a leader."),
              RECEPTIONS, group="course"),
    Indicator("leader_resolved", _lp("indicator", "Resolved after leader reception"),
              _l("Of these, the resolved ones."), RECEPTIONS, RESOLVED, group="course"),
    Indicator("leader_resolution_rate", _lp("indicator", "Resolution rate of leader receptions"),
              _l("Resolved ÷ received by a leader."), RECEPTIONS, RESOLVED, FIRST_RECEPTION, "rate",
              group="course"),
    Indicator("reviews", _lp("indicator", "Expert reviews"), _l("Reviews applied for."), REVIEWS, group="course"),
    Indicator("reviews_closed", _lp("indicator", "Expert reviews closed"), _l("Of these, the closed ones."), REVIEWS,
              _review.c.state == ReviewState.closed, group="course"),
    Indicator("review_satisfaction", _lp("indicator", "Satisfaction with expert reviews"),
              _l("Rated reviews with no dissatisfied applicant ÷ rated reviews."), REVIEWS,
              and_(REVIEW_RATED, ~REVIEW_UNHAPPY), REVIEW_RATED, "rate", response="review_response",
              group="satisfaction"),
    Indicator("review_response", _lp("indicator", "Response rate of expert reviews"),
              _l("Reviews with a valid rating ÷ closed reviews."), REVIEWS,
              and_(_review.c.state == ReviewState.closed, REVIEW_RATED), _review.c.state == ReviewState.closed, "rate",
              group="satisfaction"),
    Indicator("opinions", _lp("indicator", "Opinions collected"), _l("Follow-ups in which the party said an opinion."),
              FOLLOW_UPS, func.coalesce(_follow_up.c.opinion, "") != "", unit="items", group="satisfaction"),
    Indicator("rectifications", _lp("indicator", "Rectifications"), _l("Rectifications ordered after a low score."),
              RECTIFICATIONS, unit="cases", group="satisfaction"),
    Indicator("satisfaction", _lp("indicator", "Satisfaction"),
              _l("Rated matters in which nobody ever said dissatisfied, in a follow-up or on the public page, ÷ rated "
                 "matters. What was mended afterwards does not take a low word back."), CLOSED,
              and_(RATED, ~UNHAPPY), RATED, "rate", response="response_rate", group="satisfaction",
              exclusions=_l("Silence and “not rated” are no answer.")),
    Indicator("response_rate", _lp("indicator", "Response rate"),
              _l("Matters with a valid rating ÷ matters closed, all of which were to be asked."), CLOSED, RATED,
              CLOSED.only, "rate", group="satisfaction"),
    Indicator("on_time_acceptance", _lp("indicator", "Accepted in time"), KEPT_WORDS, DEADLINES, **_kept(ACK)),
    Indicator("on_time_reply", _lp("indicator", "Replied in time"), KEPT_WORDS, DEADLINES, **_kept(REPLY)),
    Indicator("on_time_handling", _lp("indicator", "Settled in time"), KEPT_WORDS, DEADLINES, **_kept(HANDLE)),
    Indicator("closed", _lp("indicator", "Closed"), _l("Matters closed."), CLOSED, group="time"),
    Indicator("days_median", _lp("indicator", "Days to close, median"),
              _l("Half of the closed matters took no longer, from registration to closing."), CLOSED, unit="days",
              percent=50, group="time"),
    Indicator("days_90", _lp("indicator", "Days to close, nine in ten"),
              _l("Nine of ten closed matters took no longer, from registration to closing."), CLOSED, unit="days",
              percent=90, group="time"),
    Indicator("once_resolved_rate", _lp("indicator", "Resolved the first time"),
              _l("Closed matters resolved in the first round with nobody coming again after the reply ÷ closed."),
              CLOSED, and_(RESOLVED, _case.c.round == 1, ~BACK), CLOSED.only, "rate", group="time"),
    Indicator("one_visit_rate", _lp("indicator", "At most one visit"),
              _l("Closed matters for which people came in person once at most ÷ closed."), CLOSED, CAME <= 1,
              CLOSED.only, "rate", group="time"),
    Indicator("repeat_visit_rate", _lp("indicator", "Repeated contacts"),
              _l("Contacts after the first of a matter ÷ all contacts."), VISITS, not_(_visit.c.first),
              _visit.c.id.is_not(None), "rate", group="time"),
    Indicator("open", _lp("indicator", "Open now"), _l("Matters not ended."), OPEN, group="time"),
    Indicator("overdue", _lp("indicator", "Overdue now"), _l("Open matters past their nearest last day, not paused."),
              OPEN, and_(_case.c.due_on < TODAY, not_(_case.c.paused)), group="time"),
    Indicator("advisers", _lp("indicator", "Legal advisers in service"),
              _l("Advisers in service whose appointment covers the last day of the period."), ADVISERS, unit="persons",
              group="law"),
    Indicator("consultations", _lp("indicator", "Legal consultations"), _l("Consultations given by legal advisers."),
              CONSULTATIONS, unit="times", group="law"),
    Indicator("consulted", _lp("indicator", "Persons who consulted"),
              _l("The head counts of these consultations added up."), CONSULTATIONS, unit="persons",
              sums=_consultation.c.head_count, group="law"),
    Indicator("counselling", _lp("indicator", "Psychological counselling"), _l("Counselling given by counsellors."),
              CONFIDENTIAL, _consultation.c.kind == ConsultationKind.psychological, unit="times", group="law"),
    Indicator("confidential", _lp("indicator", "Confidential legal consultations"),
              _l("Consultations of legal advisers that were kept confidential."), CONFIDENTIAL,
              _consultation.c.kind == ConsultationKind.legal, unit="times", group="law"),
    Indicator("events", _lp("indicator", "Legal service events"), _l("Legal service events that were held."), EVENTS,
              unit="times", group="law"),
    Indicator("event_persons", _lp("indicator", "Persons at legal service events"),
              _l("The attendance of these events added up."), EVENTS, unit="persons", sums=_event.c.attendance,
              group="law"),
    Indicator("hearings", _lp("indicator", "Pre-decision hearings"), _l("Hearings before a decision that were held."),
              HEARINGS, unit="times", group="law"),
)
# fmt: on
BY_CODE: dict[str, Indicator] = {one.code: one for one in INDICATORS}
GROUPS: dict[str, Any] = {
    "intake": _lp("statistics", "Intake"),
    "result": _lp("statistics", "Results"),
    "course": _lp("statistics", "Course"),
    "satisfaction": _lp("statistics", "Satisfaction"),
    "time": _lp("statistics", "Time and deadlines"),
    "law": _lp("statistics", "Rule of law"),
}


def numbers_of(one: Indicator) -> list[tuple[Any, Any]]:
    """What is counted for an indicator, and the column that is summed in place of counting rows: its numerator, and the
    denominator of a rate."""
    return [(one.part, one.sums), *([(one.whole, None)] if one.is_rate else [])]


def counted(what: Any, sums: Any) -> ColumnElement[int]:
    """The rows that are meant, counted or summed; all rows of the source where nothing narrows them."""
    if what is None and sums is None:
        return func.count()
    weight = sums if sums is not None else 1
    return func.coalesce(func.sum(weight if what is None else case((what, weight), else_=0)), 0)
