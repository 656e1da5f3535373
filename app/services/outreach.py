"""Legal service events: planned, held or cancelled; and which law firm helps which community."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, NotAllowed
from app.models.organisation import Level
from app.models.outreach import FirmPair, OutreachEvent, OutreachState
from app.services.case import Data, text_of
from app.services.course import Course, announce_step, keep
from app.services.problems import Problems
from app.services.queries.service_facts import outreach_facts, outreach_steps
from app.services.record import delete_record, in_plain_words, register_sentences, save_record
from app.services.register import merged, must_own
from app.workflow.engine import perform
from app.workflow.outreach_flow import OUTREACH_FLOW
from app.workflow.plain_facts import PlainFacts

COURSE: Course[OutreachEvent, PlainFacts] = Course(OUTREACH_FLOW, OutreachEvent, outreach_facts, outreach_steps)
NOT_A_COMMUNITY = _l("Please choose a village, a community or a town.")
PAIRED = _l("This community has a law firm already. Please end that help first.")
BACKWARDS = _l("The help ends before it begins.")
UNTIL = _l("Please enter the day on which the help ended.")

register_sentences(
    {
        "ck_outreach_event_minutes_bounded": ("minutes", _l("An event takes from 1 minute to a day.")),
        "ck_firm_pair_days_order": ("until", BACKWARDS),
        "ck_firm_pair_ended_has_a_day": ("until", UNTIL),
        "uq_firm_pair_active": ("organisation", PAIRED),
    }
)


# ---- events


def _read(given: Mapping[str, Any], event: OutreachEvent | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    centre, minutes = merged(values, event, "organisation"), merged(values, event, "minutes")
    if centre is not None and centre.level not in (Level.city, Level.township):
        problems.add("organisation", _l("An event belongs to the centre of the city or of a town."))
    community = merged(values, event, "community")
    if community is not None and community.level not in (Level.village, Level.township):
        problems.add("community", NOT_A_COMMUNITY)
    if minutes is not None and not 1 <= minutes <= 1440:
        problems.add("minutes", _l("An event takes from 1 minute to a day."))
    problems.stop()
    return values


@unit_of_work
def plan(actor: Actor, given: Mapping[str, Any]) -> OutreachEvent:
    """Put an event into the plan; one that was held already may be written down afterwards."""
    if not actor.may("plan_outreach", "OutreachEvent"):
        raise NotAllowed()
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    event = OutreachEvent()
    row = perform(OUTREACH_FLOW, event, "plan_outreach", actor, outreach_facts(event), values)
    save_record(actor, event, values)
    row.event_id = event.id
    db.session.add(row)
    announce_step(event, row)
    return keep(event)


@unit_of_work
def change(actor: Actor, event: OutreachEvent, given: Mapping[str, Any]) -> OutreachEvent:
    """Change the plan of an event that was not held yet."""
    must_own(actor, event.organisation_id)
    if event.state is not OutreachState.planned:
        raise Conflict(_l("Only what is still planned can be changed."))
    values = _read(given, event)
    if values.get("organisation") is not None:
        must_own(actor, values["organisation"].id)
    return save_record(actor, event, values)  # type: ignore[no-any-return]


def _take(actor: Actor, key: int, version: int | None, step: str, reason: str | None = None) -> Any:
    event, facts = COURSE.take(actor, key, version, step, reason)
    must_own(actor, event.organisation_id)
    return event, facts


@unit_of_work
def hold(actor: Actor, event_id: int, data: Data, version: int | None = None) -> OutreachEvent:
    """The event was held: how many came, and how it went."""
    event, facts = _take(actor, event_id, version, "hold_outreach")
    told = {"attendance": data.get("attendance")}
    COURSE.carry_out(actor, event, facts, "hold_outreach", data, told=told)
    event.attendance, event.summary = data.get("attendance"), text_of(data, "summary")
    return keep(event)


@unit_of_work
def cancel(actor: Actor, event_id: int, data: Data, version: int | None = None) -> OutreachEvent:
    """The event is not held, and why."""
    reason = text_of(data, "reason")
    event, facts = _take(actor, event_id, version, "cancel_outreach", reason)
    COURSE.carry_out(actor, event, facts, "cancel_outreach", data, reason=reason)
    event.reason = (reason or "")[:500]
    return keep(event)


# ---- firms and communities


def _read_pair(given: Mapping[str, Any], pair: FirmPair | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    community, firm = merged(values, pair, "organisation"), merged(values, pair, "firm")
    if community is not None and community.level not in (Level.village, Level.township):
        problems.add("organisation", NOT_A_COMMUNITY)
    if pair is None and firm is not None and not firm.active:
        problems.add("firm", _l("%(name)s is no longer in service.", name=firm.name))
    adviser = merged(values, pair, "adviser")
    if adviser is not None and firm is not None and adviser.firm_id != firm.id:
        problems.add("adviser", _l("%(name)s does not belong to this law firm.", name=adviser.name))
    since, until = merged(values, pair, "since"), merged(values, pair, "until")
    if since and until and until < since:
        problems.add("until", BACKWARDS)
    if merged(values, pair, "active") is False and until is None:
        problems.add("until", UNTIL)
    problems.stop()
    return values


@unit_of_work
def add_pair(actor: Actor, given: Mapping[str, Any]) -> FirmPair:
    """A law firm begins to help a community."""
    values = _read_pair(given, None)
    must_own(actor, values["organisation"].id)
    return save_record(actor, FirmPair(), values)  # type: ignore[no-any-return]


@unit_of_work
def change_pair(actor: Actor, pair: FirmPair, given: Mapping[str, Any]) -> FirmPair:
    """Change who helps, or until when."""
    must_own(actor, pair.organisation_id)
    values = _read_pair(given, pair)
    if values.get("organisation") is not None:
        must_own(actor, values["organisation"].id)
    return save_record(actor, pair, values)  # type: ignore[no-any-return]


@unit_of_work
def end_pair(actor: Actor, pair: FirmPair) -> FirmPair:
    """The help ends today."""
    must_own(actor, pair.organisation_id)
    with in_plain_words():
        pair.active, pair.until = False, max(clock.today(), pair.since)
        db.session.flush()
    return pair


@unit_of_work
def delete_pair(actor: Actor, pair: FirmPair) -> None:
    """Remove a pair entered by mistake."""
    must_own(actor, pair.organisation_id)
    delete_record(actor, pair)
