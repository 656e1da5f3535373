"""A1, the bulk: every guarded table × every account, by every kind of ORM statement, against the oracle."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, inspect, literal, select, union_all, update
from sqlalchemy.orm import aliased

from app.access.actor import Actor, ScopeMissing, acting, set_actor, system_scope
from app.access.scope import OPEN, OPEN_AS_RELATION, RULES
from app.core.columns import mapper_of
from app.core.db import Base
from security.oracle import Oracle
from security.world import ACTORS

GUARDED = sorted(RULES, key=lambda model: model.__tablename__)
NAMES = [model.__tablename__ for model in GUARDED]
MAPPED = {mapper.class_ for mapper in Base.registry.mappers}


def _key(model: Any) -> list[Any]:
    return [
        getattr(model, mapper_of(model).get_property_by_column(column).key) for column in mapper_of(model).primary_key
    ]


def test_every_model_is_either_guarded_or_said_to_be_open() -> None:
    assert not set(RULES) & OPEN
    missing = {model for model in MAPPED - OPEN if model not in RULES}
    assert not missing, f"neither in scope.RULES nor in scope.OPEN: {missing}"


@pytest.mark.parametrize("model", GUARDED, ids=NAMES)
def test_without_an_actor_nothing_is_read_or_written(session: Any, model: Any) -> None:
    set_actor(None)
    alias = aliased(model)
    statements = (
        select(model),
        select(_key(model)[0]),
        select(func.count()).select_from(model),
        select(alias),
        update(model).values({_key(model)[0].key: _key(model)[0]}),
        delete(model),
        select(func.count()).select_from(select(model).subquery()),
        select(literal(1)).where(exists(select(_key(model)[0]))),
        select(select(func.count()).select_from(model).scalar_subquery()),
        select(select(_key(model)[0]).cte()),
        union_all(select(_key(model)[0]), select(_key(model)[0])),
    )
    for statement in statements:
        with pytest.raises(ScopeMissing):
            session.execute(statement)
    with pytest.raises(ScopeMissing):
        session.get(model, tuple(1 for _key in mapper_of(model).primary_key))


@pytest.mark.parametrize("username", ACTORS)
def test_rows_are_those_of_the_oracle(session: Any, oracle: Oracle, actors: dict[str, Actor], username: str) -> None:
    with acting(actors[username]):
        for model in GUARDED:
            keys, expected = _key(model), oracle.visible(username, model.__tablename__)
            found = {tuple(row) for row in session.execute(select(*keys))}
            assert found == expected, f"{username} {model.__tablename__}"
            counted = session.scalar(select(func.count()).select_from(model))
            assert counted == len(expected), f"count of {model.__tablename__}"
            inner = session.scalar(select(func.count()).select_from(select(*keys).subquery()))
            assert inner == len(expected), f"count over a subquery of {model.__tablename__}"
            there = session.execute(select(literal(1)).where(exists(select(keys[0])))).first()
            assert bool(there) == bool(expected), f"EXISTS over {model.__tablename__}"


@pytest.mark.parametrize("username", ACTORS[::4])
def test_get_update_and_delete_stop_at_the_scope(
    session: Any, oracle: Oracle, actors: dict[str, Actor], username: str
) -> None:
    with acting(actors[username]):
        for model in GUARDED:
            expected, table = oracle.visible(username, model.__tablename__), model.__table__
            rows = session.connection().execute(select(*table.primary_key.columns).limit(12)).all()
            for row in rows:
                session.expunge_all()
                there = session.get(model, tuple(row)) is not None
                assert there == (tuple(row) in expected), f"get {model.__tablename__} {row}"
            session.expunge_all()
            foreign = [tuple(row) for row in rows if tuple(row) not in expected]
            if foreign and len(table.primary_key.columns) == 1:
                key, only = _key(model)[0], [row[0] for row in foreign]
                touched = session.execute(
                    update(model).where(key.in_(only)).values({key.key: key}),
                    execution_options={"synchronize_session": False},
                )
                assert touched.rowcount == 0, f"update {model.__tablename__}"
                if model.__tablename__ not in ("audit_entry", "case_step"):
                    gone = session.execute(
                        delete(model).where(key.in_(only)), execution_options={"synchronize_session": False}
                    )
                    assert gone.rowcount == 0, f"delete {model.__tablename__}"


@pytest.mark.parametrize("model", GUARDED, ids=NAMES)
def test_relations_load_within_the_scope(session: Any, oracle: Oracle, actors: dict[str, Actor], model: Any) -> None:
    """A relation of a visible row must not lead to a hidden one, unless the target is a public name."""
    relations = [
        r
        for r in mapper_of(model).relationships
        if r.mapper.class_ in RULES and r.mapper.class_.__tablename__ not in ("organisation", "ab_user")
    ]
    for username in ACTORS[::3]:
        with acting(actors[username]):
            for relation in relations:
                target = relation.mapper.class_
                expected = oracle.visible(username, target.__tablename__)
                session.expunge_all()
                for row in session.scalars(select(model).limit(30)):
                    loaded = getattr(row, relation.key)
                    several = loaded if relation.uselist else [loaded] if loaded is not None else []
                    keys = {tuple(inspect(one).identity) for one in several}
                    assert keys <= expected, f"{username}: {model.__tablename__}.{relation.key}"


def test_the_oracle_is_not_blind(oracle: Oracle) -> None:
    """Every account sees some things and does not see others; else the matrix would prove nothing."""
    cells = sum(len(oracle.rows(table)) for table in NAMES) * len(ACTORS)
    assert cells >= 5000
    assert len(oracle.visible("clerk", "case")) == len(oracle.rows("case"))
    assert 0 < len(oracle.visible("clerk.t1", "case")) < len(oracle.rows("case"))
    assert 0 < len(oracle.visible("handler.d1", "person")) < len(oracle.rows("person"))
    for username in ("leader.1", "adviser.1", "counsellor.1", "village_officer.1"):
        assert oracle.visible(username, "case"), username
    assert not oracle.visible("expert.1", "case") and 0 < len(oracle.visible("expert.1", "review")) < 5
    assert 0 < len(oracle.visible("expert.5", "ballot")) < len(oracle.rows("ballot"))
    with system_scope("count"):
        assert not oracle.visible("statistician", "case")


def test_guarded_rows_are_never_joined_to_others_behind_the_guard() -> None:
    """joinedload and lazy="joined" put rows into a select that does not name them: only public names may come so."""
    closed = RULES.keys() - OPEN_AS_RELATION
    by_name = {mapper.class_.__name__: mapper for mapper in Base.registry.mappers}
    found = [
        f"{mapper.class_.__name__}.{relation.key}"
        for mapper in by_name.values()
        for relation in mapper.relationships
        if relation.lazy in ("joined", "subquery", False) and relation.mapper.class_ in closed
    ]
    for path in (Path(__file__).parents[2] / "app").rglob("*.py"):
        for model, name in re.findall(
            r"(?:joinedload|subqueryload|contains_eager)\((\w+)\.(\w+)", path.read_text("utf-8")
        ):
            if model in by_name and by_name[model].relationships[name].mapper.class_ in closed:
                found.append(f"{path.name}: {model}.{name}")
    # A person is there for whoever sees the case; these put the parties of a visible case into words.
    of_a_visible_case = {
        "document_values.py: Party.person",
        "document_values.py: Representative.agent",
        "case_choices.py: Party.person",
    }
    assert set(found) <= of_a_visible_case, found
