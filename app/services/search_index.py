"""The search index: one line of hex words for each case, kept up to date in the transaction that changes the case.

Words carry a prefix that says what they come from: n names, t title, c claims, f facts, y pinyin initials, d number,
p p-tail, h telephone, i ID number; s… are scope words, so that a search never walks through rows of others.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import event, inspect, select, text
from sqlalchemy.orm import Session, UOWTransaction

from app.core.db import db
from app.core.pinyin import pinyin_initials
from app.core.tokens import bigrams, index_tokens
from app.core.upsert import dialect
from app.models.case import Case
from app.models.member import CaseMember
from app.models.party import Claim, Party
from app.models.person import Person
from app.models.referral import Referral, ReferralState

NAME, TITLE, CLAIM, FACTS, INITIALS, NUMBER, TAIL, PHONE, PAPER = "n", "t", "c", "f", "y", "d", "p", "h", "i"
OF_TOWN, OF_ORGANISATION, GIVEN_TO, NAMED = "st", "so", "sa", "sm"
HASH_LENGTH = 16
INITIALS_LENGTH = 8
STALE = "search_stale"
_WATCHED: dict[type, frozenset[str]] = {
    Case: frozenset({"title", "facts", "number", "organisation_id", "owner_town_id"}),
    Person: frozenset({"name", "pinyin", "id_number_hash", "phone_hash", "phone_tail_hash"}),
    Party: frozenset({"person_id", "organisation_name", "respondent_organisation_id"}),
    Claim: frozenset({"text"}),
    Referral: frozenset({"organisation_id", "state"}),
    CaseMember: frozenset({"user_id"}),
}
_case, _party, _person, _claim = Case.__table__, Party.__table__, Person.__table__, Claim.__table__
_referral, _member = Referral.__table__, CaseMember.__table__


@lru_cache(maxsize=50_000)
def _line(prefix: str, said: str) -> str:
    return " ".join(index_tokens(prefix, said))


@lru_cache(maxsize=5_000)
def _pairs(prefix: str, said: str) -> str:
    return " ".join({prefix + word for word in bigrams(said)})


@lru_cache(maxsize=50_000)
def _starts(initials: str) -> str:
    """Every beginning of every reading, so that "cx" finds "cxs"."""
    return " ".join(
        {
            INITIALS + reading[:size]
            for reading in initials.split()
            for size in range(1, min(len(reading), INITIALS_LENGTH) + 1)
        }
    )


def hash_word(prefix: str, value: str) -> str:
    """The word of a keyed hash."""
    return prefix + value[:HASH_LENGTH]


def number_words(number: str) -> list[str]:
    """A case is found by its whole number, and by its last digits with or without the leading zeros."""
    tail = number.rpartition("-")[2]
    return [NUMBER + re.sub(r"[^0-9a-z]", "", number.lower()), NUMBER + tail, NUMBER + (tail.lstrip("0") or "0")]


def words_of(
    case: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    claims: Iterable[str],
    organisations: Iterable[int] = (),
    members: Iterable[int] = (),
) -> str:
    """The line of a case. `case`: number, title, facts, organisation_id, owner_town_id; each of `people`: name, pinyin
    (or None), id_number_hash, phone_hash, phone_tail_hash."""
    parts = [
        _line(TITLE, case["title"]),
        *number_words(case["number"]),
        f"{OF_ORGANISATION}{case['organisation_id']}",
        f"{OF_TOWN}{case['owner_town_id'] or 0}",
    ]
    for person in people:
        parts.append(_line(NAME, person["name"]))
        parts.append(_starts(person["pinyin"] or pinyin_initials(person["name"])))
        hashes = ((PAPER, "id_number_hash"), (PHONE, "phone_hash"), (TAIL, "phone_tail_hash"))
        parts += [hash_word(prefix, person[column]) for prefix, column in hashes if person.get(column)]
    parts += [_line(CLAIM, claim) for claim in claims]
    parts.append(_pairs(FACTS, (case.get("facts") or "")[:4000]))
    parts += [f"{GIVEN_TO}{key}" for key in organisations]
    parts += [f"{NAMED}{key}" for key in members]
    return " ".join(dict.fromkeys(" ".join(parts).split()))


def write_lines(lines: Sequence[tuple[int, str]], fresh: bool = False) -> None:
    """Put lines (case id, words) into the index of the engine at hand; `fresh`: none of these cases is in it yet."""
    if not lines:
        return
    connection = db.session.connection()
    if dialect() == "sqlite":
        if not fresh:
            drop_lines([key for key, _words in lines])
        connection.execute(
            text("INSERT INTO case_search (rowid, tokens) VALUES (:id, :tokens)"),
            [{"id": key, "tokens": words} for key, words in lines],
        )
        return
    connection.execute(
        text(
            "INSERT INTO case_search (case_id, tokens) VALUES (:id, :tokens) "
            "ON CONFLICT (case_id) DO UPDATE SET tokens = excluded.tokens"
        ),
        [{"id": key, "tokens": words.split()} for key, words in lines],
    )


_DROP_ROWID = text("DELETE FROM case_search WHERE rowid = :id")
_DROP_CASE = text("DELETE FROM case_search WHERE case_id = :id")


def drop_lines(ids: Sequence[int]) -> None:
    """Take the lines of these cases out of the index."""
    if ids:
        statement = _DROP_ROWID if dialect() == "sqlite" else _DROP_CASE
        db.session.connection().execute(statement, [{"id": key} for key in ids])


def _grouped(statement: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.connection().execute(statement):
        found.setdefault(row[0], []).append(row)
    return found


def index_cases(ids: Iterable[int]) -> None:
    """Write the lines of these cases anew."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    cases = (
        db.session.connection()
        .execute(
            select(
                _case.c.id, _case.c.number, _case.c.title, _case.c.facts, _case.c.organisation_id, _case.c.owner_town_id
            ).where(_case.c.id.in_(wanted))
        )
        .mappings()
        .all()
    )
    columns = (
        _person.c.name,
        _person.c.pinyin,
        _person.c.id_number_hash,
        _person.c.phone_hash,
        _person.c.phone_tail_hash,
        _party.c.organisation_name,
    )
    people = _grouped(
        select(_party.c.case_id, *columns)
        .join_from(_party, _person, _party.c.person_id == _person.c.id, isouter=True)
        .where(_party.c.case_id.in_(wanted))
    )
    claims = _grouped(select(_claim.c.case_id, _claim.c.text).where(_claim.c.case_id.in_(wanted)))
    given = _grouped(
        select(_referral.c.case_id, _referral.c.organisation_id).where(
            _referral.c.case_id.in_(wanted), _referral.c.state != ReferralState.ended
        )
    )
    named = _grouped(select(_member.c.case_id, _member.c.user_id).where(_member.c.case_id.in_(wanted)))
    write_lines(
        [
            (
                case["id"],
                words_of(
                    dict(case),
                    [_who(row) for row in people.get(case["id"], []) if row.name or row.organisation_name],
                    [row.text for row in claims.get(case["id"], [])],
                    [row[1] for row in given.get(case["id"], [])],
                    [row[1] for row in named.get(case["id"], [])],
                ),
            )
            for case in cases
        ]
    )


def _who(row: Any) -> dict[str, Any]:
    return {**row._mapping, "name": row.name or row.organisation_name}


def index_new(case: Case, people: Sequence[Mapping[str, Any]], claims: Iterable[str]) -> None:
    """Write the line of a case that was just entered, from what is known of it; nothing of it is read back."""
    said = {
        "number": case.number,
        "title": case.title,
        "facts": case.facts,
        "organisation_id": case.organisation_id,
        "owner_town_id": case.owner_town_id,
    }
    write_lines([(case.id, words_of(said, people, claims))], fresh=True)
    stale = db.session().info.get(STALE)
    if stale:
        stale["rows"] = [row for row in stale["rows"] if row is not case and getattr(row, "case_id", None) != case.id]


def index_case(case: Case) -> None:
    """Write the line of one case anew."""
    db.session.flush()
    index_cases([case.id])


def reindex(batch: int = 2000) -> int:
    """Build the whole index anew; within a unit of work."""
    db.session.connection().execute(text("DELETE FROM case_search"))
    last = done = 0
    while True:
        ids = (
            db.session.connection()
            .execute(select(_case.c.id).where(_case.c.id > last).order_by(_case.c.id).limit(batch))
            .scalars()
            .all()
        )
        if not ids:
            return done
        index_cases(ids)
        last, done = ids[-1], done + len(ids)


def _touched(record: Any, new: bool) -> bool:
    watched = _WATCHED.get(type(record))
    if watched is None:
        return False
    if new:
        return True
    attributes = inspect(record).attrs
    return any(attributes[name].history.has_changes() for name in watched)


def _collect(session: Session, _context: UOWTransaction, _instances: Any = None) -> None:
    """Before a flush: which rows of this flush change what can be searched."""
    stale = session.info.setdefault(STALE, {"rows": [], "people": []})
    for new, records in ((True, session.new), (False, session.dirty), (True, session.deleted)):
        for record in records:
            if isinstance(record, Person) and new:
                continue  # nobody's party yet; the party will tell
            if _touched(record, new):
                stale["people" if isinstance(record, Person) else "rows"].append(record)


def _write(session: Session) -> None:
    """Before the commit: bring the lines of the touched cases up to date."""
    session.flush()
    stale = session.info.pop(STALE, None)
    if not stale:
        return
    ids = {row.id if isinstance(row, Case) else row.case_id for row in stale["rows"]}
    old = [person.id for person in stale["people"] if person.id is not None]
    if old:
        ids |= set(session.connection().execute(select(_party.c.case_id).where(_party.c.person_id.in_(old))).scalars())
    index_cases(key for key in ids if key is not None)


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(STALE, None)


def install(session: Any) -> None:
    """Put the listeners on the session; before those of the audit trail, whose lock comes last."""
    for name, listener in (("before_flush", _collect), ("before_commit", _write), ("after_soft_rollback", _forget)):
        if not event.contains(session, name, listener):
            event.listen(session, name, listener)
