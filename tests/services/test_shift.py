"""The duty roster."""

from datetime import date, time

import pytest
from sqlalchemy import select

from app.access.actor import acting
from app.core.db import db
from app.core.errors import Invalid
from app.models.account import Account
from app.models.organisation import Organisation
from app.services import shift


@pytest.fixture
def said(session, actor):
    """A shift of leader.1 at the city centre."""
    with acting(actor("sysadmin")):
        leader = db.session.scalars(select(Account).where(Account.username == "leader.1")).one()
        city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    return {
        "kind": "leader",
        "account": leader,
        "organisation": city,
        "on": date(2026, 11, 23),
        "starts_at": time(9),
        "ends_at": time(12),
    }


def test_nobody_is_in_two_places_at_once(said, actor) -> None:
    who = actor("business_admin")
    with acting(who):
        shift.add_shift(who, said)
        with pytest.raises(Invalid) as refused:
            shift.add_shift(who, said | {"starts_at": time(11), "ends_at": time(13)})
        assert "account" in refused.value.errors
        shift.add_shift(who, said | {"starts_at": time(12), "ends_at": time(13)})  # half-open: touching is fine


def test_a_shift_ends_after_it_begins(said, actor) -> None:
    who = actor("business_admin")
    with acting(who), pytest.raises(Invalid) as refused:
        shift.add_shift(who, said | {"ends_at": time(9)})
    assert "ends_at" in refused.value.errors
