"""What a copy of a case for another petitioner takes over: the matter and the claims, not the people."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.models.case import Case
from app.models.party import Party, Side


def fields_of(case_id: int) -> list[tuple[str, str]] | None:
    """The fields of the registration form, filled from a case within the row scope; None if there is none."""
    case = db.session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .options(selectinload(Case.claims), selectinload(Case.parties).selectinload(Party.person))
    )
    if case is None:
        return None
    fields = [
        ("title", case.title),
        ("facts", case.facts),
        ("kind", case.kind.value),
        ("channel", case.channel.value),
        ("category", str(case.category_id)),
        ("town", str(case.town_id or "")),
        ("village", str(case.village_id or "")),
        ("occurred_on", _day(case.occurred_on)),
        ("head_count", "1"),
        ("different_matter", "y"),
    ]
    fields += [(f"claims-{place}-text", claim.text) for place, claim in enumerate(case.claims)]
    others = [party for party in case.parties if party.side is not Side.petitioner]
    for place, party in enumerate(others):
        row = f"respondents-{place}"
        if party.respondent_organisation_id:
            fields.append((f"{row}-organisation", str(party.respondent_organisation_id)))
        elif party.organisation_name:
            fields.append((f"{row}-organisation_name", party.organisation_name))
        elif party.person:
            fields.append((f"{row}-name", party.person.name))
    return fields


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
