"""The sheet on which the templates of papers are written.

The look is that of GB/T 9704: A4, margins 37/35/28/26 mm, heading in 小标宋, body in 仿宋, forms as tables, at the end
the centre and the date, then the check of the paper. The same texts give the same bytes, so that a test can compare.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree

SONG, FANG, HEI = "方正小标宋简体", "仿宋", "黑体"
WIDTH = 156  # millimetres between the margins
# python-docx starts from a large file; papers need little of it, and there will be very many papers.
STYLES = ("Normal", "DefaultParagraphFont", "TableNormal", "TableGrid", "Header", "Footer", "NoList")
LEFT_OUT = ("stylesWithEffects", "numbering", "thumbnail", "webSettings", "theme", "customXml")
CHECKED_FOOT = "{{ number }}　第{{ version }}版　校验码 {{ check_code }}　第 "
PICTURES = ("signature }}", "picture }}")
MADE = (2026, 1, 1, 0, 0, 0)  # the time written into the archive, so that the bytes do not change by themselves


def _font(run: Any, name: str, size: float, bold: bool = False) -> None:
    run.font.size, run.font.bold, run.font.name = Pt(size), bold or None, name
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _chars(paragraph: Any, **letters: float) -> None:
    """Indents in characters: first line, left, right."""
    ind = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for name, count in letters.items():
        ind.set(qn(f"w:{name}Chars"), str(int(count * 100)))


def _line(paragraph: Any, points: float) -> None:
    """The height of a line; one that bears a signature may grow, for Word would cut the picture off."""
    grows = any(name in paragraph.text for name in PICTURES)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST if grows else WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)


def _field(paragraph: Any, code: str, size: float) -> None:
    """A field that Word computes: the page, the number of pages."""
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        _font(run, FANG, size)
        if kind is None:
            node = OxmlElement("w:instrText")
            node.set(qn("xml:space"), "preserve")
            node.text = f" {code} "
        else:
            node = OxmlElement("w:fldChar")
            node.set(qn("w:fldCharType"), kind)
        run._r.append(node)


class Sheet:
    """One template while it is being written."""

    def __init__(self, foot: str = CHECKED_FOOT, margins: tuple[int, int, int, int] = (37, 35, 28, 26)) -> None:
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        top, bottom, left, right = margins
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.footer_distance = Mm(bottom - 15)
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = FANG, Pt(16)
        normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)
        normal.paragraph_format.space_after = Pt(0)
        self._footer(section, foot)

    def _footer(self, section: Any, foot: str) -> None:
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = ALIGN.CENTER
        for text, code in ((foot, "PAGE"), (" 页 共 ", "NUMPAGES"), (" 页", None)):
            _font(paragraph.add_run(text), FANG, 9)
            if code:
                _field(paragraph, code, 9)

    def text(
        self,
        text: str,
        *,
        size: float = 16,
        font: str = FANG,
        bold: bool = False,
        align: Any = None,
        indent: float = 2,
        line: float = 28,
        before: float = 0,
        after: float = 0,
        right: float = 0,
    ) -> Any:
        """A paragraph."""
        paragraph = self.document.add_paragraph()
        _font(paragraph.add_run(text), font, size, bold)
        _line(paragraph, line)
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
        paragraph.alignment = ALIGN.JUSTIFY if align is None else align
        if align is None and indent:
            _chars(paragraph, firstLine=indent)
        if right:
            _chars(paragraph, right=right)
        return paragraph

    def head(self, title: str) -> None:
        """The centre, the name of the paper, its number."""
        self.text("{{ centre }}", size=20, font=SONG, align=ALIGN.CENTER, line=32)
        self.text(title, size=22, font=SONG, align=ALIGN.CENTER, line=36)
        self.text("{{ number }}", align=ALIGN.CENTER, after=12)

    def form(self, title: str) -> None:
        """The same over a form, where room is dear."""
        self.text("{{ centre }}", size=16, font=SONG, align=ALIGN.CENTER, line=24)
        self.text(title, size=20, font=SONG, align=ALIGN.CENTER, line=30)
        self.text("{{ number }}", size=12, align=ALIGN.RIGHT, line=18, after=3)

    def note(self, *texts: str) -> None:
        """Small print under a form."""
        for text in texts:
            self.text(text, size=12, line=19, before=4)

    def to(self, text: str) -> None:
        """Whom it is addressed to."""
        self.text(text, indent=0)

    def heading(self, text: str) -> None:
        """A heading within the text."""
        self.text(text, font=HEI).paragraph_format.keep_with_next = True

    def body(self, *texts: str) -> None:
        """Paragraphs of the text."""
        for text in texts:
            self.text(text)

    def when(self, condition: str, *texts: str, **look: Any) -> None:
        """Paragraphs that stand only if a field is filled in."""
        self.tag(f"{{%p if {condition} %}}")
        for text in texts:
            self.text(text, **look)
        self.tag("{%p endif %}")

    def each(self, name: str, *texts: str) -> None:
        """Paragraphs for every row of a list; the row is called `r`."""
        self.tag(f"{{%p for r in {name} %}}")
        self.body(*texts)
        self.tag("{%p endfor %}")

    def tag(self, text: str) -> None:
        """A paragraph that the filling takes away."""
        self.document.add_paragraph(text)

    def together(self, *texts: str, **look: Any) -> None:
        """Lines that stay on one page with what follows."""
        for text in texts:
            self.text(text, **look).paragraph_format.keep_with_next = True

    def sign(self, signer: str = "{{ centre }}（印章）", size: float = 16) -> None:
        """The centre and the date at the end, never alone on a page."""
        self.keep_last()
        self.together("", indent=0, line=size - 2)
        self.together(
            signer, "{{ date }}", align=ALIGN.RIGHT, right=2, size=size, line=size * (1.75 if size > 14 else 1.6)
        )

    def keep_last(self) -> None:
        """What was said last stays with what follows; if it may be left out, so does what was said before it."""
        depth = 0
        for one in reversed(self.document.paragraphs):
            if one.text.startswith("{%p"):
                depth += 1 if one.text.startswith("{%p end") else -1
                continue
            one.paragraph_format.keep_with_next = True
            if not depth:
                return

    def hands(self, *texts: str) -> None:
        """Lines where people sign."""
        self.together("", indent=0, line=6)
        self.together(*texts, size=14, indent=0, line=24)

    def checked(self) -> None:
        """The check of the paper: QR code, number, version, code, address."""
        self.together("", indent=0, line=6)
        table = self.document.add_table(rows=1, cols=2)
        _grid(table, (21, WIDTH - 21))
        left, right = table.rows[0].cells
        _cell(left, ["{{ qr }}"], size=9, exact=False)
        _cell(
            right,
            [
                "文书编号：{{ number }}　　版本：第{{ version }}版　　校验码：{{ check_code }}",
                "扫描左侧二维码，或者登录 {{ verify_address }} 输入校验码，可以核验本文书的真伪和效力。",
            ],
            size=9,
        )
        self.text("", size=1, indent=0, line=1)  # Word wants a paragraph after a table, and would make a tall one

    def table(self, widths: Sequence[float], rows: Iterable[Sequence[Any] | str], size: float = 11) -> None:
        """A form: each row a list of texts (label, value, label, value …); a text that is a list is several lines.

        A row shorter than the grid lets its last cell reach to the right edge; a number first is the row's height; a
        row that is a text is a condition on the rows up to its end.
        """
        table = self.document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        for said in rows:
            row = table.add_row()
            if isinstance(said, str):
                row.cells[0].text = said
                continue
            height, texts = (said[0], said[1:]) if isinstance(said[0], int | float) else (8.5, said)
            row.height = Mm(height)
            cells = list(row.cells)
            if len(texts) < len(cells):
                cells[len(texts) - 1].merge(cells[-1])
            for place, text in enumerate(texts):
                lines = [text] if isinstance(text, str) else list(text)
                label = place % 2 == 0 and not lines[0].startswith(("{", " "))
                _cell(row.cells[place], lines, size=size, label=label)
        _grid(table, widths)

    def rows(
        self,
        widths: Sequence[float],
        heads: Sequence[str],
        name: str,
        cells: Sequence[Any],
        size: float = 12,
        height: float = 7.5,
    ) -> None:
        """A table with one row for every row of a list; a cell that is a list is several lines."""
        table = self.document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        for texts in (heads, [f"{{%tr for r in {name} %}}"], cells, ["{%tr endfor %}"]):
            row = table.add_row()
            row.height = Mm(height)
            for place, text in enumerate(texts):
                lines = [text] if isinstance(text, str) else text
                _cell(row.cells[place], lines, size=size, label=texts is heads)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        _grid(table, widths)

    def gap(self, points: float = 8) -> None:
        """A little air, so that two tables stay two."""
        self.text("", size=4, indent=0, line=points)

    def saved(self) -> bytes:
        """The Word file; the same text gives the same bytes."""
        said = self.document.core_properties
        said.author, said.comments, said.title, said.last_modified_by = "", "", "", ""
        styles = self.document.styles.element
        for style in styles.findall(qn("w:style")):
            if style.get(qn("w:styleId")) not in STYLES:
                styles.remove(style)
        packed, out = io.BytesIO(), io.BytesIO()
        self.document.save(packed)
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                if not any(part in name for part in LEFT_OUT):
                    data = source.read(name)
                    if name.endswith(".rels") or name == "[Content_Types].xml":
                        data = _without(data)
                    entry = zipfile.ZipInfo(name, MADE)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    target.writestr(entry, data)
        return out.getvalue()


def _without(data: bytes) -> bytes:
    """A list of parts without those that are left out."""
    root = etree.fromstring(data)
    for node in list(root):
        place = node.get("Target") or node.get("PartName") or ""
        if any(part in place for part in LEFT_OUT):
            root.remove(node)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _grid(table: Any, widths: Sequence[float]) -> None:
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            if cell._tc.grid_span == 1:
                cell.width = Mm(width)


def _cell(cell: Any, lines: Sequence[str], size: float, label: bool = False, exact: bool = True) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for place, text in enumerate(lines):
        paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        _font(paragraph.add_run(text), FANG, size, label)
        if exact:
            _line(paragraph, size * 1.5)
        if label:
            paragraph.alignment = ALIGN.CENTER


CLAIMS = ["{%p for r in claims %}", "{{ r.number }}．{{ r.text }}", "{%p endfor %}"]
QUARTER = (29, 49, 29, 49)
MATTER = (
    ("诉求事项", "{{ case_title }}"),
    ("受理编号", "{{ case_number }}", "登记日期", "{{ registered_on }}"),
    ("诉求人", "{{ petitioners }}", "问题属地", "{{ place }}"),
    ("诉求类别", "{{ category }}", "诉求性质", "{{ case_kind }}"),
)


def given(name: str, *row: Any) -> tuple[Any, ...]:
    """Rows of a form for one that stands only if a field is filled in."""
    return f"{{%tr if {name} %}}", row, "{%tr endif %}"


PARTY = [
    "{%p for r in parties %}",
    "{{ r.side }}：{{ r.name }}{% if r.capacity %}（{{ r.capacity }}）{% endif %}{% if r.sex %}，{{ r.sex }}{% endif %}"
    "{% if r.birth %}，{{ r.birth }}生{% endif %}{% if r.id_number %}，{{ r.id_type }}号码{{ r.id_number }}{% endif %}"
    "{% if r.phone %}，电话{{ r.phone }}{% endif %}{% if r.address %}，住{{ r.address }}{% endif %}",
    "{%p endfor %}",
]
