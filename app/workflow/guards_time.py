"""The guards of time and of endings: extension, suspension, withdrawal, split."""

from flask_babel import lazy_gettext as _l

from app.models.extension import ExtensionState
from app.workflow.guards_handling import all_signed
from app.workflow.types import Message, Situation

Fault = tuple[str, Message] | None


# ---- when: extension


def within_the_days_for_handling(at: Situation) -> Message | None:
    """More time is asked for before the day has passed."""
    due = at.facts.handle_due_on
    if due is None:
        return _l("No day for handling runs.")
    return None if at.facts.today <= due else _l("The day for handling was %(day)s.", day=due.isoformat())


def no_extension_yet(at: Situation) -> Message | None:
    """More time is granted once in a round."""
    found = at.facts.late.extension_of(at.facts.round)
    if found is None:
        return None
    if found.state == ExtensionState.asked:
        return _l("An extension was asked for already; the head of the centre decides.")
    return _l("An extension was granted already; there is no second one.")


def an_extension_is_asked(at: Situation) -> Message | None:
    """An extension was asked for and is not decided."""
    found = at.facts.late.extension_of(at.facts.round)
    if found is None or found.state != ExtensionState.asked:
        return _l("No extension is asked for.")
    return None


# ---- what: extension, suspension


def days_are_within_the_law(at: Situation) -> Fault:
    """From one day to as many as the rule allows; `days_most` is read by the verb."""
    days, most = at.data.get("days"), at.data.get("days_most") or 0
    if days is None or not 1 <= days <= most:
        return "days", _l("Between 1 and %(most)s days can be asked for.", most=most)
    return None


def ground_is_listed(at: Situation) -> Fault:
    """A matter is suspended on a ground from the list."""
    return None if at.data.get("ground") is not None else ("ground", _l("Please choose the ground."))


def end_is_near_enough(at: Situation) -> Fault:
    """A suspension has an end, not farther away than allowed; `days_most` is read by the verb."""
    until, most = at.data.get("until_on"), at.data.get("days_most") or 0
    if until is None:
        return "until_on", _l("Please enter the day on which it goes on.")
    if until <= at.facts.today:
        return "until_on", _l("It goes on after today.")
    if (until - at.facts.today).days > most:
        return "until_on", _l("A matter stands still for at most %(most)s days.", most=most)
    return None


# ---- withdrawal, split


def who_speaks_signs_the_withdrawal(at: Situation) -> Fault:
    """A withdrawal is signed by all who speak for the petitioners; `speakers` is looked up by the verb."""
    return all_signed(at, at.data.get("speakers") or ())


def no_review_goes_on(at: Situation) -> Message | None:
    """No expert review goes on."""
    if at.facts.late.open_review is not None:
        return _l("An expert review goes on; its application is withdrawn first.")
    return None


def several_claims(at: Situation) -> Message | None:
    """There is more than one claim."""
    return None if at.facts.claims > 1 else _l("There is only one claim; nothing can be split off.")


def some_claims_go_some_stay(at: Situation) -> Fault:
    """At least one claim goes, at least one stays."""
    going = at.data.get("claims") or ()
    if not going:
        return "claims", _l("Please choose the claims that go.")
    if len(going) >= at.facts.claims:
        return "claims", _l("At least one claim stays with this matter.")
    return None


def new_matter_has_a_title(at: Situation) -> Fault:
    """The new matter is called something."""
    return None if (at.data.get("title") or "").strip() else ("title", _l("Please give the new matter a title."))
