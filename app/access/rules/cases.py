"""Which cases exist for whom, and what hangs on a case: by place, by assignment, by name (domain §2)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select, true, union_all
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.models.account import RowScope
from app.models.attachment import Attachment
from app.models.case import Case, Kind
from app.models.member import CaseMember
from app.models.organisation import Level
from app.models.party import Party, Representative
from app.models.person import Person
from app.models.preference import Draft
from app.models.recount import DeadlineMove
from app.models.referral import Referral, ReferralState

Rule = Callable[[Actor], ColumnElement[bool]]

# Aliased tables inside rules: a rule is not guarded by itself, and never correlates with the statement it guards.
CASE = Case.__table__.alias("scope_case")
_party = Party.__table__.alias("scope_party")
_accused = Party.__table__.alias("scope_accused")
_speaker = Representative.__table__.alias("scope_speaker")
_referral = Referral.__table__.alias("scope_referral")
_member = CaseMember.__table__.alias("scope_member")
_draft = Draft.__table__.alias("scope_draft")


def _place_of(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Rows of the actor's subtree, by one plain equality whatever the level (performance.md §4)."""
    if actor.level == Level.city:
        return true()
    if actor.level == Level.township:
        return table.c.owner_town_id == actor.organisation_id
    return table.c.organisation_id == actor.organisation_id


def unaccused(actor: Actor, table: Any) -> ColumnElement[bool]:
    """An accusation never reaches the organisation complained of, nor what is below it (信访工作条例 30)."""
    own = actor.ancestors[1:]
    if not own:
        return true()
    accused = exists().where(_accused.c.case_id == table.c.id, _accused.c.respondent_organisation_id.in_(own))
    return or_(table.c.kind != Kind.accusation, ~accused)


def case_rule(actor: Actor, table: Any = Case.__table__) -> ColumnElement[bool]:
    """The cases that exist for the actor: the union of the arms of his or her roles."""
    arms: list[ColumnElement[bool]] = []
    if RowScope.subtree in actor.scopes:
        arms.append(_place_of(actor, table))
    if RowScope.own in actor.scopes:
        arms.append(table.c.organisation_id == actor.organisation_id)
    if RowScope.assigned in actor.scopes:
        given = select(_referral.c.case_id).where(
            _referral.c.organisation_id == actor.organisation_id, _referral.c.state != ReferralState.ended
        )
        arms.append(table.c.id.in_(given))
    if RowScope.named in actor.scopes:
        arms.append(table.c.id.in_(select(_member.c.case_id).where(_member.c.user_id == actor.user_id)))
    if not arms or actor.organisation_id is None:
        return false()
    if any(isinstance(arm, True_) for arm in arms):
        return true()
    return or_(*arms) & unaccused(actor, table)


def statistics_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """The cases that are counted for the actor: those of the own subtree, whether or not their text may be read."""
    if actor.system:
        return true()
    if actor.organisation_id is None or not actor.may("read", "Statistics"):
        return false()
    if actor.level == Level.city:
        return true()
    if actor.level == Level.department:
        return (table.c.lead_organisation_id == actor.organisation_id) & unaccused(actor, table)
    return _place_of(actor, table) & unaccused(actor, table)


def of_case(model: Any) -> Rule:
    """Rows that exist when their case does."""

    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = case_rule(actor, CASE)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(CASE.c.id == model.__table__.c.case_id, inner)

    return rule


def person(actor: Actor) -> ColumnElement[bool]:
    """Whoever stands in a visible case, or speaks there as somebody's agent."""
    inner = case_rule(actor, CASE)
    if isinstance(inner, True_ | False_):
        return inner
    stands = select(_party.c.person_id).where(_party.c.case_id == CASE.c.id, inner)
    speaks = select(_speaker.c.agent_id).where(_speaker.c.case_id == CASE.c.id, inner)
    return Person.__table__.c.id.in_(union_all(stands, speaks))


def attachment(actor: Actor) -> ColumnElement[bool]:
    """Files of a visible case, and those of one's own draft."""
    table = Attachment.__table__
    mine = exists().where(_draft.c.id == table.c.draft_id, _draft.c.user_id == actor.user_id)
    return or_(mine, (table.c.case_id.is_not(None)) & of_case(Attachment)(actor))


def move(actor: Actor) -> ColumnElement[bool]:
    """All moves for those who keep the calendar of the house; for the others those of cases they see."""
    all_ = actor.may("read", "Calendar") and actor.level == Level.city
    return true() if all_ else of_case(DeadlineMove)(actor)
