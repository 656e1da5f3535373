"""Neighbouring systems and the table that says how their codes read in ours."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.core.errors import Conflict
from app.models.case import CaseState, Channel, Kind
from app.models.code_table import Category
from app.models.exchange import CodeMapping, Exchange, MappedField, Partner
from app.models.organisation import Organisation
from app.models.party import ClaimResult
from app.services.code_table import BAD_CODE, CODE
from app.services.problems import Problems
from app.services.record import delete_record, register_sentences, save_record
from app.services.register import merged

register_sentences(
    {
        "uq_partner_code": ("code", _l("Another neighbouring system has this code.")),
        "uq_partner_name": ("name", _l("Another neighbouring system has this name.")),
        "uq_code_mapping_theirs": ("theirs", _l("This code of theirs stands in the table already.")),
    }
)
ENUMS: dict[MappedField, Any] = {
    MappedField.channel: Channel,
    MappedField.kind: Kind,
    MappedField.state: CaseState,
    MappedField.result: ClaimResult,
}


def _known(field: MappedField, code: str) -> bool:
    """Whether we have that code ourselves."""
    if field in ENUMS:
        return ENUMS[field].of(code) is not None
    model = Category if field is MappedField.category else Organisation
    with system_scope("codes of categories and organisations, which are public"):
        return db.session.scalar(select(model.id).where(model.code == code)) is not None


@unit_of_work
def save_partner(actor: Actor, record: Partner, given: Mapping[str, Any]) -> Partner:
    """Enter or change a neighbouring system."""
    values, problems = dict(given), Problems()
    if values.get("code"):
        values["code"] = values["code"].strip()
        if not CODE.fullmatch(values["code"]):
            problems.add("code", BAD_CODE)
    problems.stop()
    return save_record(actor, record, values)  # type: ignore[no-any-return]


def add_partner(actor: Actor, given: Mapping[str, Any]) -> Partner:
    """Enter a neighbouring system."""
    return save_partner(actor, Partner(), given)


@unit_of_work
def delete_partner(actor: Actor, record: Partner) -> None:
    """Remove a system nothing was ever exchanged with, and its table of codes."""
    with system_scope("parcels of a neighbouring system, before deleting it"):
        parcels = db.session.scalar(select(func.count()).select_from(Exchange).where(Exchange.partner_id == record.id))
    if parcels:
        raise Conflict(
            _l(
                "%(count)d parcels were exchanged with %(name)s. Please take it out of use instead.",
                count=parcels,
                name=record.name,
            )
        )
    for row in db.session.scalars(select(CodeMapping).where(CodeMapping.partner_id == record.id)):
        db.session.delete(row)
    delete_record(actor, record)


@unit_of_work
def save_mapping(actor: Actor, record: CodeMapping, given: Mapping[str, Any]) -> CodeMapping:
    """Say what they write for a code of ours; several of their codes may mean the same here."""
    values, problems = dict(given), Problems()
    field, ours = merged(values, record, "field"), merged(values, record, "ours")
    if field and ours and not _known(MappedField(field), ours):
        problems.add("ours", _l("There is no “%(code)s” among our codes of this field.", code=ours))
    problems.stop()
    return save_record(actor, record, values)  # type: ignore[no-any-return]


def add_mapping(actor: Actor, given: Mapping[str, Any]) -> CodeMapping:
    """Add a line to the table of codes."""
    return save_mapping(actor, CodeMapping(), given)


class Codes:
    """The table of codes of one system, both ways; a code that is not in it is the same there."""

    def __init__(self, partner: Partner) -> None:
        self.out: dict[tuple[str, str], str] = {}
        self.into: dict[tuple[str, str], str] = {}
        lines = select(CodeMapping).where(CodeMapping.partner_id == partner.id).order_by(CodeMapping.id)
        for row in db.session.scalars(lines):
            self.out.setdefault((row.field.value, row.ours), row.theirs)
            self.into[row.field.value, row.theirs] = row.ours

    def theirs(self, field: str, code: str | None) -> str | None:
        """What they write for our code."""
        return self.out.get((field, code), code) if code else None

    def ours(self, field: str, code: Any) -> Any:
        """What we write for their code."""
        return self.into.get((field, code), code) if isinstance(code, str) else code
