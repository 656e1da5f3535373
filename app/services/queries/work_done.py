"""The list of what one has done: each record once, by the last step of it that its reader carried out."""

from typing import Any

from sqlalchemy import Select, exists

from app.workflow.types import Workflow


def done(base: Select[Any], record: Any, flow: Workflow, actor_id: int | None) -> Select[Any]:
    """Add the actor's last step in each record to a select of records (`step`, `at`), the newest first.

    What the program does by itself is nobody's step, whoever gave the occasion. The steps are the actor's own; the
    scope of the record guards what is shown.
    """
    log: Any = flow.log
    own, later = log.__table__.alias("own"), log.__table__.alias("later_own")
    of_itself = sorted(row.name for row in flow.steps if row.system)
    again = exists().where(
        later.c.actor_id == actor_id,
        later.c[flow.owner] == own.c[flow.owner],
        later.c.id > own.c.id,
        later.c.step.not_in(of_itself),
    )
    acted = base.add_columns(own.c.step, own.c.at).join(own, own.c[flow.owner] == record.id)
    return acted.where(own.c.actor_id == actor_id, own.c.step.not_in(of_itself), ~again).order_by(own.c.id.desc())
