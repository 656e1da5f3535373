"""The guards of handling: leader reception, conference, escalation, mediation, hearing, settlement on the spot."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.models.case import Kind
from app.models.mediation import Confirmation, MediationState
from app.models.member import Capacity
from app.workflow.guards import own_organisation_concerned
from app.workflow.types import Message, Situation

HEADS_MOST = 9999
FUTURE = _l("This lies in the future.")
SIGN = _l("Please let everybody sign, or attach the signed paper.")
Fault = tuple[str, Message] | None


def _text(at: Situation, name: str) -> str:
    return (at.data.get(name) or "").strip()


def _has_happened(at: Situation, name: str) -> Fault:
    """A moment that lies between the registration and now."""
    moment: datetime | None = at.data.get(name)
    if moment is None:
        return name, _l("Please enter the date and time.")
    if moment > clock.now():
        return name, FUTURE
    if at.record.registered_at is not None and moment < at.record.registered_at.replace(second=0, microsecond=0):
        return name, _l("This lies before the matter was registered.")
    return None


def _day_has_come(day: date | None, name: str, earliest: date | None) -> Fault:
    """A day that lies between another and today."""
    if day is None:
        return name, _l("Please enter the day.")
    if day > clock.today():
        return name, FUTURE
    if earliest is not None and day < earliest:
        return name, _l("This lies before %(day)s.", day=earliest.isoformat())
    return None


# ---- who


def concerned_or_adviser(at: Situation) -> Message | None:
    """The own organisation handles the matter, or the person was consulted on it as its adviser."""
    named = {m.user_id for m in at.facts.late.members if m.capacity == Capacity.adviser}
    return None if at.actor.user_id in named else own_organisation_concerned(at)


def mediator_or_concerned(at: Situation) -> Message | None:
    """Who mediates, or the organisation that handles the matter."""
    mediation = at.facts.late.open_mediation
    if mediation is not None and mediation.mediator_id == at.actor.user_id:
        return None
    return own_organisation_concerned(at)


# ---- when


def a_conference_failed(at: Situation) -> Message | None:
    """A conference found no solution, and the matter was not brought to the other level since."""
    last = at.facts.late.conferences[-1] if at.facts.late.conferences else None
    if last is None:
        return _l("Only after a conference that found no solution; there was none yet.")
    if last.solved:
        return _l("The conference of %(day)s found a solution.", day=clock.local(last.at).date().isoformat())
    since = at.facts.last("confer", "escalate")
    if since is not None and since.step == "escalate":
        return _l("It was brought to the other level already; a conference there comes next.")
    return None


def no_mediation_is_open(at: Situation) -> Message | None:
    """One mediation at a time."""
    return None if at.facts.late.open_mediation is None else _l("A mediation is under way already.")


def a_mediation_is_open(at: Situation) -> Message | None:
    """A mediation is under way."""
    return None if at.facts.late.open_mediation is not None else _l("No mediation is under way.")


def an_agreement_awaits_the_court(at: Situation) -> Message | None:
    """An agreement was reached on which the court has not decided."""
    return None if agreement_before_court(at.facts.late) is not None else _l("No agreement awaits the court.")


def agreement_before_court(late: Any) -> Any:
    """The newest agreement on which the court has not decided, or None."""
    found = (
        row
        for row in reversed(late.mediations)
        if row.state == MediationState.agreed and row.confirmation in (None, Confirmation.applied)
    )
    return next(found, None)


def a_called_hearing_has_come(at: Situation) -> Message | None:
    """A hearing was called, and its hour has come."""
    hearing = at.facts.late.called_hearing
    if hearing is None:
        return _l("No hearing is called.")
    if hearing.held_at > clock.now():
        return _l("The hearing is on %(when)s.", when=f"{clock.local(hearing.held_at):%Y-%m-%d %H:%M}")
    return None


# ---- what: reception


def shift_is_chosen(at: Situation) -> Fault:
    """The leader who is to receive the parties is one on the roster."""
    return None if at.data.get("shift") is not None else ("shift", _l("Please choose the leader and the shift."))


def a_shift_covers_the_time(at: Situation) -> Fault:
    """A leader receives within a shift of his or her own; `own_shift` and `next_shift` are looked up by the verb."""
    if (fault := _has_happened(at, "at")) is not None:
        return fault
    if at.data.get("own_shift") is not None:
        return None
    return "at", _no_shift(at)


def _no_shift(at: Situation) -> Message:
    coming = at.data.get("next_shift")
    if coming is None:
        return _l("You have no reception shift at that time, and none is planned for you.")
    hours = f"{coming.on:%Y-%m-%d} {coming.starts_at:%H:%M}–{coming.ends_at:%H:%M}"
    return _l("You have no reception shift at that time. Your next one: %(hours)s.", hours=hours)


def reception_is_told(at: Situation) -> Fault:
    """What the parties said and what the leader instructed is kept."""
    for name, sentence in (
        ("said", _l("Please say what the parties said.")),
        ("instruction", _l("Please say what you instructed.")),
    ):
        if not _text(at, name):
            return name, sentence
    heads = at.data.get("head_count")
    if heads is None or not 1 <= heads <= HEADS_MOST:
        return "head_count", _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST)
    return None


def recording_is_whole(at: Situation) -> Fault:
    """A recording is named by its camera and an interval."""
    camera, first, last = _text(at, "camera"), at.data.get("recorded_from"), at.data.get("recorded_until")
    if not camera and first is None and last is None:
        return None
    if not camera:
        return "camera", _l("Please name the camera.")
    if first is None or last is None:
        return "recorded_from", _l("Please say from when to when the recording runs.")
    return None if first < last else ("recorded_until", _l("The recording ends before it begins."))


# ---- what: conference and escalation


def several_organisations_met(at: Situation) -> Fault:
    """At least two organisations meet."""
    met = {organisation.id for organisation in at.data.get("organisations") or ()}
    if len(met) < 2:
        return "organisations", _l("At least two organisations meet in a conference.")
    return None


def conference_is_told(at: Situation) -> Fault:
    """The conference has taken place; its minutes, its conclusion, and whether it brought a solution are kept."""
    if (fault := _has_happened(at, "at")) is not None:
        return fault
    for name, sentence in (
        ("minutes", _l("Please write the minutes.")),
        ("conclusion", _l("Please write what was concluded.")),
    ):
        if not _text(at, name):
            return name, sentence
    return None if at.data.get("solved") is not None else ("solved", _l("Please say whether a solution was found."))


def other_level_can_take_it(at: Situation) -> Fault:
    """There is a centre at the other level; it is not complained of. `centre` is looked up by the verb."""
    centre = at.data.get("centre")
    if centre is None:
        return "reason", _l("The matter stands at the level already to which matters are brought here.")
    accused = at.record.kind == Kind.accusation and any(centre.path.startswith(p) for p in at.facts.accused_paths)
    if accused:
        return "reason", _l(
            "%(name)s is complained of in this accusation, or stands below it. It must not receive the matter.",
            name=centre.name,
        )
    return None


# ---- what: mediation


def every_side_was_asked(at: Situation) -> Fault:
    """At least two sides stand against each other, and each said whether it consents."""
    if (fault := _has_happened(at, "began_at")) is not None:
        return fault
    rows, others = at.data.get("consents") or (), at.data.get("others") or ()
    asked = {row["party"] for row in rows if row.get("consents") is not None}
    silent = [party for party in at.facts.late.parties if party.id not in asked]
    if silent:
        return "consents", _l("Please say of every party whether it consents.")
    if any(not (row.get("name") or "").strip() or row.get("consents") is None for row in others):
        return "others", _l("Please give the name of the other side, and whether it consents.")
    sides = {party.side for party in at.facts.late.parties} | {row.get("side") for row in others}
    if len(sides) < 2:
        return "others", _l("A mediation needs another side. Please name it.")
    return None


def outcome_is_told(at: Situation) -> Fault:
    """An agreement has its words and the day from which it holds; a failure has its minutes."""
    agreed, mediation = at.data.get("agreed"), at.facts.late.open_mediation
    if agreed is None:
        return "agreed", _l("Please say whether an agreement was reached.")
    if not _text(at, "minutes"):
        return "minutes", _l("Please write the minutes.")
    if not agreed or mediation is None:
        return None
    if not _text(at, "agreement"):
        return "agreement", _l("Please write down what was agreed.")
    return _day_has_come(at.data.get("effective_on"), "effective_on", clock.local(mediation.began_at).date())


def every_side_signed(at: Situation) -> Fault:
    """Each side signs the agreement: on the screen, before a witness, or on the paper that is attached."""
    mediation = at.facts.late.open_mediation
    if not at.data.get("agreed") or mediation is None:
        return None
    sides = {row.party_id for row in at.facts.late.consents if row.mediation_id == mediation.id}
    return all_signed(at, sides)


def all_signed(at: Situation, parties: Any) -> Fault:
    """Each of these parties signed in its row, or on the paper that is attached."""
    signed = {row["party"] for row in at.data.get("signatures") or () if row.get("signature") is not None}
    if set(parties) - signed and not at.data.get("paper"):
        return "signatures", SIGN
    return None


def court_word_is_told(at: Situation) -> Fault:
    """What the court said, on a day after the agreement; it decides after it was asked."""
    word, agreement = at.data.get("confirmation"), agreement_before_court(at.facts.late)
    if word is None:
        return "confirmation", _l("Please choose one of the list.")
    if agreement is None:
        return None
    if word == Confirmation.applied and agreement.confirmation is not None:
        return "confirmation", _l("The confirmation was applied for already.")
    return _day_has_come(at.data.get("on"), "on", agreement.effective_on)


# ---- what: hearing


def hearing_is_planned(at: Situation) -> Fault:
    """A hearing has its subject and place; its notice is given in time. `notice_until` is counted by the verb."""
    for name, sentence in (
        ("subject", _l("Please say what is heard.")),
        ("place", _l("Please say where it is heard.")),
    ):
        if not _text(at, name):
            return name, sentence
    held, until = at.data.get("held_at"), at.data.get("notice_until")
    if held is None:
        return "held_at", _l("Please enter the date and time.")
    if held <= clock.now():
        return "held_at", _l("This lies in the past.")
    if until is not None and at.facts.today > until:
        return "held_at", _l(
            "The sides are told at least %(days)s days before: for that day the last day was %(day)s.",
            days=at.data.get("notice_days"),
            day=until.isoformat(),
        )
    return None


def every_side_is_told(at: Situation) -> Fault:
    """Every party is told of the hearing, each in a way that is kept."""
    told = {row["party"] for row in at.data.get("told") or () if row.get("way") is not None}
    if any(party.id not in told for party in at.facts.late.parties):
        return "told", _l("Please say of every party how it was told.")
    return None


def hearing_is_told(at: Situation) -> Fault:
    """Who took part and how they were chosen, the minutes, and of each rejected opinion why."""
    if not any((row.get("name") or "").strip() for row in at.data.get("participants") or ()):
        return "participants", _l("Please name who took part.")
    for name, sentence in (
        ("chosen_how", _l("Please say how the participants were chosen.")),
        ("minutes", _l("Please write the minutes.")),
    ):
        if not _text(at, name):
            return name, sentence
    for row in at.data.get("opinions") or ():
        if row.get("adopted") is False and not (row.get("reason") or "").strip():
            return "opinions", _l("Of an opinion that was not adopted, please say why not.")
    heads = at.data.get("attendance")
    if heads is not None and not 1 <= heads <= HEADS_MOST:
        return "attendance", _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST)
    return None


# ---- what: settlement on the spot


def a_leader_settles_on_duty(at: Situation) -> Fault:
    """A leader settles a matter within a shift of his or her own; a clerk at any time."""
    if not at.actor.may("receive_by_leader", "Case") or at.data.get("own_shift") is not None:
        return None
    return "findings", _no_shift(at)


def every_claim_is_settled(at: Situation) -> Fault:
    """Every claim has its result, its answer, and word on whether it is resolved."""
    given = {row.get("claim"): row for row in at.data.get("answers") or ()}
    for claim in at.facts.late.claims:
        row = given.get(claim.number) or {}
        if row.get("result") is None or row.get("resolved") is None or not (row.get("text") or "").strip():
            return "answers", _l("Claim %(number)s is not answered.", number=claim.number)
    for name, sentence in (
        ("findings", _l("Please say what was found out.")),
        ("basis", _l("Please name the laws, rules and facts.")),
    ):
        if not _text(at, name):
            return name, sentence
    return None


def every_speaker_signs(at: Situation) -> Fault:
    """All who speak for the petitioners sign for the settlement and say whether it satisfies."""
    rows = {row["party"]: row for row in at.data.get("signers") or ()}
    for party in at.data.get("speakers") or ():
        row = rows.get(party) or {}
        if row.get("satisfied") is None:
            return "signers", _l("Please ask everybody who signs whether he or she is satisfied.")
        if row.get("signature") is None and not at.data.get("paper"):
            return "signers", SIGN
    return None
