"""What the tests of the registers share: rows by code, experts, and the sentences of a refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, Actor, acting
from app.core.db import db
from app.core.errors import PortalError
from app.models.code_table import CodeItem, CodeTable
from app.models.expert import Expert
from app.models.organisation import Organisation
from app.services import expert as experts

T1, T2, CITY = "370786001", "370786002", "370786"


def org(code: str) -> Organisation:
    """The organisation of that code."""
    with acting(SYSTEM):
        return db.session.scalars(select(Organisation).where(Organisation.code == code)).one()


def item(table: str, code: str) -> CodeItem:
    """A code of a code table."""
    statement = select(CodeItem).join(CodeTable).where(CodeTable.code == table, CodeItem.code == code)
    return db.session.scalars(statement).one()


def expert_values(**changes: Any) -> dict[str, Any]:
    """What an administrator fills in for an expert."""
    return {
        "name": "单雄信",
        "category": "scholar",
        "organisation": org(CITY),
        "phone": "13800001234",
        "appointed_from": date(2026, 1, 1),
        "appointed_until": date(2027, 12, 31),
        "status": "serving",
        "specialties": [item("specialty", "land")],
        **changes,
    }


def new_expert(actor: Actor, **changes: Any) -> Expert:
    """An expert put into the pool."""
    with acting(actor):
        return experts.add_expert(actor, expert_values(**changes))


def refusal(actor: Actor, verb: Callable[..., Any], *given: Any) -> dict[str, list[str]]:
    """The sentences by field with which a verb refuses; the message under the empty name."""
    with acting(actor), pytest.raises(PortalError) as refused:
        verb(actor, *given)
    error = refused.value
    found = {name: [str(sentence) for sentence in sentences] for name, sentences in error.errors.items()}
    return found or {"": [str(error.message)]}
