"""The working calendar: days that make sense, years published with their days, tables taken whole or not at all."""

import io
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.core.errors import PortalError, TooLarge, WrongType
from app.core.sheet import read_table
from app.models.audit import Notice
from app.models.calendar import CalendarDay, CalendarYear
from app.models.case import Case
from app.models.deadline import Deadline
from app.models.recount import DeadlineMove
from app.models.referral import Referral
from app.services import calendar as service
from app.services import calendar_import, working_calendar
from tests.case_factory import Cases
from tests.services.registers import refusal

YEAR = 2031
GOOD = "日期,是否上班,名称\n2031-01-01,0,元旦\n2031年1月4日,班,元旦调休上班\n20310101X,,\n"


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def year_row(year=YEAR):
    return db.session.scalars(select(CalendarYear).where(CalendarYear.year == year)).one()


def days(year=YEAR):
    inside = CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))
    return {row.on: (row.workday, row.name) for row in db.session.scalars(select(CalendarDay).where(inside))}


def load(admin, text, year=YEAR, source=None):
    with acting(admin):
        return calendar_import.import_year(admin, year, text if isinstance(text, bytes) else text.encode(), source)


def faults(admin, text, year=YEAR):
    with acting(admin), pytest.raises(calendar_import.Faulty) as refused:
        calendar_import.import_year(admin, year, text.encode())
    return [(fault.row, str(fault.sentence)) for fault in refused.value.faults]


def test_make_up_days_are_weekends(session, admin):
    weekday = {"on": date(2031, 1, 2), "workday": True, "name": "调休"}
    assert list(refusal(admin, service.add_day, weekday)) == ["workday"]
    assert list(refusal(admin, service.add_day, {**weekday, "on": date(1931, 1, 3)})) == ["on"]
    with acting(admin):
        service.add_day(admin, {**weekday, "on": date(2031, 1, 4)})
    assert list(refusal(admin, service.add_day, {**weekday, "on": date(2031, 1, 4)})) == ["on"]


def test_every_change_is_counted_with_at_once(session, admin):
    with acting(admin):
        before = working_calendar.calendar()
        assert before.is_workday(date(2031, 1, 1))
        row = service.add_day(admin, {"on": date(2031, 1, 1), "workday": False, "name": "元旦"})
        assert not working_calendar.calendar().is_workday(date(2031, 1, 1))
        service.change_day(admin, row, {"on": date(2031, 1, 3)})
        assert working_calendar.calendar().is_workday(date(2031, 1, 1))
        service.delete_day(admin, row)
        service.add_day(admin, {"on": date(2031, 5, 1), "workday": False, "name": "劳动节"})
        now = working_calendar.calendar()
        assert now.is_workday(date(2031, 1, 3)) and not now.is_workday(date(2031, 5, 1))


def test_a_year_is_published_only_with_days_and_source(session, admin):
    with acting(admin):
        row = service.add_year(admin, {"year": YEAR, "source": None})
    assert "2031" in refusal(admin, service.publish, row)[""][0]
    load(admin, "2031-01-01,0,元旦")
    assert refusal(admin, service.publish, row)[""]
    with acting(admin):
        service.change_year(admin, row, {"source": "通知", "published": True})
        assert not row.published
        service.publish(admin, row)
        assert working_calendar.calendar().is_certain(date(2031, 6, 1))
        service.withdraw(admin, row)
    assert refusal(admin, service.withdraw, year_row(clock.today().year))[""]
    assert refusal(admin, service.delete_year, row)[""]


def test_a_table_replaces_the_days_of_its_year_only(session, admin):
    before = days(2026)
    table = "日期,上班,名称\n2031/1/1,0,元旦\n2031年1月4日,班,元旦调休上班\n\n"
    assert load(admin, table, source="某通知") == (2, 0, 0, None)
    assert days() == {date(2031, 1, 1): (False, "元旦"), date(2031, 1, 4): (True, "元旦调休上班")}
    assert year_row().source == "某通知" and not year_row().published
    assert load(admin, "20310101,休,新年\n2031-05-01,放假,劳动节".encode("gb18030")) == (1, 1, 1, None)
    assert days() == {date(2031, 1, 1): (False, "新年"), date(2031, 5, 1): (False, "劳动节")}
    assert days(2026) == before


def test_every_bad_row_is_named_and_nothing_is_kept(session, admin):
    found = faults(
        admin,
        (
            "日期,上班,名称\n2031-01-01,0,元旦\n2031-13-01,0,坏\n2030-01-01,0,外年\n2031-01-01,0,重复\n"
            "2031-02-03,也许,坏\n2031-02-03,1,平日\n2031-02-04,0,\n=1+1,0,公式\n"
        ),
    )
    assert [row for row, _sentence in found] == [3, 4, 5, 6, 7, 8, 9]
    assert days() == {}
    assert faults(admin, "日期,上班,名称\n")[0][0] == 0


def test_a_spreadsheet_is_read_like_a_text(session, admin):
    book, content = Workbook(), io.BytesIO()
    book.active.append(["日期", "上班", "名称"])
    book.active.append([date(2031, 1, 1), 0, "元旦"])
    book.active.append(["2031-01-04", "是", "调休"])
    book.save(content)
    assert load(admin, content.getvalue()) == (2, 0, 0, None)


def test_what_is_no_table_is_refused(session):
    for content, kind in (
        (b"PK\x03\x04 no zip", WrongType),
        (b"\x00\x01\x02\x00", WrongType),
        (b"a" * 3 * 2**20, TooLarge),
        (b"a\n" * 3000, TooLarge),
        (b"\xff\xfe\xff", WrongType),
    ):
        with pytest.raises(kind):
            read_table(content)
    with pytest.raises(PortalError):
        calendar_import.read_year(b"", YEAR)


def test_in_december_the_missing_year_is_named(session, admin, monkeypatch):
    with acting(admin):
        monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 30))
        assert service.next_year_missing() is None
        monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 1))
        assert service.next_year_missing() == 2027
        monkeypatch.setattr(clock, "today", lambda: date(2025, 12, 1))
        assert service.next_year_missing() is None


def test_running_deadlines_move_with_the_calendar_and_are_listed(session, actor, admin):
    case = Cases(actor).assigned()
    with acting(SYSTEM):
        clocks = {row.code: row for row in session.scalars(select(Deadline).where(Deadline.case_id == case.id))}
        handle, objection = clocks["D-HANDLE60"], clocks["D-OBJ5"]
        before, last = handle.due_on, objection.due_on
        sent = session.get_one(Referral, objection.referral_id)
        with acting(admin):
            service.add_day(admin, {"on": before, "workday": False, "name": "临时放假"})
            if last not in days(last.year):
                service.add_day(admin, {"on": last, "workday": False, "name": "临时放假"})
        assert handle.due_on > before and handle.why[-1]["step"] in ("roll", "unpublished")
        assert objection.due_on > last and sent.objection_due_on == objection.due_on
        assert session.get_one(Case, case.id).due_on == min(
            row.due_on
            for row in clocks.values()
            if row.code in ("D-ACK15", "D-REPLY15", "D-HANDLE60") and row.state == "running"
        )
        listed = session.scalars(select(DeadlineMove).where(DeadlineMove.deadline_id == handle.id)).one()
        assert (listed.before_on, listed.after_on) == (before, handle.due_on) and listed.number == case.number
        assert listed.recount.cause == "calendar" and listed.recount.moved >= 1 and listed.why == handle.why
        owners = session.scalars(select(Notice.user_id).where(Notice.code == "deadline_moved")).all()
        assert {actor("handler.d1").user_id, actor("unit_head.d1").user_id} <= set(owners)


def test_a_published_year_makes_provisional_dates_certain(session, actor, admin):
    case = Cases(actor).accepted()
    with acting(SYSTEM):
        handle = session.scalars(
            select(Deadline).where(Deadline.case_id == case.id, Deadline.code == "D-HANDLE60")
        ).one()
        year = handle.due_on.year
        if year in working_calendar.calendar().published:
            row = year_row(year)
            row.published = False
            with acting(admin):
                service.after_change([year])
        assert handle.provisional
        load(admin, f"{year}-10-01,0,国庆节", year, "通知")
        with acting(admin):
            service.publish(admin, year_row(year))
        assert not handle.provisional


def test_characters_that_no_database_takes_are_refused(session, admin):
    assert [row for row, _sentence in faults(admin, "2031-01-01,0,元\x01旦")] == [1]
    assert list(refusal(admin, calendar_import.import_year, YEAR, b"2031-01-01,0,x", "\x00")) == ["source"]
