"""The expert pool: members, where they work, their kin; and how many links may stand in the way of a review."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor, system_scope
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.core.identity import clean_name, parse_id_number
from app.models.expert import Expert, ExpertEmployment, ExpertKin
from app.models.organisation import Level
from app.models.review import ReviewSeat
from app.services.person import hash_id
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import TERM_ORDER, keep_initials, merged, must_own, read_member

CONFLICT_YEARS = 3
END_BEFORE_START = _l("The employment ends before it begins.")
POOL_LEVELS = (Level.city, Level.township)

register_sentences(
    {
        "ck_expert_appointment_order": ("appointed_until", TERM_ORDER),
        "uq_expert_account_id": ("account", _l("This account belongs to another expert already.")),
        "ck_expert_employment_employment_order": ("until", END_BEFORE_START),
        "uq_expert_kin": ("name", _l("This kin of the expert is on file already.")),
    }
)


def _read_hash(values: dict[str, Any], problems: Problems) -> None:
    """Turn a typed ID number into its keyed hash; the number itself is kept nowhere."""
    typed = values.pop("id_number", None)
    card = problems.catch(parse_id_number, typed) if typed else None
    if card:
        values["id_number_hash"] = hash_id(card.number)


def _read(given: Mapping[str, Any], record: Expert | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    read_member(values, record, problems)
    _read_hash(values, problems)
    pool = values.get("organisation")
    if pool is not None and pool.level not in POOL_LEVELS:
        problems.add("organisation", _l("A pool belongs to the city or to a town."))
    village = values.get("village")
    if village is not None and village.level != Level.village:
        problems.add("village", _l("%(name)s is not a village.", name=village.name))
    problems.stop()
    return values


@unit_of_work
def add_expert(actor: Actor, given: Mapping[str, Any]) -> Expert:
    """Put somebody into a pool."""
    values = _read(given, None)
    must_own(actor, values["organisation"].id)
    return save_record(actor, Expert(), values, keep_initials)


@unit_of_work
def change_expert(actor: Actor, expert: Expert, given: Mapping[str, Any]) -> Expert:
    """Change what is said of a member of the pool."""
    must_own(actor, expert.organisation_id)
    values = _read(given, expert)
    if values.get("organisation") is not None:
        must_own(actor, values["organisation"].id)
    return save_record(actor, expert, values, keep_initials)


def seats_of(expert: Expert) -> int:
    """On the lists of how many reviews the expert stands."""
    with system_scope("reviews that list an expert, before deleting"):
        count = select(func.count()).select_from(ReviewSeat).where(ReviewSeat.expert_id == expert.id)
        return db.session.scalar(count) or 0


@unit_of_work
def delete_expert(actor: Actor, expert: Expert) -> None:
    """Remove a member who was never seated, with employers and kin."""
    must_own(actor, expert.organisation_id)
    seats = seats_of(expert)
    if seats:
        raise Conflict(
            _l(
                "This expert stands on %(count)d lists of reviews and stays on file. "
                "Please set the status to “Ended” instead.",
                count=seats,
            )
        )
    for child in (*expert.employments, *expert.kin):
        db.session.delete(child)
    delete_record(actor, expert)


# ---- employers


def _read_employment(given: Mapping[str, Any], record: ExpertEmployment | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    employer = merged(values, record, "employer")
    if not merged(values, record, "employer_name"):
        if employer is None:
            problems.add("employer_name", _l("Please choose the employing organisation or write the employer's name."))
        else:
            values["employer_name"] = employer.name
    since, until = merged(values, record, "since"), merged(values, record, "until")
    if since and until and until < since:
        problems.add("until", END_BEFORE_START)
    if since and since > clock.today():
        problems.add("since", _l("An employment on file cannot begin in the future."))
    problems.stop()
    return values


@unit_of_work
def add_employment(actor: Actor, given: Mapping[str, Any]) -> ExpertEmployment:
    """Note where an expert works or worked."""
    must_own(actor, given["expert"].organisation_id)
    return save_record(actor, ExpertEmployment(), _read_employment(given, None))


@unit_of_work
def change_employment(actor: Actor, row: ExpertEmployment, given: Mapping[str, Any]) -> ExpertEmployment:
    """Correct an employment."""
    must_own(actor, row.expert.organisation_id)
    return save_record(actor, row, _read_employment(given, row))


# ---- kin


def _read_kin(given: Mapping[str, Any], record: ExpertKin | None, expert: Expert) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    if "name" in values:
        values["name"] = problems.catch(clean_name, values["name"], "name")
    _read_hash(values, problems)
    own = expert.id_number_hash
    if own and values.get("id_number_hash") == own:
        problems.add("id_number", _l("This is the expert's own ID number."))
    problems.stop()
    return values


@unit_of_work
def add_kin(actor: Actor, given: Mapping[str, Any]) -> ExpertKin:
    """Note a kin: a conflict link when that person is a party, or works for a concerned organisation."""
    expert = given["expert"]
    must_own(actor, expert.organisation_id)
    return save_record(actor, ExpertKin(), _read_kin(given, None, expert))


@unit_of_work
def change_kin(actor: Actor, row: ExpertKin, given: Mapping[str, Any]) -> ExpertKin:
    """Correct a kin; an ID number left empty stays as it is."""
    must_own(actor, row.expert.organisation_id)
    return save_record(actor, row, _read_kin(given, row, row.expert))


@unit_of_work
def delete_child(actor: Actor, row: ExpertEmployment | ExpertKin) -> None:
    """Remove an employment or a kin entered by mistake."""
    must_own(actor, row.expert.organisation_id)
    delete_record(actor, row)


def three_years_before(day: date) -> date:
    """The first day whose employments still count as a conflict."""
    try:
        return day.replace(year=day.year - CONFLICT_YEARS)
    except ValueError:
        return day.replace(year=day.year - CONFLICT_YEARS, day=28)


def conflict_links(expert: Expert) -> tuple[int, int]:
    """(employers of the last three years, kin): what a review of this expert is checked against (domain §4)."""
    since = three_years_before(clock.today())
    employers = sum(row.until is None or row.until >= since for row in expert.employments)
    return employers, len(expert.kin)
