"""Load the data of this folder; every loader can run again and adds only what is missing."""

from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.core import clock
from app.core.db import db, unit_of_work
from app.models.account import Account, RoleProfile
from app.models.calendar import CalendarDay, CalendarYear, DeadlineRule
from app.models.code_table import Category, CodeItem, CodeTable
from app.models.document import DocumentKind
from app.models.organisation import Organisation
from app.models.outbox import SmsTemplate
from app.models.parameter import Parameter
from app.models.room import Room
from app.services import document_template
from app.services.role import sync_roles
from seed import accounts as account_data
from seed import calendar, category, codes, deadlines, organisation, parameters, roles, rooms, sms

TEMPLATES = Path(__file__).parent / "data" / "templates"


def _known(column: Any) -> set[Any]:
    return set(db.session.scalars(select(column)))


@unit_of_work
def load_organisations() -> None:
    """The tree, parents before children; the path is known once the parent has its number."""
    by_code = {row.code: row for row in db.session.scalars(select(Organisation))}
    for level in ("city", "township", "department", "village"):
        fresh = []
        for node in organisation.organisations():
            if node.level != level or node.code in by_code:
                continue
            parent = by_code[node.parent] if node.parent else None
            row = Organisation(
                code=node.code,
                name=node.name,
                short_name=node.short_name,
                level=node.level,
                sort=node.sort,
                number_prefix=node.number_prefix,
                paper_prefix=node.paper_prefix,
                active=node.active,
                demo=node.level == "village",  # the names are invented, the number is the article's
                phone=node.phone,
                address=node.address,
                parent_id=parent.id if parent else None,
                path=f"/{node.code}/",
            )
            fresh.append((row, parent))
            by_code[node.code] = row
        db.session.add_all(row for row, _ in fresh)
        db.session.flush()
        for row, parent in fresh:
            row.path = f"{parent.path if parent else '/'}{row.id}/"
            row.position = f"{parent.position if parent else ''}{row.step}"
        db.session.flush()


@unit_of_work
def load_categories() -> None:
    """Branches, then leaves."""
    by_code = {row.code: row for row in db.session.scalars(select(Category))}
    for node in category.categories():
        if node.code not in by_code:
            parent = by_code[node.parent] if node.parent else None
            by_code[node.code] = row = Category(
                code=node.code, name=node.name, sort=node.sort, leaf=node.leaf, parent_id=parent.id if parent else None
            )
            db.session.add(row)
            if parent is None:
                db.session.flush()


@unit_of_work
def load_codes() -> None:
    """The code tables with their items."""
    known = _known(CodeTable.code)
    for table in codes.tables():
        if table.code not in known:
            db.session.add(
                CodeTable(
                    code=table.code,
                    name=table.name,
                    locked=table.locked,
                    items=[
                        CodeItem(code=code, name=name, sort=sort) for sort, (code, name) in enumerate(table.items, 1)
                    ],
                )
            )


@unit_of_work
def load_calendar() -> None:
    """Holidays, make-up days and the years they cover."""
    known_years, known_days = _known(CalendarYear.year), _known(CalendarDay.on)
    db.session.add_all(
        CalendarYear(year=year.year, published=year.published, source=year.source)
        for year in calendar.years()
        if year.year not in known_years
    )
    db.session.add_all(
        CalendarDay(on=day.on, workday=day.workday, name=day.name)
        for day in calendar.days()
        if day.on not in known_days
    )


@unit_of_work
def load_deadline_rules() -> None:
    """The rules of domain §5."""
    known = _known(DeadlineRule.code)
    db.session.add_all(
        DeadlineRule(
            code=rule.code,
            name=rule.name,
            starts_from=rule.starts_from,
            length=rule.length,
            unit=rule.unit,
            nature=rule.nature,
            source=rule.source,
            least=rule.least,
            most=rule.most,
        )
        for rule in deadlines.rules()
        if rule.code not in known
    )


@unit_of_work
def load_parameters() -> None:
    """What an administrator may turn; values set already stay."""
    known = _known(Parameter.code)
    db.session.add_all(
        Parameter(
            code=row.code,
            name=row.name,
            kind=row.kind,
            value=row.value,
            unit=row.unit,
            least=row.least,
            most=row.most,
            note=row.note,
            source=row.source,
        )
        for row in parameters.parameters()
        if row.code not in known
    )


def _items_of(table: str) -> dict[str, CodeItem]:
    found = select(CodeItem).join(CodeTable).where(CodeTable.code == table)
    return {item.code: item for item in db.session.scalars(found)}


@unit_of_work
def load_sms_templates() -> None:
    """The approved text messages; words that were changed stay, what may be filled in is the program's to say."""
    known = {row.code: row for row in db.session.scalars(select(SmsTemplate))}
    for text in sms.templates():
        row = known.get(text.code)
        if row is not None:
            row.variables = text.variables
            continue
        db.session.add(
            SmsTemplate(
                code=text.code,
                name=text.name,
                purpose=text.purpose,
                text=text.text,
                variables=text.variables,
                approved=True,
                approved_at=clock.now(),
            )
        )


@unit_of_work
def load_rooms() -> None:
    """The eighteen rooms of the city centre."""
    if db.session.scalar(select(Room.id).limit(1)):
        return
    city = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    equipment, purposes = _items_of("equipment"), _items_of("booking_purpose")
    db.session.add_all(
        Room(
            name=room.name,
            kind=room.kind,
            purpose=room.purpose,
            place=room.place,
            capacity=room.capacity,
            opens_at=room.opens_at,
            closes_at=room.closes_at,
            buffer_before=room.buffer_before,
            buffer_after=room.buffer_after,
            sort=room.sort,
            public_service=room.public_service,
            public_minutes=room.public_minutes,
            organisation_id=city.id,
            equipment=[equipment[code] for code in room.equipment],
            purposes=[purposes[code] for code in room.purposes],
        )
        for room in rooms.rooms()
    )


def load_templates() -> None:
    """The Word templates of the papers; one that an administrator has put in use stays in use."""
    for kind in DocumentKind:
        name = f"{kind.value}.docx"
        document_template.ship(kind, name, (TEMPLATES / name).read_bytes())


def base() -> None:
    """What every installation begins with: roles, organisations, codes, calendar, deadline rules,
    parameters, text messages, rooms, templates of papers."""
    sync_roles(roles.NAMES)
    load_organisations()
    load_categories()
    load_codes()
    load_calendar()
    load_deadline_rules()
    load_parameters()
    load_sms_templates()
    load_rooms()
    load_templates()


@unit_of_work
def accounts(password: str) -> None:
    """The demo accounts of the contract."""
    known = _known(Account.username)
    places = {row.code: row.id for row in db.session.scalars(select(Organisation))}
    held = {row.code: row.role for row in db.session.scalars(select(RoleProfile))}
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    for spec in account_data.accounts():
        if spec.username not in known:
            db.session.add(
                Account(
                    username=spec.username,
                    first_name=spec.name,
                    last_name="",
                    post=spec.post,
                    active=True,
                    demo=True,
                    email=f"{spec.username}@portal.invalid",
                    password=generate_password_hash(password, method=method),
                    password_changed_at=clock.now(),
                    organisation_id=places[spec.organisation],
                    roles=[held[spec.role]],
                )
            )
