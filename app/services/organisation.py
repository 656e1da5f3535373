"""The tree of organisations: what may stand below what, moving whole branches, and taking a branch out of use."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.core.identity import pinyin_initials
from app.core.text import listed
from app.models.account import Account
from app.models.case import OPEN_STATES, Case
from app.models.code_table import NumberSequence
from app.models.organisation import Level, Organisation
from app.models.referral import Referral, ReferralState
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged

CENTRES = (Level.city, Level.township)
PARENTS: dict[Level, tuple[Level, ...]] = {
    Level.city: (),
    Level.township: (Level.city,),
    Level.village: (Level.township,),
    Level.department: (Level.city, Level.township),
}
WRONG_PARENT: dict[Level, Any] = {
    Level.city: _l("The city has no superior organisation."),
    Level.township: _l("A town or street stands under the city."),
    Level.village: _l("A village stands under a town or street."),
    Level.department: _l("A department stands under the city, a town or a street."),
}
PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,11}")
CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{1,31}")

register_sentences(
    {
        "ck_organisation_only_city_is_root": ("parent", _l("Only the city has no superior organisation.")),
        "uq_organisation_code": ("code", _l("Another organisation has this code.")),
        "uq_organisation_number_prefix": ("number_prefix", _l("Another centre numbers its cases with this prefix.")),
        "uq_organisation_paper_prefix": ("paper_prefix", _l("Another centre numbers its papers with this prefix.")),
    }
)


def _below(organisation: Organisation) -> Any:
    """The ids of a branch: the organisation and everything under it."""
    table = Organisation.__table__.alias("branch")
    return select(table.c.id).where(table.c.path.startswith(organisation.path, autoescape=True))


def _count(model: Any, *where: Any) -> int:
    with system_scope("what hangs on a branch of the tree"):
        return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def cases_of(organisation: Organisation) -> int:
    """How many cases name the branch: as centre, as place, or as an organisation they were referred to."""
    below = _below(organisation)
    named = select(Referral.__table__.c.case_id).where(Referral.__table__.c.organisation_id.in_(below))
    return _count(
        Case,
        or_(
            *(
                column.in_(below)
                for column in (Case.organisation_id, Case.town_id, Case.village_id, Case.lead_organisation_id)
            ),
            Case.id.in_(named),
        ),
    )


def why_in_use(organisation: Organisation) -> str | None:
    """Why the branch cannot be taken out of use, with every number; None if it can."""
    below = _below(organisation)
    found = (
        (
            _count(Referral, Referral.organisation_id.in_(below), Referral.state != ReferralState.ended),
            lambda n: _("%(n)d open referrals", n=n),
        ),
        (
            _count(Case, Case.organisation_id.in_(below), Case.state.in_(OPEN_STATES)),
            lambda n: _("%(n)d open cases", n=n),
        ),
        (
            _count(Account, Account.organisation_id.in_(below), Account.active.is_(True)),
            lambda n: _("%(n)d active accounts", n=n),
        ),
        (
            _count(Organisation, Organisation.id.in_(below), Organisation.id != organisation.id, Organisation.active),
            lambda n: _("%(n)d active organisations below", n=n),
        ),
    )
    said = [words(n) for n, words in found if n]
    if not said:
        return None
    return _("%(name)s cannot be taken out of use: %(what)s.", name=organisation.name, what=listed(said))


def _check_place(level: Level, parent: Organisation | None, problems: Problems) -> None:
    if level is Level.city:
        if parent is not None:
            problems.add("parent", WRONG_PARENT[level])
        elif _count(Organisation, Organisation.level == Level.city):
            problems.add("level", _l("There is a city already, and only one."))
    elif parent is None or parent.level not in PARENTS[level]:
        problems.add("parent", WRONG_PARENT[level])
    elif not parent.active:
        problems.add("parent", _l("%(name)s is not in use any more.", name=parent.name))


def _city_prefix() -> str:
    with system_scope("prefix of the city"):
        return db.session.scalar(select(Organisation.number_prefix).where(Organisation.level == Level.city)) or ""


def suggested_prefix(name: str) -> str:
    """The city's prefix with the initials of the name, counted on until it is free: SQ + LT."""
    initials = (pinyin_initials(name).split() or [""])[0].upper()
    start = (_city_prefix() + re.sub(r"[^A-Z0-9]", "", initials))[:10] or "C"
    candidates = [start, *(f"{start}{n}" for n in range(2, 100))]
    with system_scope("prefixes in use"):
        taken = set(
            db.session.scalars(select(Organisation.number_prefix).where(Organisation.number_prefix.in_(candidates)))
        )
    return next(prefix for prefix in candidates if prefix not in taken and len(prefix) > 1)


def _read_prefix(values: dict[str, Any], record: Organisation | None, level: Level, problems: Problems) -> None:
    if "number_prefix" not in values:
        return
    prefix = (values["number_prefix"] or "").strip().upper() or None
    if level not in CENTRES:
        if prefix:
            problems.add("number_prefix", _l("Only the centres of the city and of towns number cases."))
        values["number_prefix"] = None
        return
    if prefix is None:
        name = merged(values, record, "short_name") or merged(values, record, "name") or ""
        prefix = (record.number_prefix if record else None) or suggested_prefix(name)
    elif not PREFIX.fullmatch(prefix):
        problems.add("number_prefix", _l("A prefix has 2 to 12 letters A to Z and digits, and begins with a letter."))
    old = record.number_prefix if record else None
    if old and old != prefix and _count(NumberSequence, NumberSequence.prefix == old):
        problems.add("number_prefix", _l("Cases are numbered with %(prefix)s already; it stays.", prefix=old))
    values["number_prefix"] = prefix


def _read(given: Mapping[str, Any], record: Organisation | None) -> dict[str, Any]:
    values, problems = dict(given), Problems()
    level: Any = record.level if record is not None else values.get("level")
    if values.get("code"):
        values["code"] = values["code"].strip().upper()
        if not CODE.fullmatch(values["code"]):
            problems.add("code", _l("A code has 2 to 32 capital letters, digits and hyphens."))
    if record is None:
        _check_place(level, values.get("parent"), problems)
    elif "parent" in values and values["parent"] is not record.parent:
        _check_move(record, values["parent"], problems)
    if level is not None:
        _read_prefix(values, record, level, problems)
    if record is not None and record.active and values.get("active") is False:
        reason = why_in_use(record)
        if reason:
            problems.add("active", reason)
    if record is not None and not record.active and values.get("active"):
        parent = merged(values, record, "parent")
        if parent is not None and not parent.active:
            problems.add("active", _l("%(name)s is not in use any more.", name=parent.name))
    if values.get("sort") is not None and not 0 <= values["sort"] < 10**6:
        problems.add("sort", _l("The order is a number from 0 to 999999."))
    values["sort"] = merged(values, record, "sort") or 0
    problems.stop()
    return values


def _check_move(record: Organisation, parent: Organisation | None, problems: Problems) -> None:
    if parent is not None and parent.path.startswith(record.path):
        problems.add("parent", _l("An organisation cannot stand below itself."))
        return
    _check_place(record.level, parent, problems)
    cases = cases_of(record)
    if cases:
        problems.add(
            "parent",
            _l(
                "%(name)s cannot be moved: %(count)d cases name it or an organisation below it. "
                "Please add a new organisation there and take this one out of use.",
                name=record.name,
                count=cases,
            ),
        )


def place(record: Organisation, parent: Organisation | None) -> None:
    """Write path and position of a node and of everything below it; part of the caller's transaction."""
    old = record.path
    path = f"{parent.path if parent else '/'}{record.id}/"
    position = f"{parent.position if parent else ''}{record.step}"
    if (record.path, record.position) == (path, position):
        return
    before = record.position
    record.path, record.position = path, position
    if not before:
        return
    with system_scope("moving a whole branch"):
        below = db.session.scalars(
            select(Organisation).where(Organisation.path.startswith(old, autoescape=True), Organisation.id != record.id)
        ).all()
    for node in below:
        node.path = path + node.path.removeprefix(old)
        node.position = position + node.position.removeprefix(before)


def _next_sort(parent: Organisation | None, level: Level) -> int:
    """The place after the last of its siblings."""
    last = select(func.max(Organisation.sort)).where(
        Organisation.parent_id == (parent.id if parent is not None else None), Organisation.level == level
    )
    with system_scope("place among the siblings"):
        return (db.session.scalar(last) or 0) + 1


@unit_of_work
def add_organisation(actor: Actor, given: Mapping[str, Any]) -> Organisation:
    """Put an organisation into the tree below its superior."""
    values = _read(given, None)
    values["sort"] = values["sort"] or _next_sort(values.get("parent"), values["level"])
    record = Organisation(path=f"/{values['code']}/", position="")
    with db.session.no_autoflush:
        return save_record(actor, record, values, after=lambda row: place(row, row.parent))


@unit_of_work
def change_organisation(actor: Actor, record: Organisation, given: Mapping[str, Any]) -> Organisation:
    """Rename, move, reorder, take out of use. The level stays what it is."""
    values = _read({name: value for name, value in given.items() if name != "level"}, record)
    return save_record(actor, record, values, after=lambda row: place(row, row.parent))


@unit_of_work
def delete_organisation(actor: Actor, record: Organisation) -> None:
    """Remove an organisation that nothing hangs on."""
    if _count(Organisation, Organisation.parent_id == record.id):
        raise Conflict(
            _l("There are organisations below %(name)s. Please remove or move them first.", name=record.name)
        )
    accounts = _count(Account, Account.organisation_id == record.id)
    if accounts:
        raise Conflict(
            _l("%(count)d accounts belong to %(name)s. Please move them first.", count=accounts, name=record.name)
        )
    delete_record(actor, record)
