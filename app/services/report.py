"""Reports of a centre: made anew each time from the statistics and the template in use, within the reader's scope."""

from dataclasses import dataclass

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actor import Actor
from app.core import clock, docx_html, docx_template, pdf
from app.core.db import db, writing
from app.core.errors import NotAllowed
from app.core.paper import day_words
from app.models.document import DocumentKind, PrintForm
from app.models.organisation import Organisation
from app.services import document_template
from app.services.document_output import MIMES, Handed, end_reading
from app.services.document_values import given_fields, said
from app.services.numbering import centre_of
from app.services.queries import report
from app.services.queries.export import Export, note_export
from app.services.queries.figures_said import allowed
from app.services.queries.statistics import Asked

KIND, PAGE = DocumentKind.weekly_report, "Statistics"
ROWS = ("towns", "categories", "load", "overdue")


@dataclass(frozen=True)
class Report:
    """One report: its name, the Word file, and how many lines it tells of."""

    name: str
    data: bytes
    lines: int


def _place(actor: Actor, asked: Asked) -> Organisation | None:
    if asked.organisation is not None:
        return asked.organisation
    return db.session.get(Organisation, actor.organisation_id) if actor.organisation_id is not None else None


def make(actor: Actor, asked: Asked, veil: bool) -> Report:
    """The report as a Word file, in the language of papers."""
    if not actor.may("read", PAGE):
        raise NotAllowed()
    allowed(actor, asked)
    place = _place(actor, asked)
    centre = centre_of(place) if place is not None else None
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        given = report.fields(actor, asked, veil)
        values = given_fields(KIND, {**given, "scope": place.name if place is not None else ""}) | {
            "centre": _("%(city)s Public-Appeals Reception Centre", city=centre.name if centre is not None else ""),
            "centre_phone": said(centre.phone if centre is not None else None),
            "centre_address": said(centre.address if centre is not None else None),
            "date": day_words(clock.today()),
        }
        name = f"{given['title']} {asked.since}—{asked.until}"
    template = document_template.active(KIND)
    data = docx_template.fill(document_template.bytes_of(template), values)
    return Report(name, data, sum(len(given[rows]) for rows in ROWS))


def _note(actor: Actor, asked: Asked, made: Report, form: PrintForm) -> None:
    """The trail keeps who took which report out; a short transaction of its own, after everything was read."""
    where = f" organisation={asked.organisation.code}" if asked.organisation is not None else ""
    job = Export(PAGE, "report", [made.name], select(), (), form.value, told=f"{asked.since}..{asked.until}{where}")
    end_reading()
    with writing():
        note_export(actor, job, made.lines)


def show(actor: Actor, asked: Asked, veil: bool) -> tuple[str, docx_html.Paper]:
    """The report for screen and printer; noted as an export, for paper leaves the house like a file."""
    made = make(actor, asked, veil)
    paper = docx_html.convert(made.data)
    _note(actor, asked, made, PrintForm.print)
    return made.name, paper


def hand_out(actor: Actor, asked: Asked, veil: bool, form: PrintForm) -> Handed:
    """The report as a Word or PDF file."""
    if not actor.may("export", PAGE):
        raise NotAllowed()
    made = make(actor, asked, veil)
    data = made.data if form is PrintForm.docx else pdf.make(docx_html.convert(made.data), made.name)
    _note(actor, asked, made, form)
    return Handed(f"{made.name}.{form.value}", MIMES[form], data, copy=False)
