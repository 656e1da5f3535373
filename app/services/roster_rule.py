"""The rules by which rosters are drawn up, kept by those who answer for a centre."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core.db import db, unit_of_work
from app.core.text import listed
from app.models.organisation import Level
from app.models.roster import DutyKind
from app.models.roster_rule import RosterRule
from app.services.problems import Problems
from app.services.queries import duty
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged, must_own, path_of
from app.services.roster import NOT_CENTRE
from app.services.shift import BACKWARDS

register_sentences(
    {
        "ck_roster_rule_hours_order": ("ends_at", BACKWARDS),
        "ck_roster_rule_every_few_weeks": ("every_weeks", _l("From 1 to 8.")),
        "ck_roster_rule_some_people": ("at_once", _l("From 1 to 20.")),
    }
)


def _read(given: Mapping[str, Any], rule: RosterRule | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    centre, people = merged(values, rule, "organisation"), list(merged(values, rule, "people") or ())
    kind = DutyKind(merged(values, rule, "kind"))
    if centre is not None and centre.level not in (Level.city, Level.township):
        problems.add("organisation", NOT_CENTRE)
    if merged(values, rule, "ends_at") <= merged(values, rule, "starts_at"):
        problems.add("ends_at", BACKWARDS)
    if not 1 <= (merged(values, rule, "every_weeks") or 0) <= 8:
        problems.add("every_weeks", _l("From 1 to 8."))
    if not 1 <= (merged(values, rule, "at_once") or 0) <= max(len(people), 1):
        problems.add("at_once", _l("At least one, and no more than take turns."))
    if not people:
        problems.add("people", _l("Please choose at least one person."))
    elif centre is not None:
        able = {row.id for row in duty.able(kind, path_of(centre.id))}
        strange = [row.first_name for row in people if row.id not in able]
        if strange:
            said = _l("Not of this roster's role at this centre: %(names)s.", names=listed(strange))
            problems.add("people", said)
    problems.stop()
    return values


@unit_of_work
def add_rule(actor: Actor, given: Mapping[str, Any]) -> RosterRule:
    """A new rule."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    rule: RosterRule = save_record(actor, RosterRule(), values)
    return rule


@unit_of_work
def change_rule(actor: Actor, rule: RosterRule, given: Mapping[str, Any]) -> RosterRule:
    """Change a rule; rosters drawn up already stay as they are."""
    must_own(actor, rule.organisation_id)
    values = _read(given, rule)
    if [row.id for row in rule.people] != [row.id for row in values.get("people", rule.people)]:
        rule.people = []  # their order is that of their rows
        db.session.flush()
    changed: RosterRule = save_record(actor, rule, values)
    return changed


@unit_of_work
def delete_rule(actor: Actor, rule: RosterRule) -> None:
    """Take a rule away that no roster was drawn up by; others are switched off."""
    must_own(actor, rule.organisation_id)
    delete_record(actor, rule)
