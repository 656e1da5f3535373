"""A Word file as HTML: what official papers need and no more, so that screen, A4 print and PDF show the same.

Read are paragraphs (alignment, indents, spacing, page breaks), characters (font, size, bold, colour …), tables
(borders, spans, heights), pictures in the line, and of headers and footers their text with page numbers. What is
beyond that is named by `not_shown`, and a template that holds it is not taken in.
"""

import base64
import io
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.core.docx_names import qn
from app.core.docx_style import Styles, box_of, length
from app.core.docx_table import Grid
from app.core.late import late
from app.core.paper import PAPER

docx = late("docx")

FORBIDDEN: dict[str, Any] = {
    "w:txbxContent": _l("text boxes"),
    "mc:AlternateContent": _l("shapes"),
    "w:pict": _l("drawings of the old kind"),
    "wp:anchor": _l("floating pictures"),
    "w:object": _l("embedded objects"),
    "w:altChunk": _l("embedded files"),
    "w:footnoteReference": _l("footnotes"),
    "w:endnoteReference": _l("footnotes"),
    "w:commentReference": _l("comments"),
    "w:ins": _l("tracked changes"),
    "w:del": _l("tracked changes"),
    "w:numPr": _l("automatic numbers and bullets"),
    "w:sdt": _l("content controls"),
    "w:hyperlink": _l("links"),
    "w:sym": _l("symbols from a symbol font"),
    "w:framePr": _l("frames"),
}
_NAMESPACES = {"mc": "http://schemas.openxmlformats.org/markup-compatibility/2006"}
_IMAGES = {"image/png", "image/jpeg"}
CSS = """
.docx { font-variant-east-asian: normal; overflow-wrap: anywhere; text-align: left; color: #000; position: relative; }
.docx p { margin: 0; white-space: pre-wrap; }
.docx table { border-collapse: collapse; margin: 0; table-layout: fixed; }
.docx td { padding: .5mm 1.9mm; vertical-align: top; font: inherit; }
.docx tr { break-inside: avoid; }
.docx thead { display: table-header-group; }
.docx img { vertical-align: middle; max-width: none; }
.docx .break { break-before: page; }
.docx .copy { position: absolute; top: 0; right: 0; border: 1.5pt solid #b8241c; color: #b8241c; padding: 0 2mm;
  font-size: 14pt; line-height: 1.6; }
@page { size: %(size)s; margin: %(margin)s; %(boxes)s }
@media screen {
.docx { box-sizing: border-box; width: %(width)s; max-width: 100%%; margin: 1rem auto; padding: %(margin)s;
  background: #fff; box-shadow: 0 2px 14px rgba(0, 0, 0, .2); }
.docx .copy { top: 12mm; right: 12mm; }
.docx .break { border-top: 1px dashed #888; }
}
@media screen and (max-width: 480px) { .docx { zoom: .7; } }
@media screen and (max-width: 820px) { .docx { padding: 1.25rem; } .docx .copy { position: static; float: right; } }
"""


def _tag(name: str) -> str:
    prefix, _colon, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}" if prefix in _NAMESPACES else str(qn(name))


@dataclass
class Paper:
    """A paper ready to be put on a page: the body and the rules of its page."""

    body: Markup
    css: Markup
    text: str


@dataclass
class _Writer:
    part: Any
    styles: Styles
    out: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    filled: int = 0

    def blocks(self, parent: Any) -> None:
        """Paragraphs and tables of a body or a cell."""
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                self.paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.table(child)

    def paragraph(self, node: Any) -> None:
        """One paragraph."""
        css, base, broken = self.styles.paragraph(node)
        self.out.append(f'<p{" class=break" if broken else ""} style="{escape(css)}">')
        before = self.filled
        for run in node.iterchildren(qn("w:r")):
            self.run(run, node, base)
        if self.filled == before:
            self.out.append("&#8203;")  # an empty line keeps its height
        self.out.append("</p>")

    def run(self, node: Any, paragraph: Any, base: dict[str, str]) -> None:
        """One stretch of characters of the same kind."""
        css = self.styles.run(node, paragraph, base)
        self.out.append(f'<span style="{escape(css)}">' if css else "<span>")
        for child in node.iterchildren():
            self.piece(child)
        self.out.append("</span>")

    def piece(self, child: Any) -> None:
        """Text, a tab, a new line, a new page, a picture."""
        if child.tag == qn("w:t"):
            self.said.append(child.text or "")
            self.filled += bool(child.text)
            self.out.append(str(escape(child.text or "")))
        elif child.tag == qn("w:tab"):
            self.out.append("\u2003\u2003")
        elif child.tag in (qn("w:br"), qn("w:cr")):
            page = child.get(qn("w:type")) == "page"
            self.out.append('</span></p><p class="break"><span>' if page else "<br>")
        elif child.tag == qn("w:drawing"):
            self.picture(child)

    def picture(self, node: Any) -> None:
        """A picture in the line, with its bytes within the page."""
        for blip in node.iter(qn("a:blip")):
            image = self.part.related_parts.get(blip.get(qn("r:embed")))
            if image is None or image.content_type not in _IMAGES:
                continue
            extent = next(node.iter(qn("wp:extent")))
            width, height = (int(extent.get(side)) / 36000 for side in ("cx", "cy"))
            data = base64.b64encode(image.blob).decode("ascii")
            place = f"data:{image.content_type};base64,{data}"
            self.filled += 1
            self.out.append(f'<img alt="" style="width:{width:.2f}mm;height:{height:.2f}mm" src="{place}">')

    def table(self, node: Any) -> None:
        """A table with its borders, spans and heights."""
        grid = Grid(node, self.styles)
        self.out.append(f'<table style="{escape(grid.css)}"><colgroup>{grid.columns}</colgroup>')
        for rows, name in ((grid.head, "thead"), (grid.rows, "tbody")):
            if not rows:
                continue
            self.out.append(f"<{name}>")
            for row in rows:
                self.out.append(f'<tr style="{row.css}">')
                for cell in row.cells:
                    spans = (f' colspan="{cell.columns}"' if cell.columns > 1 else "") + (
                        f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
                    )
                    self.out.append(f'<td{spans} style="{escape(cell.css)}">')
                    self.blocks(cell.node)
                    self.out.append("</td>")
                self.out.append("</tr>")
            self.out.append(f"</{name}>")
        self.out.append("</table>")


def _quoted(text: str) -> str:
    """A CSS string."""
    return '"' + "".join(c if c.isalnum() or c in " ·:：-" else f"\\{ord(c):x} " for c in text) + '"'


_COUNTERS = {"PAGE": "counter(page)", "NUMPAGES": "counter(pages)"}


def _running(paragraph: Any) -> list[str]:
    """The pieces of a header or footer line as CSS content: strings and counters."""
    found: list[str] = []
    inside = ""  # between begin and separate: the code of a field; between separate and end: its old result
    for node in paragraph.iter(qn("w:t"), qn("w:fldChar"), qn("w:instrText"), qn("w:fldSimple")):
        if node.tag == qn("w:fldChar"):
            kind = node.get(qn("w:fldCharType"))
            inside = {"begin": "code", "separate": "result", "end": ""}[kind]
        elif node.tag == qn("w:instrText"):
            found.append(_COUNTERS.get((node.text or "").split()[0] if (node.text or "").split() else "", '""'))
        elif node.tag == qn("w:t") and not inside:
            found.append(_quoted(node.text or ""))
    return found


def _boxes(section: Any, styles: Styles) -> str:
    """Headers and footers as boxes in the margin of every page."""
    rules = []
    for place, holder in (("top", section.header), ("bottom", section.footer)):
        for paragraph in holder.paragraphs:
            content = _running(paragraph._p)
            if content:
                _css, base, _break = styles.paragraph(paragraph._p)
                run = next(iter(paragraph._p.iterchildren(qn("w:r"))), None)
                look = {**base, **(styles.properties(run, paragraph._p) if run is not None else {})}
                side = {"text-align:right": "right", "text-align:left": "left"}.get(_css.split(";")[0], "center")
                font = f"font-family:{look.get('font-family', 'serif')};font-size:{look.get('font-size', '9pt')}"
                rules.append(f"@{place}-{side} {{ content: {' '.join(content)}; {font}; white-space: pre; }}")
                break
    return " ".join(rules)


def convert(data: bytes, copy: bool = False) -> Paper:
    """The paper as HTML; `copy` puts the mark of a copy on every page."""
    document = docx.Document(io.BytesIO(data))
    styles, section = Styles(document), document.sections[0]
    writer = _Writer(document.part, styles)
    writer.blocks(document.element.body)
    size = f"{length(section.page_width)} {length(section.page_height)}"
    sides = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    boxes, mark, first = _boxes(section, styles), "", ""
    if copy:
        mark = f'<div class="copy">{escape(PAPER["copy"])}</div>'
        boxes += f" @top-right {{ content: {_quoted(PAPER['copy'])}; color: #b8241c; font-size: 14pt; }}"
        first = "@page :first { @top-right { content: none; } }"
    rules = {
        "size": size,
        "margin": " ".join(length(side) for side in sides),
        "boxes": boxes,
        "width": length(section.page_width),
    }
    css = CSS % rules + first + f".docx {{ {styles.default_css} }}"
    body = f"{mark}{''.join(writer.out)}"
    return Paper(Markup(body), Markup(css.replace("</", "<\\/")), "".join(writer.said))  # noqa: S704 - escaped above


def not_shown(data: bytes) -> list[Any]:
    """What a Word file holds that the print view cannot show, in words."""
    document = docx.Document(io.BytesIO(data))
    roots = [document.element.body]
    for section in document.sections:
        roots += [section.header._element, section.footer._element]
    found = {FORBIDDEN[name] for name in FORBIDDEN for root in roots if next(root.iter(_tag(name)), None) is not None}
    styles = Styles(document)
    if any(styles.numbered(node) for root in roots for node in root.iter(qn("w:p"))):
        found.add(FORBIDDEN["w:numPr"])
    if len(document.sections) > 1:
        found.add(_l("several sections"))
    said = "".join(node.text or "" for node in document.element.body.iter(qn("w:t")))
    if not found and convert(data).text != said:
        found.add(_l("text in places that are not read"))
    return sorted(found, key=str)


__all__ = ["Paper", "box_of", "convert", "not_shown"]
