"""One key, one row: what a key stands for, and for how long."""

from datetime import timedelta

import pytest

from app.access.actor import acting
from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import Invalid
from app.models.adviser import LawFirm
from app.services import idempotency
from app.services.record import save_record


@pytest.fixture
def admin(session, actor):
    someone = actor("business_admin")
    with acting(someone):
        yield someone


def firm(admin, name, key):
    return idempotency.once(admin, key, lambda: save_record(admin, LawFirm(), {"name": name}))


def test_the_second_finds_what_the_first_made(admin):
    made, former = firm(admin, "北海律所", "k")
    assert former is None
    assert firm(admin, "别的律所", "k") == (None, made.id)


def test_no_key_is_no_promise(admin):
    assert firm(admin, "甲律所", "")[0] is not firm(admin, "乙律所", "")[0]


def test_keys_are_of_one_person(admin, actor):
    firm(admin, "丙律所", "k")
    other = actor("sysadmin")
    with acting(other):
        assert idempotency.claim(other, "k") is None


def test_long_keys_are_not_cut_off(admin):
    one, _former = firm(admin, "丁律所", "k" * 200 + "1")
    two, former = firm(admin, "戊律所", "k" * 200 + "2")
    assert former is None and one.id != two.id
    assert firm(admin, "己律所", "k" * 200 + "2") == (None, two.id)


def test_what_failed_leaves_the_key_free(admin):
    @unit_of_work
    def refuse():
        raise Invalid("no")

    with pytest.raises(Invalid):
        idempotency.once(admin, "k2", refuse)
    assert firm(admin, "庚律所", "k2")[1] is None


def test_answers_are_forgotten_after_a_day(admin):
    firm(admin, "辛律所", "k3")
    with clock.standing_at(clock.now() + timedelta(days=2)):
        assert idempotency.kept_answer(admin, "k3") is None
        idempotency.purge()
        assert firm(admin, "壬律所", "k3")[1] is None
