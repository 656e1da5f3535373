"""Drafts: a registration still being typed, kept on the server for its writer alone, as long as the house has set."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Invalid, NotAllowed, NotFound, TooLarge
from app.models.attachment import Attachment
from app.models.preference import Draft
from app.services import parameter
from app.services.attachment import erase_files, of_draft
from app.services.queries.choices import parse_key

FORM = "case"
COUNT_MOST = 30
CONTENT_MOST = 200_000
TITLE_LENGTH = 200


def kept() -> timedelta:
    """How long a draft waits for its writer."""
    return timedelta(days=parameter.number("draft_days"))


def mine(actor: Actor) -> list[Draft]:
    """My drafts, the latest first."""
    if actor.user_id is None:
        return []
    return list(
        db.session.scalars(
            select(Draft)
            .where(Draft.user_id == actor.user_id, Draft.form == FORM, Draft.saved_at >= clock.now() - kept())
            .order_by(Draft.saved_at.desc(), Draft.id.desc())
            .limit(COUNT_MOST)
        )
    )


def find(actor: Actor, key: Any) -> Draft | None:
    """My draft of that number, or None."""
    number = parse_key(key)
    if number is None or actor.user_id is None:
        return None
    return db.session.scalar(select(Draft).where(Draft.id == number, Draft.user_id == actor.user_id))


def content_of(draft: Draft) -> dict[str, Any]:
    """What was typed."""
    content: dict[str, Any] = json.loads(draft.content)
    return content


@unit_of_work
def save(actor: Actor, key: Any, content: Mapping[str, Any]) -> Draft:
    """Keep what was typed so far: in the draft named, or in a new one."""
    if actor.user_id is None or not actor.may("register", "Case"):
        raise NotAllowed()
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    if len(text) > CONTENT_MOST:
        raise TooLarge(_l("The draft is too long to be kept."))
    draft = find(actor, key)
    if draft is None:
        if len(mine(actor)) >= COUNT_MOST:
            raise Invalid(_l("You have %(count)d drafts already. Please finish or delete one first.", count=COUNT_MOST))
        draft = Draft(user_id=actor.user_id, form=FORM)
        db.session.add(draft)
    title = " ".join(str(content.get("title") or "").split())[:TITLE_LENGTH]
    draft.content, draft.title, draft.saved_at = text, title, clock.now()
    db.session.flush()
    return draft


@unit_of_work
def _drop(draft: Draft) -> list[str]:
    keys = []
    for row in of_draft(draft.id):
        keys.append(row.storage_key)
        db.session.delete(row)
    db.session.flush()
    db.session.delete(draft)
    return keys


def delete(actor: Actor, key: Any) -> None:
    """Throw a draft of one's own away, with its files."""
    draft = find(actor, key)
    if draft is None:
        raise NotFound()
    erase_files(_drop(draft))


@unit_of_work
def _drop_old() -> list[str]:
    with system_scope("drafts older than thirty days"):
        old = db.session.scalars(select(Draft).where(Draft.saved_at < clock.now() - kept())).all()
        keys = list(
            db.session.scalars(
                select(Attachment.storage_key).where(Attachment.draft_id.in_([draft.id for draft in old]))
            )
        )
        for draft in old:
            _drop(draft)
    return keys


def purge() -> int:
    """Erase drafts older than thirty days with their files; for the job."""
    keys = _drop_old()
    erase_files(keys)
    return len(keys)
