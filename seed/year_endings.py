"""How the matters of the demo year end: asked afterwards, rectified where a party was not content, archived."""

from datetime import date, timedelta
from typing import Any

from app.core import clock
from app.models.case import CaseState
from app.models.dossier import Dossier
from app.models.follow_up import FollowUp, FollowUpMode, Rating, Satisfaction
from app.models.rectification import Rectification, RectificationState, rectification_evidence
from app.services import deadline
from app.services.archive import PREFIX as DOSSIERS
from app.services.archive import retain_until
from app.services.rectification import PREFIX as RECTIFICATIONS
from app.workflow.guards_follow_up import TRIES
from seed.organisation import CITY
from seed.year_cast import Who
from seed.year_ledger import Row
from seed.year_plan import DESK
from seed.year_story import Story
from seed.year_topics import OPINIONS

S = CaseState
CAUSE = "承诺的事项没有按时兑现，经办人员解释不到位。"
REPORT = "承办单位负责人当面向诉求人致歉并说明情况，承诺事项已在期限内全部兑现，诉求人签字认可。"
WAYS = (FollowUpMode.phone,) * 6 + (FollowUpMode.in_person,) * 3 + (FollowUpMode.sms,)
LOW = {"solved": False, "satisfied": Satisfaction.dissatisfied, "quality": 2, "conduct": 2, "centre": 3}


class _Retention:
    """The code of a retention, as the program asks for it."""

    def __init__(self, code: str) -> None:
        self.code = code


def follow_up(story: Story) -> None:
    """Every petitioner is asked; who cannot be reached is tried three times. Who is not content has it mended."""
    if story.plan.rectified:
        asked = _ask(story, story.petitioners[0], 1, 1, LOW, low=True)
        _rectify(story, asked)
    for party in story.petitioners:
        if story.plan.resolved:
            _ask(story, party, 1, 1 if party == story.petitioners[0] else 0, _content(story))
            continue
        for attempt, days in enumerate((1, 5, 14) if party == story.petitioners[0] else (0, 0, 0), 1):
            _ask(story, party, attempt, days, None)
    story.case["closed_at"] = clock.local(story.now)
    if story.plan.rated is not None:
        _rate(story, story.plan.rated)


def _rate(story: Story, content: bool) -> None:
    """What a party says on the public page."""
    at = story.now + timedelta(hours=story.draw.randrange(3, 30))
    said = Satisfaction.fairly_satisfied if content else Satisfaction.dissatisfied
    scores = {name: story.draw.choice((3, 4) if content else (1, 2)) for name in ("quality", "conduct", "centre")}
    story.ledger.enter(Rating, at, case_id=story.case["id"], at=at, satisfied=said, **scores)


def _content(story: Story) -> Row:
    """What somebody says whose matter is solved."""
    draw = story.draw
    satisfied = Satisfaction.satisfied if draw.random() < 0.8 else Satisfaction.fairly_satisfied
    scores = {name: draw.choice((4, 5, 5)) for name in ("quality", "conduct", "centre")}
    return {"solved": True, "satisfied": satisfied, **scores}


def _last(story: Story, party: int, attempt: int, reached: bool) -> bool:
    return party == story.petitioners[-1] and (reached or attempt == TRIES)


def _ask(story: Story, party: int, attempt: int, days: int, said: Row | None, low: bool = False) -> Row:
    by, at = story.who("follow_up_clerk"), story.later(days, latest=540)
    mode, opinion = story.draw.choice(WAYS), None
    if low:
        opinion = "答应的事没有按时办，打电话也说不清楚。"
    elif said is not None and story.plan.opinion and party == story.petitioners[0]:
        opinion = story.draw.choice(OPINIONS)
    if said is None:
        mode = FollowUpMode.phone
    to = S.rectifying if low else S.closed if _last(story, party, attempt, said is not None) else S.follow_up_due
    told: dict[str, Any] = {"party": story.names[party], "mode": mode.value, "attempt": attempt}
    told |= {"reached": said is not None, **(said or {})}
    if said is not None:
        told["satisfied"] = said["satisfied"].value
    story.step("follow_up", to, at, by, opinion, **told)
    row = story.ledger.enter(
        FollowUp,
        at,
        by,
        case_id=story.case["id"],
        attempt=attempt,
        party_id=party,
        by_id=by.id,
        at=at,
        mode=mode,
        reached=said is not None,
        opinion=opinion,
        **(said or {}),
    )
    if running := story.running(deadline.FOLLOW_UPS):
        story.meet_row(running[0], at, by)
    if to is S.closed or low:
        story.cancel(deadline.FOLLOW_UPS, at, by)
    return row


def _rectify(story: Story, asked: Row) -> None:
    """Ordered with the follow-up, reported by the department with evidence, accepted by the supervisor."""
    by, at, lead = story.who("follow_up_clerk"), story.now, story.case["lead_organisation_id"]
    due = story.start(deadline.RECTIFY, at.date(), at, by)
    row = story.ledger.enter(
        Rectification,
        at,
        by,
        case_id=story.case["id"],
        number=story.ledger.number(f"{RECTIFICATIONS}{story.centre.prefix}", at.year),
        follow_up_id=asked["id"],
        organisation_id=lead,
        state=RectificationState.ordered,
        cause=CAUSE,
        ordered_at=at,
        due_on=due["due_on"],
    )
    head, at = story.who("unit_head", f"{CITY}-{story.plan.topic.department}"), story.later(6)
    page = story.scan("整改情况及诉求人签字.png", at - timedelta(minutes=5), head)
    story.step("report_rectification", S.rectifying, at, head, REPORT)
    row.update(state=RectificationState.reported, report=REPORT, reported_by_id=head.id, reported_at=at)
    story.ledger.link(rectification_evidence, rectification_id=row["id"], attachment_id=page["id"])
    supervisor, at = story.who("supervisor", CITY), story.later(2)
    story.step("accept_rectification", S.follow_up_due, at, supervisor, "已核实，同意。")
    row.update(
        state=RectificationState.accepted, accepted_by_id=supervisor.id, accepted_at=at, changed_at=at, version=3
    )
    story.meet(deadline.RECTIFY, at, supervisor)
    for code in deadline.FOLLOW_UPS:
        story.start(code, at.date(), at, supervisor)


def archive(story: Story) -> None:
    """The dossier is made: number, catalogue, retention; nothing runs any more."""
    by: Who = story.who("archivist", CITY)
    at = story.later(story.draw.randrange(12, 40))
    code = "permanent" if story.plan.reviewed else "y10" if story.plan.path == DESK else "y30"
    retention_id, retention = story.world.items["retention", code]
    number = story.ledger.number(f"{DOSSIERS}{story.world.places[CITY].prefix}", at.year)
    story.step("archive", S.archived, at, by, dossier=number, retention=retention)
    until: date | None = retain_until(_Retention(code), at.date())  # type: ignore[arg-type]
    catalogue = [
        {
            "no": place,
            "name": page["name"],
            "document_number": "",
            "date": page["created_at"].date().isoformat(),
            "pages": "",
            "note": "",
        }
        for place, page in enumerate(sorted(story.scans, key=lambda page: page["created_at"]), 1)
    ]
    story.ledger.enter(
        Dossier,
        at,
        by,
        case_id=story.case["id"],
        number=number,
        retention_id=retention_id,
        retain_until=until,
        catalogue=catalogue,
        pages=6 + len(story.scans) * 2 + story.seq,
        archived_at=at,
        archived_by_id=by.id,
    )
    story.cancel({row["code"] for row in story.clocks}, at, by)
