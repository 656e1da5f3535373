"""Row scope: which rows exist for whom, on every ORM statement, whatever door it comes through (domain §2)."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla import models as fab
from sqlalchemy import ColumnElement, Select, UpdateBase, event, exists, false, inspect, or_, select, true
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor, ScopeMissing, actor_or_none, in_system_scope
from app.models.account import (
    Account,
    LoginAttempt,
    LoginSession,
    PasswordRecord,
    RecoveryCode,
    RoleProfile,
    RoleRequest,
    RowScope,
    SecurityState,
)
from app.models.adviser import LawFirm, LegalAdviser
from app.models.attachment import Attachment
from app.models.audit import AuditEntry, AuditHead, Job, Notice
from app.models.calendar import CalendarDay, CalendarYear, DeadlineRule
from app.models.case import Case, Kind
from app.models.code_table import Category, CodeItem, CodeTable, NumberSequence
from app.models.deadline import Deadline
from app.models.expert import Expert, ExpertEmployment, ExpertKin
from app.models.member import CaseMember
from app.models.organisation import Level, Organisation
from app.models.parameter import Parameter
from app.models.party import Claim, Party, Representative
from app.models.person import Person
from app.models.preference import Draft, IdempotencyKey, ListPreference, SavedView
from app.models.referral import Referral, ReferralState
from app.models.room import Room
from app.models.roster import Shift
from app.models.step import CaseStep
from app.models.visit import Visit

Rule = Callable[[Actor], ColumnElement[bool]]

# Aliased tables inside rules: a rule is not guarded by itself, and never correlates with the statement it guards.
_case = Case.__table__.alias("scope_case")
_party = Party.__table__.alias("scope_party")
_accused = Party.__table__.alias("scope_accused")
_accused = Party.__table__.alias("scope_accused")
_referral = Referral.__table__.alias("scope_referral")
_member = CaseMember.__table__.alias("scope_member")
_organisation = Organisation.__table__.alias("scope_organisation")
_draft = Draft.__table__.alias("scope_draft")
_expert = Expert.__table__.alias("scope_expert")


def _place_of(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Rows of the actor's subtree, by one plain equality whatever the level (performance.md §4)."""
    if actor.level == Level.city:
        return true()
    if actor.level == Level.township:
        return table.c.owner_town_id == actor.organisation_id
    return table.c.organisation_id == actor.organisation_id


def _unaccused(actor: Actor, table: Any) -> ColumnElement[bool]:
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
    return or_(*arms) & _unaccused(actor, table)


def _of_case(model: Any) -> Rule:
    """Rows that exist when their case does."""

    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = case_rule(actor, _case)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(_case.c.id == model.__table__.c.case_id, inner)

    return rule


def _person(actor: Actor) -> ColumnElement[bool]:
    inner = case_rule(actor, _case)
    if isinstance(inner, True_ | False_):
        return inner
    table = Person.__table__
    return exists().where(_party.c.person_id == table.c.id, _party.c.case_id == _case.c.id, inner)


def _attachment(actor: Actor) -> ColumnElement[bool]:
    table = Attachment.__table__
    mine = exists().where(_draft.c.id == table.c.draft_id, _draft.c.user_id == actor.user_id)
    return or_(mine, (table.c.case_id.is_not(None)) & _of_case(Attachment)(actor))


def _mine(model: Any) -> Rule:
    return lambda actor: model.__table__.c.user_id == actor.user_id if actor.user_id else false()


def _subtree(actor: Actor, table: Any = _organisation) -> ColumnElement[bool]:
    """Organisations at or below the actor's own."""
    return table.c.path.startswith(actor.organisation_path, autoescape=True) if actor.organisation_path else false()


def _shared(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Registers: own subtree, and what the organisations above share with everybody (the city pool)."""
    if actor.organisation_id is None:
        return false()
    if actor.level == Level.city:
        return true()
    below = select(_organisation.c.id).where(_subtree(actor))
    return or_(table.c.organisation_id.in_(actor.ancestors), table.c.organisation_id.in_(below))


def _pool(model: Any) -> Rule:
    return lambda actor: _shared(actor, model.__table__)


def _of_expert(model: Any) -> Rule:
    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = _shared(actor, _expert)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(_expert.c.id == model.__table__.c.expert_id, inner)

    return rule


def _account(actor: Actor) -> ColumnElement[bool]:
    table = Account.__table__
    if not actor.may("read", "Account"):
        return table.c.id == actor.user_id if actor.user_id else false()
    if actor.level == Level.city:
        return true()
    return table.c.organisation_id.in_(select(_organisation.c.id).where(_subtree(actor)))


def _saved_view(actor: Actor) -> ColumnElement[bool]:
    table = SavedView.__table__
    if actor.user_id is None:
        return false()
    shared = table.c.shared & (table.c.organisation_id == actor.organisation_id)
    return or_(table.c.user_id == actor.user_id, shared)


def _if_may(page: str) -> Rule:
    return lambda actor: true() if actor.may("read", page) else false()


def _organisation_rule(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.level == Level.city else _subtree(actor, Organisation.__table__)


RULES: dict[type[Model], Rule] = {
    Case: case_rule,
    **{
        model: _of_case(model)
        for model in (Party, Claim, Visit, Representative, Referral, CaseStep, Deadline, CaseMember)
    },
    Person: _person,
    Attachment: _attachment,
    **{
        model: _mine(model)
        for model in (Draft, ListPreference, IdempotencyKey, Notice, LoginSession, PasswordRecord, RecoveryCode)
    },
    SavedView: _saved_view,
    Account: _account,
    AuditEntry: _if_may("Audit"),
    AuditHead: _if_may("Audit"),
    LoginAttempt: _if_may("Audit"),
    RoleRequest: _if_may("Account"),
    Job: _if_may("Job"),
    **{model: _pool(model) for model in (Expert, LegalAdviser, Room, Shift)},
    **{model: _of_expert(model) for model in (ExpertEmployment, ExpertKin)},
    Organisation: _organisation_rule,
}
# Public names: reached through another row's relation they are open; as the subject of a select they are not.
OPEN_AS_RELATION: frozenset[type[Model]] = frozenset({Organisation, Account})
# Reference data that holds nothing of anybody.
OPEN: frozenset[type[Model]] = frozenset(
    {
        Category,
        CodeTable,
        CodeItem,
        NumberSequence,
        CalendarYear,
        CalendarDay,
        DeadlineRule,
        LawFirm,
        RoleProfile,
        SecurityState,
        fab.Role,
        fab.Permission,
        fab.ViewMenu,
        fab.PermissionView,
        fab.User,
        fab.Group,
        fab.RegisterUser,
        fab.ApiKey,
        Parameter,
    }
)


MAKES_KEPT = 2000
_makes: dict[Any, set[type[Any]]] = {}


def criteria(model: type[Model], actor: Actor) -> ColumnElement[bool]:
    """The WHERE clause that the scope adds to `model` for `actor` (also for use inside core selects)."""
    return true() if actor.system else RULES[model](actor)


def _spoken_of(statement: Any) -> set[type[Any]]:
    """Every guarded model that a statement names as an entity, however deep: counts, EXISTS, subqueries, unions.

    Statements of one make (they share their compiled form) name the same models, so each make is walked once."""
    key = statement._generate_cache_key()
    make = key.key if key is not None else None
    if make is None:
        return _walked(statement)
    found = _makes.get(make)
    if found is None:
        if len(_makes) >= MAKES_KEPT:
            _makes.clear()
        found = _makes[make] = _walked(statement)
    return found


def names_only(statement: Any, model: type[Any]) -> bool:
    """Whether a statement names no guarded model but this one; with its `criteria` said it may go past the session."""
    return _spoken_of(statement) <= {model}


def _walked(statement: Any) -> set[type[Any]]:
    mappers = (getattr(part, "_annotations", {}).get("parentmapper") for part in visitors.iterate(statement))
    return {mapper.class_ for mapper in mappers if mapper is not None} & RULES.keys()


def _limited(statement: Any, models: set[type[Any]], options: list[Any]) -> Any:
    """The statement with the rules on it, which then hold for every select within."""
    if not isinstance(statement, Select | UpdateBase):
        raise ScopeMissing("a union of guarded rows has no place for their rules: select from its subquery")
    if not statement._propagate_attrs:  # plain SQL at the head, entities within: let the ORM compile it
        plugin = {"compile_state_plugin": "orm", "plugin_subject": inspect(next(iter(models)))}
        statement = statement._generate()._set_propagate_attrs(plugin)
    return statement.options(*options)


def _guard(state: ORMExecuteState) -> None:
    if state.is_column_load or in_system_scope():
        return
    options, models = [], {mapper.class_ for mapper in state.all_mappers} & RULES.keys() | _spoken_of(state.statement)
    for model in models:
        if state.is_relationship_load and model in OPEN_AS_RELATION:
            continue
        actor = actor_or_none()
        if actor is None:
            raise ScopeMissing(f"select on {model.__name__} with no actor set")
        if actor.system:
            continue
        clause = RULES[model](actor)
        if not isinstance(clause, True_):
            options.append(with_loader_criteria(model, clause, include_aliases=True, propagate_to_loaders=False))
    if options:
        state.statement = _limited(state.statement, models, options)


def install(session: Any) -> None:
    """Put the guard on the session."""
    if not event.contains(session, "do_orm_execute", _guard):
        event.listen(session, "do_orm_execute", _guard)
