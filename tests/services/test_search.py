"""Search: found by every part, only within the row scope, kept up to date with what changes."""

import pytest
from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core.db import unit_of_work
from app.models.case import Case
from app.models.member import Capacity, CaseMember
from app.models.person import Person
from app.services import search_index
from app.services.person import keep_keys
from app.services.queries import search
from app.services.queries.quick_search import exact_one, find_cases
from app.services.registration import register_case
from tests.services.people import id_number, intake


@pytest.fixture
def case(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        return register_case(
            clerk,
            intake(
                title="夜间施工噪音扰民",
                facts="每晚十点后仍在浇筑混凝土。",
                claims=["请求停止夜间施工"],
                parties=[
                    {
                        "name": "单雄信",
                        "id_type": "id_card",
                        "id_number": id_number(7),
                        "phone": "13800132207",
                        "address": "奎聚街道",
                    },
                    {"side": "respondent", "organisation_name": "宏达建筑公司"},
                ],
            ),
        ).case


def found(actor, typed, **kw):
    with acting(actor):
        return search.find_ids(actor, typed, **kw)


@pytest.mark.parametrize(
    "typed",
    [
        "噪音",
        "夜间施工",
        "单雄信",
        "雄信",
        "单",
        "sxx",
        "dx",
        "2207",
        "13800132207",
        "138 0013 2207",
        "停止夜间",
        "宏达",
        "浇筑",
        "单雄信 噪音",
        "000001",
        "1",
        "噪音扰民",
    ],
)
def test_found_by_every_part(case, actor, typed):
    assert found(actor("clerk.t1"), typed) == [case.id]


def test_found_by_full_number_and_id(case, actor):
    assert found(actor("clerk.t1"), case.number) == [case.id]
    assert found(actor("clerk.t1"), case.number.lower()) == [case.id]
    assert found(actor("clerk.t1"), id_number(7)) == [case.id]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "噪声",
        "施工噪间",
        "王",
        "13800132208",
        "2208",
        "OR",
        "\x00",
        "\ud800",
        '"',
        "* AND",
        "噪音)",
        "x" * 5000,
        "单雄信 拆迁",
    ],
)
def test_not_found_by_anything_else(case, actor, typed):
    if typed in ("噪音)",):
        assert found(actor("clerk.t1"), typed) == [case.id]
    else:
        assert found(actor("clerk.t1"), typed) == []


def test_fields(case, actor):
    clerk = actor("clerk.t1")
    assert found(clerk, "单", field="name") == found(clerk, "噪音", field="title") == [case.id]
    assert found(clerk, "噪音", field="name") == found(clerk, "单雄信", field="title") == []


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("clerk", True),
        ("clerk.t1", True),
        ("clerk.t2", False),
        ("village_officer.1", False),
        ("handler.d1", False),
        ("sysadmin", False),
        ("adviser.1", False),
        ("supervisor.t1", True),
        ("expert.1", False),
        ("statistician", False),
    ],
)
def test_only_within_the_row_scope(case, actor, who, sees):
    assert found(actor(who), "噪音") == ([case.id] if sees else [])
    with acting(actor(who)):
        statement = search.narrow(select(Case.id), actor(who), "噪音")
        assert search.db.session.scalars(statement).all() == ([case.id] if sees else [])


def test_who_is_named_finds_it(session, case, actor):
    adviser = actor("adviser.1")

    @unit_of_work
    def name_him():
        session.add(CaseMember(case_id=case.id, user_id=adviser.user_id, capacity=Capacity.adviser))

    with acting(actor("clerk.t1")):
        name_him()
    assert found(adviser, "噪音") == [case.id]


def test_what_changes_is_found_anew(session, case, actor):
    clerk = actor("clerk.t1")

    @unit_of_work
    def rename():
        person = session.scalar(select(Person))
        person.name, person.phone = "秦琼", "13900009999"
        keep_keys(person)
        session.scalar(select(Case)).title = "扬尘污染"

    with acting(clerk):
        rename()
    assert found(clerk, "秦琼") == found(clerk, "扬尘") == found(clerk, "9999") == [case.id]
    assert found(clerk, "单雄信") == found(clerk, "噪音") == found(clerk, "2207") == []


def test_a_failed_change_leaves_the_index(session, case, actor):
    @unit_of_work
    def fail():
        session.scalar(select(Case)).title = "扬尘污染"
        session.flush()
        raise RuntimeError

    with acting(actor("clerk.t1")), pytest.raises(RuntimeError):
        fail()
    assert found(actor("clerk.t1"), "噪音") == [case.id]


def test_pages_and_many(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        ids = [register_case(clerk, intake(title=f"补偿问题之{place}")).case.id for place in range(7)]
    ids.reverse()
    assert found(clerk, "补偿问题", limit=3) == ids[:3]
    assert found(clerk, "补偿问题", limit=3, before=ids[2]) == ids[3:6]


def test_reindex_gives_the_same(session, case, actor):
    def lines():
        sql = "SELECT tokens FROM case_search"
        return [set(row[0].split() if isinstance(row[0], str) else row[0]) for row in session.execute(text(sql))]

    before = lines()
    with system_scope("test"):
        assert search_index.reindex() >= 1
    assert lines() == before


def test_the_index_holds_no_plain_personal_data(session, case):
    line = str(session.execute(text("SELECT tokens FROM case_search")).first()[0])
    assert "13800132207" not in line and "2207" not in line and id_number(7) not in line and "单" not in line


def test_a_number_of_the_old_ledger_is_found_whole_or_by_its_beginning_within_the_row_scope(session, actor):
    clerk = actor("clerk.t1")
    with acting(clerk):
        made = [register_case(clerk, intake(title=f"旧账第{place}件", different_matter=True)).case for place in (1, 2)]
        for case, number in zip(made, ("信访字2018-017", "信访字2018-0171"), strict=True):
            case.outside_number = number
        session.commit()
    both = [case.id for case in reversed(made)]
    assert found(clerk, "信访字2018-017") == found(actor("clerk"), "信访字2018") == both
    assert found(clerk, "信访字２０１８-0171") == both[:1]
    assert found(clerk, "信访字2018-017", before=both[0]) == both[1:]
    assert found(actor("clerk.t2"), "信访字2018-017") == []
    for typed in ("18-017", "17", "信访字2018-017\U0010ffff", "2018%", "信访字2018-017'"):
        assert not set(found(clerk, typed)) & set(both), typed
    with acting(clerk):
        hits = find_cases(clerk, "信访字2018-017")
        assert exact_one("信访字2018-017", hits).id == made[0].id and exact_one("信访字2018", hits) is None


@pytest.mark.sqlite_only  # it tells its plan without figures
@pytest.mark.parametrize("who", ["clerk", "clerk.t1", "handler.d1"])
def test_a_number_of_the_old_ledger_is_looked_up_in_an_index(session, actor, who, monkeypatch):
    asked = []
    run = session.execute
    monkeypatch.setattr(session, "execute", lambda statement: asked.append(statement) or run(statement))
    person = actor(who)
    asked.clear()
    with acting(person):
        search.by_old_number(person, "信访字2018-017")
    compiled = asked[-1].compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    given = tuple(compiled.params[name] for name in compiled.positiontup)
    plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", given)]
    assert any("outside_number" in line and line.startswith("SEARCH old ") for line in plan), plan
    assert not any(line.startswith(("SCAN case", "SCAN old")) for line in plan), plan
