"""The demo year in outline: which matter came in when and where, how it went and ended; the article's numbers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.core.clock import LOCAL
from app.core.workdays import Calendar
from seed.organisation import CITY, TOWNS
from seed.year_topics import LEGAL, TOPICS, Topic

SEED = 20191118
FIRST, LAST = date(2019, 1, 1), date(2019, 11, 18)
HEADS = 2112
# path → how many, and how many of them stay unresolved: 623 matters, 561 resolved
REDIRECTED, LEADER, DESK, REFERRED = "redirected", "leader", "desk", "referred"
COUNTS = {REDIRECTED: (8, 8), LEADER: (400, 12), DESK: (89, 10), REFERRED: (126, 32)}
RECEIVED_OF_REFERRED, UNRESOLVED_RECEIVED = 60, 15  # with those settled by leaders: 460 received, 433 resolved
REVIEWS, REVIEWED_AFTER_RECEPTION, RECTIFIED, SILENT = 24, 8, 3, 12
# Of those who could not be reached: on the public page so many say they are satisfied, so many that they are not;
# with who was reached, and the three who had something rectified, 588 of 600 rated matters: 98 %.
RATED_GOOD, RATED_BAD = 30, 9
OPINIONS = 132  # of follow-ups; whoever had something rectified among them
RETURNS = 42  # matters with which people came a second time while they were handled
TOWN_WEIGHTS = (16, 14, 8, 8, 5, 8, 9, 7, 4, 5)
MONTHS = (0, 9, 6, 12, 11, 10, 10, 11, 10, 11, 9, 12)
CITY_SHARE = {REDIRECTED: 0.75, LEADER: 0.33, DESK: 0.35, REFERRED: 1.0}
CHANNELS = {
    REDIRECTED: ("visit",),
    LEADER: ("visit",) * 9 + ("video",),
    DESK: ("visit",) * 6 + ("outreach",) * 3 + ("phone",),
    REFERRED: ("visit",) * 12 + ("superior",) * 3 + ("letter",) * 2 + ("online",) * 2 + ("phone",),
}
LAST_TRIED = date(2019, 10, 8)  # who cannot be reached is tried for a month
HEATING = "C0206"
TOGETHER = ("visit", "video", "outreach")
# Of these places experts of the pools come or work there: no matter that is reviewed is about them.
OF_EXPERTS = ("370786001", "370786002")
OF_REVIEWS = ("RS", "GX", "LS", "SW", "NY", "MZ", "HB", "JY", "SJ")


@dataclass
class Plan:
    """One matter in outline."""

    path: str
    centre: str
    town: str
    day: date  # of the registration
    settled: date  # of the settlement on the spot, by a leader or at the desk
    topic: Topic
    legal: int | None = None
    resolved: bool = True
    received: bool = False
    reviewed: bool = False
    rectified: bool = False
    silent: bool = False
    opinion: bool = False
    rated: bool | None = None  # on the public page: satisfied or not; None: never
    channel: str = "visit"
    kind: str = "appeal"
    people: int = 1
    heads: int = 1
    again: int = 0  # how many came the second time
    at: datetime = datetime.min  # of the registration
    draw: random.Random = field(default_factory=random.Random, repr=False)


def reception_days(town: int | None, known: Calendar) -> list[date]:
    """On which days a leader receives: at the city's centre every working day, at a town's one day a week."""
    span = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days - 3)]
    return [day for day in span if known.is_workday(day) and (town is None or day.weekday() == town % 5)]


def _spread(draw: random.Random, days: Sequence[date], count: int) -> list[date]:
    return sorted(draw.choices(days, weights=[MONTHS[day.month] for day in days], k=count))


def _back(day: date, steps: int, known: Calendar) -> date:
    """So many working days earlier, yet within the year."""
    for _ in range(steps):
        before = day - timedelta(days=1)
        while not known.is_workday(before):
            before -= timedelta(days=1)
        if before < FIRST:
            break
        day = before
    return day


def _topic(draw: random.Random, day: date, departments: Sequence[str] = ()) -> Topic:
    fit = [topic for topic in TOPICS if not departments or topic.department in departments]
    if 4 < day.month < 11:
        fit = [topic for topic in fit if topic.category != HEATING]
    return draw.choices(fit, weights=[topic.weight for topic in fit])[0]


def _of_path(draw: random.Random, path: str, known: Calendar) -> list[Plan]:
    count, unresolved = COUNTS[path]
    towns = [code for code, *_rest in TOWNS]
    at_city = round(count * CITY_SHARE[path])
    centres = [CITY] * at_city + draw.choices(towns, weights=TOWN_WEIGHTS, k=count - at_city)
    draw.shuffle(centres)
    found = []
    for centre in centres:
        days = reception_days(towns.index(centre) if path == LEADER and centre != CITY else None, known)
        last = LAST_TRIED if path == REFERRED else LAST
        settled = _spread(draw, [day for day in days if day <= last], 1)[0]
        day = _back(settled, draw.choice((0, 0, 0, 1, 2, 3)), known) if path == LEADER else settled
        town = centre if centre != CITY else draw.choices(towns, weights=TOWN_WEIGHTS)[0]
        found.append(Plan(path, centre, town, day, settled, _topic(draw, day), channel=draw.choice(CHANNELS[path])))
    tried = [plan for plan in found if plan.settled <= LAST_TRIED or path == REDIRECTED]
    for plan in draw.sample(tried, unresolved):
        plan.resolved = False
    return found


def _referred(draw: random.Random, plans: list[Plan]) -> None:
    """Of what departments handled: received by a leader, reviewed by experts, rectified, or never signed for."""
    good = [plan for plan in plans if plan.resolved]
    bad = [plan for plan in plans if not plan.resolved]
    draw.shuffle(good)
    draw.shuffle(bad)
    received = bad[:UNRESOLVED_RECEIVED] + good[: RECEIVED_OF_REFERRED - UNRESOLVED_RECEIVED]
    for plan in received:
        plan.received = True
    early = [plan for plan in good if plan.day <= date(2019, 9, 10)]
    with_leader = [plan for plan in early if plan.received][:REVIEWED_AFTER_RECEPTION]
    without = [plan for plan in early if not plan.received]
    reviewed = with_leader + without[: REVIEWS - REVIEWED_AFTER_RECEPTION]
    for plan in reviewed:
        plan.reviewed, plan.topic = True, _topic(draw, plan.day, OF_REVIEWS)
        if plan.town in OF_EXPERTS:
            plan.town = draw.choice([code for code, *_rest in TOWNS if code not in OF_EXPERTS])
    rest = [plan for plan in early if not plan.reviewed]
    for plan in rest[:RECTIFIED]:
        plan.rectified = True
    assert len(reviewed) == REVIEWS and len(rest) >= RECTIFIED
    for plan in bad[:SILENT]:
        plan.silent = True


def _heads(draw: random.Random, plans: list[Plan]) -> None:
    """Who came, and how many: HEADS in all, whoever came again included."""
    for plan in plans:
        together = plan.channel in TOGETHER
        plan.people = draw.choices((1, 2, 3), weights=(80, 14, 6) if together else (95, 5, 0))[0]
        size = draw.choices((1, 2, 4, 9, 18), weights=(38, 30, 20, 9, 3))[0] if together else 1
        plan.heads = max(plan.people, size + draw.randrange(0, max(1, size // 2) + 1) if size > 1 else size)
    handled = [plan for plan in plans if plan.path == REFERRED and not plan.silent]
    for plan in draw.sample(handled, RETURNS):
        plan.again = draw.choice((1, 1, 1, 2, 3))
    groups = [plan for plan in plans if plan.channel in TOGETHER and plan.heads > 1]
    while (missing := HEADS - sum(plan.heads + plan.again for plan in plans)) != 0:
        plan = draw.choice(groups)
        if missing > 0:
            plan.heads += 1
        elif plan.heads > max(plan.people, 2):
            plan.heads -= 1


def plans(known: Calendar) -> list[Plan]:
    """All 623 matters, in the order in which they came in; the same on every run."""
    draw = random.Random(SEED)
    found: list[Plan] = []
    for path in COUNTS:
        some = _of_path(draw, path, known)
        if path == REFERRED:
            _referred(draw, some)
        found += some
    for nth, plan in enumerate(plan for plan in found if plan.path == REDIRECTED):
        plan.legal = nth % len(LEGAL)
    for plan in found:
        if plan.path == DESK and plan.topic.category not in ("C0301", "C0101"):
            plan.kind = draw.choice(("appeal", "appeal", "inquiry", "suggestion"))
    _heads(draw, found)
    asked = [plan for plan in found if plan.path != REDIRECTED and plan.resolved and not plan.rectified]
    for plan in draw.sample(asked, OPINIONS - RECTIFIED):
        plan.opinion = True
    rated = draw.sample(
        [plan for plan in found if plan.path != REDIRECTED and not plan.resolved], RATED_GOOD + RATED_BAD
    )
    for nth, plan in enumerate(rated):
        plan.rated = nth < RATED_GOOD
    for plan in found:
        same_day = plan.path == LEADER and plan.day == plan.settled
        minutes = draw.randrange(10, 60) if same_day else draw.randrange(15, 200)
        plan.at = hour(plan.day, minutes + (320 if plan.path != LEADER and draw.random() < 0.4 else 0))
    found.sort(key=lambda plan: (plan.at, plan.centre))
    for nth, plan in enumerate(found):
        plan.draw = random.Random(f"{SEED} {nth}")
    return found


def hour(day: date, minutes: int) -> datetime:
    """That many minutes after eight in the morning."""
    return datetime.combine(day, time(8), LOCAL) + timedelta(minutes=minutes)
