"""The guards of the case flow: each one sentence, which the person reads beside the greyed button or at the field."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.case import CaseState, Kind
from app.models.referral import ReferralKind, ReferralState
from app.workflow.types import Message, Situation

NOT_YET_REPLIED = frozenset(
    {
        CaseState.registered,
        CaseState.supplement_pending,
        CaseState.accepted,
        CaseState.assigned,
        CaseState.objected,
        CaseState.handling,
        CaseState.suspended,
        CaseState.reply_checking,
    }
)

ENDED_WITHOUT_REPLY = frozenset({CaseState.redirected, CaseState.withdrawn})


# ---- who: this person and this case


def own_organisation_concerned(at: Situation) -> Message | None:
    """The own organisation is lead or co-organisation of an open referral."""
    if at.facts.referral_of(at.actor.organisation_id) is None:
        return _l("Only for an organisation to which the matter is referred.")
    return None


def own_organisation_leads(at: Situation) -> Message | None:
    """The own organisation is the lead."""
    own = at.facts.referral_of(at.actor.organisation_id)
    if own is None or own.kind != ReferralKind.lead:
        return _l("Only the lead organisation may do this.")
    return None


def not_the_proposer(at: Situation) -> Message | None:
    """Who proposed it does not decide on it."""
    proposal = at.facts.last("decline", "redirect")
    if proposal is not None and proposal.actor_id is not None and proposal.actor_id == at.actor.user_id:
        return _l("You proposed this yourself; somebody else decides.")
    return None


def not_the_withdrawer(at: Situation) -> Message | None:
    """Who took the withdrawal down does not approve it."""
    proposal = at.facts.last("withdraw")
    if proposal is not None and proposal.actor_id is not None and proposal.actor_id == at.actor.user_id:
        return _l("You took the withdrawal down yourself; somebody else decides.")
    return None


def not_the_objector(at: Situation) -> Message | None:
    """Who objected does not settle the objection."""
    objection = at.facts.last("object")
    if objection is not None and objection.actor_id is not None and objection.actor_id == at.actor.user_id:
        return _l("You raised the objection yourself; somebody else decides.")
    return None


def not_the_asker(at: Situation) -> Message | None:
    """Who asked for the extension does not decide on it."""
    asked = at.facts.last("request_extension")
    if asked is not None and asked.actor_id is not None and asked.actor_id == at.actor.user_id:
        return _l("You asked for the extension yourself; somebody else decides.")
    return None


def not_the_drafter(at: Situation) -> Message | None:
    """Who drafted the reply neither checks nor approves it."""
    draft = at.facts.last("submit_reply")
    if draft is not None and draft.actor_id is not None and draft.actor_id == at.actor.user_id:
        return _l("You drafted this reply yourself; somebody else checks it.")
    return None


# ---- when: circumstances


def supplement_only_once(at: Situation) -> Message | None:
    """A supplement is asked for once."""
    if at.record.supplements:
        return _l("A supplement has been asked for once already.")
    return None


def awaits_own_signature(at: Situation) -> Message | None:
    """The referral to the own organisation is not signed for yet."""
    own = at.facts.referral_of(at.actor.organisation_id)
    if own is not None and own.state != ReferralState.sent:
        return _l("Your organisation has signed for it already.")
    return None


def signed_by_own_organisation(at: Situation) -> Message | None:
    """The own organisation has signed for the referral."""
    own = at.facts.referral_of(at.actor.organisation_id)
    if own is not None and own.state != ReferralState.signed:
        return _l("Your organisation has to sign for it first.")
    return None


def within_objection_days(at: Situation) -> Message | None:
    """Within five working days of receiving the referral."""
    own = at.facts.referral_of(at.actor.organisation_id)
    last = own.objection_due_on if own is not None else None
    if last is not None and at.facts.today > last:
        return _l("The last day to object was %(day)s.", day=last.isoformat())
    return None


def no_second_objection(at: Situation) -> Message | None:
    """A referral that was insisted on is not objected to again."""
    own = at.facts.referral_of(at.actor.organisation_id)
    if own is not None and own.kind == ReferralKind.lead and own.objection_due_on is None:
        return _l("The dispatcher has insisted; there is no second objection.")
    return None


def nothing_merged_into_it(at: Situation) -> Message | None:
    """No other matter is merged into this one."""
    if at.facts.children:
        return _l("Other matters are merged into this one; undo that first.")
    return None


def parent_not_yet_replied(at: Situation) -> Message | None:
    """The matter it was merged into is not replied to."""
    if at.facts.parent_state is not None and at.facts.parent_state not in NOT_YET_REPLIED | ENDED_WITHOUT_REPLY:
        return _l("The matter it was merged into has been replied to; the merge stays.")
    return None


# ---- what: the filled-in form


def kind_and_category_set(at: Situation) -> tuple[str, Message] | None:
    """A matter is accepted with its kind and category."""
    if not at.data.get("kind", at.record.kind):
        return "kind", _l("Please choose the kind.")
    if not (at.data.get("category") or at.record.category_id):
        return "category", _l("Please choose the category.")
    return None


def category_is_a_leaf_in_use(at: Situation) -> tuple[str, Message] | None:
    """The category is in use and not a heading of others."""
    category = at.data.get("category")
    if category is None:
        return None
    if not category.active:
        return "category", _l("“%(name)s” is no longer in use. Please choose another.", name=category.name)
    if not category.leaf:
        return "category", _l("“%(name)s” has finer categories. Please choose one of them.", name=category.name)
    return None


def something_is_missing(at: Situation) -> tuple[str, Message] | None:
    """A supplement notice says what is missing."""
    if not at.data.get("missing") and not (at.data.get("reason") or "").strip():
        return "missing", _l("Please say what is missing.")
    return None


def route_is_named(at: Situation) -> tuple[str, Message] | None:
    """Whoever is sent on is told which legal route is open."""
    return None if at.data.get("route") else ("route", _l("Please choose the legal route."))


def place_is_named(at: Situation) -> tuple[str, Message] | None:
    """Whoever is sent on is told where to go."""
    return None if (at.data.get("where") or "").strip() else ("where", _l("Please say where to go."))


def ground_is_named(at: Situation) -> tuple[str, Message] | None:
    """A matter is declined on a ground from the list."""
    return None if at.data.get("ground") else ("ground", _l("Please choose the ground."))


def _similar(case: Any, other: Any) -> bool:
    own, its = case.category, other.category
    return own is its or own.id == its.id or (own.parent_id is not None and own.parent_id == its.parent_id)


def parent_is_the_same_claim(at: Situation) -> tuple[str, Message] | None:
    """The other matter is open, not yet replied to, and of the same or a sister category."""
    parent = at.data.get("parent")
    if parent is None:
        return "parent", _l("Please choose the matter to merge into.")
    if parent.id == at.record.id:
        return "parent", _l("A matter cannot be merged into itself.")
    if parent.state not in NOT_YET_REPLIED:
        return "parent", _l(
            "%(number)s is “%(state)s”; only an open matter without reply can take it.",
            number=parent.number,
            state=parent.state.label,
        )
    if not _similar(at.record, parent):
        return "parent", _l(
            "%(number)s is about something else (%(category)s).", number=parent.number, category=parent.category.name
        )
    return None


def _recipients(at: Situation) -> list[Any]:
    return [org for org in (at.data.get("lead"), *(at.data.get("co") or ())) if org is not None]


def lead_is_named(at: Situation) -> tuple[str, Message] | None:
    """One organisation leads."""
    return None if at.data.get("lead") is not None else ("lead", _l("Please choose the lead organisation."))


def recipients_are_active(at: Situation) -> tuple[str, Message] | None:
    """Every organisation that receives the matter is in service."""
    resting = next((org for org in _recipients(at) if not org.active), None)
    if resting is None:
        return None
    return _field_of(at, resting), _l("%(name)s is no longer in service.", name=resting.name)


def recipients_are_distinct(at: Situation) -> tuple[str, Message] | None:
    """The lead is not also a co-organisation."""
    lead = at.data.get("lead")
    if lead is not None and any(org.id == lead.id for org in at.data.get("co") or ()):
        return "co", _l("%(name)s is the lead already.", name=lead.name)
    return None


def recipients_are_not_accused(at: Situation) -> tuple[str, Message] | None:
    """An accusation never goes to the organisation complained of, nor to what is below it."""
    if at.data.get("kind", at.record.kind) != Kind.accusation:
        return None
    for org in _recipients(at):
        if any(org.path.startswith(path) for path in at.facts.accused_paths):
            return _field_of(at, org), _l(
                "%(name)s is complained of in this accusation, or stands below it. It must not receive the matter.",
                name=org.name,
            )
    return None


def _field_of(at: Situation, organisation: Any) -> str:
    lead = at.data.get("lead")
    return "lead" if lead is not None and lead.id == organisation.id else "co"


def due_days_fit_the_case(at: Situation) -> tuple[str, Message] | None:
    """No organisation gets longer than the case has."""
    for name in ("lead_due_on", "co_due_on"):
        if (found := _fits(name, at.data.get(name), at.facts.today, at.facts.handle_due_on)) is not None:
            return found
    return None


def _fits(name: str, day: date | None, today: date, most: date | None) -> tuple[str, Message] | None:
    if day is None:
        return None
    if day < today:
        return name, _l("This day has passed already.")
    if most is not None and day > most:
        return name, _l("The matter itself is due on %(day)s; choose that day or an earlier one.", day=most.isoformat())
    return None


def proposal_is_another(at: Situation) -> tuple[str, Message] | None:
    """An objection names the organisation that should have it instead."""
    proposed = at.data.get("proposed")
    if proposed is None:
        return "proposed", _l("Please propose the organisation that should have it.")
    if proposed.id == at.actor.organisation_id:
        return "proposed", _l("Please propose another organisation than your own.")
    return None


def work_is_told(at: Situation) -> tuple[str, Message] | None:
    """An entry of work says what was done."""
    return None if (at.data.get("text") or "").strip() else ("text", _l("Please say what was done."))


def work_lies_in_the_past(at: Situation) -> tuple[str, Message] | None:
    """Work is logged after it was done, and after the matter came in."""
    done: datetime | None = at.data.get("done_at")
    if done is None:
        return None
    if done > clock.now():
        return "done_at", _l("This lies in the future.")
    if at.record.registered_at is not None and done < at.record.registered_at.replace(second=0, microsecond=0):
        return "done_at", _l("This lies before the matter was registered.")
    return None


def _told(at: Situation, names: Iterable[str]) -> bool:
    return any((at.data.get(name) or "").strip() for name in names)


def supplement_is_told(at: Situation) -> tuple[str, Message] | None:
    """A supplement says what was brought."""
    return None if _told(at, ("note", "facts")) else ("note", _l("Please say what was brought."))
