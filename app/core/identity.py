"""Who somebody is: names, ID numbers and phones, checked with one clear sentence per fault."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l
from stdnum.iso7064 import mod_11_2

from app.core import clock
from app.core.card import parse_card
from app.core.errors import Invalid
from app.core.masks import mask_address, mask_id, mask_name, mask_phone
from app.core.pinyin import pinyin_full, pinyin_initials, surname_of
from app.core.words import WORDS

__all__ = [
    "IdCard",
    "age_on",
    "check_phone",
    "clean_name",
    "mask_address",
    "mask_id",
    "mask_name",
    "mask_phone",
    "parse_card",
    "parse_id_number",
    "pinyin_full",
    "pinyin_initials",
    "surname_of",
]

NAME_LENGTH = 64
ID_LENGTH = 18
LEGACY_LENGTH = 15
OLDEST = 120
MIDDLE_DOT = "\u00b7"
_DOTS = re.compile("[\u2022\u2027\u2219\u22c5\u30fb\uff65]")
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
_DIGITS = frozenset("0123456789")
_SPACES = re.compile(r"\s+")
_BETWEEN_IDEOGRAPHS = re.compile("(?<=[\u2e80-\uffdc\U00020000-\U0003ffff]) (?=[\u2e80-\uffdc\U00020000-\U0003ffff])")
_PERMIT_PROVINCES = ("81", "82", "83")


@dataclass(frozen=True)
class IdCard:
    """What an 18-digit number says about its bearer."""

    number: str
    birth: date
    sex: str

    @property
    def is_residence_permit(self) -> bool:
        """A residence permit for people from Hong Kong, Macao or Taiwan."""
        return self.number.startswith(_PERMIT_PROVINCES)


def _refuse(field: str, sentence: Any) -> NoReturn:
    raise Invalid(errors={field: [sentence]})


def age_on(birth: date, day: date) -> int:
    """Full years of age on a day; born on 29 February, one is a year older on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@lru_cache(maxsize=30_000)
def _is_invisible(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in _BLANK_LETTERS or ord(char) & 0xFFFE == 0xFFFE


def clean_name(text: str | None, field: str = "name") -> str:
    """A name as it is kept: outer and alignment spaces gone, rare characters and the middle dot untouched."""
    name = (text or "").strip()
    for place, char in enumerate(name, 1):
        if _is_invisible(char) and not char.isspace():
            _refuse(
                field,
                _l(
                    "The name holds an invisible or direction-changing character (U+%(code)s, position %(place)d). "
                    "Please type the name again.",
                    code=f"{ord(char):04X}",
                    place=place,
                ),
            )
    name = _BETWEEN_IDEOGRAPHS.sub("", _SPACES.sub(" ", _DOTS.sub(MIDDLE_DOT, name)))
    if not name:
        _refuse(field, _l("Please enter the name."))
    if len(name) > NAME_LENGTH:
        _refuse(
            field,
            _l("The name is too long: %(count)d characters, at most %(most)d.", count=len(name), most=NAME_LENGTH),
        )
    if not any(unicodedata.category(char)[0] == "L" or unicodedata.category(char) in ("Co", "Cn") for char in name):
        _refuse(field, _l("A name needs at least one letter or character."))
    return name


def _plain(text: str | None) -> str:
    """Half-width, upper case, without any spaces."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text or "")).upper()


def _check_id_shape(number: str, field: str, today: date) -> None:
    if not number:
        _refuse(field, _l("Please enter the ID number."))
    if len(number) == LEGACY_LENGTH and (modern := _modern_form(number, today)):
        _refuse(
            field,
            _l(
                "15-digit ID numbers are no longer valid. If this one is right, its 18-digit form is %(number)s.",
                number=modern,
            ),
        )
    if len(number) != ID_LENGTH:
        _refuse(field, _l("An ID number has 18 characters; this one has %(count)d.", count=len(number)))
    for place, char in enumerate(number, 1):
        if char not in _DIGITS and (char, place) != ("X", ID_LENGTH):
            _refuse(
                field,
                _l(
                    "An ID number holds digits only, and X at the very end; character %(place)d is “%(char)s”.",
                    place=place,
                    char=char,
                ),
            )


def _modern_form(legacy: str, today: date) -> str | None:
    """The 18-digit form of a first-generation number, if it can be one."""
    if not re.fullmatch(r"[0-9]{15}", legacy):
        return None
    body = f"{legacy[:6]}19{legacy[6:]}"
    birth = _date_of(body[6:14])
    return body + mod_11_2.calc_check_digit(body) if birth and birth <= today else None


def _date_of(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def parse_id_number(text: str | None, field: str = "id_number", today: date | None = None) -> IdCard:
    """The ID card or residence permit behind a typed number; Invalid with what exactly is wrong."""
    number = _plain(text)
    day = today or clock.today()
    _check_id_shape(number, field, day)
    birth = _date_of(number[6:14])
    if birth is None:
        _refuse(
            field,
            _l("The birth date in the ID number (%(digits)s) does not exist in the calendar.", digits=number[6:14]),
        )
    if birth > day:
        _refuse(field, _l("The birth date in the ID number (%(day)s) lies in the future.", day=birth.isoformat()))
    if age_on(birth, day) > OLDEST:
        _refuse(
            field,
            _l(
                "The birth date in the ID number (%(day)s) is more than %(years)d years ago.",
                day=birth.isoformat(),
                years=OLDEST,
            ),
        )
    if not mod_11_2.is_valid(number):
        _refuse(
            field,
            _l("The last character of the ID number does not fit the others; please compare each digit with the card."),
        )
    return IdCard(number, birth, "male" if int(number[16]) % 2 else "female")


_PUNCTUATION = str.maketrans(dict.fromkeys("().") | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_EXTENSION = re.compile(f"EXT|{'|'.join(WORDS['extension'])}")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(
    r"(?:(?:\+86|0086)-?0?(?=[1-9])|0)(10|2[0-9]|[3-9][0-9]{2})-?([2-9][0-9]{2,3})-?([0-9]{4})(?:[-X#]+([0-9]{1,6}))?"
)
_LONGEST_SHORT_NUMBER = 6


def check_phone(text: str | None, field: str = "phone") -> str:
    """A mobile as 11 digits, or a landline as area-number[-extension]; Invalid with what exactly is wrong."""
    typed = _EXTENSION.sub("X", _plain(text).translate(_PUNCTUATION))
    if not typed:
        _refuse(field, _l("Please enter the phone number."))
    if mobile := _MOBILE.fullmatch(typed.replace("-", "")):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(typed):
        area, head, tail, extension = landline.groups()
        return f"0{area}-{head}{tail}" + (f"-{extension}" if extension else "")
    _refuse(field, _phone_fault(typed.replace("-", "")))


def _phone_fault(digits: str) -> Any:
    if not re.fullmatch(r"\+?[0-9X#]*", digits):
        return _l("A phone number holds digits only.")
    if digits.startswith("+") or digits.startswith("00"):
        return _l("Only mainland numbers can be called back; please give a mobile or a landline of the mainland.")
    count = len(digits)
    if count <= _LONGEST_SHORT_NUMBER:
        return _l("Short numbers such as %(number)s cannot be called back; please give a full number.", number=digits)
    if digits.startswith("1") and count != 11:
        return _l("A mobile number has 11 digits; this one has %(count)d.", count=count)
    if digits.startswith("1"):
        return _l("A mobile number begins with 13 to 19; this one begins with %(start)s.", start=digits[:2])
    if count in (7, 8):
        return _l("Please put the area code before the landline number %(number)s.", number=digits)
    return _l("This is neither a mobile number (11 digits) nor a landline with its area code.")
