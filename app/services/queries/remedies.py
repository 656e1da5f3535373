"""The rights that run for each party: last day, why that day, where to go, whether used or lapsed (domain §3).

Re-examination always stands beside the review, for it runs on whatever becomes of that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.core.db import db
from app.core.labels import LabelledEnum
from app.models.case import Case, CaseState
from app.models.deadline import DeadlineState
from app.models.organisation import Organisation
from app.services import parameter
from app.services.queries.superiors import authority_over
from app.services.queries.why import sentences
from app.workflow.facts import CaseFacts
from app.workflow.windows import RECHECK_DAYS, REVIEW_DAYS

CONFIRM_DAYS = "D-CONF30"
NAMES: dict[str, Any] = {
    REVIEW_DAYS: _lp("right", "Expert review"),
    RECHECK_DAYS: _lp("right", "Re-examination by the superior organisation"),
    CONFIRM_DAYS: _lp("right", "Judicial confirmation of the agreement"),
}
_org = Organisation.__table__


class RightState(LabelledEnum):
    """Whether a right can still be used."""

    open = "open", _lp("right", "Open"), "info"
    used = "used", _lp("right", "Used"), "ok"
    ended = "ended", _lp("right", "Ended by signature"), "plain"
    lapsed = "lapsed", _lp("right", "Lapsed"), "plain"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a right is used."""

    name: Any
    phone: str | None = None
    address: str | None = None

    @property
    def parts(self) -> list[str]:
        """Name, telephone and address, as far as they are known."""
        return [str(part) for part in (self.name, self.phone, self.address) if part]

    @property
    def words(self) -> str:
        """Name, telephone and address in one line."""
        return " · ".join(self.parts)


@dataclass(frozen=True, slots=True)
class Right:
    """One right of one party (or of every side, when no party is named)."""

    code: str
    name: Any
    party_id: int | None
    state: RightState
    place: Place
    days: int | None = None
    unit: str | None = None
    last_day: date | None = None
    provisional: bool = False
    why: Sequence[Any] = ()
    source: str | None = None
    received_on: date | None = None


def _state(row: Any, today: date) -> RightState:
    if row.state in (DeadlineState.met, DeadlineState.late):
        return RightState.used
    if today > row.due_on:
        return RightState.lapsed
    return RightState.ended if row.state == DeadlineState.cancelled else RightState.open


def _count(why: Sequence[Any]) -> tuple[int | None, str | None]:
    """How many days were counted, and of which kind."""
    return next(((part["length"], part["unit"]) for part in why if part.get("step") == "count"), (None, None))


def _newest(clocks: Iterable[Any]) -> list[Any]:
    """The newest clock of each right and party: a new version of the reply begins them anew."""
    order = (REVIEW_DAYS, RECHECK_DAYS, CONFIRM_DAYS)
    found = {(row.party_id, row.code): row for row in sorted(clocks, key=lambda row: row.id) if row.code in order}
    return sorted(found.values(), key=lambda row: (row.party_id or 0, order.index(row.code)))


def _places(case: Case, facts: CaseFacts) -> dict[str, Place]:
    """The centre for the review, the government above the organisation that replied for re-examination (where
    it takes requests is a parameter, for the address of the city is the centre's), the court."""
    reply = facts.late.standing_reply
    owner = reply.organisation_id if reply is not None else case.organisation_id
    wanted = select(_org).where(_org.c.id.in_({case.organisation_id, owner}))
    rows = {row.id: row for row in db.session.connection().execute(wanted)}
    home, replied = rows[case.organisation_id], rows[owner]
    return {
        REVIEW_DAYS: Place(_l("%(city)s Public-Appeals Reception Centre", city=home.name), home.phone, home.address),
        RECHECK_DAYS: Place(authority_over(replied.path), address=parameter.value("recheck_place") or None),
        CONFIRM_DAYS: Place(_l("The people's court at the place of the mediation; the centre helps with the papers.")),
    }


def _route(case: Case, course: Iterable[Any]) -> list[Right]:
    """The legal route that a matter not accepted was shown."""
    if case.state is not CaseState.redirected:
        return []
    proposals = [row for row in course if row.step in ("decline", "redirect")]
    shown: Mapping[str, Any] = (proposals[-1].data or {}) if proposals else {}
    name, where = shown.get("route"), shown.get("where")
    if not name and not where:
        return []
    return [Right("route", name or _l("Legal route"), None, RightState.open, Place(where or ""))]


def rights_of(case: Case, facts: CaseFacts, clocks: Iterable[Any], course: Iterable[Any]) -> list[Right]:
    """Every right of every party. `clocks` bring their proof and the rule's source."""
    rows = _newest(clocks)
    places = _places(case, facts) if rows else {}
    found = [
        Right(
            row.code,
            NAMES[row.code],
            row.party_id,
            _state(row, facts.today),
            places[row.code],
            *_count(row.why),
            row.due_on,
            row.provisional,
            sentences(row.why),
            row.rule_source,
            row.starts_on,
        )
        for row in rows
    ]
    return found + _route(case, course)
