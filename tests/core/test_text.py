"""Free text, spreadsheet cells and LIKE patterns."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.text import clean_line, clean_text, excel_safe, like_escape


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  \u3000 ", ""),
        ("甲\r\n乙\r丙\x0b丁\u2028戊\x85己", "甲\n乙\n丙\n丁\n戊\n己"),
        ("\t 甲\t乙 \n", "甲\t乙"),
        ("𠮷㵘👨\u200d👩\u200d👧é e\u0301 ①", "𠮷㵘👨\u200d👩\u200d👧é e\u0301 ①"),
    ],
)
def test_kept(typed, kept):
    assert clean_text(typed) == kept
    assert clean_text(kept) == kept


@pytest.mark.parametrize("bad", "\x00\x08\x1b\x7f\x9f\u061c\u200e\u200f\u202e\u2067\ud83d\udfff\uffff")
def test_refused_with_the_line(bad):
    with pytest.raises(Invalid) as caught:
        clean_text(f"甲\r\n乙{bad}丙", field="facts")
    assert str(caught.value.errors["facts"][0]).startswith("Line 2 ")
    assert f"U+{ord(bad):04X}" in str(caught.value)


def test_length_and_required():
    assert clean_text("字" * 5, most=5) == "字" * 5
    for call in (clean_text, clean_line):
        with pytest.raises(Invalid, match="6 characters, at most 5"):
            call("字" * 6, most=5)
        with pytest.raises(Invalid, match="fill in"):
            call(" \n", required=True)


def test_one_line():
    assert clean_line(" 甲 \r\n 乙\t丙\u3000") == "甲 乙 丙"


@given(st.text(st.characters()))
def test_whatever_is_kept_can_be_stored(text):
    try:
        kept = clean_text(text)
    except Invalid:
        return
    kept.encode("utf-8")
    assert "\x00" not in kept and clean_text(kept) == kept


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u3000＝", "﹢"])
def test_formulas_are_disarmed(sign):
    assert excel_safe(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize("cell", [None, 3, -3, 1.5, True, "", " ", "张三", "a=b", "3-4"])
def test_other_cells_pass(cell):
    assert excel_safe(cell) is cell


@given(
    text=st.text(st.sampled_from("a%_\\!")), other=st.text(st.sampled_from("a%_\\!b")), escape=st.sampled_from("\\!")
)
def test_like_finds_exactly_what_was_typed(text, other, escape):
    with closing(sqlite3.connect(":memory:")) as base:
        pattern = f"%{like_escape(text, escape)}%"
        (hit,) = base.execute("SELECT ? LIKE ? ESCAPE ?", (other, pattern, escape)).fetchone()
    assert bool(hit) == (text in other)
