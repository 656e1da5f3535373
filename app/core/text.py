"""Free text and cells: kept byte for byte as typed, or refused with the place of the fault."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid

FORMULA_SIGNS = "=+-@"
_STOPS = ".\u3002"
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_REFUSED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def _refuse(field: str, sentence: Any) -> None:
    raise Invalid(errors={field: [sentence]})


def listed(names: Iterable[Any] | None, *, clauses: bool = False) -> str:
    """Names one after the other, or whole clauses, with the mark that the language puts between them; a clause that is
    followed by another has no full stop."""
    said = [str(name) for name in names or ()]
    if clauses:
        said[:-1] = [clause.rstrip(_STOPS) for clause in said[:-1]]
    return (_("; ") if clauses else _(", ")).join(said)


def clean_text(text: str | None, field: str = "text", most: int = 20_000, required: bool = False) -> str:
    """Text of several lines: one kind of newline, no outer blank space, no control or direction-changing characters."""
    clean = _NEWLINES.sub("\n", text).strip() if text else ""
    if required and not clean:
        _refuse(field, _l("Please fill in this field."))
    if not clean:
        return clean
    if fault := _REFUSED.search(clean):
        line = clean.count("\n", 0, fault.start()) + 1
        code = f"{ord(fault.group()):04X}"
        _refuse(
            field,
            _l("Line %(line)d holds a character that cannot be shown or printed (U+%(code)s).", line=line, code=code),
        )
    if len(clean) > most:
        _refuse(
            field,
            _l("The text is too long: %(count)d characters, at most %(most)d.", count=len(clean), most=most),
        )
    return clean


def clean_line(text: str | None, field: str = "text", most: int = 200, required: bool = False) -> str:
    """Text of one line: as clean_text, with every stretch of blank space made one space."""
    return _BLANKS.sub(" ", clean_text(text, field, most, required))


def excel_safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; anything but text passes unchanged."""
    if not isinstance(cell, str) or cell[:1].isalnum():
        return cell
    first = unicodedata.normalize("NFKC", cell.lstrip(" \u00a0\u3000")[:1])
    return f"'{cell}" if (first and first in FORMULA_SIGNS) or cell[:1] in ("\t", "\r", "\n") else cell


def like_escape(text: str, escape: str = "\\") -> str:
    """Text for LIKE … ESCAPE: its own % and _ mean themselves."""
    return re.sub(f"[%_{re.escape(escape)}]", lambda sign: escape + sign[0], text)
