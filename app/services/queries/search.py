"""Finding cases by any part of a name, title, claim or number, by initials, telephone, ID or old number; newest first.

The index answers within the row scope (its scope words), so a rare name and a common word are equally quick for the
city, a town and a village. Every page that shows the rows selects them again under the row scope.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)

from app.access.actor import Actor, in_system_scope
from app.access.scope import criteria
from app.core.db import db
from app.core.errors import Invalid
from app.core.identity import check_phone
from app.core.tokens import bigrams, fold, query_tokens
from app.core.upsert import dialect
from app.models.account import RowScope
from app.models.case import Case
from app.models.organisation import Level
from app.models.party import Claim, Party
from app.models.person import Person
from app.services import search_index as words
from app.services.person import hash_id, hash_phone, hash_tail
from app.services.search_index import hash_word

TEXT_LENGTH = 100
WORDS_MOST = 6
CAP = 1000
RECHECKED = 200
BEGINNING = 3  # so many characters of an old number are taken as its beginning; fewer must be all of it
LAST_LETTER = "\U0010ffff"
FIELDS = {"name": (words.NAME,), "title": (words.TITLE,), "claim": (words.CLAIM,), "number": ()}
_case = Case.__table__
_ANY = (words.NAME, words.TITLE, words.CLAIM)
_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_NUMBER = re.compile(r"[a-z]{1,12}-?[0-9]{4}-?[0-9]{1,9}")
_NOT_WORD = re.compile(r"[\W_]+")
_INITIALS = re.compile(r"[a-z]{2,8}")

Group = list[str]


@dataclass(frozen=True)
class Plan:
    """What the index is asked: for each typed word, the groups of index words of which one group must be there."""

    terms: tuple[tuple[Group, ...], ...]
    inexact: tuple[str, ...] = ()
    personal: bool = False  # an ID number or a telephone was typed

    def __bool__(self) -> bool:
        return bool(self.terms) and all(self.terms)


def _text_groups(word: str, prefixes: Sequence[str], facts: bool) -> list[Group]:
    groups = [tokens for prefix in prefixes if (tokens := query_tokens(prefix, word))]
    if facts and (pairs := [words.FACTS + pair for pair in dict.fromkeys(bigrams(word))]):
        groups.append(pairs)
    return groups


def _number_groups(word: str) -> list[Group]:
    if _NUMBER.fullmatch(word):
        return [[words.NUMBER + word.replace("-", "")]]
    return [[words.NUMBER + (word.lstrip("0") or "0")]] if word.isdigit() and len(word) <= 6 else []


def _phone_of(word: str) -> str | None:
    try:
        return check_phone(word) if sum(char.isdigit() for char in word) >= 7 else None
    except Invalid:
        return None


def _term(word: str, field: str | None) -> tuple[list[Group], bool, bool]:
    """Groups of index words for one typed word; whether it must be looked at again; whether it is personal."""
    if field is None and _ID.fullmatch(word.upper()):
        return [[hash_word(words.PAPER, hash_id(word.upper()))]], False, True
    if field is None and (phone := _phone_of(word)):
        return [[hash_word(words.PHONE, hash_phone(phone))]], False, True
    prefixes = FIELDS.get(field, _ANY) if field else _ANY
    groups = _text_groups(word, prefixes, facts=field is None)
    if field in (None, "number"):
        groups += _number_groups(word)
    if field in (None, "name") and _INITIALS.fullmatch(word):
        groups.append([words.INITIALS + word])
    tail = field is None and len(word) == 4 and word.isdigit()
    if tail:
        groups.append([hash_word(words.TAIL, hash_tail(word))])
    exact = len(word) <= 2 or tail or bool(_number_groups(word)) or bool(_INITIALS.fullmatch(word))
    return groups, not exact and bool(groups), tail


def plan_of(typed: str, field: str | None = None) -> Plan:
    """The question behind a typed text; empty if nothing in it can be searched for."""
    typed = typed.replace("\x00", "")[:TEXT_LENGTH]
    whole = fold(typed).strip()
    parts = [whole] if _phone_of(whole) else whole.split()[:WORDS_MOST]
    terms: list[tuple[Group, ...]] = []
    again: list[str] = []
    personal = False
    for part in parts:
        groups, inexact, private = _term(part, field)
        terms.append(tuple(groups))
        again += [run for run in _NOT_WORD.split(part) if len(run) > 2] if inexact else []
        personal = personal or private
    return Plan(tuple(terms), tuple(again), personal)


def scope_words(actor: Actor) -> list[str] | None:
    """The scope words of the actor, one of which a case must carry; None if all cases are open to him or her."""
    if actor.system or in_system_scope():
        return None
    found: list[str] = []
    if RowScope.subtree in actor.scopes:
        if actor.level == Level.city:
            return None
        town = actor.level == Level.township
        found.append(f"{words.OF_TOWN if town else words.OF_ORGANISATION}{actor.organisation_id}")
    if RowScope.own in actor.scopes:
        found.append(f"{words.OF_ORGANISATION}{actor.organisation_id}")
    if RowScope.assigned in actor.scopes:
        found.append(f"{words.GIVEN_TO}{actor.organisation_id}")
    if RowScope.named in actor.scopes:
        found.append(f"{words.NAMED}{actor.user_id}")
    return list(dict.fromkeys(found))


def _fts(plan: Plan, scope: list[str] | None) -> str:
    """The question in the language of SQLite's full-text index; all words are letters and digits."""
    terms = [" OR ".join("(" + " AND ".join(group) + ")" for group in groups) for groups in plan.terms]
    if scope is not None:
        terms.append(" OR ".join(scope))
    return " AND ".join(f"({term})" for term in terms)


def _matches(plan: Plan, scope: list[str] | None) -> Select[Any]:
    """SELECT id: the cases of the index that answer the question."""
    if dialect() == "sqlite":
        return (
            select(literal_column("rowid").label("id"))
            .select_from(text("case_search"))
            .where(
                text("case_search MATCH :question").bindparams(bindparam("question", _fts(plan, scope), unique=True))
            )
        )
    statement: Select[Any] = select(literal_column("case_id").label("id")).select_from(text("case_search"))
    clauses = [or_(*(_has("@>", group) for group in groups)) for groups in plan.terms]
    if scope is not None:
        clauses.append(_has("&&", scope))
    return statement.where(*clauses)


def _has(operator: str, tokens: Sequence[str]) -> ColumnElement[bool]:
    array = "ARRAY[" + ",".join(f"'{token}'" for token in tokens) + "]::text[]"  # letters and digits only
    clause: ColumnElement[bool] = literal_column(f"(tokens {operator} {array})")
    return clause


def _fetch(plan: Plan, scope: list[str] | None, limit: int, before: int | None) -> list[int]:
    statement = _matches(plan, scope)
    key: ColumnElement[Any] = literal_column("rowid" if dialect() == "sqlite" else "case_id")
    if before is not None:
        statement = statement.where(key < before)
    if dialect() == "postgresql":  # OFFSET 0 keeps it from walking all cases backwards, hoping for a hit
        hits = statement.offset(0).subquery("hits")
        statement, key = select(hits.c.id), hits.c.id
    found = statement.order_by(key.desc()).limit(limit).subquery("found")
    listed = func.json_group_array(found.c.id) if dialect() == "sqlite" else func.json_agg(found.c.id)
    ids = db.session.connection().execute(select(cast(listed, Text))).scalar_one()  # one value, not a thousand rows
    return sorted(json.loads(ids or "[]"), reverse=True)


def _texts(ids: Sequence[int]) -> dict[int, str]:
    """All that is searched of these cases, in one spelling."""
    case, party, person, claim = Case.__table__, Party.__table__, Person.__table__, Claim.__table__
    connection = db.session.connection()
    found = {
        row.id: [row.title, row.number, row.facts]
        for row in connection.execute(
            select(case.c.id, case.c.title, case.c.number, case.c.facts).where(case.c.id.in_(ids))
        )
    }
    people = (
        select(party.c.case_id, person.c.name, party.c.organisation_name)
        .join_from(party, person, party.c.person_id == person.c.id, isouter=True)
        .where(party.c.case_id.in_(ids))
    )
    for row in connection.execute(people):
        found[row.case_id].append(row.name or row.organisation_name or "")
    for row in connection.execute(select(claim.c.case_id, claim.c.text).where(claim.c.case_id.in_(ids))):
        found[row.case_id].append(row.text)
    return {key: fold("\n".join(parts)) for key, parts in found.items()}


def _really(plan: Plan, ids: list[int]) -> list[int]:
    """Those of the ids whose text holds every word in one piece, not only its pairs of characters."""
    if not plan.inexact or not ids:
        return ids
    texts = _texts(ids)
    return [key for key in ids if all(word in texts.get(key, "") for word in plan.inexact)]


def by_old_number(actor: Actor, typed: str, before: int | None = None) -> list[int]:
    """Ids of imported cases whose number in the old ledger is what was typed, or begins with it; newest first."""
    typed = typed.replace("\x00", "").strip()[:TEXT_LENGTH]
    if not any(char.isdigit() for char in typed):
        return []
    old = _case.alias("old")
    column: Any = old.c.outside_number
    spellings = {typed, fold(typed), fold(typed).upper()}
    if len(typed) < BEGINNING:
        here = column.in_(spellings)
    else:
        least, below = ("~>=~", "~<~") if dialect() == "postgresql" else (">=", "<")  # byte by byte, as in the index
        ranges = (and_(column.bool_op(least)(one), column.bool_op(below)(one + LAST_LETTER)) for one in spellings)
        here = or_(*ranges)
    named = select(old.c.id).where(column.is_not(None), here, old.c.id < before if before is not None else true())
    found = named.offset(0)  # looked up by itself: the planner would rather read all cases of a town
    seen = select(_case.c.id).where(_case.c.id.in_(found), criteria(Case, actor)).order_by(_case.c.id.desc()).limit(CAP)
    return list(db.session.execute(seen).scalars())


def find_ids(
    actor: Actor, typed: str, field: str | None = None, limit: int = 26, before: int | None = None
) -> list[int]:
    """Ids of the cases that hold what was typed, newest first; `before` (the last id shown) asks for the next page."""
    plan, scope = plan_of(typed, field), scope_words(actor)
    if scope == []:
        return []
    old = by_old_number(actor, typed, before) if field in (None, "number") else []
    return sorted({*old, *(_indexed(plan, scope, limit, before) if plan else ())}, reverse=True)[:limit]


def _indexed(plan: Plan, scope: list[str] | None, limit: int, before: int | None) -> list[int]:
    """Ids that the index finds, newest first."""
    found: list[int] = []
    for _round in range(20):
        wanted = limit - len(found) + (10 if plan.inexact else 0)
        chunk = _fetch(plan, scope, wanted, before)
        found += _really(plan, chunk)
        if len(chunk) < wanted or len(found) >= limit:
            break
        before = chunk[-1]
    return found[:limit]


@dataclass(frozen=True)
class Common:
    """What more than a thousand cases hold: the newest thousand, and the question that finds them all."""

    newest: list[int]
    plan: Plan
    scope: list[str] | None

    def all(self) -> Select[Any]:
        """The select that finds them all."""
        return _matches(self.plan, self.scope)

    def holds(self, reach: int, last: int) -> bool:
        """Whether a page of the `reach` newest in the order of registration, with the case `last` at its end, is that
        of the whole result: no case entered before all of them was registered as late as that one."""
        case = Case.__table__
        end = select(case.c.registered_at).where(case.c.id == last).scalar_subquery()
        older = select(case.c.id).where(case.c.id + 0 < self.newest[:reach][-1], case.c.registered_at >= end)
        newest_first = older.order_by(case.c.registered_at.desc()).limit(1)  # by the index of that order, not by `id`
        return db.session.connection().execute(newest_first).first() is None


def case_ids(actor: Actor, typed: str, field: str | None = None) -> Common | list[int]:
    """What `limited` takes: up to a thousand ids as they are; beyond that the newest, and the way to find all."""
    plan, scope = plan_of(typed, field), scope_words(actor)
    if scope == []:
        return []
    ids = _fetch(plan, scope, CAP + 1, None) if plan else []
    if len(ids) > CAP:
        return Common(ids, plan, scope)
    found = _really(plan, ids) if len(ids) <= RECHECKED else ids
    old = by_old_number(actor, typed) if field in (None, "number") else []
    return sorted({*found, *old}, reverse=True) if old else found


def narrow(statement: Select[Any], actor: Actor, typed: str, field: str | None = None) -> Select[Any]:
    """A select of cases, limited to those that hold what was typed; for lists with other filters, and for exports."""
    return limited(statement, case_ids(actor, typed, field))


def limited(statement: Select[Any], found: Common | list[int]) -> Select[Any]:
    """A select of cases, limited to what `case_ids` found.

    A common word is looked up as a set while the rows are walked in their own order, hence `id + 0`. Executed with
    `newest` only so many of the newest hits are looked through (see `Common.holds`). A count asks for no order: it goes
    from the found to their rows, and stops when it has counted enough."""
    if isinstance(found, list):
        return statement.where(Case.id.in_(found)) if found else statement.where(false())
    options = statement.get_execution_options()
    if reach := options.get("newest"):
        return statement.where(Case.id.in_(found.newest[:reach]))
    if not options.get("counting"):
        return statement.where((Case.id + 0).in_(found.all()))
    if dialect() == "postgresql":
        return statement.where(Case.id.in_(found.all().offset(0)))
    hits = found.all().subquery("hits")
    return statement.join(hits, hits.c.id == Case.id)
