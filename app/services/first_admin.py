"""The first system administrators of an installation: only from the machine itself, never through the web."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import SYSTEM
from app.core.db import db, unit_of_work
from app.core.errors import NotFound
from app.models.account import Account, RoleProfile
from app.models.organisation import Organisation
from app.services.account import create_account


@unit_of_work
def appoint_sysadmin(username: str, name: str) -> tuple[Account, str]:
    """A system administrator at the root of the tree, and the one-time password. Appoint two: each confirms."""
    root = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one_or_none()
    profile = db.session.scalars(select(RoleProfile).where(RoleProfile.code == "sysadmin")).one_or_none()
    if root is None or profile is None:
        raise NotFound(_("Please run the command seed base first."))
    account, password = create_account(SYSTEM, {"username": username, "first_name": name, "organisation": root})
    account.roles = [profile.role]
    return account, password
