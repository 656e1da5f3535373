"""The courses of supervision orders in plain words, for the story of their case."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.models.supervision import Supervision, SupervisionCause, SupervisionStep
from app.services.queries.timeline import Happening, who_did
from app.workflow.supervision_flow import SUPERVISION_FLOW


def _lines(row: Any, number: str) -> tuple[Any, ...]:
    data = row.data or {}
    said: list[Any] = [_l("Supervision order %(number)s", number=number)]
    cause = SupervisionCause.of(data.get("cause"))
    if cause is not None:
        said.append(cause.label)
    if data.get("office"):
        said.append(_l("Office: %(name)s.", name=data["office"]))
    if data.get("day"):
        said.append(_l("To be answered by %(day)s.", day=data["day"]))
    return tuple(said)


def orders_of(case_id: int) -> list[Supervision]:
    """The orders on a case that exist for the actor, the newest first."""
    return list(
        db.session.scalars(
            select(Supervision).where(Supervision.case_id == case_id).order_by(Supervision.id.desc()).limit(100)
        )
    )


def order_timeline(orders: Iterable[Supervision]) -> list[Happening]:
    """Everything that happened with these orders."""
    numbers = {order.id: order.number for order in orders}
    if not numbers:
        return []
    steps = select(SupervisionStep).where(SupervisionStep.supervision_id.in_(numbers)).order_by(SupervisionStep.id)
    found = []
    for row in db.session.scalars(steps):
        flow_row = SUPERVISION_FLOW.row(row.step)
        title, lines = flow_row.label if flow_row else row.step, _lines(row, numbers[row.supervision_id])
        by = who_did(row) if row.actor_id is not None else _("the program")
        found.append(
            Happening(
                *(row.at, title, by, lines, row.reason, "step", row.step, row.from_state, row.to_state),
                *(row.id, "supervision"),
            )
        )
    return found
