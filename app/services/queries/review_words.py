"""The course of a review in plain words, newest first."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.text import listed
from app.models.review import Door, ReviewOutcome, SeatOrigin
from app.models.service import ServiceWay
from app.services.queries.timeline import Happening, who_did
from app.workflow.review_flow import REVIEW_FLOW

Data = Mapping[str, Any]


def _named(data: Data, *parts: tuple[str, Any]) -> list[Any]:
    return [sentence for name, sentence in parts if data.get(name)]


def _listed(data: Data) -> list[Any]:
    return _named(
        data,
        ("party", _l("Party: %(name)s.", name=data.get("party", ""))),
        ("chosen", _l("Chosen: %(names)s.", names=listed(data.get("chosen")))),
        ("drawn", _l("Drawn by lot: %(names)s.", names=listed(data.get("drawn")))),
        ("reserves", _l("Reserves: %(names)s.", names=listed(data.get("reserves")))),
        ("seed", _l("Seed of the draw: %(seed)s.", seed=data.get("seed", ""))),
    )


def _asked(data: Data) -> list[Any]:
    origin = SeatOrigin.of(data.get("origin"))
    said = [_l("%(name)s (%(how)s).", name=data.get("expert", ""), how=origin.label if origin else "")]
    if data.get("instead"):
        said.append(_l("In place of %(name)s.", name=data["instead"]))
    return said


def _filed(data: Data) -> list[Any]:
    door = Door.of(data.get("door"))
    return [door.label] if door is not None else []


def _moment(text: Any) -> str:
    return f"{clock.local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}" if text else ""


def _session(data: Data) -> list[Any]:
    start, end = _moment(data.get("from")), _moment(data.get("until"))
    if start[:10] == end[:10]:
        end = end[11:]
    return [_l("%(room)s, from %(start)s to %(end)s.", room=data.get("room", ""), start=start, end=end)]


def _outcome(data: Data) -> list[Any]:
    outcome = ReviewOutcome.of(data.get("outcome"))
    return [outcome.label] if outcome is not None else []


def _served(data: Data) -> list[Any]:
    way = ServiceWay.of(data.get("way"))
    return [_l("To %(name)s: %(way)s.", name=data.get("party", ""), way=way.label if way else "")]


def _voided(data: Data) -> list[Any]:
    said = _expert(data)
    if data.get("voted"):
        said.append(_l("The ballot of this seat does not count any more."))
    if data.get("again"):
        said.append(_l("The ballots had been opened, so everybody votes anew."))
    return said


def _expert(data: Data) -> list[Any]:
    return _named(data, ("expert", _l("Expert: %(name)s.", name=data.get("expert", ""))))


_TOLD: dict[str, Callable[[Data], list[Any]]] = {
    "file_review": _filed,
    "join_review": _filed,
    "pick_experts": _listed,
    "draw_experts": _listed,
    "ask_expert": _asked,
    "expire_invitation": _expert,
    "replace_expert": _expert,
    "void_ballot": _voided,
    "seat_panel": lambda d: _named(d, ("panel", _l("Panel: %(names)s.", names=listed(d.get("panel"))))),
    "fix_session": _session,
    "open_ballots": lambda d: [_l("Round %(round)s.", round=d.get("round", 1))],
    "close_ballots": lambda d: [_l("Round %(round)s.", round=d.get("round", 1))],
    "assemble_opinion": _outcome,
    "serve_opinion": _served,
    "withdraw_review": lambda d: _named(d, ("party", _l("Party: %(name)s.", name=d.get("party", "")))),
}


def review_timeline(steps: Iterable[Any]) -> list[Happening]:
    """Every step of a review, the newest first."""
    found = []
    for row in steps:
        flow_row = REVIEW_FLOW.row(row.step)
        told = _TOLD.get(row.step, lambda _data: [])(row.data or {})
        label = flow_row.label if flow_row is not None else row.step
        found.append(
            Happening(
                row.at,
                label,
                who_did(row),
                tuple(told),
                row.reason,
                "quiet" if flow_row is not None and flow_row.system else "step",
                row.step,
                row.from_state,
                row.to_state,
                row.id,
            )
        )
    return sorted(found, key=lambda event: (event.at, event.id or 0), reverse=True)
