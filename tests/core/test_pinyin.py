"""Names are found by initials whichever reading the searcher has in mind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pinyin import MAX_LENGTH, MAX_READINGS, pinyin_full, pinyin_initials, surname_of
from seed.make_pinyin import TARGET, lines


@pytest.mark.parametrize(
    ("name", "must_have", "full"),
    [
        ("张三", {"zs"}, "zhangsan"),
        ("单雄信", {"sxx", "dxx", "cxx"}, "shanxiongxin"),
        ("仇和", {"qh", "ch"}, "qiuhe"),
        ("解晓东", {"xxd", "jxd"}, "xiexiaodong"),
        ("区伟", {"ow", "qw"}, "ouwei"),
        ("曾志伟", {"zzw", "czw"}, "zengzhiwei"),
        ("查良镛", {"zly", "cly"}, "zhaliangyong"),
        ("尉迟恭", {"ycg", "wcg"}, "yuchigong"),
        ("欧阳娜娜", {"oynn"}, "ouyangnana"),
        ("买买提·吐尔逊", {"mmttex"}, "maimaitituerxun"),
        ("John Smith", {"js"}, "johnsmith"),
        ("阿Q", {"aq"}, "aq"),
        ("𠮷", set(), ""),
        ("", set(), ""),
    ],
)
def test_readings(name, must_have, full):
    initials = pinyin_initials(name)
    assert must_have <= set(initials.split())
    assert initials == " ".join(sorted(set(initials.split())))
    assert pinyin_full(name) == full


def test_the_surname_reading_survives_the_cap():
    assert any(initials.startswith("z") for initials in pinyin_initials("曾重重重重重重重").split())


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=64))
def test_capped_and_plain(name):
    initials = pinyin_initials(name).split()
    assert 0 <= len(initials) <= MAX_READINGS
    assert len(pinyin_initials(name)) <= MAX_LENGTH
    assert all(word.isascii() and word.isalpha() for word in initials)


@given(st.text())
def test_any_text(name):
    pinyin_initials(name), pinyin_full(name)


def test_surname_of():
    assert (surname_of("欧阳修"), surname_of("张三"), surname_of("")) == ("欧阳", "张", "")


def test_the_table_is_that_of_pypinyin():
    assert TARGET.read_text("utf-8") == "\n".join(lines()) + "\n"
