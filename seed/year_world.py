"""What the matters of the demo year refer to: places, categories, codes, rules, people, shifts; and where files go."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.core import store, workdays
from app.core.db import db
from app.models.attachment import Attachment
from app.models.calendar import DeadlineRule
from app.models.code_table import Category, CodeItem, CodeTable
from app.models.organisation import Organisation
from app.models.room import Room
from app.models.roster import DutyKind, Shift
from app.services.attachment import folder
from app.services.working_calendar import calendar
from seed.organisation import CITY, TOWNS
from seed.year_cast import Cast, Who
from seed.year_ledger import Ledger, Row
from seed.year_plan import hour, reception_days


class Place(NamedTuple):
    """An organisation, as the rows need it."""

    id: int
    code: str
    name: str
    parent_id: int | None
    level: str
    prefix: str | None


class Rule(NamedTuple):
    """A deadline rule."""

    id: int
    length: int
    unit: str


@dataclass
class World:
    """Everything that stands in the database before the year is written, and the ledger it is written to."""

    ledger: Ledger
    cast: Cast = field(default_factory=Cast)
    calendar: workdays.Calendar = field(default_factory=calendar)
    places: dict[str, Place] = field(default_factory=dict)
    villages: dict[str, list[Place]] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    items: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)
    shifts: dict[tuple[str, date], tuple[Row, Who]] = field(default_factory=dict)
    people: int = 20_000  # the next invented person

    def __post_init__(self) -> None:
        """Read what stands there."""
        org, rule = Organisation.__table__, DeadlineRule.__table__
        columns = (org.c.id, org.c.code, org.c.name, org.c.parent_id, org.c.level, org.c.number_prefix)
        asked = select(*columns).where(org.c.active).order_by(org.c.sort, org.c.id)
        rows = [Place(*row) for row in db.session.connection().execute(asked)]
        self.places = {row.code: row for row in rows}
        by_id = {row.id: row.code for row in rows}
        for row in rows:
            if row.level == "village" and row.parent_id is not None:
                self.villages.setdefault(by_id[row.parent_id], []).append(row)
        self.categories = dict(_pairs(select(Category.code, Category.id).where(Category.leaf)))
        found = select(rule.c.code, rule.c.id, rule.c.length, rule.c.unit)
        self.rules = {code: Rule(key, length, str(unit)) for code, key, length, unit in _pairs(found)}
        codes = select(CodeTable.code, CodeItem.code, CodeItem.id, CodeItem.name).join(CodeItem.table)
        self.items = {(table, code): (key, name) for table, code, key, name in _pairs(codes)}
        self.rooms = dict(_pairs(select(Room.name, Room.id)))

    def due(self, code: str, on: date) -> workdays.Due:
        """The due day of a rule from that day on."""
        rule = self.rules[code]
        return workdays.due(on, rule.length, rule.unit, self.calendar)

    def workday(self, day: date) -> date:
        """That day, or the next one on which the offices work."""
        return workdays.roll_forward(day, self.calendar)

    def roster(self) -> None:
        """The leaders' shifts of the year: at the city's centre in turn, at each town's one day a week."""
        made = hour(date(2018, 12, 28), 60)
        for place, code in enumerate((CITY, *(town for town, *_rest in TOWNS))):
            leaders, owner = self.cast.all("leader", code), self.places[code]
            by = self.cast.one("clerk", code)
            for turn, day in enumerate(reception_days(place - 1 if place else None, self.calendar)):
                leader = leaders[turn % len(leaders)]
                shift = self.ledger.enter(
                    Shift,
                    made,
                    by,
                    kind=DutyKind.leader,
                    on=day,
                    starts_at=time(9),
                    ends_at=time(12),
                    organisation_id=owner.id,
                    account_id=leader.id,
                    room_id=self.rooms.get("领导接访室") if code == CITY else None,
                )
                self.shifts[code, day] = (shift, leader)

    def walk(
        self, model: Any, owner: Row, subject: tuple[str, str], by: Who, course: Iterable[Any], told: Row | None = None
    ) -> None:
        """The course of a record that one person took through its steps (name, when, from, to), and its trail."""
        (key,) = owner.values()
        for seq, (name, at, before, to) in enumerate(course, 1):
            self.ledger.enter(
                model,
                at,
                **owner,
                seq=seq,
                step=name,
                from_state=before,
                to_state=to,
                at=at,
                actor_id=by.id,
                actor_name=by.name,
                actor_post=by.post,
                organisation_name=by.organisation,
                data={**(told or {}), "version": seq - 1} if before else {"version": 0},
            )
            about = {"type": subject[0], "id": key, "number": subject[1]}
            self.ledger.note(at, by, f"step:{name}", about, seq=[None, seq], state=[before, to])

    def shift_after(self, centre: str, day: date, until: date) -> tuple[Row, Who] | None:
        """The first reception of a centre after one day and up to another."""
        days = sorted(on for code, on in self.shifts if code == centre and day < on <= until)
        return self.shifts[centre, days[0]] if days else None

    def scan(self, case: Row, at: datetime, by: Who, name: str, turn: int) -> Row:
        """A scanned page that was signed, kept as a file of the case."""
        data = _page(turn % 12)
        return self.ledger.enter(
            Attachment,
            at,
            by,
            case_id=case["id"],
            name=name,
            mime="image/png",
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            storage_key=store.write(folder(), data),
        )


def _pairs(statement: Any) -> Iterable[Any]:
    return db.session.connection().execute(statement).all()


@cache
def _page(turn: int) -> bytes:
    """The picture of a page with lines of writing and a signature."""
    picture = Image.new("1", (620, 877), 1)
    pen = ImageDraw.Draw(picture)
    for line in range(18):
        pen.line([(60, 90 + line * 34), (560 - (line * 37 + turn * 53) % 140, 90 + line * 34)], fill=0, width=3)
    stroke = [(360 + x, 790 + ((x * (turn + 3)) % 29) - (x * turn) % 17) for x in range(0, 170, 9)]
    pen.line(stroke, fill=0, width=3, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
