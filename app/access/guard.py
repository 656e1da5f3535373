"""The guard on the session: the rules of access/scope.py on every ORM statement, whatever door it comes through."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, UpdateBase, event, inspect
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import True_

from app.access.actor import ScopeMissing, actor_or_none, in_system_scope
from app.access.scope import OPEN_AS_RELATION, RULES

MAKES_KEPT = 2000
_makes: dict[Any, set[type[Any]]] = {}


def _spoken_of(statement: Any) -> set[type[Any]]:
    """Every guarded model that a statement names as an entity, however deep: counts, EXISTS, subqueries, unions.

    Statements of one make (they share their compiled form) name the same models, so each make is walked once."""
    return _of_make(statement, _walked, statement)


def _of_make(statement: Any, walk: Callable[[Any], set[type[Any]]], walked: Any) -> set[type[Any]]:
    key = statement._generate_cache_key()
    if key is None:
        return walk(walked)
    make = (walk, key.key)
    found = _makes.get(make)
    if found is None:
        if len(_makes) >= MAKES_KEPT:
            _makes.clear()
        found = _makes[make] = walk(walked)
    return found


def _guarded(state: ORMExecuteState) -> set[type[Any]]:
    """The guarded models of a statement that is about to be executed: its own, and those it names within."""
    return {mapper.class_ for mapper in state.all_mappers} & RULES.keys() | _walked(state.statement)


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
    options, models = [], _of_make(state.statement, _guarded, state)
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
