"""Names, ID numbers, phones: what is accepted, and the one sentence that says what is wrong."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from app.core.errors import Invalid
from app.core.identity import age_on, check_phone, clean_name, parse_id_number

TODAY = date(2026, 11, 20)


def numbered(body: str) -> str:
    """17 digits and their check character."""
    return body + mod_11_2.calc_check_digit(body)


def refusal(call, *args, **kwargs) -> str:
    """The one sentence a call is refused with."""
    with pytest.raises(Invalid) as caught:
        call(*args, **kwargs)
    ((_field, (sentence,)),) = caught.value.errors.items()
    return str(sentence)


@given(
    area=st.sampled_from(["370786", "130606", "330113", "810000", "820000", "830000", "110105", "900001"]),
    birth=st.dates(TODAY - timedelta(days=120 * 365), TODAY),
    order=st.integers(0, 999),
)
def test_every_true_number_is_read(area, birth, order):
    number = numbered(f"{area}{birth:%Y%m%d}{order:03}")
    card = parse_id_number(number, today=TODAY)
    assert (card.number, card.birth, card.sex) == (number, birth, "male" if order % 2 else "female")
    assert card.is_residence_permit == area.startswith("8")


@given(order=st.integers(0, 999), place=st.integers(0, 17), change=st.integers(1, 9))
def test_any_single_wrong_digit_is_refused(order, place, change):
    number = numbered(f"37078619800315{order:03}")
    old = 10 if number[place] == "X" else int(number[place])
    wrong = number[:place] + str((old + change) % 10) + number[place + 1 :]
    if wrong != number:
        assert refusal(parse_id_number, wrong, today=TODAY)


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ", "1101051949 1231002ｘ"],
)
def test_ways_of_typing(typed):
    assert parse_id_number(typed, today=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (None, "Please enter the ID number."),
        ("  ", "Please enter the ID number."),
        ("37078619900101001", "this one has 17"),
        ("3707861990010100123", "this one has 19"),
        ("37078619900101A012", "character 15 is “A”"),
        ("37078619900101X012", "character 15 is “X”"),
        ("37078619900101001Y", "character 18 is “Y”"),
        ("37078619900101001٣", "character 18 is “٣”"),
        ("370786199002300015", "(19900230) does not exist"),
        ("370786000001010015", "(00000101) does not exist"),
        (numbered("37078620261121001"), "(2026-11-21) lies in the future"),
        (numbered("37078619051120001"), "(1905-11-20) is more than 120 years ago"),
        ("110105194912310021", "The last character of the ID number does not fit"),
        ("370786199013010", "this one has 15"),
        ("370786271301001", "this one has 15"),
        ("37078690010100A", "this one has 15"),
    ],
)
def test_id_faults(typed, sentence):
    assert sentence in refusal(parse_id_number, typed, today=TODAY)


def test_limits_of_age():
    assert parse_id_number(numbered("37078619061120001"), today=TODAY).birth == date(1906, 11, 20)
    assert parse_id_number(numbered("37078619051121001"), today=TODAY).birth == date(1905, 11, 21)
    assert parse_id_number(numbered("37078620261120001"), today=TODAY).birth == TODAY
    assert parse_id_number(numbered("37078619900101001")).sex == "male"


def test_a_first_generation_number_is_refused_with_its_present_form():
    sentence = refusal(parse_id_number, "370786800315001", today=TODAY)
    assert numbered("37078619800315001") in sentence


def test_the_field_is_named():
    for call in (parse_id_number, check_phone, clean_name):
        with pytest.raises(Invalid) as caught:
            call("", field="parties-0")
        assert list(caught.value.errors) == ["parties-0"] and caught.value.status == 422


def test_age_on():
    assert age_on(date(2000, 2, 29), date(2018, 2, 28)) == 17
    assert age_on(date(2000, 2, 29), date(2018, 3, 1)) == 18
    assert age_on(date(2000, 5, 5), date(2018, 5, 5)) == 18


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812342207", "13812342207"),
        ("138 1234 2207", "13812342207"),
        ("１３８-1234—2207", "13812342207"),
        ("+86 138 1234 2207", "13812342207"),
        ("0086-13812342207", "13812342207"),
        ("8613812342207", "13812342207"),
        ("0536-7211234", "0536-7211234"),
        ("(0536)7211234", "0536-7211234"),
        ("（０５３６）７２１１２３４", "0536-7211234"),
        ("05367211234", "0536-7211234"),
        ("0536 721 1234", "0536-7211234"),
        ("010-62112345", "010-62112345"),
        ("02162112345", "021-62112345"),
        ("+86-536-7211234", "0536-7211234"),
        ("+86 10 62112345", "010-62112345"),
        ("+8605367211234", "0536-7211234"),
        ("0536-7211234-801", "0536-7211234-801"),
        ("0536-7211234转801", "0536-7211234-801"),
        ("0536-7211234 分机 801", "0536-7211234-801"),
        ("0536-7211234 ext.801", "0536-7211234-801"),
    ],
)
def test_phones(typed, kept):
    assert check_phone(typed) == kept
    assert check_phone(kept) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (None, "Please enter the phone number."),
        ("12345", "Short numbers such as 12345"),
        ("110", "Short numbers such as 110"),
        ("1381234220", "A mobile number has 11 digits; this one has 10."),
        ("138123422071", "this one has 12"),
        ("12812342207", "begins with 12"),
        ("7211234", "before the landline number 7211234"),
        ("0136-7211234", "neither a mobile"),
        ("0536-1211234", "neither a mobile"),
        ("没有", "holds digits only"),
        ("1381234abcd", "holds digits only"),
        ("١٣٨١٢٣٤٢٢٠٧", "holds digits only"),
        ("+852 9123 4567", "mainland"),
        ("0044 20 7946 0000", "mainland"),
        ("400-600-1234", "neither a mobile"),
    ],
)
def test_phone_faults(typed, sentence):
    assert sentence in refusal(check_phone, typed)


@given(st.text(max_size=40))
def test_no_text_breaks_the_checks(text):
    for call in (parse_id_number, check_phone, clean_name):
        try:
            call(text)
        except Invalid as fault:
            assert str(fault)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张三", "张三"),
        ("\u3000张三\u3000\t", "张三"),
        ("张\u3000三", "张三"),
        ("张 𠮷", "张𠮷"),
        ("𠮷野家", "𠮷野家"),
        ("\U00031350\U000323af", "\U00031350\U000323af"),
        ("\ue000三", "\ue000三"),
        ("买买提·吐尔逊", "买买提·吐尔逊"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("John   Smith", "John Smith"),
        ("昌邑市第3小学", "昌邑市第3小学"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("字" * 64, "字" * 64),
    ],
)
def test_names(typed, kept):
    assert clean_name(typed) == kept
    assert clean_name(kept) == kept


@pytest.mark.parametrize("hidden", "\x00\x07\x1b\x7f\u00ad\u200b\u200d\u200e\u202e\u2066\ufeff\u3164\ud800\uffff\u2060")
def test_hidden_characters_in_names(hidden):
    sentence = refusal(clean_name, f"张{hidden}三")
    assert f"U+{ord(hidden):04X}, position 2" in sentence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (None, "enter the name"),
        ("\u3000 ", "enter the name"),
        ("字" * 65, "65 characters, at most 64"),
        ("123", "letter"),
    ],
)
def test_name_faults(typed, sentence):
    assert sentence in refusal(clean_name, typed)
