"""Categories and code tables: leaves follow the tree, what is used stays, locked codes stay."""

import pytest
from sqlalchemy import select

from app.access.actor import acting
from app.core.db import db
from app.core.errors import PortalError
from app.models.code_table import Category, CodeTable
from app.services import category as tree
from app.services import code_table as codes
from app.services.record import IN_USE
from tests.case_factory import Cases
from tests.services.registers import item, refusal


@pytest.fixture
def admin(actor):
    return actor("business_admin")


def category(code):
    return db.session.scalars(select(Category).where(Category.code == code)).one()


def test_the_leaf_flag_follows_the_tree(session, admin):
    leaf = category("C0301")
    with acting(admin):
        child = tree.add_category(admin, {"name": "农民工工资", "code": "c030101", "parent": leaf, "leaf": False})
        assert child.code == "C030101" and child.leaf and not leaf.leaf
        assert child.sort == leaf.sort + 1 and tree.add_category(admin, {"name": "新类", "code": "D"}).sort % 100 == 0
        tree.change_category(admin, child, {"parent": category("C0302")})
        assert leaf.leaf and not category("C0302").leaf
        tree.delete_category(admin, child)
        assert category("C0302").leaf


def test_no_circle_no_double_code_no_child_of_a_retired_one(session, admin):
    assert list(refusal(admin, tree.change_category, category("C03"), {"parent": category("C0301")})) == ["parent"]
    assert list(refusal(admin, tree.add_category, {"name": "重复", "code": "C03"})) == ["code"]
    with acting(admin):
        tree.change_category(admin, category("C0301"), {"active": False})
    below = {"name": "新", "code": "C030109", "parent": category("C0301")}
    assert list(refusal(admin, tree.add_category, below)) == ["parent"]


def test_a_branch_in_use_is_not_retired_or_deleted(session, admin):
    assert list(refusal(admin, tree.change_category, category("C03"), {"active": False})) == ["active"]
    assert refusal(admin, tree.delete_category, category("C03"))[""]


def table(code):
    return db.session.scalars(select(CodeTable).where(CodeTable.code == code)).one()


def test_locked_codes_stay(session, admin):
    han = item("ethnic_group", "01")
    assert list(refusal(admin, codes.change_item, han, {"code": "99"})) == ["code"]
    assert list(refusal(admin, codes.change_item, han, {"active": False})) == ["active"]
    assert refusal(admin, codes.delete_item, han)[""]
    assert refusal(admin, codes.delete_table, table("ethnic_group"))[""]
    with acting(admin):
        codes.change_item(admin, han, {"name": "汉", "code": "01", "active": True})
        codes.change_table(admin, table("ethnic_group"), {"name": "民族成份", "code": "x", "locked": False})
    assert table("ethnic_group").locked and table("ethnic_group").name == "民族成份"


def test_open_tables_grow_and_shrink(session, admin):
    with acting(admin):
        fresh = codes.add_table(admin, {"name": "来源", "code": "source_kind"})
        code = codes.add_item(admin, {"table": fresh, "name": "热线", "code": "hotline", "active": True})
    assert refusal(admin, codes.delete_table, fresh)[""]
    assert refusal(admin, codes.add_item, {"table": fresh, "name": "又", "code": "hotline"})
    assert list(refusal(admin, codes.add_item, {"table": fresh, "name": "坏", "code": "a b"})) == ["code"]
    with acting(admin):
        codes.change_item(admin, code, {"code": "line"})
        codes.delete_item(admin, code)
        db.session.refresh(fresh)
        codes.delete_table(admin, fresh)


def test_a_code_in_use_is_not_deleted(session, admin):
    assert refusal(admin, codes.delete_item, item("equipment", "recording")) == {"": [str(IN_USE)]}


def test_a_category_with_cases_is_retired_not_deleted(session, admin, actor):
    case = Cases(actor).register()
    with acting(admin):
        used = db.session.get_one(Category, case.category_id)
    assert refusal(admin, tree.delete_category, used)[""]
    with acting(admin):
        tree.change_category(admin, used, {"active": False})
    with pytest.raises(PortalError):
        Cases(actor).register(category=used.code)
