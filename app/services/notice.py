"""Messages to people, written in the transaction of the step that caused them; a job may carry them further later."""

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.audit import Notice
from app.models.case import Case

_user, _grant = Account.__table__, PermissionView.__table__
_permission, _page = Permission.__table__, ViewMenu.__table__

# What a message says, by its code; `data` fills the places. No case text and no personal data in it.
SENTENCES: dict[str, Any] = {
    "request_supplement": _l("%(number)s: a supplement was asked for by %(by)s."),
    "supplement": _l("%(number)s: the supplement has come in."),
    "decline_proposed": _l("%(number)s: %(by)s proposes not to accept it. Please decide."),
    "approve_decline": _l("%(number)s: the proposal was approved by %(by)s; the notice is to be served."),
    "refuse_decline": _l("%(number)s: the proposal was refused by %(by)s."),
    "merge": _l("%(number)s: another matter was merged into it by %(by)s."),
    "assign": _l("%(number)s was referred to your organisation by %(by)s. Please sign for it."),
    "object": _l("%(number)s: %(organisation)s objects to the referral. Please decide."),
    "uphold": _l("%(number)s: your objection was upheld by %(by)s."),
    "insist": _l("%(number)s: %(by)s insists that your organisation handles it."),
}


def sentence(notice: Notice) -> str:
    """The message in the reader's language."""
    text = SENTENCES.get(notice.code)
    if text is None:
        return notice.code
    known = {"number": "", "by": "", "organisation": ""} | {k: str(v) for k, v in notice.data.items()}
    return str(text) % known


def holders(action: str, organisation_ids: Iterable[int | None]) -> list[int]:
    """The active people of these organisations whose role may do this to cases."""
    wanted = [key for key in organisation_ids if key is not None]
    if not wanted:
        return []
    statement = (
        select(_user.c.id)
        .distinct()
        .join(assoc_user_role, assoc_user_role.c.user_id == _user.c.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == assoc_user_role.c.role_id)
        .join(_grant, _grant.c.id == assoc_permissionview_role.c.permission_view_id)
        .join(_permission, _permission.c.id == _grant.c.permission_id)
        .join(_page, _page.c.id == _grant.c.view_menu_id)
        .where(
            _user.c.organisation_id.in_(wanted),
            _user.c.active.is_(True),
            _permission.c.name == f"can_{action}",
            _page.c.name == "Case",
        )
        .order_by(_user.c.id)
    )
    return list(db.session.execute(statement).scalars())


def tell(actor: Actor, case: Case, code: str, people: Iterable[int | None]) -> None:
    """One message to each of these people; who acts need not be told."""
    data = {"number": case.number, "by": actor.name, "organisation": actor.organisation_name or ""}
    for user_id in dict.fromkeys(people):
        if user_id is not None and user_id != actor.user_id:
            note: Any = Notice(user_id=user_id, case_id=case.id, code=code, data=data)
            db.session.add(note)


@unit_of_work
def read(notice_id: int) -> Notice | None:
    """Mark one of the actor's messages as read; None when there is none of that number."""
    row = db.session.scalar(select(Notice).where(Notice.id == notice_id))
    if row is not None and row.read_at is None:
        row.read_at = clock.now()
    return row


@unit_of_work
def read_all() -> None:
    """Mark all the actor's messages as read."""
    for row in db.session.scalars(select(Notice).where(Notice.read_at.is_(None))):
        row.read_at = clock.now()
