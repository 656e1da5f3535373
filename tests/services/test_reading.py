"""Security F2, G1, G5: masked fields are shown for a reason; readings are in the trail; mass reading is noticed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db, set_writing
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models.audit import AuditEntry, AuditKind
from app.models.parameter import Parameter
from app.models.party import Party
from app.models.person import Person
from app.services import access_log
from app.services.access_log import log_read, write_reads
from app.services.alarm import MASS_READING
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
    db.session.execute(delete(Parameter).where(Parameter.code == "mass_reading"))
    monkeypatch.setitem(access_log.parameter.DEFAULTS, "mass_reading", 10)
    clerk = actor("clerk")
    with acting(clerk):
        for _each in range(15):
            reveal(clerk, person, "phone", "a good reason")
    alarms = entries(MASS_READING)
    assert len(alarms) == 1 and alarms[0]["actor_id"] == clerk.user_id and alarms[0]["kind"] == AuditKind.security
    assert alarms[0]["at"] <= clock.now()


def told(username):
    """The alarms in an account's inbox."""
    rows = db.session.connection().execute(
        text("SELECT n.code, n.data, n.link FROM notice n JOIN ab_user u ON u.id = n.user_id WHERE u.username = :name"),
        {"name": username},
    )
    return [row for row in rows if row.code.startswith("alarm_")]


def test_the_security_auditors_are_told_once(actor, person, monkeypatch):
    monkeypatch.setattr(access_log, "MASS_LEAST", 0)
    db.session.execute(update(Parameter).where(Parameter.code == "mass_reading").values(value="10", least=1))
    db.session.commit()
    clerk = actor("clerk")
    with acting(clerk):
        for _each in range(12):
            log_read(clerk, person)
            write_reads()
    (notice,) = told("security_auditor")
    assert notice.code == "alarm_mass_reading" and "11" in str(notice.data) and "access:mass-reading" in notice.link
    assert not told("clerk") and not told("sysadmin") and not told("business_admin")


def test_two_hundred_records_are_the_limit_as_shipped(actor, person):
    clerk = actor("clerk")
    with acting(clerk):
        for _each in range(200):
            log_read(clerk, person)
        write_reads()
        assert not entries(MASS_READING)
        log_read(clerk, person)
        write_reads()
    (alarm,) = entries(MASS_READING)
    assert alarm["changes"] == {"records": 201} and len(told("security_auditor")) == 1


def test_slow_reading_is_no_alarm(actor, person):
    clerk, began = actor("clerk"), clock.now()
    with acting(clerk):
        for round_ in range(4):
            with clock.standing_at(began + timedelta(minutes=11 * round_)):
                for _each in range(150):
                    log_read(clerk, person)
                write_reads()
    assert not entries(MASS_READING)


def test_another_person_is_another_count(actor, person):
    for username in ("clerk", "dispatcher"):
        someone = actor(username)
        with acting(someone):
            for _each in range(150):
                log_read(someone, person)
            write_reads()
    assert not entries(MASS_READING)
