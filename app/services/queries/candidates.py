"""Whom a party may pick for a review: the pools of all centres, with load, and what stands in the way of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import system_scope
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.case import Case
from app.models.expert import Expert, ExpertStatus
from app.models.organisation import Level
from app.models.review import ENDED, SITTING, Review, ReviewSeat
from app.services.queries.choices import Chooser
from app.services.queries.conflicts import Conflict, conflicts_with

OWN, CITY, OTHER = "own", "city", "other"
POOLS: dict[str, Any] = {
    OWN: _l("Own town's team"),
    CITY: _l("City pool"),
    OTHER: _l("Teams of other towns"),
}
NO_ACCOUNT = _l("Has no account to vote with.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert as the picker shows him or her."""

    id: int
    name: str
    title: str
    category: Any
    fields: tuple[str, ...]
    introduction: str
    pool: str
    pool_kind: str
    load: int
    photo: bool
    conflicts: tuple[Conflict, ...]
    hindrance: Any = None  # not a conflict, yet cannot sit

    @property
    def reasons(self) -> list[Any]:
        """Everything that stands in the way, in sentences."""
        return [conflict.sentence for conflict in self.conflicts] + ([self.hindrance] if self.hindrance else [])


def serving(on: date | None = None) -> Select[Any]:
    """Experts who serve, and are appointed for that day."""
    day = on or clock.today()
    return select(Expert).where(
        Expert.status == ExpertStatus.serving, Expert.appointed_from <= day, Expert.appointed_until >= day
    )


def _loads() -> dict[int, int]:
    """How many open seats each expert has."""
    open_ = select(ReviewSeat.expert_id, func.count()).join(Review, Review.id == ReviewSeat.review_id)
    open_ = open_.where(ReviewSeat.state.in_(SITTING), Review.state.not_in(ENDED)).group_by(ReviewSeat.expert_id)
    return dict(db.session.execute(open_).all())


def _voters(experts: Iterable[Expert]) -> set[int]:
    keys = {expert.account_id for expert in experts if expert.account_id is not None}
    return set(db.session.scalars(select(Account.id).where(Account.id.in_(keys), Account.active.is_(True))))


def candidates(review: Review) -> list[Candidate]:
    """Every expert who serves now, those of the own town first; `review` was found within the row scope."""
    with system_scope("choosing experts: the pools of all centres"):
        case: Any = db.session.get(Case, review.case_id)
        found = serving().options(joinedload(Expert.organisation), selectinload(Expert.specialties))
        experts = list(db.session.scalars(found.order_by(Expert.pinyin, Expert.id)))
        loads, voters, conflicts = _loads(), _voters(experts), conflicts_with(case.id, experts)
        rows = [
            Candidate(
                expert.id,
                expert.name,
                expert.title or "",
                expert.category.label,
                tuple(item.name for item in expert.specialties),
                expert.introduction or "",
                expert.organisation.name,
                _kind(expert, case),
                loads.get(expert.id, 0),
                expert.photo_key is not None,
                conflicts[expert.id],
                None if expert.account_id in voters else NO_ACCOUNT,
            )
            for expert in experts
        ]
    order = list(POOLS)
    return sorted(rows, key=lambda row: order.index(row.pool_kind))


def _kind(expert: Expert, case: Case) -> str:
    if expert.organisation.level == Level.city:
        return CITY
    return OWN if expert.organisation_id == case.town_id else OTHER


def hindrances(case_id: int, experts: Iterable[Expert]) -> dict[int, Any]:
    """For those of these experts who may not sit: the first reason why not."""
    rows = list(experts)
    if not rows:
        return {}
    with system_scope("choosing experts: who may not sit"):
        able = set(db.session.scalars(serving().with_only_columns(Expert.id)))
        voters, conflicts = _voters(rows), conflicts_with(case_id, rows)
    found: dict[int, Any] = {}
    for expert in rows:
        if expert.id not in able:
            found[expert.id] = _l("Does not serve at present.")
        elif conflicts[expert.id]:
            found[expert.id] = conflicts[expert.id][0].sentence
        elif expert.account_id not in voters:
            found[expert.id] = NO_ACCOUNT
    return found


def able_to_sit(review: Review, besides: Iterable[int] = ()) -> list[Expert]:
    """The experts who may sit on a review, in the fixed order of a draw: by their number; `besides` are left out."""
    with system_scope("a draw: who may sit"):
        experts = list(db.session.scalars(serving().order_by(Expert.id)))
        left_out = {*besides, *hindrances(review.case_id, experts)}
    return [expert for expert in experts if expert.id not in left_out]


class ExpertChooser(Chooser):
    """Experts who serve, of every pool: a town's own row scope ends at its border, the party's choice does not."""

    def search(self, text: str, limit: int = 20) -> list[tuple[int, str]]:
        """By name, in all pools."""
        with system_scope("choosing experts"):
            return super().search(text, limit)

    def few(self, limit: int = 50) -> list[tuple[int, str]] | None:
        """All of them, if they are few."""
        with system_scope("choosing experts"):
            return super().few(limit)

    def find(self, keys: Iterable[int]) -> dict[int, Any]:
        """Those of these numbers who serve."""
        with system_scope("choosing experts"):
            return super().find(keys)

    def by(self, column: Any, text: str) -> int | None:
        """By a column, in all pools."""
        with system_scope("choosing experts"):
            return super().by(column, text)


def expert_chooser() -> ExpertChooser:
    """Everybody whom a party may pick."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        day = clock.today()
        return statement.where(
            Expert.status == ExpertStatus.serving, Expert.appointed_from <= day, Expert.appointed_until >= day
        )

    return ExpertChooser(Expert, narrow)


__all__ = ["Candidate", "ExpertChooser", "able_to_sit", "candidates", "expert_chooser", "hindrances"]
