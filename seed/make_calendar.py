"""Write data/calendar.csv from chinesecalendar once holidays agrees on every day: python -m seed.make_calendar."""

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays

FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
TARGET = Path(__file__).parent / "data" / "calendar.csv"


def rows() -> list[tuple[str, int, str]]:
    """Every public holiday and every weekend worked for one; other days follow the plain week."""
    china = holidays.country_holidays("CN", years=range(FIRST.year, LAST.year + 1))
    found = []
    day = FIRST
    while day <= LAST:
        works = chinese_calendar.is_workday(day)
        if works != china.is_working_day(day):
            raise SystemExit(f"the two libraries disagree on {day}")
        holiday = chinese_calendar.constants.holidays.get(day) or chinese_calendar.constants.workdays.get(day)
        if holiday:
            name = chinese_calendar.Holiday(holiday).chinese
            name = name if name.endswith(("节", "日", "旦")) else f"{name}节"
            found.append((day.isoformat(), int(works), f"{name}调休上班" if works else name))
        elif works != (day.weekday() < 5):
            raise SystemExit(f"{day} has no name")
        day += timedelta(days=1)
    return found


if __name__ == "__main__":
    with TARGET.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("date", "is_workday", "name"))
        writer.writerows(rows())
