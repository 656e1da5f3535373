"""The read-card box understands what readers and people put into it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.card import parse_card

NUMBER = "11010519491231002X"
ALL = {
    "name": "张三",
    "sex": "female",
    "ethnic": "汉族",
    "birth": "1949-12-31",
    "address": "山东省昌邑市奎聚街道民族路1号",
    "id_number": NUMBER,
}
SHORT = ("张三", "女", "汉", "19491231", ALL["address"], NUMBER)
READER_KEYS = ("partyName", "gender", "nation", "dob", "certAddress", "certNumber")


@pytest.mark.parametrize(
    "typed",
    [
        f"张三|女|汉|19491231|山东省昌邑市奎聚街道民族路1号|{NUMBER}",
        f"张三｜女｜汉族｜1949年12月31日｜山东省昌邑市奎聚街道民族路1号｜{NUMBER}｜昌邑市公安局|20100101",
        f"张三\t女\t汉\t1949-12-31\t山东省昌邑市奎聚街道民族路1号\t{NUMBER}",
        f"姓名 张三\n性别 女 民族 汉\n出生 1949 年 12 月 31 日\n住址 山东省昌邑市奎聚街道\n"
        f"民族路1号\n公民身份号码 {NUMBER}",
        f"姓名：张三；性别：女；民族：汉；出生日期：1949.12.31；住址：山东省昌邑市奎聚街道民族路1号；身份证号：{NUMBER.lower()}",
        f"姓　名 张三 性　别 女 民　族 汉 出　生 1949/12/31 住　址 山东省昌邑市奎聚街道民族路1号 公民身份号码 {NUMBER}",
        f"name: 张三\nsex: F\nethnic: 汉\nbirthday: 1949-12-31\naddress: {ALL['address']}\nidcard: {NUMBER}",
        json.dumps(dict(zip(("姓名", "性别", "民族", "出生", "住址", "号码"), SHORT, strict=True))),
        json.dumps({"code": 0, "data": dict(zip(READER_KEYS, SHORT, strict=True))}),
    ],
)
def test_a_whole_card(typed):
    assert parse_card(typed) == ALL


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (None, {}),
        ("", {}),
        ("你好", {}),
        (f"那人的号是{NUMBER}吧", {"sex": "female", "birth": "1949-12-31", "id_number": NUMBER}),
        ("110105194912310021", {"id_number": "110105194912310021"}),
        ("姓名张三性别男民族满住址昌邑市", {"name": "张三", "sex": "male", "ethnic": "满族", "address": "昌邑市"}),
        ("姓名 李四", {"name": "李四"}),
        ("姓名 李四 有效期限 长期", {"name": "李四"}),
        ('{"name": "李四", "age": 3, "sex": null}', {"name": "李四"}),
        ('{"name": ', {}),
        ("{}", {}),
        ("姓名 李四 民族 穿青人 出生 1990-02-30", {"name": "李四", "ethnic": "穿青人"}),
        ("姓名 李四 出生 不详 身份证号 37078619", {"name": "李四", "id_number": "37078619"}),
        ("name: Bob sex: X ethnic: Han", {"name": "Bob", "ethnic": "Han"}),
        ("a|b|c|d|e|f", {}),
        ("[" * 3000, {}),
        ('{"a":' * 3000, {}),
    ],
)
def test_parts(typed, found):
    assert parse_card(typed) == found


def test_what_the_card_says_wins_over_what_the_number_says():
    assert parse_card(f"姓名 张三 性别 男 号码 {NUMBER}")["sex"] == "male"


@given(st.text(st.sampled_from('姓名性别男出生住址号码民族 \n|:：{}"0123456789Xx张'), max_size=200) | st.text())
def test_never_raises(text):
    assert set(parse_card(text)) <= set(ALL)


LEAF = st.none() | st.booleans() | st.integers() | st.text()
KEY = st.text() | st.sampled_from(["name", "出生"])


@given(st.recursive(LEAF, lambda inner: st.lists(inner) | st.dictionaries(KEY, inner)))
def test_any_json_is_survived(value):
    assert set(parse_card(json.dumps({"data": value, "name": value}))) <= set(ALL)
