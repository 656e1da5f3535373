"""Messages to people, written in the transaction of the step that caused them; a job may carry them further later."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import Select, delete, or_, select, update

from app.access.actor import Actor
from app.access.permissions import ACTIONS
from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account
from app.models.audit import Notice
from app.models.case import Case
from app.services import parameter
from app.services.sentences import SENTENCES

_user, _grant = Account.__table__, PermissionView.__table__
_permission, _page = Permission.__table__, ViewMenu.__table__
_notice = Notice.__table__


class _Known(dict[str, str]):
    """What a notice holds; a place it does not fill stays empty."""

    def __missing__(self, _name: str) -> str:
        return ""


def sentence(notice: Any) -> str:
    """The message in the reader's language."""
    text = SENTENCES.get(notice.code)
    if text is None:
        return notice.code  # type: ignore[no-any-return]
    said = {name: str(value) for name, value in notice.data.items()}
    if "step" in said:
        said["step"] = str(ACTIONS.get(said["step"], said["step"]))
    return str(text) % _Known(said)


def _holding(action: str, page: str) -> Select[Any]:
    """The active people whose role may do this on that page."""
    return (
        select(_user.c.id)
        .distinct()
        .join(assoc_user_role, assoc_user_role.c.user_id == _user.c.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == assoc_user_role.c.role_id)
        .join(_grant, _grant.c.id == assoc_permissionview_role.c.permission_view_id)
        .join(_permission, _permission.c.id == _grant.c.permission_id)
        .join(_page, _page.c.id == _grant.c.view_menu_id)
        .where(_user.c.active.is_(True), _permission.c.name == f"can_{action}", _page.c.name == page)
        .order_by(_user.c.id)
    )


def holders(action: str, organisation_ids: Iterable[int | None], page: str = "Case") -> list[int]:
    """The active people of these organisations whose role may do this (to cases, if nothing else is said)."""
    wanted = [key for key in organisation_ids if key is not None]
    if not wanted:
        return []
    return list(db.session.execute(_holding(action, page).where(_user.c.organisation_id.in_(wanted))).scalars())


def deciders(action: str, case: Case) -> list[int]:
    """The people of the centre that has a case whose role may do this to it; of a village's case those of its town."""
    return holders(action, [case.organisation_id, case.owner_town_id])


def holders_anywhere(action: str, page: str) -> list[int]:
    """The active people of all organisations whose role may do this on that page."""
    return list(db.session.execute(_holding(action, page)).scalars())


def tell(actor: Actor, case: Case, code: str, people: Iterable[int | None], **more: Any) -> None:
    """One message about a case to each of these people; who acts need not be told."""
    data = {"number": case.number, "by": actor.name, "organisation": actor.organisation_name or "", **more}
    tell_people(actor, code, people, data, case_id=case.id)


def tell_people(
    actor: Actor,
    code: str,
    people: Iterable[int | None],
    data: Mapping[str, Any],
    *,
    case_id: int | None = None,
    link: str | None = None,
) -> None:
    """One message to each of these people; it leads to `link` (an address of ours), or to the case."""
    for user_id in dict.fromkeys(people):
        if user_id is not None and user_id != actor.user_id:
            note: Any = Notice(user_id=user_id, case_id=case_id, code=code, data=dict(data), link=link)
            db.session.add(note)


def tell_once(actor: Actor, code: str, people: Iterable[int], data: Mapping[str, Any], link: str | None = None) -> None:
    """The same, but not to those who have a message of this kind unread: a fault that goes on is told once."""
    unread = select(_notice.c.user_id).where(_notice.c.code == code, _notice.c.read_at.is_(None))
    told = set(db.session.execute(unread).scalars())
    tell_people(actor, code, [one for one in people if one not in told], data, link=link)


@unit_of_work
def mark(notice_id: int, read: bool = True) -> Notice | None:
    """Mark one of the actor's messages as read or as unread; None when there is none of that number."""
    row = db.session.scalar(select(Notice).where(Notice.id == notice_id))
    if row is not None and (row.read_at is None) == read:
        row.read_at = clock.now() if read else None
    return row


@unit_of_work
def read_all(codes: Iterable[str] = ()) -> None:
    """Mark all the actor's messages as read, or those of these kinds."""
    statement = update(Notice).where(Notice.read_at.is_(None)).values(read_at=clock.now())
    kinds = sorted(codes)
    db.session.execute(statement.where(Notice.code.in_(kinds)) if kinds else statement)


@unit_of_work
def purge() -> int:
    """Erase messages read long ago, and unread ones after twice that time; for the job."""
    kept, now = timedelta(days=parameter.number("keep_notices_days")), clock.now()
    read_long_ago = _notice.c.read_at < now - kept
    statement = delete(_notice).where(or_(read_long_ago, _notice.c.at < now - 2 * kept))
    return db.session.connection().execute(statement).rowcount
