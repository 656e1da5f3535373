"""The whole story of a case: its own course, its reviews, its visits and recordings, filtered by what one looks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.services.queries.review_words import review_timeline
from app.services.queries.timeline import Happening, timeline
from app.services.queries.told_supervision import order_timeline

# What one may look for, and the steps that belong to it; a step that stands nowhere here is one of the way.
GROUPS: tuple[tuple[str, Any], ...] = (
    ("all", _l("Everything")),
    ("opinions", _l("Handling and opinions")),
    ("papers", _l("Papers and service")),
    ("review", _l("Expert review")),
    ("contacts", _l("Visits and follow-ups")),
    ("supervision", _l("Supervision")),
    ("way", _l("The way it took")),
)
GROUP_OF: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("log_work", "settle_on_spot", "receive_by_leader", "confer", "escalate", "mediate", "conclude_mediation"),
            *("hold_hearing", "submit_reply", "return_reply", "approve_reply", "report_rectification"),
            *("return_rectification", "accept_rectification"),
        ),
        "opinions",
    ),
    **dict.fromkeys(("serve_reply", "serve_notice", "acknowledge", "request_supplement", "archive"), "papers"),
    **dict.fromkeys(("apply_review", "conclude_review"), "review"),
    **dict.fromkeys(("urge", "supervise"), "supervision"),
    "follow_up": "contacts",
}


def group_of(event: Happening) -> str:
    """To which group an event belongs."""
    if event.kind in ("visit", "recording"):
        return "contacts"
    return event.flow if event.flow != "case" else GROUP_OF.get(event.step or "", "way")


def of_recording(row: Any) -> Happening:
    """Where a recording of the camera system is found; never the video itself."""
    begins, ends = clock.local(row.from_at), clock.local(row.until_at)
    said = [_l("%(camera)s, %(start)s to %(end)s.", camera=row.camera, start=f"{begins:%H:%M}", end=f"{ends:%H:%M}")]
    if row.checksum:
        said.append(_l("Checksum %(value)s.", value=row.checksum))
    return Happening(row.from_at, _l("Recording"), "", tuple(said), row.note, "recording", id=row.id)


def story(
    course: Iterable[Any],
    visits: Iterable[Any],
    reviews: Iterable[Any] = (),
    recordings: Iterable[Any] = (),
    only: str = "all",
    orders: Iterable[Any] = (),
) -> list[Happening]:
    """Everything that happened, or what belongs to one group, the newest first."""
    told = [
        *timeline(course, visits),
        *(event.within("review") for event in review_timeline(reviews)),
        *(of_recording(row) for row in recordings),
        *order_timeline(orders),
    ]
    kept = told if only == "all" else [event for event in told if group_of(event) == only]
    return sorted(kept, key=lambda event: (event.at, event.id or 0), reverse=True)


def groups_in(events: Sequence[Happening]) -> list[tuple[str, Any]]:
    """The groups that have something to show."""
    here = {group_of(event) for event in events}
    return [(code, label) for code, label in GROUPS if code == "all" or code in here]
