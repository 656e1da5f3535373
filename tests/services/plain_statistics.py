"""The statistics once more: random rows of everything that is counted, and a count row by row from the words alone."""

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Date, DateTime, String, Table, func, insert, select, update

from app.core import clock
from app.core.db import db
from app.models.adviser import AdviserKind, LegalAdviser
from app.models.case import OPEN_STATES, Case, CaseState
from app.models.consultation import Consultation
from app.models.deadline import Deadline, DeadlineState
from app.models.follow_up import FollowUp, FollowUpMode, Rating, Satisfaction
from app.models.hearing import Hearing, HearingKind, HearingState
from app.models.outreach import OutreachEvent
from app.models.party import Party
from app.models.reception import LeaderReception
from app.models.rectification import Rectification, RectificationState
from app.models.referral import Referral, ReferralKind, ReferralState
from app.models.reply import Reply
from app.models.review import Door, Review, ReviewApplicant, ReviewOutcome, ReviewState
from app.models.roster import DutyKind, Shift
from app.models.step import CaseStep
from app.models.visit import Visit
from app.services.queries.statistics import moment

_numbers = count(1)
Said = dict[str, tuple[float | None, int | None]]


def _any(table: Table) -> int:
    """The key of some row of a table; of a new one when it has none."""
    key = db.session.connection().execute(select(func.min(table.c.id))).scalar()
    return int(key) if key is not None else put(table)


def put(table: Any, **given: Any) -> int:
    """A row with what is given, and something that fits in every other column that must have a value."""
    table = getattr(table, "__table__", table)
    for one in table.c:
        if one.name in given or one.nullable or one.default is not None or one.primary_key or one.server_default:
            continue
        if one.foreign_keys:
            given[one.name] = _any(next(iter(one.foreign_keys)).column.table)
        elif isinstance(one.type, Date):
            given[one.name] = date(2025, 6, 15)
        elif isinstance(one.type, DateTime) or "DateTime" in type(one.type).__name__:
            given[one.name] = moment(date(2025, 6, 15))
        else:
            given[one.name] = f"n{next(_numbers)}" if isinstance(one.type, String) or "Text" in repr(one.type) else 1
    return int(db.session.connection().execute(insert(table).values(**given)).inserted_primary_key[0])


def scatter(draw: random.Random) -> None:
    """Change the cases there are at random, and give them rows of every kind that is counted."""
    keys = list(db.session.scalars(select(Case.id)))
    parties: dict[int, int] = {row[0]: row[1] for row in db.session.execute(select(Party.case_id, Party.id))}
    ratings = (*Satisfaction, None)

    def some(share: int) -> list[int]:
        return draw.sample(keys, share)

    def when() -> datetime:
        return moment(date(2025, 1, 1)) + timedelta(minutes=draw.randrange(600_000))

    for key in some(160):
        closed = when()
        values: dict[str, Any] = draw.choice(
            (
                {"resolved": draw.choice((True, False, None))},
                {"registered_at": closed - timedelta(hours=draw.randrange(1, 900))},
                {
                    "state": CaseState.closed,
                    "closed_at": closed,
                    "replied_at": closed - timedelta(days=1),
                    "registered_at": closed - timedelta(hours=draw.randrange(24, 900)),
                },
                {"state": CaseState.withdrawn, "resolved": False},
                {"state": CaseState.redirected, "resolved": False},
            )
        )
        db.session.execute(update(Case.__table__).where(Case.__table__.c.id == key).values(**values))
        if values.get("state") is CaseState.redirected and draw.random() < 0.5:
            put(CaseStep, case_id=key, seq=900, step="redirect")
    shift = put(Shift, kind=DutyKind.leader, on=date(2025, 6, 15), starts_at=time(8), ends_at=time(12))
    asked: dict[int, int] = {}
    for key in some(120):
        word = draw.choice(ratings)
        asked[key] = put(FollowUp, case_id=key, attempt=1, party_id=parties[key], mode=FollowUpMode.phone, at=when(),
                         reached=word is not None, satisfied=word, solved=None if word is None else True,
                         opinion=draw.choice((None, "", "快一点")))  # fmt: skip
    for key in some(80):
        put(Rating, case_id=key, satisfied=draw.choice(list(Satisfaction)), at=when())
    handed = set(db.session.scalars(select(Referral.case_id)))
    for key in some(90):
        if key not in handed:
            put(Referral, case_id=key, kind=draw.choice(list(ReferralKind)), state=ReferralState.sent)
    for key in draw.choices(keys, k=70):
        put(LeaderReception, case_id=key, shift_id=shift, at=when())
    for key in draw.choices(keys, k=60):
        state = draw.choice((*ReviewState, ReviewState.closed))
        reply = put(Reply, case_id=key, number=next(_numbers))
        review = put(Review, case_id=key, state=state, reply_id=reply, filed_at=when(),
                     outcome=ReviewOutcome.upheld)  # fmt: skip
        put(ReviewApplicant, case_id=key, review_id=review, party_id=parties[key], door=draw.choice(list(Door)),
            satisfied=draw.choice(ratings))  # fmt: skip
    for key in draw.sample(sorted(asked), 25):
        put(Rectification, case_id=key, follow_up_id=asked[key], state=RectificationState.ordered, ordered_at=when())
    for _nth in range(40):
        kind = draw.choice(list(HearingKind))
        put(Hearing, kind=kind, case_id=draw.choice(keys) if kind is HearingKind.case else None, held_at=when(),
            state=draw.choice(list(HearingState)), minutes="m", conclusion="c")  # fmt: skip
        begins = date(2024, 1, 5) + timedelta(days=draw.randrange(700))
        put(LegalAdviser, kind=draw.choice(list(AdviserKind)), appointed_from=begins,
            appointed_until=begins + timedelta(days=draw.randrange(500)), active=draw.random() < 0.8)  # fmt: skip
    db.session.expire_all()


def legal_service(asked: Any) -> Said:
    """Legal consultations and events by their days; confidential consultations by months that are over."""
    found = Counter[str]()
    for row in db.session.scalars(select(Consultation)):
        day = clock.local(row.at).date()
        if not row.secret and asked.since <= day <= asked.until:
            found.update(consultations=1, consulted=row.head_count)
        over = (day.year, day.month) < (clock.today().year, clock.today().month)
        if row.secret and over and asked.since <= day.replace(day=1) <= asked.until:
            found["counselling" if row.kind == "psychological" else "confidential"] += 1
    for event in db.session.scalars(select(OutreachEvent)):
        if event.state == "held" and asked.since <= clock.local(event.starts_at).date() <= asked.until:
            found.update(events=1, event_persons=event.attendance or 0)
    codes = ("consultations", "consulted", "counselling", "confidential", "events", "event_persons")
    return {code: (found[code], None) for code in codes}


def plain(asked: Any) -> Said:
    """The indicators, row by row in Python, from the rows and the words alone."""

    def inside(day: date | datetime) -> bool:
        return asked.since <= (clock.local(day).date() if isinstance(day, datetime) else day) <= asked.until

    def all_of(model: Any) -> list[Any]:
        return list(db.session.scalars(select(model).order_by(model.id)))

    cases, visits = all_of(Case), all_of(Visit)
    by_id = {one.id: one for one in cases}
    said: Said = {}
    mine = [one for one in cases if inside(one.registered_at) and one.state != CaseState.merged]
    resolved = sum(one.resolved is True for one in mine)
    said["cases"], said["resolved"] = (len(mine), None), (resolved, None)
    said["resolution_rate"] = resolved, len(mine)
    said["answer_rate"] = sum(bool(one.replied_at) or one.state == "redirected" for one in mine), len(mine)
    leads = {one.case_id for one in all_of(Referral) if one.kind == ReferralKind.lead}
    said["assigned"] = sum(one.id in leads for one in mine), None
    shown = {one.case_id for one in all_of(CaseStep) if one.step == "redirect"}
    turned = [one.id in shown for one in mine if one.state == "redirected"]
    said["redirected"], said["declined"] = (turned.count(True), None), (turned.count(False), None)
    came = [one for one in visits if inside(one.at)]
    said["visits"], said["persons"] = (len(came), None), (sum(one.head_count for one in came), None)
    said["repeat_visit_rate"] = sum(not one.first for one in came), len(came)
    said |= _of_course(all_of, inside, by_id) | _of_closed(all_of, inside, cases, visits) | legal_service(asked)
    open_ = [one for one in cases if one.state in OPEN_STATES]
    said["open"] = len(open_), None
    said["overdue"] = sum(bool(o.due_on and o.due_on < clock.today()) and not o.paused for o in open_), None
    held = [one for one in all_of(Hearing) if one.state in ("held", "concluded") and one.kind == "decision"]
    said["hearings"] = sum(inside(one.held_at) for one in held), None
    serving = [o for o in all_of(LegalAdviser) if o.active and o.appointed_from <= asked.until <= o.appointed_until]
    said["advisers"] = len(serving), None
    return said


def _of_course(all_of: Any, inside: Any, by_id: dict[int, Any]) -> Said:
    """Receptions, reviews, rectifications, deadlines."""
    first: dict[int, Any] = {}
    for one in all_of(LeaderReception):
        first.setdefault(one.case_id, one)
    received = [one for one in first.values() if inside(one.at)]
    solved = sum(by_id[one.case_id].resolved is True for one in received)
    reviews = [one for one in all_of(Review) if inside(one.filed_at) and one.state not in ("refused", "withdrawn")]
    words: dict[int, set[str]] = {}
    for one in all_of(ReviewApplicant):
        if one.satisfied and one.satisfied != "not_rated":
            words.setdefault(one.review_id, set()).add(one.satisfied)
    rated, closed = [one for one in reviews if one.id in words], [one for one in reviews if one.state == "closed"]
    said: Said = {
        "leader_receptions": (len(received), None),
        "leader_resolved": (solved, None),
        "leader_resolution_rate": (solved, len(received)),
        "reviews": (len(reviews), None),
        "reviews_closed": (len(closed), None),
        "review_satisfaction": (sum("dissatisfied" not in words[one.id] for one in rated), len(rated)),
        "review_response": (sum(one.id in words for one in closed), len(closed)),
        "rectifications": (sum(inside(one.ordered_at) for one in all_of(Rectification)), None),
    }
    clocks = all_of(Deadline)
    for code, name in (("D-ACK15", "on_time_acceptance"), ("D-REPLY15", "on_time_reply"),
                       ("D-HANDLE60", "on_time_handling")):  # fmt: skip
        due = [one for one in clocks if one.code == code and inside(one.due_on)]
        met, late = (sum(one.state == state for one in due) for state in (DeadlineState.met, DeadlineState.late))
        missed = sum(one.state == DeadlineState.running and one.due_on < clock.today() for one in due)
        said[name] = met, met + late + missed
    return said


def days_taken(one: Any) -> float:
    """Days from registration to closing with one decimal, half a tenth upwards, reckoned in whole seconds."""
    return (int((one.closed_at - one.registered_at).total_seconds()) * 10 + 43_200) // 86_400 / 10


def rank(took: list[float], percent: int) -> float | None:
    """By nearest rank."""
    return sorted(took)[-(-len(took) * percent // 100) - 1] if took else None


def _of_closed(all_of: Any, inside: Any, cases: list[Any], visits: list[Any]) -> Said:
    """What is asked of closed matters."""
    ended = [one for one in cases
             if one.closed_at and inside(one.closed_at) and one.state in ("closed", "archived") and one.replied_at
             ]  # fmt: skip
    asks = all_of(FollowUp)
    words: dict[int, set[str]] = {}
    for one in (*asks, *all_of(Rating)):
        if one.satisfied and one.satisfied != "not_rated":
            words.setdefault(one.case_id, set()).add(one.satisfied)
    rated = [one for one in ended if one.id in words]
    when = {one.id: one.replied_at for one in ended}
    back = {v.case_id for v in visits if v.case_id in when and not v.first and v.at > when[v.case_id]}
    times = Counter(v.case_id for v in visits if v.channel in ("visit", "video", "outreach"))
    took = [days_taken(one) for one in ended]

    once = sum(one.resolved is True and one.round == 1 and one.id not in back for one in ended)
    return {
        "closed": (len(ended), None),
        "satisfaction": (sum("dissatisfied" not in words[one.id] for one in rated), len(rated)),
        "response_rate": (len(rated), len(ended)),
        "opinions": (sum(bool(one.opinion) and inside(one.at) for one in asks), None),
        "once_resolved_rate": (once, len(ended)),
        "one_visit_rate": (sum(times[one.id] <= 1 for one in ended), len(ended)),
        "days_median": (rank(took, 50), None),
        "days_90": (rank(took, 90), None),
    }
