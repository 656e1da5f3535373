"""Deadline rules: a rule from law is made stricter only; its bounds, unit and start are not ours to change."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core.db import unit_of_work
from app.models.calendar import DeadlineRule, Nature
from app.services.problems import Problems
from app.services.record import register_sentences, save_record
from app.services.recount import recount_rule

LOOSER = _l("This length lies outside what the law allows.")

register_sentences(
    {
        "ck_deadline_rule_law_not_looser": ("length", LOOSER),
        "ck_deadline_rule_length_positive": ("length", _l("A deadline has at least one day.")),
    }
)
FIXED = ("code", "starts_from", "nature", "least", "most")


def bounds(least: int | None, most: int | None) -> Any:
    """What the law allows, in words; None where it sets no bound."""
    if least is not None and least == most:
        return _l("exactly %(days)d days", days=least)
    if least is not None and most is not None:
        return _l("%(least)d to %(most)d days", least=least, most=most)
    if least is not None:
        return _l("at least %(days)d days", days=least)
    if most is not None:
        return _l("at most %(days)d days", days=most)
    return None


@unit_of_work
def change_rule(actor: Actor, rule: DeadlineRule, given: Mapping[str, Any]) -> DeadlineRule:
    """Set the length of a rule within its bounds; deadlines that run are counted anew, rights never cut short."""
    values = {name: value for name, value in given.items() if name not in FIXED}
    problems = Problems()
    length = values.get("length", rule.length)
    if length is None or length < 1:
        problems.add("length", _l("A deadline has at least one day."))
    elif (rule.least is not None and length < rule.least) or (rule.most is not None and length > rule.most):
        problems.add(
            "length",
            _l(
                "Allowed here: %(bounds)s (%(source)s). %(days)d days are not possible.",
                bounds=bounds(rule.least, rule.most),
                source=rule.source or "—",
                days=length,
            ),
        )
    if rule.nature == Nature.law and values.get("unit", rule.unit) != rule.unit:
        problems.add("unit", _l("The law says how these days are counted; that stays."))
    problems.stop()
    before = (rule.length, rule.unit)
    saved: DeadlineRule = save_record(actor, rule, values)
    if (saved.length, saved.unit) != before:
        recount_rule(saved)
    return saved
