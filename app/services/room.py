"""Function rooms: hours, capacity and buffers that make sense, and a manager of the same centre."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core.db import unit_of_work
from app.models.organisation import Level
from app.models.public_hold import PURPOSES
from app.models.room import Room
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged, must_own, path_of

BUFFER_MOST = 240
CLOSES_EARLY = _l("The room closes before it opens.")
TOO_FEW = _l("A room holds at least one person.")
BUFFERS = _l("A buffer lasts from 0 to %(most)d minutes.", most=BUFFER_MOST)

POLICIES: dict[str, tuple[int, int]] = {
    "lead_minutes": (0, 43_200),
    "ahead_days": (1, 731),
    "longest_minutes": (15, 44_640),
    "no_show_minutes": (5, 240),
    "public_minutes": (10, 240),
}


def _bounds(name: str) -> Any:
    least, most = POLICIES[name]
    return _l("From %(least)d to %(most)d.", least=least, most=most)


register_sentences(
    {
        "ck_room_lead_bounded": ("lead_minutes", _bounds("lead_minutes")),
        "ck_room_ahead_bounded": ("ahead_days", _bounds("ahead_days")),
        "ck_room_longest_bounded": ("longest_minutes", _bounds("longest_minutes")),
        "ck_room_no_show_bounded": ("no_show_minutes", _bounds("no_show_minutes")),
        "ck_room_public_bounded": ("public_minutes", _bounds("public_minutes")),
        "ck_room_hours_order": ("closes_at", CLOSES_EARLY),
        "ck_room_capacity_positive": ("capacity", TOO_FEW),
        "ck_room_buffers_not_negative": ("buffer_before", BUFFERS),
        "uq_room_organisation_name": ("name", _l("This centre has a room of that name already.")),
    }
)


def _read(given: Mapping[str, Any], record: Room | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    opens, closes = merged(values, record, "opens_at"), merged(values, record, "closes_at")
    if opens and closes and closes <= opens:
        problems.add("closes_at", CLOSES_EARLY)
    if (merged(values, record, "capacity") or 0) < 1:
        problems.add("capacity", TOO_FEW)
    for name in ("buffer_before", "buffer_after"):
        if name in values:
            values[name] = values[name] or 0
            if not 0 <= values[name] <= BUFFER_MOST:
                problems.add(name, BUFFERS)
    for name, (least, most) in POLICIES.items():
        if name in values and values[name] is not None and not least <= values[name] <= most:
            problems.add(name, _bounds(name))
    service, purposes = merged(values, record, "public_service"), merged(values, record, "purposes")
    wanted = PURPOSES.get(service) if service else None
    if wanted and purposes and wanted.value not in {item.code for item in purposes}:
        problems.add("public_service", _l("This room may not be booked for: %(purpose)s.", purpose=wanted.label))
    centre, manager = merged(values, record, "organisation"), merged(values, record, "manager")
    if centre is not None and centre.level not in (Level.city, Level.township):
        problems.add("organisation", _l("Rooms belong to the centre of the city or of a town."))
    if centre is not None and manager is not None and not path_of(manager.organisation_id).startswith(centre.path):
        problems.add("manager", _l("%(name)s does not work in this centre.", name=manager.first_name))
    problems.stop()
    return values


@unit_of_work
def add_room(actor: Actor, given: Mapping[str, Any]) -> Room:
    """Open a room."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    return save_record(actor, Room(), values)


@unit_of_work
def change_room(actor: Actor, room: Room, given: Mapping[str, Any]) -> Room:
    """Change a room's name, hours, equipment or manager."""
    must_own(actor, room.organisation_id)
    values = _read(given, room)
    if values.get("organisation") is not None:
        must_own(actor, values["organisation"].id)
    return save_record(actor, room, values)


@unit_of_work
def delete_room(actor: Actor, room: Room) -> None:
    """Remove a room that nothing refers to."""
    must_own(actor, room.organisation_id)
    delete_record(actor, room)
