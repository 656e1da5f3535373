"""Reports sent to the inbox: asking for them, giving them up, and the job that tells of each period once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from app.access.actor import SYSTEM, Actor, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.upsert import insert_into
from app.models.organisation import Level, Organisation
from app.models.report_subscription import ReportDelivery, ReportForm, ReportSubscription, Rhythm
from app.services.notice import tell_people
from app.services.queries.report import last_month, last_week
from app.services.queries.statistics import moment
from app.services.record import delete_record, register_sentences, save_record

MOST = 20  # of one account
PAGE = "Statistics"
_asked, _told = ReportSubscription.__table__, ReportDelivery.__table__
_organisation = Organisation.__table__
PERIODS: dict[Rhythm, Callable[[date], tuple[date, date]]] = {Rhythm.weekly: last_week, Rhythm.monthly: last_month}
CODES = {Rhythm.weekly: "report_weekly", Rhythm.monthly: "report_monthly"}

register_sentences({"uq_report_subscription_once": (None, _l("You have this report sent already."))})


@dataclass(frozen=True)
class Delivered:
    """A report that was told of: what to show now."""

    since: date
    until: date
    organisation_id: int
    form: ReportForm


def places(actor: Actor) -> list[tuple[int, str]]:
    """The centres whose report the actor may have: the own organisation, and those below it."""
    below = _organisation.c.path.startswith(actor.organisation_path or "-", autoescape=True)
    centre = _organisation.c.level.in_((Level.city, Level.township)) | (_organisation.c.id == actor.organisation_id)
    rows = select(_organisation.c.id, _organisation.c.name).where(below, centre, _organisation.c.active)
    found = db.session.connection().execute(rows.order_by(_organisation.c.path, _organisation.c.id))
    return [(row[0], row[1]) for row in found]


def mine(actor: Actor) -> list[ReportSubscription]:
    """What the actor has sent."""
    found = select(ReportSubscription).where(ReportSubscription.user_id == actor.user_id)
    return list(db.session.scalars(found.order_by(ReportSubscription.id)))


@unit_of_work
def subscribe(
    actor: Actor, rhythm: Rhythm | None, form: ReportForm | None, organisation_id: int | None
) -> ReportSubscription:
    """Have a report sent from now on; the first one is of the period that runs now."""
    if not actor.may("read", PAGE):
        raise NotAllowed()
    if rhythm is None or form is None or organisation_id not in {key for key, _name in places(actor)}:
        raise Invalid(_l("Please choose when, what and of which organisation."))
    if len(mine(actor)) >= MOST:
        raise Invalid(_l("You have %(most)d reports sent already; please give one up first.", most=MOST))
    values = {"user_id": actor.user_id, "rhythm": rhythm, "form": form, "organisation_id": organisation_id}
    return save_record(actor, ReportSubscription(), values)  # type: ignore[no-any-return]


@unit_of_work
def unsubscribe(actor: Actor, pk: int) -> None:
    """Have it sent no longer; messages sent before lead nowhere from then on."""
    row = db.session.scalar(
        select(ReportSubscription).where(ReportSubscription.id == pk, ReportSubscription.user_id == actor.user_id)
    )
    if row is None:
        raise NotFound()
    db.session.connection().execute(delete(_told).where(_told.c.subscription_id == pk))
    delete_record(actor, row)


def opened(actor: Actor, pk: int) -> Delivered:
    """The report of a message; NotFound unless it was sent to the actor, who may still see that organisation."""
    rows = (
        select(_told.c.since, _told.c.until, _asked.c.organisation_id, _asked.c.form)
        .join_from(_told, _asked, _asked.c.id == _told.c.subscription_id)
        .where(_told.c.id == pk, _asked.c.user_id == actor.user_id)
    )
    row = db.session.connection().execute(rows).one_or_none()
    if row is None or row.organisation_id not in {key for key, _name in places(actor)}:
        raise NotFound()
    return Delivered(row.since, row.until, row.organisation_id, ReportForm(row.form))


def _waiting(rhythm: Rhythm, since: date, until: date) -> Iterator[Any]:
    """Those who asked before the period ended and were not told of it yet."""
    told = select(_told.c.id).where(_told.c.subscription_id == _asked.c.id, _told.c.since == since).exists()
    rows = select(_asked.c.id, _asked.c.user_id, _asked.c.organisation_id).where(
        _asked.c.rhythm == rhythm, _asked.c.created_at < moment(until + timedelta(days=1)), ~told
    )
    yield from db.session.connection().execute(rows.order_by(_asked.c.id)).all()


def _still_may(user_id: int, organisation_id: int) -> bool:
    """Whether the account is in use, may see statistics, and the organisation lies within its own."""
    account = account_row(user_id)
    if account is None or not account["active"]:
        return False
    actor = actor_of(account)
    return actor.may("read", PAGE) and organisation_id in {key for key, _name in places(actor)}


@unit_of_work
def deliver() -> int:
    """Tell of the periods that are over, each once; how many messages were written. For the job."""
    told, today = 0, clock.today()
    with system_scope("reports sent to the inbox"):
        for rhythm, period in PERIODS.items():
            since, until = period(today)
            for row in _waiting(rhythm, since, until):
                if _still_may(row.user_id, row.organisation_id):
                    told += _tell(row, rhythm, since, until)
    return told


def _tell(row: Any, rhythm: Rhythm, since: date, until: date) -> int:
    values = {"subscription_id": row.id, "since": since, "until": until, "at": clock.now()}
    once = insert_into(_told).values(**values).on_conflict_do_nothing().returning(_told.c.id)
    key = db.session.connection().execute(once).scalar_one_or_none()
    if key is None:  # another runner was faster
        return 0
    name = select(_organisation.c.name).where(_organisation.c.id == row.organisation_id)
    said = {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "organisation": db.session.connection().execute(name).scalar_one(),
    }
    tell_people(SYSTEM, CODES[rhythm], [row.user_id], said, link=f"/statistics/delivered/{key}")
    return 1
