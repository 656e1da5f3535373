"""Whoever contains the query is found; the keys pass unharmed through a full-text index."""

import re
import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.tokens import bigrams, fold, index_tokens, query_tokens

MIXED = st.text(st.sampled_from("拆迁补偿张三𠮷aAbBﬁßİıſK１2３ -·，\u3000é\u0301\u200d👨\ue000\U00031350"), max_size=30)
ANY = st.text(max_size=30)


@given(text=MIXED | ANY, data=st.data())
def test_every_part_of_a_text_finds_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    query = data.draw(st.sampled_from([str.upper, str.lower, str.casefold, str]))(text[start:end])
    if query.casefold() in text.casefold():
        assert set(query_tokens("t", query)) <= index_tokens("t", text)


@given(before=MIXED | ANY, query=MIXED | ANY, after=MIXED | ANY)
@example(before="", query="2207", after="")
def test_any_surroundings(before, query, after):
    assert set(query_tokens("t", query)) <= index_tokens("t", before + query + after)
    assert set(query_tokens("t", query.swapcase().casefold())) <= index_tokens("t", before + query.swapcase() + after)


@given(text=MIXED | ANY)
def test_keys_are_plain_words(text):
    for key in index_tokens("t1", text):
        assert re.fullmatch(r"t1(x[0-9a-f]{4,6}){1,3}", key)
    assert set(query_tokens("t1", text)) <= index_tokens("t1", text)
    assert {"t1" + key for key in bigrams(text)} <= index_tokens("t1", text)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("拆迁", ["tx62c6x8fc1"]),
        ("拆", ["tx62c6"]),
        ("拆迁补", ["tx62c6x8fc1", "tx8fc1x8865"]),
        ("a拆", ["tx0061x62c6"]),
        ("220", ["tx0032x0032x0030"]),
        ("22", ["tx0032x0032"]),
        ("２Ａ", ["tx0032x0061"]),
        ("abcd", ["tx0061x0062x0063", "tx0062x0063x0064"]),
        ("拆abc迁", ["tx0061x0062x0063", "tx62c6x0061", "tx0063x8fc1"]),
        ("𠮷", ["tx20bb7"]),
        ("张 三", ["tx5f20", "tx4e09"]),
        ("，。", []),
        ("", []),
        (None, []),
    ],
)
def test_query(query, keys):
    assert query_tokens("t", query) == keys


def test_prefixes_do_not_mix():
    assert not index_tokens("a", "拆迁") & index_tokens("b", "拆迁")
    assert query_tokens("", "拆") == ["x62c6"]
    for bad in ("A", "t-", "值", "t "):
        with pytest.raises(ValueError, match="prefix"):
            index_tokens(bad, "a")
        with pytest.raises(ValueError, match="prefix"):
            query_tokens(bad, "a")


def test_different_words_are_not_found():
    assert not set(query_tokens("t", "迁拆")) <= index_tokens("t", "拆迁")
    assert set(query_tokens("t", "拆迁补")) <= index_tokens("t", "迁补和拆迁")  # the one documented superset


def test_fold():
    assert fold("ＡB①ß") == "ab1ss"


@given(texts=st.lists(MIXED, min_size=1, max_size=6), query=MIXED)
def test_through_fts5(texts, query):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE s USING fts5(keys, tokenize='unicode61')")
    base.executemany("INSERT INTO s VALUES (?)", [(" ".join(sorted(index_tokens("t", text))),) for text in texts])
    if keys := query_tokens("t", query):
        hits = {row for (row,) in base.execute("SELECT rowid FROM s WHERE s MATCH ?", (" AND ".join(keys),))}
        assert {row for row, text in enumerate(texts, 1) if fold(query) in fold(text)} <= hits
    base.close()
