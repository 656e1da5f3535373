"""A rule from law is made stricter, never looser."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actor import acting
from app.core.db import db
from app.core.errors import Invalid
from app.models.calendar import DeadlineRule, Unit
from app.services import deadline_rule as service
from app.services.record import explain
from tests.services.registers import refusal


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def rule(code):
    return db.session.scalars(select(DeadlineRule).where(DeadlineRule.code == code)).one()


@pytest.mark.parametrize(
    ("code", "length"),
    [
        ("D-HANDLE60", 61),
        ("D-ACK15", 16),
        ("D-FC30", 29),
        ("D-FC30", 31),
        ("D-HEAR7", 6),
        ("D-REV5", 4),
        ("D-RECT", 0),
    ],
)
def test_looser_is_refused(session, admin, code, length):
    assert list(refusal(admin, service.change_rule, rule(code), {"length": length})) == ["length"]


@pytest.mark.parametrize(("code", "length"), [("D-HANDLE60", 45), ("D-HEAR7", 10), ("D-REV5", 7), ("D-RECT", 20)])
def test_stricter_is_kept(session, admin, code, length):
    with acting(admin):
        assert service.change_rule(admin, rule(code), {"length": length}).length == length


def test_what_the_law_fixes_cannot_be_sent(session, admin):
    with acting(admin):
        service.change_rule(admin, rule("D-HANDLE60"), {"most": 600, "nature": "local", "source": "《条例》第三十四条"})
    kept = rule("D-HANDLE60")
    assert (kept.most, kept.nature.value, kept.source) == (60, "law", "《条例》第三十四条")
    assert list(refusal(admin, service.change_rule, kept, {"unit": Unit.working})) == ["unit"]


def test_the_database_refuses_too_and_says_it_in_words(app, session, admin):
    with acting(admin), pytest.raises(IntegrityError) as broken:
        rule("D-HANDLE60").length = 90
        session.flush()
    told = explain(broken.value)
    assert isinstance(told, Invalid) and list(told.errors) == ["length"]
