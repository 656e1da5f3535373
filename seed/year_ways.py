"""The ways of the matters of the demo year up to the reply: sent to the court, settled on the spot, or handled."""

from datetime import date, datetime, timedelta

from app.models.case import CaseState
from app.models.dossier import Recording
from app.models.member import Capacity, CaseMember
from app.models.reception import LeaderReception
from app.models.referral import Referral, ReferralKind, ReferralState
from app.models.reply import Acknowledgement, Reply, ReplyState, reply_evidence
from app.models.service import PaperDue, Served, Service, ServiceWay
from app.models.signature import SignaturePurpose
from app.services import deadline
from app.services.duty_notice import hours_of
from app.services.rights import OF_A_PARTY
from app.workflow.windows import REVIEW_DAYS
from seed.organisation import CITY
from seed.year_cast import Who
from seed.year_ledger import Row
from seed.year_plan import LEADER, hour
from seed.year_story import Story
from seed.year_topics import INSTRUCTION, LEGAL, SAID, WORK

S = CaseState
CAMERA = "领导接访室1号摄像机"


class _Hours:
    """The hours of a shift, as the program says them."""

    def __init__(self, row: Row) -> None:
        self.on, self.starts_at, self.ends_at = row["on"], row["starts_at"], row["ends_at"]


def accept(story: Story, days: int) -> None:
    """The dispatcher accepts the matter; the days for handling begin."""
    by, at = story.who("dispatcher"), story.later(days)
    story.step("accept", S.accepted, at, by)
    story.meet(deadline.ACK, at, by)
    story.start(deadline.HANDLE, at.date(), at, by)


# ---- shown the legal route


def redirected(story: Story) -> None:
    """Proposed by the dispatcher, approved by the head of the centre; the notice is served to every petitioner."""
    assert story.plan.legal is not None
    _category, _title, _facts, _claim, route, where, reason = LEGAL[story.plan.legal]
    by, name = story.who("dispatcher"), story.world.items["legal_route", route][1]
    told = {"route": name, "route_code": route, "where": where}
    story.step("redirect", S.decline_proposed, story.later(0), by, reason, **told)
    head, at = story.who("centre_head"), story.later(1)
    story.step("approve_decline", S.redirected, at, head, "同意。", document="redirect_notice", to_serve=True)
    story.meet(deadline.ACK, at, head)
    story.cancel([deadline.REPLY], at, head)
    waiting = {
        party: story.ledger.enter(
            PaperDue, at, head, case_id=story.case["id"], paper="redirect_notice", party_id=party, asked_at=at
        )
        for party in story.petitioners
    }
    clerk = story.who("clerk")
    for party in story.petitioners:
        at = story.later(1 if party == story.petitioners[0] else 0)
        served = _serve(story, clerk, party, at, what=Served.notice, paper="redirect_notice")
        told = {"party": story.names[party], "party_id": party, "way": "handed", "served_at": at.isoformat()}
        story.step("serve_notice", S.redirected, at, clerk, **told, paper="redirect_notice")
        waiting[party].update(service_id=served["id"])


def _serve(story: Story, by: Who, party: int, at: datetime, post: bool = False, **what: object) -> Row:
    """A party receives a paper: it signs, or the post has proof."""
    signed = None
    if not post:
        signed = story.sign(SignaturePurpose.service, story.scan("送达回证.png", at, by), at, by, party=party)
    return story.ledger.enter(
        Service,
        at,
        by,
        case_id=story.case["id"],
        party_id=party,
        way=ServiceWay.post if post else ServiceWay.handed,
        served_at=at,
        served_by_id=by.id,
        tracking=f"EMS{1_020_000_000 + story.nth * 37 + party % 37}CN" if post else None,
        signature_id=signed["id"] if signed is not None else None,
        **what,
    )


def begin_rights(story: Story, party: int, at: datetime, by: Who) -> None:
    """A party has the reply: its days for review and for re-examination begin."""
    for code in OF_A_PARTY:
        story.start(code, at.date(), at, by, party=party)


# ---- settled on the spot


def settled(story: Story) -> None:
    """A leader on duty, or the desk, answers every claim at once; who speaks for the petitioners signs."""
    plan, shift = story.plan, None
    by = story.who("clerk")
    if plan.path == LEADER:
        shift, by = story.world.shifts[plan.centre, plan.settled]
        accept(story, 0)
        _present(story, shift, by, max(hour(plan.settled, 61), story.now + timedelta(minutes=4)))
        at = max(hour(plan.settled, story.draw.randrange(70, 215)), story.now + timedelta(minutes=6))
    else:
        accept(story, 0)
        at = story.now + timedelta(minutes=story.draw.randrange(15, 50))
    answers, page = story.answers(), story.scan("当场化解签字确认书.png", at, by)
    findings, basis = story.say(f"当场联系有关单位核实：{plan.topic.finding}"), plan.topic.basis
    signed = {party: story.sign(SignaturePurpose.settlement, page, at, by, party=party) for party in story.speakers}
    told = [{"number": a["claim"]["number"], "result": a["result"], "resolved": a["resolved"]} for a in answers]
    names = [{"party": story.names[party], "signature": "paper"} for party in story.speakers]
    story.step("settle_on_spot", S.replied, at, by, findings, claims=told, signed=names)
    if shift is not None:
        _receive(story, shift, by, at, findings, basis, settled=True)
    reply = story.ledger.enter(
        Reply,
        at,
        by,
        case_id=story.case["id"],
        number=1,
        organisation_id=by.organisation_id,
        state=ReplyState.approved,
        on_spot=True,
        findings=findings,
        basis=basis,
        drafted_by_id=by.id,
        drafted_at=at,
    )
    story.points(reply, answers, at, by)
    story.take_results(answers, at, by)
    first = story.speakers[0]
    for party in story.petitioners:
        own = signed.get(party)
        story.ledger.enter(
            Service,
            at,
            by,
            case_id=story.case["id"],
            what=Served.reply,
            reply_id=reply["id"],
            party_id=party,
            way=ServiceWay.handed if own is not None else ServiceWay.proxy,
            served_at=at,
            served_by_id=by.id,
            receiver=None if own is not None else story.names[first],
            signature_id=(own or signed[first])["id"],
        )
        begin_rights(story, party, at, by)
        if own is not None:
            _acknowledged(story, reply, party, own, at, by)
    story.meet(deadline.HANDLE, at, by)
    story.answered(at, by)
    close_window(story, by)


def _acknowledged(story: Story, reply: Row, party: int, signature: Row, at: datetime, by: Who) -> None:
    satisfied = story.plan.resolved and not story.plan.rectified
    story.ledger.enter(
        Acknowledgement,
        at,
        by,
        case_id=story.case["id"],
        reply_id=reply["id"],
        party_id=party,
        satisfied=satisfied,
        at=at,
        signature_id=signature["id"],
    )
    story.cancel([REVIEW_DAYS], at, by, party)


def close_window(story: Story, by: Who) -> None:
    """Every petitioner has signed, or the days of those who are silent run out: the matter goes on to follow-up."""
    silent = story.running([REVIEW_DAYS])
    doer: Who | None = by
    at = story.now
    told: dict[str, object] = {}
    if silent:
        doer, at = None, hour(max(row["due_on"] for row in silent) + timedelta(days=1), -475)
        story.cancel([REVIEW_DAYS], at, None)
        told = {"lapsed": [story.names[row["party_id"]] for row in silent]}
    story.step("close_window", S.follow_up_due, at, doer, **told)
    follow_ups_begin(story, at, doer)


def follow_ups_begin(story: Story, at: datetime, by: Who | None) -> None:
    """The days of the three follow-ups begin."""
    for code in deadline.FOLLOW_UPS:
        story.start(code, at.date(), at, by)


# ---- received by a leader


def _present(story: Story, shift: Row, leader: Who, at: datetime) -> None:
    """The clerk brings the matter to the leader on duty, who is bound to it from then on."""
    hours = hours_of(_Hours(shift))  # type: ignore[arg-type]
    told = {"leader": leader.name, "leader_id": leader.id, "shift": hours}
    story.step("present_to_leader", story.state or S.accepted, at, story.who("clerk"), **told)
    story.ledger.enter(CaseMember, at, case_id=story.case["id"], user_id=leader.id, capacity=Capacity.leader)


def _receive(
    story: Story, shift: Row, leader: Who, at: datetime, said: str, instruction: str, settled: bool = False
) -> None:
    """The row of a reception."""
    key, recording = story.case["id"], None
    if not settled:
        until = at + timedelta(minutes=35)
        camera = {"camera": CAMERA, "from_at": at, "until_at": until, "checksum": f"{story.nth:016x}"}
        story.ledger.enter(Recording, at, leader, case_id=key, **camera)
        recording = f"{CAMERA} {at:%Y-%m-%d %H:%M}–{until:%H:%M}"
    story.ledger.enter(
        LeaderReception,
        at,
        leader,
        case_id=key,
        leader_id=leader.id,
        shift_id=shift["id"],
        at=at,
        video=story.plan.channel == "video",
        head_count=story.plan.heads,
        said=said,
        instruction=instruction,
        settled=settled,
        recording=recording,
    )


def _reception(story: Story) -> None:
    """Brought to the leader on duty, who hears the parties."""
    found = story.world.shift_after(story.plan.centre, story.now.date(), story.now.date() + timedelta(days=12))
    if found is None:
        raise LookupError("no leader receives")
    shift, leader = found
    _present(story, shift, leader, hour(shift["on"], 65))
    at, said = hour(shift["on"], story.draw.randrange(75, 200)), story.draw.choice(SAID)
    told = {"at": at.isoformat(), "video": story.plan.channel == "video", "head_count": story.plan.heads}
    instruction = story.draw.choice(INSTRUCTION)
    story.step("receive_by_leader", S.handling, at, leader, instruction, **told, said=said, settled=False)
    _receive(story, shift, leader, at, said, instruction)


# ---- handled by a department


def handled(story: Story) -> Row:
    """Accepted, assigned, signed for, worked on, replied to, checked, approved and served; gives the reply."""
    accept(story, 0)
    department = f"{CITY}-{story.plan.topic.department}"
    handler, head = story.who("handler", department), story.who("unit_head", department)
    _assign(story, department, handler)
    story.step("log_work", S.handling, story.later(1), handler, story.draw.choice(WORK))
    if story.plan.again:
        story.come_again(story.now + timedelta(hours=1), story.plan.again)
    if story.plan.received:
        _reception(story)
    reply = _reply(story, department, handler)
    _approve(story, reply, head)
    _deliver(story, reply)
    return reply


def _assign(story: Story, department: str, handler: Who) -> None:
    place, by, at = story.world.places[department], story.who("dispatcher"), story.later(1)
    until: date = story.running([deadline.REPLY, deadline.HANDLE])[0]["due_on"]
    note = "请按期办理，并把进展告诉当事人。"
    story.step("assign", S.assigned, at, by, note, lead=place.name, lead_due_on=until.isoformat())
    story.case["lead_organisation_id"] = place.id
    sent = story.ledger.enter(
        Referral,
        at,
        by,
        case_id=story.case["id"],
        organisation_id=place.id,
        kind=ReferralKind.lead,
        state=ReferralState.sent,
        sent_at=at,
        due_on=until,
        note=note,
    )
    own = story.start(deadline.OBJECT, at.date(), at, by, referral=sent["id"])
    sent["objection_due_on"] = own["due_on"]
    at = story.later(1)
    story.step("sign_for", S.handling, at, handler, kind="lead")
    sent.update(state=ReferralState.signed, signed_at=at, signed_by_id=handler.id, changed_at=at, version=3)
    story.cancel([deadline.OBJECT], at, handler)


def _reply(story: Story, department: str, handler: Who) -> Row:
    at, answers = story.later(1 if story.plan.received else 2), story.answers()
    reply = story.ledger.enter(
        Reply,
        at,
        handler,
        case_id=story.case["id"],
        number=1,
        organisation_id=story.world.places[department].id,
        state=ReplyState.checking,
        findings=story.say(story.plan.topic.finding),
        basis=story.plan.topic.basis,
        drafted_by_id=handler.id,
        drafted_at=at,
    )
    page = story.scan("核查记录.png", at - timedelta(minutes=4), handler)
    story.ledger.link(reply_evidence, reply_id=reply["id"], attachment_id=page["id"])
    story.points(reply, answers, at, handler)
    story.step("submit_reply", S.reply_checking, at, handler, reply=1)
    return reply


def _approve(story: Story, reply: Row, head: Who) -> None:
    at = story.later(1)
    story.step("approve_reply", S.reply_checking, at, head, "同意。", reply=1, final=False)
    reply.update(checked_by_id=head.id, checked_at=at)
    by, at = story.who("centre_head"), story.later(1)
    story.step("approve_reply", S.reply_approved, at, by, "同意，请及时送达。", reply=1, final=True)
    reply.update(state=ReplyState.approved, approved_by_id=by.id, approved_at=at, changed_at=at, version=3)
    story.take_results(story.answers(), at, by)
    story.meet(deadline.HANDLE, at, by)


def _deliver(story: Story, reply: Row) -> None:
    by = story.who("clerk")
    for place, party in enumerate(story.petitioners):
        at = story.later(0)
        post = not story.plan.reviewed and story.draw.random() < 0.2
        last = place + 1 == len(story.petitioners)
        told = {"party": story.names[party], "party_id": party, "way": "post" if post else "handed"}
        to = S.replied if last else S.reply_approved
        story.step("serve_reply", to, at, by, **told, served_at=at.isoformat(), reply=1)
        _serve(story, by, party, at, post, what=Served.reply, reply_id=reply["id"])
        begin_rights(story, party, at, by)
    story.answered(story.now, by)


def acknowledged(story: Story, reply: Row, parties: list[int] | None = None) -> None:
    """The parties sign for the reply, each within its days; who is silent lets them run out."""
    by = story.who("clerk")
    mine = story.petitioners if parties is None else parties
    for party in [] if story.plan.silent else mine:
        at = story.later(1 if party == mine[0] else 0)
        page = story.scan("签字确认表.png", at, by)
        signed = story.sign(SignaturePurpose.acknowledgement, page, at, by, party=party)
        satisfied = story.plan.resolved and not story.plan.rectified
        told = {"party": story.names[party], "satisfied": satisfied, "signature": "paper", "reply": 1}
        story.step("acknowledge", S.replied, at, by, **told)
        _acknowledged(story, reply, party, signed, at, by)
    if parties is None:
        close_window(story, by)
