"""What each parameter belongs to, and what its text must be: one table, read by the page, the console and the verb."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Invalid
from app.core.text import listed
from app.models.organisation import Level, Organisation
from app.models.parameter import TEXT_MOST
from app.services.queries.indicators import BY_CODE

LARGEST = 9  # rows and columns of the map: the style sheet has as many places
_organisation = Organisation.__table__
# Groups of parameters; those of `system` are the system administrator's, all others the business administrator's.
SYSTEM_GROUP = "system"
GROUPS: dict[str, Any] = {
    "reception": _lp("parameters", "Reception and handling"),
    "rooms": _lp("parameters", "Rooms and public booking"),
    "supervision": _lp("parameters", "Reminders and supervision"),
    "statistics": _lp("parameters", "Statistics and publishing"),
    "messages": _lp("parameters", "Messages"),
    SYSTEM_GROUP: _lp("parameters", "Security and system"),
}


@dataclass(frozen=True)
class Rule:
    """The group of a parameter; `read` gives its text as it is kept, or says in words what is wrong."""

    group: str
    read: Callable[[str], str] | None = None
    form: str = ""  # how it is asked for, where its kind does not say it: checks or lines


def _refuse(sentence: Any) -> None:
    raise Invalid(errors={"value": [sentence]})


def read_indicators(text: str) -> str:
    """Codes of indicators, each once, in the order typed."""
    codes = list(dict.fromkeys(text.replace("，", " ").replace(",", " ").split()))
    unknown = [code for code in codes if code not in BY_CODE]
    if unknown:
        _refuse(_l("There is no indicator with this code: %(codes)s.", codes=listed(unknown[:5])))
    kept = " ".join(codes)
    if len(kept) > TEXT_MOST:
        _refuse(_l("That is too much for one page. Please choose fewer indicators."))
    return kept


def read_map(text: str) -> str:
    """Rows of codes of the city and its towns, from north to south; every place once."""
    rows = [row.split() for row in text.split("/") if row.split()]
    if len(rows) > LARGEST or any(len(row) > LARGEST for row in rows):
        _refuse(_l("The map has at most %(most)d rows and %(most)d places in a row.", most=LARGEST))
    codes = [code for row in rows for code in row if code != "."]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        _refuse(_l("This place stands on the map twice: %(codes)s.", codes=listed(twice[:5])))
    known = set(db.session.connection().execute(_places(_organisation.c.code)).scalars())
    unknown = [code for code in codes if code not in known]
    if unknown:
        _refuse(_l("No city and no town has this code: %(codes)s.", codes=listed(unknown[:5])))
    kept = " / ".join(" ".join(row) for row in rows)
    if len(kept) > TEXT_MOST:
        _refuse(_l("This map is too large to be kept."))
    return kept


def _places(*columns: Any) -> Any:
    return (
        select(*columns)
        .where(_organisation.c.level.in_((Level.city, Level.township)), _organisation.c.active)
        .order_by(_organisation.c.position, _organisation.c.id)
    )


def places() -> list[tuple[str, str]]:
    """Code and name of the city and its towns, which the map can hold."""
    rows = db.session.connection().execute(_places(_organisation.c.code, _organisation.c.name))
    return [(row[0], row[1]) for row in rows]


def _of(group: str, *codes: str) -> dict[str, Rule]:
    return dict.fromkeys(codes, Rule(group))


# Every parameter of services/parameter.py stands here once (a test keeps it so).
RULES: dict[str, Rule] = {
    **_of("reception", "group_size", "draft_days", "suspend_days", "escalate_to_town", "low_score"),
    **_of("reception", "recheck_place"),
    **_of("rooms", "offer_minutes", "public_hold_minutes", "public_days", "public_holds", "public_bookings"),
    **_of("rooms", "outreach_least"),
    **_of("supervision", "remind_every_days", "urge_every_days", "supervision_days", "supervise_returned_days"),
    **_of("supervision", "supervise_co_days", "gaming_days", "cluster_days", "cluster_least"),
    "small_cell": Rule("statistics"),
    "public_board": Rule("statistics", read_indicators, "checks"),
    "town_map": Rule("statistics", read_map, "lines"),
    **_of("messages", "sms_quiet_from", "sms_quiet_until", "webhook_failures"),
    **_of("messages", "keep_messages_days", "keep_notices_days"),
    **_of(SYSTEM_GROUP, "keep_attempts_days", "mass_reading", "mass_listing", "export_most", "export_days"),
    **_of(SYSTEM_GROUP, "one_time_hours", "attachment_max_mb", "outbox_tries"),
}
BUSINESS: frozenset[str] = frozenset(code for code, rule in RULES.items() if rule.group != SYSTEM_GROUP)


def codes_of(group: str) -> list[str]:
    """The parameters of a group."""
    return [code for code, rule in RULES.items() if rule.group == group]
