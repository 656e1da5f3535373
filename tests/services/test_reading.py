"""Security F2, G1, G5: masked fields are shown for a reason; readings are in the trail; mass reading is noticed."""

from typing import Any

import pytest
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db, set_writing
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models.audit import AuditEntry, AuditKind
from app.models.party import Party
from app.models.person import Person
from app.services import access_log
from app.services.access_log import MASS_CODE, log_read, write_reads
from app.services.reveal import reveal
from tests.case_factory import Cases

_entry = AuditEntry.__table__


@pytest.fixture
def person(session, actor):
    """Somebody in a case of the city centre."""
    case = Cases(actor).register("clerk")
    with system_scope("test"):
        return session.scalars(
            select(Person).join(Party, Party.person_id == Person.id).where(Party.case_id == case.id)
        ).first()


def entries(code: str) -> list[Any]:
    return list(db.session.execute(select(_entry).where(_entry.c.code == code).order_by(_entry.c.id)).mappings())


def test_a_reveal_is_in_the_trail(actor, person):
    clerk = actor("clerk")
    with acting(clerk):
        phone = reveal(clerk, person, "phone", "电话通知补正材料")
    assert phone.startswith("1580000")
    row = entries("person:reveal")[-1]
    assert (row["kind"], row["reason"], row["subject_id"], row["actor_id"]) == (
        AuditKind.access,
        "电话通知补正材料",
        person.id,
        clerk.user_id,
    )
    assert row["changes"] == {"field": "phone"} and phone not in str(dict(row))


@pytest.mark.parametrize("reason", ["", "  ", "abc", "\n\n\n\n\n", "查看"])
def test_without_a_reason_nothing_is_shown(actor, person, reason):
    clerk = actor("clerk")
    with acting(clerk), pytest.raises(Invalid):
        reveal(clerk, person, "phone", reason)


@pytest.mark.parametrize("who", ["dispatcher", "centre_head", "archivist"])
def test_seeing_the_row_is_not_the_right_to_reveal(actor, person, who):
    other = actor(who)
    with acting(other), pytest.raises(NotAllowed):
        reveal(other, person, "phone", "a good reason")


@pytest.mark.parametrize("who", ["sysadmin", "security_auditor", "handler.d1", "statistician"])
def test_a_row_that_is_not_yours_does_not_exist(actor, person, who):
    other = actor(who)
    with acting(other), pytest.raises(NotFound):
        reveal(other, person, "phone", "a good reason")


@pytest.mark.parametrize("field", ["name", "id"])
def test_only_masked_fields_are_revealed(actor, person, field):
    clerk = actor("clerk")
    with acting(clerk), pytest.raises(NotFound):
        reveal(clerk, person, field, "a good reason")


def test_a_reading_is_written_after_the_page(actor, person):
    clerk = actor("clerk")
    set_writing(False)
    try:
        with acting(clerk):
            log_read(clerk, person, reason="opened")
            assert not entries("person:read"), "not before"
            write_reads()
            write_reads()
    finally:
        set_writing(True)
    rows = entries("person:read")
    assert len(rows) == 1 and rows[0]["actor_id"] == clerk.user_id and rows[0]["kind"] == AuditKind.access


def test_reading_en_masse_raises_one_alarm(actor, person, monkeypatch):
    monkeypatch.setattr(access_log, "MASS_LEAST", 0)
    monkeypatch.setattr(access_log.parameter, "number", {"mass_reading": 10}.get)
    clerk = actor("clerk")
    with acting(clerk):
        for _each in range(15):
            reveal(clerk, person, "phone", "a good reason")
    alarms = entries(MASS_CODE)
    assert len(alarms) == 1 and alarms[0]["actor_id"] == clerk.user_id and alarms[0]["kind"] == AuditKind.security
    assert alarms[0]["at"] <= clock.now()
