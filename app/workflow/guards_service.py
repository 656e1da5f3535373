"""The guards of hearings before decisions and of legal service events: each one sentence."""

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.hearing import HearingKind, MinutesSigned
from app.workflow.guards_handling import HEADS_MOST, Fault
from app.workflow.types import Message, Situation


def _text(at: Situation, name: str) -> str:
    return (at.data.get(name) or "").strip()


def _heads(at: Situation, name: str = "attendance") -> Fault:
    heads = at.data.get(name)
    if heads is not None and not 1 <= heads <= HEADS_MOST:
        return name, _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST)
    return None


# ---- hearings before decisions


def before_a_decision(at: Situation) -> Message | None:
    """The hearing is one before a decision; one on a matter moves on by the steps of that matter."""
    if at.record.kind is HearingKind.decision:
        return None
    return _l("This hearing belongs to a matter; please go on from the page of that matter.")


def its_hour_has_come(at: Situation) -> Message | None:
    """The hour of the hearing has come."""
    if at.record.held_at > at.facts.now:
        return _l("The hearing is on %(when)s.", when=f"{clock.local(at.record.held_at):%Y-%m-%d %H:%M}")
    return None


def everybody_has_signed(at: Situation) -> Message | None:
    """Every participant has signed the minutes, or did not sign for a reason that is written down."""
    if at.facts.unsigned:
        return _l("%(count)d participants have not signed the minutes yet.", count=at.facts.unsigned)
    return None


def somebody_has_not_signed(at: Situation) -> Message | None:
    """Somebody has not signed yet."""
    return None if at.facts.unsigned else _l("Everybody has signed the minutes.")


def participants_and_minutes(at: Situation) -> Fault:
    """Who took part and how each was chosen, how many came, and the minutes."""
    people = at.data.get("participants") or ()
    if not any((row.get("name") or "").strip() for row in people):
        return "participants", _l("Please name who took part.")
    if any(row.get("chosen") is None for row in people if (row.get("name") or "").strip()):
        return "participants", _l("Please say of every participant how he or she was chosen.")
    if not _text(at, "minutes"):
        return "minutes", _l("Please write the minutes.")
    return _heads(at)


def signatures_are_whole(at: Situation) -> Fault:
    """Whoever signed on the screen has signed; whoever did not sign has a reason."""
    for row in at.data.get("signatures") or ():
        if row.get("signed") is MinutesSigned.screen and row.get("signature") is None:
            return "signatures", _l("%(name)s has not signed on the screen yet.", name=row.get("name", ""))
        if row.get("signed") is MinutesSigned.refused and not (row.get("note") or "").strip():
            return "signatures", _l("Of whoever did not sign, please say why.")
    return None


def every_opinion_is_answered(at: Situation) -> Fault:
    """Of every opinion it is said whether it was adopted, and of the others why not."""
    for row in at.data.get("opinions") or ():
        if row.get("adopted") is None:
            return "opinions", _l("Please say of every opinion whether it was adopted.")
        if row["adopted"] is False and not (row.get("reason") or "").strip():
            return "opinions", _l("Of an opinion that was not adopted, please say why not.")
    return None


def conclusion_is_written(at: Situation) -> Fault:
    """The conclusion is written down."""
    return None if _text(at, "conclusion") else ("conclusion", _l("Please write the conclusion."))


# ---- legal service events


def event_has_begun(at: Situation) -> Message | None:
    """The event has begun."""
    if at.record.starts_at > at.facts.now:
        return _l("The event is on %(when)s.", when=f"{clock.local(at.record.starts_at):%Y-%m-%d %H:%M}")
    return None


def attendance_is_told(at: Situation) -> Fault:
    """How many came."""
    if at.data.get("attendance") is None:
        return "attendance", _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST)
    return _heads(at)


def how_it_went_is_told(at: Situation) -> Fault:
    """How it went."""
    return None if _text(at, "summary") else ("summary", _l("Please write in a few words how it went."))
