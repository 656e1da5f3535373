"""One matter is changed: exactly the figures that it should change do, by exactly one; all others stand."""

from datetime import date
from typing import Any

import pytest

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.models.follow_up import FollowUpMode, Satisfaction
from app.services import acknowledgement, follow_up, referral
from app.services import case as intake
from app.services.queries.breakdown import cube
from app.services.queries.statistics import Asked, figures
from tests.case_factory import WITNESSED, Cases, organisation_of

Told = dict[str, tuple[int, int]]
DRAWN = {"days_median", "days_90"}  # of all closed matters together: no single one adds to them


@pytest.fixture
def cases(session: Any, actor: Any) -> Cases:
    """Matters by the services that people use; one stands there already, so that no figure begins at nothing."""
    made = Cases(actor)
    made.handling()
    return made


def _asked() -> Asked:
    today = clock.today()
    return Asked(date(today.year - 1, 1, 1), date(today.year + 1, 12, 31))


def _now() -> Told:
    with acting(SYSTEM):
        found = figures(SYSTEM, _asked())
    return {code: (int(one.numerator or 0), one.denominator or 0) for code, one in found.items() if code not in DRAWN}


def _changed(before: Told, after: Told) -> Told:
    """By how much numerator and denominator of each figure differ; figures that stand are left out."""
    found = {code: (part - before[code][0], whole - before[code][1]) for code, (part, whole) in after.items()}
    return {code: parts for code, parts in found.items() if any(parts)}


def _cells() -> Any:
    with acting(SYSTEM):
        cells = cube(SYSTEM, _asked())
    return {one[:4]: (one.cases, one.resolved) for one in cells}


# Each step with the figures it moves, as (numerator, denominator); what is not named stands.
COURSE: tuple[tuple[str, Told], ...] = (
    ("register", {
        "cases": (1, 0), "visits": (1, 0), "persons": (1, 0), "resolution_rate": (0, 1), "answer_rate": (0, 1),
        "repeat_visit_rate": (0, 1), "open": (1, 0),
    }),
    ("accept", {"on_time_acceptance": (1, 1)}),
    ("assign", {"assigned": (1, 0)}),
    ("sign_for", {}),
    ("approve", {"resolved": (1, 0), "resolution_rate": (1, 0), "on_time_handling": (1, 1)}),
    ("serve", {"answer_rate": (1, 0), "on_time_reply": (1, 1)}),
    ("acknowledge", {}),
    ("follow_up", {
        "opinions": (1, 0), "satisfaction": (1, 1), "response_rate": (1, 1), "closed": (1, 0),
        "once_resolved_rate": (1, 1), "one_visit_rate": (1, 1), "open": (-1, 0),
    }),
)  # fmt: skip


def test_a_matter_moves_exactly_its_figures_from_its_registration_to_its_end(cases: Cases) -> None:
    before, cells, moved = _now(), _cells(), []
    case: Any = None
    for step, _told in COURSE:
        case = _do(cases, step, case)
        after = _now()
        moved.append((step, _changed(before, after)))
        before = after
    assert moved == list(COURSE)
    changed = {key: sums for key, sums in _cells().items() if cells.get(key) != sums}
    month = clock.local(case.registered_at).date().replace(day=1)
    key = (month, case.owner_town_id, case.town_id, case.category_id)
    known = cells.get(key, (0, 0))
    assert changed == {key: (known[0] + 1, known[1] + 1)}


def _do(cases: Cases, step: str, case: Any) -> Any:
    if step == "register":
        return cases.register("clerk")
    (party,) = cases.petitioners(case)
    match step:
        case "accept":
            cases.do("dispatcher", intake.accept, case)
        case "assign":
            cases.do("dispatcher", referral.assign, case, lead=organisation_of("handler.d1"), co=[], lead_due_on=None)
        case "sign_for":
            cases.do("handler.d1", referral.sign_for, case)
        case "approve":
            cases.approve(cases.submit(case))
        case "serve":
            cases.serve(case, party)
        case "acknowledge":
            cases.do("clerk", acknowledgement.acknowledge, case, party=party, signature=WITNESSED, satisfied=True)
        case "follow_up":
            said = {"mode": FollowUpMode.phone, "reached": True, "solved": True, "opinion": "办理及时"}
            said["satisfied"] = Satisfaction.satisfied
            cases.do("follow_up_clerk", follow_up.follow_up, case, party=party, **said)
    return case
