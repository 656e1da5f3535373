"""Parameters: seeded once, read by one select, turned between their bounds only, and told in the trail."""

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict, Invalid
from app.models.audit import AuditEntry
from app.models.parameter import Parameter
from app.services import attachment, draft, parameter, registration
from seed import load
from seed.parameters import parameters


def of(code):
    return db.session.scalars(select(Parameter).where(Parameter.code == code)).one()


@pytest.fixture
def admin(actor):
    person = actor("sysadmin")
    with acting(person):
        yield person


def test_the_seed_and_the_defaults_agree():
    read = {"integer": int, "flag": lambda text: text == "yes", "text": str}
    held = {row.code: read[row.kind](row.value) for row in parameters()}
    assert held.pop("town_map").split()[0] == "370786", "where the towns of this city lie is data, and no default"
    assert held | {"town_map": ""} == parameter.DEFAULTS
    assert all(row.least <= int(row.value) <= row.most for row in parameters() if row.kind == "integer")


def test_loading_again_keeps_what_was_set(admin):
    parameter.change(admin, of("group_size"), {"value": "7"})
    with acting(SYSTEM):
        load.load_parameters()
    assert parameter.number("group_size") == 7 == registration.group_size()


def test_without_rows_the_defaults_hold(session):
    db.session.execute(text("DELETE FROM parameter"))
    assert parameter.number("mass_reading") == 200


def test_what_is_set_holds(admin):
    parameter.change(admin, of("draft_days"), {"value": " 3 "})
    assert draft.kept().days == 3
    parameter.change(admin, of("attachment_max_mb"), {"value": "1"})
    assert attachment._most() == 2**20


@pytest.mark.parametrize("typed", ["", "1", "51", "-5", "five", "5.5", "５", "9" * 30, "5\x00", "1e3"])
def test_bounds_in_a_sentence(admin, typed):
    with pytest.raises(Invalid) as refusal:
        parameter.change(admin, of("group_size"), {"value": typed})
    assert str(refusal.value.errors.get("value", refusal.value.errors.get("text"))[0])
    assert parameter.number("group_size") == 5


def test_a_locked_one_stays(admin):
    @unit_of_work
    def lock():
        of("group_size").locked = True

    lock()
    with pytest.raises(Conflict):
        parameter.change(admin, of("group_size"), {"value": "6"})


@pytest.mark.parametrize("value", ["1", "51", "many"])
def test_the_database_keeps_the_bounds_too(admin, value):
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE parameter SET value = :v WHERE code = 'group_size'"), {"v": value})


def test_flags_and_texts(admin):
    @unit_of_work
    def make():
        row = Parameter(code="probe", name="Probe", kind="flag", value="no")
        db.session.add(row)
        return row

    row = make()
    assert parameter.value("probe") is False
    parameter.change(admin, row, {"value": "Yes"})
    assert parameter.value("probe") is True
    with pytest.raises(Invalid):
        parameter.change(admin, row, {"value": "maybe"})


def test_one_select_for_all(admin):
    told = []
    watcher = lambda conn, cur, statement, *rest: told.append(statement)  # noqa: E731
    db.session.rollback()
    event.listen(db.session.connection().engine, "before_cursor_execute", watcher)
    try:
        for code in parameter.DEFAULTS:
            parameter.value(code)
    finally:
        event.remove(db.session.connection().engine, "before_cursor_execute", watcher)
    assert len([one for one in told if "FROM parameter" in one]) <= 1


def test_a_text_may_be_as_long_as_a_large_map(admin):
    place = "复" * 1000
    assert parameter.change(admin, of("recheck_place"), {"value": place}).value == place == of("recheck_place").value
    with pytest.raises(Invalid):
        parameter.change(admin, of("recheck_place"), {"value": place + "查"})


def test_a_change_is_told(admin):
    parameter.change(admin, of("group_size"), {"value": "6"})
    table = AuditEntry.__table__
    row = db.session.execute(select(table).where(table.c.code == "parameter:edit")).mappings().one()
    assert row["changes"]["value"] == ["5", "6"] and row["actor_id"] == admin.user_id and row["at"] <= clock.now()
