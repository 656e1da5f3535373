"""The columns of an old ledger of cases, with the codes that can be written there."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from app.core.columns import spec_of
from app.core.memo import remembered
from app.models.case import Case, CaseState, Channel, Kind
from app.models.organisation import Organisation
from app.models.party import Claim, ClaimResult
from app.models.person import IdType, Person
from app.services.import_columns import Column, Offered
from app.services.queries.choices import Chooser, label_of

# How a finished matter ended: in the archive unless the ledger says otherwise.
ENDS = (CaseState.archived, CaseState.redirected, CaseState.withdrawn)


def _of(enum: Any) -> Any:
    return lambda: [(member.value, str(member.label)) for member in enum]


def _answers() -> list[tuple[str, str]]:
    return [("1", str(_l("Yes"))), ("0", str(_l("No")))]


@remembered
def centres() -> Offered:
    """The centres at or below the own one whose matters can be brought in: those that number cases."""
    numbering = lambda statement: statement.where(Organisation.number_prefix.is_not(None))  # noqa: E731
    return Offered(Chooser(Organisation, numbering))


def columns() -> list[Column]:
    """The columns of the ledger."""
    label = lambda name: spec_of(Case, name).label  # noqa: E731
    who = lambda name: spec_of(Person, name).label  # noqa: E731
    return [
        Column("outside_number", label("outside_number"), True, "", "2018-017", plain=True),
        Column("registered_on", _l("Registered on"), True, "", "2018-03-02", plain=True),
        Column("organisation", _l("Centre"), False, _l("Left empty: your own centre."), "", _named(centres)),
        Column("channel", label("channel"), False, "", str(Channel.visit.label), _of(Channel)),
        Column("kind", label("kind"), False, "", str(Kind.appeal.label), _of(Kind)),
        Column("category", label("category"), True, _l("Name or code of a category without others below it.")),
        Column("title", label("title"), True, "", wide=True),
        Column("facts", label("facts"), True, "", wide=True),
        Column("claims", _l("Claims"), True, _l("One on each line of the cell."), wide=True),
        Column("result", spec_of(Claim, "result").label, True, _PER_CLAIM, "", _of(ClaimResult)),
        Column("resolved", spec_of(Claim, "resolved").label, True, _PER_CLAIM, "", _answers),
        Column("petitioner", label("petitioner_name"), True),
        Column("id_type", who("id_type"), False, "", "", _of(IdType)),
        Column("id_number", who("id_number"), False, "", "", plain=True),
        Column("phone", who("phone"), False, "", "13800001234", plain=True),
        Column("address", who("address"), True, "", wide=True),
        Column("respondent", _l("Respondent"), False, _l("An organisation of the list, or any other by its name.")),
        Column("town", label("town")),
        Column("place", label("village"), True, _l("The village the matter is about, or at least the town.")),
        Column("head_count", label("head_count"), False, "", "1"),
        Column("occurred_on", label("occurred_on"), plain=True),
        Column("lead_organisation", label("lead_organisation")),
        Column("replied_on", _l("Replied on"), plain=True),
        Column("closed_on", _l("Closed on"), True, "", "2018-04-20", plain=True),
        Column("end", _lp("import", "How it ended"), False, _l("Left empty: closed and archived."), "", _of(ENDS)),
        Column("note", _l("Note"), wide=True),
    ]


_PER_CLAIM = _l("One for all claims, or one for each on its own line.")


def _named(offered: Any) -> Any:
    return lambda: [(record.code, label_of(record)) for record in offered().records]
