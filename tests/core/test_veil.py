"""The veil: nobody's name, number, telephone or house is left in a text; what is not about persons stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.veil import short_name, veil_of
from tests.case_factory import id_number

VEIL = veil_of(
    ["于秀兰", "欧阳文静", "王敏", "张建设"],
    ["山东省昌邑市柳疃镇西付村12号"],
    ["豆腐西施"],
    ["住房和城乡建设局"],
)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("于秀兰到场", "于**到场"),
        ("于 秀 兰到场", "于**到场"),
        ("秀兰说", "**说"),
        ("欧阳文静与王敏", "欧阳**与王**"),
        ("电话15800010001。", "电话****。"),
        ("电话158 0001 0001。", "电话****。"),
        ("电话１５８０００１０００１", "电话****"),
        ("座机0536-7212345", "座机****"),
        (f"身份证{id_number(5)}", "身份证****"),
        ("卡号6222 0210 0111 6245 702", "卡号****"),
        ("邮箱a.b@qq.com", "邮箱****"),
        ("车牌鲁V8K123停放", "车牌****停放"),
        ("住西付村12号", "住****"),
        ("住奎聚街道永安小区3号楼2单元501室", "住奎聚街道永安小区****"),
        ("人称豆腐西施", "人称****"),
        ("住在山东省昌邑市柳疃镇西付村12号。", "住在山东省昌邑市柳疃镇****。"),
    ],
)
def test_persons_are_hidden(text, shown):
    assert VEIL.over(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "占用面积 38.6 平方米，合计 4160 元。",
        "依据《土地管理法》第四十八条、鲁政发〔2020〕12号文件",
        "2025年6月1日，编号 SQ-2026-000318",
        "住房和城乡建设局答复",
        "",
    ],
)
def test_what_is_about_the_matter_stays(text):
    assert VEIL.over(text) == text


def test_people_of_one_surname_are_told_apart():
    veil = veil_of(["于秀兰", "于海涛", "王敏"])
    assert veil.over("于秀兰与于海涛、王敏") == "于**1与于**2、王**"
    assert veil.name("于海涛") == "于**2" and short_name("于海涛") == "于**"


def test_a_name_that_reads_as_a_surname_is_hidden():
    assert veil_of(["欧阳"]).over("欧阳说") == "欧**说"


names = st.text("于王欧阳秀兰海涛文静𠮷", min_size=2, max_size=4)


@given(st.lists(names, min_size=1, max_size=4), st.text("于王秀兰海涛说，。 12345", max_size=40), st.integers(0, 3))
def test_no_name_is_left(people, around, place):
    name = people[place % len(people)]
    shown = veil_of(people).over(around + name + around)
    assert name not in shown


@given(st.text("0123456789 于", max_size=30))
def test_twice_is_once(text):
    assert VEIL.over(VEIL.over(text)) == VEIL.over(text)
