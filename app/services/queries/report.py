"""What stands in a report of a centre: figures of the statistics service, never a number of its own.

Small numbers are hidden from who may not open cases, and from everybody on a report that is to be handed on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db
from app.models.case import Case
from app.models.code_table import Category
from app.models.organisation import Organisation
from app.services import parameter
from app.services.queries import breakdown, briefing
from app.services.queries.breakdown import Line
from app.services.queries.figures_said import CLOSED_CODE, compared, in_public, in_words, kept_back, sees_rows
from app.services.queries.indicators import BY_CODE
from app.services.queries.statistics import Asked, Figure, beside, rows_of

LISTED = 40  # overdue matters on one report
NIL = "–"
_case, _category, _organisation = Case.__table__, Category.__table__, Organisation.__table__
# The tables of figures, and what stands in each.
TABLES: dict[str, tuple[str, ...]] = {
    "head": (
        "cases", "visits", "persons", "resolved", "resolution_rate", "answer_rate", "assigned", "leader_receptions",
        "leader_resolution_rate", "on_time_acceptance", "on_time_reply", "on_time_handling", CLOSED_CODE,
        "days_median", "open", "overdue", "consultations", "hearings",
    ),
    "reviews": ("reviews", "reviews_closed", "review_satisfaction"),
    "satisfaction": ("satisfaction", "opinions", "rectifications"),
}  # fmt: skip


def last_week(today: date | None = None) -> tuple[date, date]:
    """Monday and Sunday of the week that is over."""
    monday = (today or clock.today()) - timedelta(days=(today or clock.today()).weekday())
    return monday - timedelta(days=7), monday - timedelta(days=1)


def last_month(today: date | None = None) -> tuple[date, date]:
    """First and last day of the month that is over."""
    last = (today or clock.today()).replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def title_of(asked: Asked) -> str:
    """What the report is called, by its period."""
    since, after = asked.since, asked.until + timedelta(days=1)
    if since.weekday() == 0 and (after - since).days == 7:
        return _("Weekly report of the appeals centre")
    if since.day == 1 and after.day == 1:
        months = (after.year - since.year) * 12 + after.month - since.month
        if months == 1:
            return _("Monthly report of the appeals centre")
        if months == 12 and since.month == 1:
            return _("Yearly report of the appeals centre")
    return _("Statistical report of the appeals centre")


def hidden_below(actor: Actor, veil: bool) -> int:
    """Below how many matters a number is not told; 0: every number is."""
    return parameter.number("small_cell") if veil or not sees_rows(actor) else 0


def _few(least: int) -> str:
    return _("fewer than %(least)d", least=least)


def _compared(now: Figure, then: Figure, hidden: bool, then_hidden: bool, least: int) -> str:
    if now.one.source.now:
        return NIL
    if then_hidden:
        return _few(least)
    return compared(Figure(now.one, None) if hidden else now, then)


def _row(code: str, found: Sequence[Mapping[str, Figure]], back: Sequence[set[str]], least: int) -> dict[str, str]:
    now, then, last = (one[code] for one in found)
    hidden = [code in one for one in back]
    say = in_public if least else in_words
    value = _few(least) if hidden[0] else say(now)
    if now.one.response and not hidden[0] and now.value is not None:
        beside = found[0][now.one.response]
        value = _("%(value)s; %(name)s %(response)s", value=value, name=beside.one.label, response=say(beside))
    return {
        "name": str(now.one.label),
        "value": value,
        "before": _compared(now, then, hidden[0], hidden[1], least),
        "year_before": _compared(now, last, hidden[0], hidden[2], least),
    }


def _figures(actor: Actor, asked: Asked, least: int) -> tuple[dict[str, list[dict[str, str]]], int]:
    """The tables of figures, and how many matters are overdue."""
    codes = [code for table in TABLES.values() for code in table]
    wanted = dict.fromkeys(one for code in codes for one in (code, BY_CODE[code].response) if one)
    found = beside(actor, asked, wanted)
    back = [kept_back(one, least) if least else set() for one in found]
    told = {name: [_row(code, found, back, least) for code in table] for name, table in TABLES.items()}
    return told, int(found[0]["overdue"].numerator or 0)


def _shares(lines: Iterable[Line], least: int, part: str = "resolved") -> list[dict[str, Any]]:
    """A breakdown; lines that are hidden are told as one, if together they are not few."""
    veiled = breakdown.veiled(list(lines), least)
    shown, hidden = [one for one in veiled if not one.hidden], [one for one in veiled if one.hidden]
    told = [_share(one, part) for one in shown]
    if hidden:
        cases, resolved = (sum(numbers) for numbers in zip(*((one.cases, one.resolved) for one in hidden), strict=True))
        rest = _share(Line("", _("%(count)d others", count=len(hidden)), cases, resolved), part)
        told.append(rest if cases >= least else {name: said if name == "name" else NIL for name, said in rest.items()})
    return told


def _share(line: Line, part: str) -> dict[str, Any]:
    whole, rate = ("open", "share") if part == "overdue" else ("cases", "rate")
    said = NIL if line.rate is None else f"{line.rate}%"
    return {"name": line.label, whole: line.cases, part: line.resolved, rate: said}


BANDS = (7, 30)


def _late(days: int, least: int) -> str:
    """How long overdue; a band where the day may not be told."""
    if not least:
        return _("%(count)d days", count=days)
    band = next((band for band in BANDS if days <= band), None)
    return _("more than %(count)d days", count=BANDS[-1]) if band is None else _("up to %(count)d days", count=band)


def _overdue(actor: Actor, asked: Asked, least: int) -> list[dict[str, Any]]:
    """The overdue matters by number, the longest first; who may not open them learns no day."""
    one, today = BY_CODE["overdue"], clock.today()
    category = select(_category.c.name).where(_category.c.id == _case.c.category_id).scalar_subquery()
    lead = select(_organisation.c.name).where(_organisation.c.id == _case.c.lead_organisation_id).scalar_subquery()
    said = (_case.c.number, _case.c.due_on, category, lead)
    statement = rows_of(one.source, actor, asked, *said, part=one.part)
    rows = db.session.connection().execute(
        statement.order_by(_case.c.due_on, _case.c.number).limit(LISTED), {"today": today}
    )
    return [
        {
            "number": row[0],
            "category": row[2],
            "organisation": row[3] or NIL,
            "due_on": None if least else row[1],
            "days": _late((today - row[1]).days, least),
        }
        for row in rows
    ]


def fields(actor: Actor, asked: Asked, veil: bool) -> dict[str, Any]:
    """The fields of a report (services/document_fields.py), counted now, within what the actor may see."""
    least = hidden_below(actor, veil)
    tables, late = _figures(actor, asked, least)
    cells = breakdown.cube(actor, asked)
    centres = breakdown.by_centre(cells, actor, _("City centre"))
    if asked.organisation is not None:
        centres = [one for one in centres if one.cases]
    few = 0 < late < least
    return {
        **tables,
        "title": title_of(asked),
        "since": asked.since,
        "until": asked.until,
        "before": _days(asked.before()),
        "year_before": _days(asked.year_before()),
        "made_at": clock.now(),
        "maker": actor.name,
        "small": _("Numbers below %(least)d are not shown.", least=least) if least else "",
        "towns": _shares(centres, least),
        "categories": _shares(breakdown.by_category(cells), least),
        "load": _shares(briefing.load(actor, asked), least, "overdue"),
        "overdue": [] if few else _overdue(actor, asked, least),
        "overdue_note": _overdue_note(late, few, least),
    }


def _days(asked: Asked) -> str:
    return f"{asked.since} – {asked.until}"


def _overdue_note(late: int, few: bool, least: int) -> str:
    if few:
        return _("Fewer than %(least)d matters are overdue; they are not listed.", least=least)
    if not late:
        return _("No matter is overdue.")
    if late > LISTED:
        return _("%(late)d matters are overdue; the %(listed)d longest are listed.", late=late, listed=LISTED)
    return _("%(late)d matters are overdue.", late=late)
