"""Floor 1: tables, enums, constraints. Importing this package completes the metadata."""

from app.models import (  # noqa: F401 - imported for their tables
    account,
    adviser,
    attachment,
    audit,
    calendar,
    case,
    code_table,
    deadline,
    expert,
    member,
    organisation,
    parameter,
    party,
    person,
    preference,
    referral,
    room,
    roster,
    step,
    visit,
)
