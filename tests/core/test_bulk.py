"""Rows written at once are what the ordinary insert writes; on both engines."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select

from app.core import clock
from app.core.bulk import insert_rows
from app.models.person import IdType, Person, Sex

NUMBER = "370700199003079117"


def _person(organisation: int, name: str, at: Any) -> dict[str, Any]:
    return {
        "organisation_id": organisation, "name": name, "pinyin": "wm", "id_type": IdType.id_card, "id_number": NUMBER,
        "birth": date(1990, 3, 7), "sex": Sex.male, "phone": None, "unverified": False, "version": 1,
        "created_at": at, "changed_at": at,
    }  # fmt: skip


def test_each_kind_of_column_comes_back_as_it_was_given(session: Any) -> None:
    table, connection, at = Person.__table__, session.connection(), clock.now()
    home = connection.exec_driver_sql("SELECT min(id) FROM organisation").scalar()
    names = ["甲一𠮷", "乙二", "丙三"]
    insert_rows(connection, table, [_person(home, name, at) for name in names[:2]])
    connection.execute(insert(table), [_person(home, names[2], at)])
    rows = connection.execute(select(table).where(table.c.name.in_(names)).order_by(table.c.id)).mappings().all()
    assert [row["name"] for row in rows] == names
    ours, other = dict(rows[0]), dict(rows[2])
    for one in (ours, other):
        del one["id"], one["name"]
    assert ours == other and ours["id_number"] == NUMBER and ours["created_at"] == at
    sealed = connection.exec_driver_sql(
        f"SELECT id_number FROM person WHERE id IN ({rows[0]['id']}, {rows[1]['id']})"
    ).scalars()
    assert len(set(sealed)) == 2, "the same number sealed twice looks different each time"


def test_plain_defaults_are_filled_in_and_reckoned_ones_are_asked_for() -> None:
    plain = Table("plain", MetaData(), Column("a", Integer), Column("b", Integer, default=7))
    reckoned = Table("reckoned", MetaData(), Column("a", Integer), Column("b", Integer, default=lambda: 7))
    with create_engine("sqlite://").begin() as connection:
        plain.create(connection)
        insert_rows(connection, plain, [])
        insert_rows(connection, plain, [{"a": 1}, {"a": None}])
        assert connection.execute(select(plain)).all() == [(1, 7), (None, 7)]
        with pytest.raises(TypeError, match="reckoned row by row"):
            insert_rows(connection, reckoned, [{"a": 1}])
