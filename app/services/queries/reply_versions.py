"""The versions of a reply side by side: what changed from each to the next, claim by claim, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.models.account import Account
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.reply import Reply

# Chinese is compared sign by sign; numbers and words of letters stay whole.
_PIECE = re.compile(r"[A-Za-z0-9.%]+|\s+|.", re.S)
KEPT, OUT, IN = "kept", "out", "in"


@dataclass(frozen=True, slots=True)
class Change:
    """One point of two versions: its name, and the pieces that stayed, went and came."""

    label: Any
    pieces: Sequence[tuple[str, str]]
    before: Any = None
    after: Any = None

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return any(mark != KEPT for mark, _text in self.pieces) or self.before != self.after


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and their differences."""

    old: Any
    new: Any
    changes: Sequence[Change]


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """What stayed, what went, what came, in reading order."""
    a, b = _PIECE.findall(old), _PIECE.findall(new)
    pieces: list[tuple[str, str]] = []
    for what, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append((KEPT, "".join(a[a1:a2])))
            continue
        pieces += [(mark, text) for mark, text in ((OUT, "".join(a[a1:a2])), (IN, "".join(b[b1:b2]))) if text]
    return pieces


def _said(point: Any) -> tuple[Any, Any] | None:
    return (point.result, point.resolved) if point is not None else None


def _changes(old: Reply, new: Reply) -> Iterator[Change]:
    yield Change(_l("Findings"), difference(old.findings, new.findings))
    yield Change(_l("Basis"), difference(old.basis, new.basis))
    before, after = ({point.number: point for point in version.points} for version in (old, new))
    for number in sorted({*before, *after}):
        a, b = before.get(number), after.get(number)
        texts = (a.text if a is not None else "", b.text if b is not None else "")
        yield Change(_l("Claim %(number)s", number=number), difference(*texts), _said(a), _said(b))


def versions_of(case: Case) -> list[Reply]:
    """All versions with their points and files, oldest first."""
    eager = (selectinload(Reply.points), selectinload(Reply.evidence), joinedload(Reply.organisation))
    rows = select(Reply).where(Reply.case_id == case.id).options(*eager).order_by(Reply.number)
    return list(db.session.scalars(rows))


def evidence_of(reply_id: int) -> list[Attachment]:
    """The files that prove what one version says."""
    return list(db.session.scalars(select(Attachment).join(Reply.evidence).where(Reply.id == reply_id)))


def compare(versions: Sequence[Reply], old: int | None, new: int | None) -> Comparison | None:
    """Two versions by their numbers; without any, the last two; None where there is only one."""
    found = {version.number: version for version in versions}
    if len(found) < 2:
        return None
    numbers = sorted(found)
    after = new if new in found else numbers[-1]
    earlier = [number for number in numbers if number != after]
    before = old if old in earlier else max((n for n in earlier if n < (after or 0)), default=earlier[0])
    first, second = found[before or 0], found[after or 0]
    return Comparison(first, second, list(_changes(first, second)))


def people_of(versions: Sequence[Reply]) -> dict[int, str]:
    """The names of those who drafted, checked and approved."""
    table: Any = Account.__table__
    wanted = {key for v in versions for key in (v.drafted_by_id, v.checked_by_id, v.approved_by_id) if key is not None}
    rows = db.session.connection().execute(select(table.c.id, table.c.first_name).where(table.c.id.in_(wanted)))
    return {row.id: row.first_name for row in rows}
