"""The guards of the flow of swaps, substitutes and leave: each one sentence, read beside the greyed button."""

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.duty_change import ChangeKind, ChangeState
from app.workflow.types import Message, Situation

# ---- who: this person and this request


def the_one_who_steps_in(at: Situation) -> Message | None:
    """Only the person who is to step in agrees or declines."""
    if at.record.other_id is None or at.record.other_id != at.actor.user_id:
        return _l("This is for %(name)s to answer.", name=at.facts.other_name or "—")
    return None


def the_one_who_asked(at: Situation) -> Message | None:
    """Only the person who asked withdraws the request."""
    if at.record.account_id != at.actor.user_id:
        return _l("Only %(name)s, who asked, can withdraw this.", name=at.facts.asker_name)
    return None


def not_one_of_the_two(at: Situation) -> Message | None:
    """Who asks, or steps in, does not approve it."""
    if at.actor.user_id in (at.record.account_id, at.record.other_id):
        return _l("You are part of this change yourself; somebody else decides.")
    return None


# ---- when: circumstances


def agreed_unless_leave(at: Situation) -> Message | None:
    """The person who is to step in has agreed; leave asks nobody else."""
    if at.record.state is ChangeState.asked and at.record.kind is not ChangeKind.leave:
        return _l("%(name)s has not agreed yet.", name=at.facts.other_name)
    return None


def shifts_are_still_theirs(at: Situation) -> Message | None:
    """Both shifts are still published and held by those who were asked."""
    if at.record.kind is ChangeKind.leave:
        return None
    pairs = [(at.facts.shift, at.record.account_id)]
    if at.record.kind is ChangeKind.swap:
        pairs.append((at.facts.other_shift, at.record.other_id))
    if any(held is None or not held.published or held.account_id != owner for held, owner in pairs):
        return _l("One of the shifts belongs to somebody else by now.")
    return None


def not_begun(at: Situation) -> Message | None:
    """The shifts have not begun; leave has not ended."""
    if at.record.kind is ChangeKind.leave:
        over = at.record.last_on < clock.local(at.facts.now).date()
        return _l("These days have passed.") if over else None
    held = [one for one in (at.facts.shift, at.facts.other_shift) if one is not None]
    return _l("The shift has begun already.") if any(one.starts <= at.facts.now for one in held) else None


def nobody_in_two_places(at: Situation) -> Message | None:
    """Nobody would be in two places at once, or on duty while on leave."""
    return at.facts.clash


def approved_only_as_leave(at: Situation) -> Message | None:
    """A swap that is approved is done; leave can be taken back until it ends."""
    if at.record.state is ChangeState.approved and at.record.kind is not ChangeKind.leave:
        return _l("The roster was changed already. Please ask for another swap.")
    return None
