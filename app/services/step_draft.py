"""Drafts of a long step form: what was typed so far, kept on the server for its writer alone until the step is done."""

import json
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import TooLarge
from app.models.preference import Draft
from app.services.draft import CONTENT_MOST, kept

Fields = Sequence[tuple[str, str]]


def _name(step: str, key: int) -> str:
    return f"{step}:{key}"


def find(actor: Actor, step: str, key: int) -> Draft | None:
    """My draft of this step of this record, unless it is past its time."""
    if actor.user_id is None:
        return None
    mine = select(Draft).where(Draft.user_id == actor.user_id, Draft.form == _name(step, key))
    found: Draft | None = db.session.scalar(
        mine.where(Draft.saved_at >= clock.now() - kept()).order_by(Draft.id.desc())
    )
    return found


def fields_of(draft: Draft) -> list[tuple[str, str]]:
    """What was typed, box by box."""
    return [(str(name), str(value)) for name, value in json.loads(draft.content)]


@unit_of_work
def keep(actor: Actor, step: str, key: int, fields: Fields) -> Draft:
    """Keep what was typed so far, in place of what was kept before."""
    text = json.dumps(list(fields), ensure_ascii=False, separators=(",", ":"))
    if len(text) > CONTENT_MOST:
        raise TooLarge(_l("The draft is too long to be kept."))
    draft = find(actor, step, key)
    if draft is None:
        draft = Draft(user_id=actor.user_id, form=_name(step, key), title="")
        db.session.add(draft)
    draft.content, draft.saved_at = text, clock.now()
    db.session.flush()
    return draft


@unit_of_work
def drop(actor: Actor, step: str, key: int) -> None:
    """Forget the draft: the step is done, or its writer wants it no more."""
    draft = find(actor, step, key)
    if draft is not None:
        db.session.delete(draft)
