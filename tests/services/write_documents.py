"""Write the table of fields into docs/documents.md (run as a module from the root of the project)."""

from pathlib import Path

from app.services.document_fields import FIELDS, PERSONAL, STANDARD, Field, FieldKind

HEAD = """# Official papers

A paper is issued by the step that calls for it, within its transaction:

    from app.models.document import DocumentKind
    from app.services import document

    paper = document.issue(actor, case, DocumentKind.reply, {"found": text, "answers": rows}, about=reply)

`issue(actor, owner, kind, fields=None, *, party_id=None, about=None) -> Document` fills the template in use with the
standard fields (from the owner: a case, or a proposal) and `fields`, takes the next number of the centre, year and
kind, writes the Word file, and fixes hash, number, version and check code. It never commits, checks no permission (the
step did), and takes some 30 ms.

- `fields`: names of the table below; a name the kind does not know is a `LookupError`. Values: text, `date`,
  `datetime`, `bool`, numbers, enum members (their label), lazy sentences; lists are mappings by column (`number`
  counts by itself when it is not given); signatures are PNG bytes. What is not given stays empty.
- `party_id`: the paper is addressed to one party. `about`: the row it is about beside the case (a referral, a reply, a
  review …). A new paper for the same case, kind, party and row is the next version; the one before becomes `replaced`.
- `document.latest(case, kind, party_id=, about=)`: the one in force. `document.of_case(actor, case_id)`: all.
  `document.values_of(paper)`: what was filled in. `document.void(paper, reason)`: no longer holds.
- `document_output.original_pdf(paper)`, `original_docx(paper)`: the bytes for a dossier (the PDF is made and kept when
  first asked for); `document_output.hand_out(actor, id, form)`: a file for a person, noted, marked as a copy when it
  was given out before.

Nothing of an issued paper changes but its state, and nothing is deleted: the database refuses it. Personal data stands
in full on the kinds marked **personal** below, if the issuer may reveal it; those papers open only for people who may.
Numbers are the centre's prefix of papers (*Organisations*), the word of the kind (*Code tables*, `document_word`), the
year and how manieth of the year. Anybody checks a paper at `/public/verify`.

## Templates

Word files (`seed/data/templates`, written by `python -m seed.make_templates`), replaced on *Templates of papers*. A
template may name fields (`{{ number }}`), walk through rows (`{%tr for r in claims %} … {{ r.text }} … {%tr endfor %}`
in a table, `{%p for … %}` for paragraphs), and ask whether a field is filled in (`{% if note %} … {% endif %}`);
`length` and `default(…)` are known. Anything else is refused with its name.

The weekly report is no paper of a case: it is made anew from the statistics each time (`services/report.py`), has no
number and no check code, and of the standard fields it knows `centre`, `centre_phone`, `centre_address` and `date`.

The letter of a proposal belongs to the proposal and not to a case: who sees the proposal sees the letter, one proposal
has one letter, and a proposal that is withdrawn makes it void. It knows the standard fields of the weekly report and
`number`, `version`, `check_code`, `verify_address`, `qr` and `clerk`.

## Fields of every paper

"""


def _line(field: Field) -> str:
    if field.kind is FieldKind.rows:
        return f"| `{field.name}` | list | {field.label}: {', '.join(f'`{name}`' for name in field.columns)} |"
    return f"| `{field.name}` | {field.kind.value} | {field.label} |"


def _table(fields: tuple[Field, ...]) -> str:
    return "\n".join(["| field | holds | meaning |", "|---|---|---|", *map(_line, fields)]) + "\n"


def manual() -> str:
    """The whole page."""
    kinds = [
        f"### `{kind.value}` {kind.label}{' (**personal**)' if kind in PERSONAL else ''}\n\n{_table(fields)}"
        for kind, fields in FIELDS.items()
    ]
    return HEAD + _table(STANDARD) + "\n## Fields by kind\n\n" + "\n".join(kinds)


if __name__ == "__main__":
    Path("docs/documents.md").write_text(manual(), "utf-8")
