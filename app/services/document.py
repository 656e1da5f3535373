"""Official papers: issued within the step that calls for them, fixed for good, replaced by a new version, or void."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actor import Actor, system_scope
from app.core import clock, docx_template, store
from app.core.db import db
from app.core.errors import Conflict, NotAllowed
from app.core.text import clean_text
from app.models.case import Case
from app.models.code_table import CodeItem, CodeTable
from app.models.document import CHECK_LENGTH, Document, DocumentKind, DocumentState, DocumentTemplate
from app.models.proposal import Proposal
from app.models.supervision import Supervision
from app.services import document_template
from app.services.document_file import folder
from app.services.document_values import given_fields, standard_fields
from app.services.numbering import centre_of, next_paper_number, paper_prefix_of
from app.services.paper_due import NOTICES, to_serve
from app.services.record import in_plain_words

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
Owner = Case | Proposal
WORDS = "document_word"  # the code table with the word each kind's number bears


def new_check_code() -> str:
    """Twelve letters and digits that nobody can guess or misread."""
    return "".join(secrets.choice(LETTERS) for _place in range(CHECK_LENGTH))


def word_of(kind: DocumentKind) -> str:
    """The word that numbers of this kind bear after the prefix of the centre."""
    table = select(CodeTable.id).where(CodeTable.code == WORDS).scalar_subquery()
    item = select(CodeItem.name).where(CodeItem.table_id == table, CodeItem.code == kind.value)
    return db.session.scalar(item) or ""


def _subject(about: Any) -> tuple[str | None, int | None]:
    """Type and id of the row a paper is about, beside the case."""
    if about is None:
        return None, None
    if about.id is None:
        db.session.flush()
    return about.__tablename__, about.id


def _owner(owner: Owner) -> dict[str, int]:
    """The one column that says whose paper it is."""
    return {"case_id" if isinstance(owner, Case) else "proposal_id": owner.id}


def _previous(owner: Owner, kind: DocumentKind, subject: str) -> Document | None:
    """The last version for the same subject; its owner is held, so that two clerks do not make the same next one."""
    held = owner.__table__.c.id
    db.session.execute(select(held).where(held == owner.id).with_for_update())
    same = select(Document).filter_by(**_owner(owner), kind=kind, subject=subject)
    return db.session.scalar(same.order_by(Document.edition.desc()).limit(1).with_for_update())


def _kept(values: Mapping[str, Any]) -> str:
    """The values as they are kept beside the paper; of a picture only its hash."""

    def plain(value: Any) -> Any:
        return f"sha256:{hashlib.sha256(value).hexdigest()}"

    return json.dumps(values, ensure_ascii=False, default=plain)


def issue(
    actor: Actor,
    owner: Owner,
    kind: DocumentKind,
    fields: Mapping[str, Any] | None = None,
    *,
    party_id: int | None = None,
    about: Any = None,
) -> Document:
    """Issue a paper within the transaction of the step that calls for it (it never commits by itself).

    `fields`: what the kind knows beside the standard fields (services/document_fields.py); days, moments, codes and
    yes/no are put into words. `owner`: the case, or the proposal. `about`: the row it is about beside the case (a
    referral, a reply, a review); an earlier version for the same case, kind, party and row is replaced.
    """
    about_type, about_id = _subject(about)
    subject = f"{party_id or 0}:{about_type or ''}:{about_id or 0}"
    with system_scope("a paper of what the actor acts on"), force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        before = _previous(owner, kind, subject)
        template, centre, code = document_template.active(kind), centre_of(owner.organisation), new_check_code()
        number = next_paper_number(paper_prefix_of(centre), word_of(kind), clock.today().year)
        edition = before.edition + 1 if before is not None else 1
        standard, whole = standard_fields(actor, owner, kind, centre, code, party_id)
        values = {**standard, **given_fields(kind, fields or {}), "number": number, "version": str(edition)}
        document = Document(
            **_owner(owner),
            kind=kind,
            number=number,
            edition=edition,
            check_code=code,
            state=DocumentState.issued,
            centre_id=centre.id,
            template_id=template.id,
            party_id=party_id,
            about_type=about_type,
            about_id=about_id,
            subject=subject,
            issued_at=clock.now(),
            issued_by_id=actor.user_id,
            issued_by_name=actor.name,
            personal=whole,
            **_filled(template, values),
        )
        with in_plain_words():
            if before is not None and before.state == DocumentState.issued:
                _replace(before)
                db.session.flush()
            db.session.add(document)
            db.session.flush()
        if kind in NOTICES and isinstance(owner, Case):
            to_serve(owner, kind)
    return document


def _replace(row: Document) -> None:
    row.state = DocumentState.replaced


def _filled(template: DocumentTemplate, values: Mapping[str, Any]) -> dict[str, Any]:
    """The paper itself, written to the disk before its row."""
    data = docx_template.fill(document_template.bytes_of(template), values)
    return {
        "fields": _kept(values),
        "size": len(data),
        "docx_sha256": hashlib.sha256(data).hexdigest(),
        "docx_key": store.write(folder(), data),
    }


def void(row: Document, reason: str) -> Document:
    """Declare a paper void; it stays, and its check says so."""
    if row.state == DocumentState.void:
        raise Conflict(_l("This paper is void already."))
    row.void_reason = clean_text(reason, "reason", 500, required=True)
    row.state = DocumentState.void
    with in_plain_words():
        db.session.flush()
    return row


def latest(owner: Owner, kind: DocumentKind, *, party_id: int | None = None, about: Any = None) -> Document | None:
    """The paper in force for the same case or proposal, kind, party and row, or None."""
    about_type, about_id = _subject(about)
    subject = f"{party_id or 0}:{about_type or ''}:{about_id or 0}"
    same = select(Document).filter_by(**_owner(owner), kind=kind, subject=subject, state=DocumentState.issued)
    return db.session.scalar(same)


def of_case(actor: Actor, case_id: int) -> list[Document]:
    """The papers of a case, the newest first."""
    if not actor.may("read", "Document"):
        raise NotAllowed()
    rows = select(Document).where(Document.case_id == case_id).order_by(Document.id.desc())
    return list(db.session.scalars(rows))


def letter_of(actor: Actor, row: Proposal | Supervision) -> Document | None:
    """The letter of a proposal or of a supervision order, whether or not it holds; None for who reads no papers."""
    if not actor.may("read", "Document"):
        return None
    if isinstance(row, Proposal):
        mine = Document.proposal_id == row.id
    else:
        mine = (Document.about_type == row.__tablename__) & (Document.about_id == row.id)
    return db.session.scalar(select(Document).where(mine).order_by(Document.id.desc()).limit(1))


def values_for(
    actor: Actor, case: Case, kind: DocumentKind, fields: Mapping[str, Any], party_id: int | None = None
) -> tuple[dict[str, Any], bool]:
    """What would be filled in now, without issuing anything, and whether personal data stands there in full."""
    with system_scope("what a paper would say"), force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        standard, whole = standard_fields(actor, case, kind, centre_of(case.organisation), "", party_id)
        return {**standard, **given_fields(kind, fields)}, whole


def values_of(document: Document) -> dict[str, Any]:
    """What was filled into the paper."""
    found: dict[str, Any] = json.loads(document.fields)
    return found
