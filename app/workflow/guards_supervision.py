"""The guards of supervision: of the steps of a case, of an order, of a proposal; each one sentence."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.workflow.types import Message, Situation

ANSWER_DAYS_MOST = 60


# ---- who


def own_organisation_is_asked(at: Situation) -> Message | None:
    """The own organisation is the one the letter went to."""
    if at.record.organisation_id != at.actor.organisation_id:
        return _l("Only the office that the letter went to answers it.")
    return None


def not_the_answerer(at: Situation) -> Message | None:
    """Who answered the letter does not decide on the answer."""
    if at.record.answered_by_id is not None and at.record.answered_by_id == at.actor.user_id:
        return _l("You wrote the answer yourself; somebody else decides.")
    return None


# ---- what


def urge_is_told(at: Situation) -> tuple[str, Message] | None:
    """What is urged stands in words."""
    return None if (at.data.get("text") or "").strip() else ("text", _l("Please say what you urge."))


def not_urged_just_now(at: Situation) -> tuple[str, Message] | None:
    """Between two urges on one matter lie the days that the house has set."""
    last = at.facts.last("urge")
    if last is None or last.at is None:
        return None
    every = int(at.data.get("every_days", 0))
    again = clock.local(last.at).date() + timedelta(days=every)
    if at.facts.today >= again:
        return None
    return "text", _l(
        "This matter was urged already on %(day)s; it can be urged again from %(again)s.",
        day=clock.local(last.at).date().isoformat(),
        again=again.isoformat(),
    )


def letter_is_whole(at: Situation) -> tuple[str, Message] | None:
    """A letter says what was found, and what is asked."""
    for name, sentence in (
        ("why", _l("Please say what was found.")),
        ("requirement", _l("Please say what is asked of the office.")),
    ):
        if not (at.data.get(name) or "").strip():
            return name, sentence
    return None


def letter_goes_to_an_office_at_work(at: Situation) -> tuple[str, Message] | None:
    """The letter goes to an office in use that has the matter, never to one complained of."""
    office = at.data.get("organisation")
    if office is None:
        return "organisation", _l("Please choose the office.")
    if not office.active:
        return "organisation", _l("%(name)s is no longer in use.", name=office.name)
    if any(office.path.startswith(path) for path in at.data.get("accused_paths", ())):
        return "organisation", _l("The matter complains of %(name)s; a letter cannot go there.", name=office.name)
    return None


def answer_day_fits(at: Situation) -> tuple[str, Message] | None:
    """The day for the answer lies ahead, and within two months."""
    day = at.data.get("due_on")
    if day is None:
        return "due_on", _l("Please choose the day for the answer.")
    if day <= at.facts.today:
        return "due_on", _l("The day for the answer lies in the future.")
    if day > at.facts.today + timedelta(days=ANSWER_DAYS_MOST):
        return "due_on", _l("The day for the answer lies within %(days)s days.", days=ANSWER_DAYS_MOST)
    return None


def answer_is_told(at: Situation) -> tuple[str, Message] | None:
    """The answer stands in words."""
    return None if (at.data.get("answer") or "").strip() else ("answer", _l("Please write the answer."))


def outcome_is_told(at: Situation) -> tuple[str, Message] | None:
    """What the body said is named."""
    return None if at.data.get("outcome") is not None else ("outcome", _l("Please choose what the body said."))


def answered_between(at: Situation) -> tuple[str, Message] | None:
    """The body answered after the proposal was sent, and not in the future."""
    day = at.data.get("answered_on")
    if day is None:
        return "answered_on", _l("Please choose the day of the answer.")
    if day > at.facts.today:
        return "answered_on", _l("This day lies in the future.")
    if day < at.record.sent_on:
        return "answered_on", _l("The answer cannot come before the proposal was sent.")
    return None
