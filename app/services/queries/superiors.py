"""Whom to ask for what one may not do alone, and which authority stands above an organisation."""

from typing import Any

from flask_appbuilder.security.sqla.models import assoc_user_role
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import case, func, select

from app.access.actor import Actor
from app.core.db import db
from app.models.account import Account, RoleProfile
from app.models.organisation import Level, Organisation

_user, _profile, _org = Account.__table__, RoleProfile.__table__, Organisation.__table__
ASKED = ("centre_head", "business_admin")  # the nearest of the first kind, else of the second


def city_of(path: str) -> Any:
    """The city an organisation belongs to, by the first node of its path: name, telephone, address."""
    key = int(path.strip("/").split("/")[0])
    return db.session.connection().execute(select(_org).where(_org.c.id == key)).one()


def authority_over(path: str) -> Any:
    """Which authority re-examines what an organisation replied: departments, towns and their offices and the centres
    all have the government of the city above them."""
    return _lp("right", "the people's government of %(area)s", area=city_of(path).name)


def office_name(organisation: Organisation) -> Any:
    """The organisation as an office that acts: the city is no office, its centre is."""
    if organisation.level == Level.city:
        return _l("%(city)s Public-Appeals Reception Centre", city=organisation.name)
    return organisation.name


def whom_to_ask(actor: Actor) -> str:
    """Name and post of the head of the own centre, or of the centre above, or of the business administrator."""
    rank = case({code: place for place, code in enumerate(ASKED)}, value=_profile.c.code)
    row = db.session.execute(
        select(_user.c.first_name, _user.c.post, _profile.c.name, _org.c.name.label("organisation"))
        .join_from(_user, _org, _org.c.id == _user.c.organisation_id)
        .join(assoc_user_role, assoc_user_role.c.user_id == _user.c.id)
        .join(_profile, _profile.c.role_id == assoc_user_role.c.role_id)
        .where(
            _profile.c.code.in_(ASKED),
            _user.c.active.is_(True),
            _user.c.id != actor.user_id,
            _org.c.id.in_(actor.ancestors),
        )
        .order_by(rank, func.length(_org.c.path).desc(), _user.c.id)
        .limit(1)
    ).first()
    return f"{row.organisation} {row.post or row.name} {row.first_name}" if row else ""
