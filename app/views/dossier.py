"""The whole dossier of a case as one PDF."""

from collections.abc import Sequence

from flask import Response, render_template
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core import clock, pdf
from app.services import dossier
from app.services.document_output import Handed
from app.services.queries.case_page import case_page, stages
from app.services.queries.choices import parse_key
from app.services.queries.story import story
from app.views.document import sent
from app.views.needs import needs

CSS = """
@page { size: A4; margin: 22mm 18mm 20mm; @bottom-center { content: counter(page); font-size: 9pt; color: #666 } }
body { font: 10.5pt/1.65 "FangSong", "Noto Serif CJK SC", serif; }
h1 { font: 700 18pt/1.4 "Noto Serif CJK SC", serif; text-align: center; margin: 0 0 4mm; }
h2 { font-size: 12.5pt; margin: 6mm 0 2mm; }
table { width: 100%; border-collapse: collapse; }
th, td { border: .4pt solid #555; padding: 1.5mm 2mm; vertical-align: top; text-align: left; }
tr { break-inside: avoid; } h1, h2 { break-after: avoid; }
th { font-weight: 700; background: #f2f2f2; } td.day { white-space: nowrap; width: 30mm; } .said { color: #333; }
"""


class DossierPdfView(BaseView):
    """One file with everything that has pages."""

    route_base = "/case"
    default_view = "pdf"

    @expose("/<pk>/dossier.pdf")
    @needs("print", "Case")
    def pdf(self, pk: str) -> Response:
        """The dossier of a case one sees."""
        actor, page = current_actor(), case_page(parse_key(pk))
        events = story(page.course, page.visits, page.review_course, page.recordings)[::-1]
        title = f"{page.case.number} {page.case.title}"

        def course(missing: Sequence[tuple[str, str]]) -> bytes:
            body = render_template(
                "portal/dossier_course.html",
                page=page,
                case=page.case,
                events=events,
                stages=stages(page.case, page.course),
                missing=missing,
                made_at=clock.now(),
                actor=actor,
            )
            return pdf.from_html(body, CSS, title)

        word, number = _("Dossier"), page.case.number
        return sent(Handed(f"{number} {word}.pdf", "application/pdf", dossier.whole(actor, page.case, course), False))
