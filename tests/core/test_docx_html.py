"""The print view says what the Word file says: look, tables, pictures, page."""

import io
import re
from datetime import date

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image
from tests_support import need

from app.core import docx_copy, pdf
from app.core.docx_html import convert, not_shown
from app.core.errors import Unavailable
from app.core.paper import count_words, day_words, grouped, plain_day, year_words
from tests.core.test_docx_template import template


def html(change) -> str:
    return str(convert(template(change=change)).body)


def test_alignment_indent_spacing_and_line_height():
    def put(document):
        paragraph = document.add_paragraph("正文")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        look = paragraph.paragraph_format
        look.first_line_indent, look.space_before, look.line_spacing = Pt(32), Pt(6), Pt(28)
        look.keep_with_next = True

    said = html(put)
    for rule in ("text-align:center", "text-indent:32pt", "margin-top:6pt", "line-height:28pt", "break-after:avoid"):
        assert rule in said, rule


def test_characters():
    def put(document):
        run = document.add_paragraph().add_run("重要")
        run.bold, run.italic, run.underline, run.font.size = True, True, True, Pt(22)
        run.font.color.rgb = RGBColor(0xB8, 0x24, 0x1C)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "黑体")
        document.add_paragraph().add_run("上").font.superscript = True

    said = html(put)
    for rule in ("font-weight:bold", "font-style:italic", "underline", "font-size:22pt", "#B8241C", "SimHei", "super"):
        assert rule in said, rule


def test_what_a_style_says_holds_and_the_run_may_say_otherwise():
    def put(document):
        style = document.styles.add_style("标题样式", 1)
        style.font.bold, style.font.size = True, Pt(20)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        document.add_paragraph("甲", style="标题样式")
        document.add_paragraph("", style="标题样式").add_run("乙").bold = False

    first, second = re.findall(r"<p.*?</p>", html(put))[-2:]
    assert "text-align:right" in first and "font-weight:bold" in first and "font-size:20pt" in first
    assert "font-weight:normal" in second


def test_text_is_escaped():
    assert "<script>" not in html(lambda d: d.add_paragraph("<script>alert(1)</script>&"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in html(lambda d: d.add_paragraph("<script>alert(1)</script>&"))


def test_tables_keep_spans_borders_and_heights():
    def put(document):
        table = document.add_table(3, 3)
        table.style = "Table Grid"
        table.cell(0, 0).merge(table.cell(0, 1)).text = "跨列"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "跨行"
        table.rows[0].height = Mm(12)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    said = html(put)
    assert 'colspan="2"' in said and 'rowspan="2"' in said and "<thead>" in said
    assert said.count("<td") == 7 and "border-left:0.5pt solid #000" in said and "height:34" in said
    bare = html(lambda d: d.add_table(1, 1))
    assert "border" not in bare.split("<tbody>")[1]


def test_page_breaks_pictures_and_empty_lines():
    picture = io.BytesIO()
    Image.new("RGB", (40, 20)).save(picture, "PNG")

    def put(document):
        document.add_paragraph("")
        document.add_paragraph("前").add_run().add_break(WD_BREAK.PAGE)
        document.add_paragraph("后").paragraph_format.page_break_before = True
        document.add_picture(io.BytesIO(picture.getvalue()), width=Mm(30))

    said = html(put)
    assert said.count('class="break"') + said.count("class=break") == 2 and "&#8203;" in said
    assert "width:30.00mm;height:15.00mm" in said and "data:image/png;base64," in said


def test_the_page_has_the_margins_of_the_file_and_its_running_lines():
    def put(document):
        section = document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = (
            Mm(37),
            Mm(26),
            Mm(35),
            Mm(28),
        )
        section.footer.paragraphs[0].text = '昌群诉答〔2026〕1号 "</style>'
        section.footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER

    css = str(convert(template("正文", change=put)).css)
    assert "@page { size: 210.0mm 297.0mm; margin: 37.0mm 26.0mm 35.0mm 28.0mm;" in css
    assert "@bottom-center" in css and "</style>" not in css and "\\22 " in css


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.add_paragraph("一", style="List Number"),
        lambda d: d.add_paragraph()._p.append(OxmlElement("w:hyperlink")),
        lambda d: d.add_paragraph()._p.append(OxmlElement("w:ins")),
        lambda d: d.add_paragraph().add_run()._r.append(OxmlElement("w:pict")),
        lambda d: d.add_paragraph().add_run()._r.append(OxmlElement("w:object")),
        lambda d: d.add_paragraph().add_run()._r.append(OxmlElement("w:footnoteReference")),
        lambda d: d.element.body.insert(0, OxmlElement("w:sdt")),
        lambda d: d.element.body.insert(0, OxmlElement("w:altChunk")),
        lambda d: d.add_section(),
        lambda d: d.sections[0].header.paragraphs[0]._p.append(OxmlElement("w:hyperlink")),
    ],
)
def test_what_cannot_be_shown_is_named(app, change):
    with app.test_request_context():
        assert not_shown(template("正文", change=change))
        assert not not_shown(template("正文"))


def test_a_copy_bears_its_mark():
    data = template("正文")
    plain, copy = convert(data), convert(data, copy=True)
    assert "副　本" not in plain.body and "副　本" in copy.body and "@top-right" in copy.css
    marked = Document(io.BytesIO(docx_copy.marked(data)))
    assert "副　本" in marked.sections[0].header.paragraphs[0].text


def test_dates_and_codes_as_papers_write_them():
    assert day_words(date(2026, 11, 25)) == "二〇二六年十一月二十五日"
    assert plain_day(date(2026, 1, 5)) == "2026年1月5日" and year_words(2030) == "二〇三〇"
    assert [count_words(n) for n in (1, 10, 11, 20, 31)] == ["一", "十", "十一", "二十", "三十一"]
    assert grouped("ABCDEFGHJKLM") == "ABCD-EFGH-JKLM"


def test_a_pdf_is_made_with_rare_characters(app):
    need("Pango", pdf.available(), "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")
    made = pdf.make(convert(template("𠮷㵘龘 昌邑市")), "试验")
    assert made.startswith(b"%PDF-") and len(made) > 3000


def test_without_pango_a_sentence_says_so(app, monkeypatch):
    def gone(_name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf.importlib, "import_module", gone)
    pdf._engine.cache_clear()
    try:
        with app.test_request_context(), pytest.raises(Unavailable) as refusal:
            pdf.make(convert(template("正文")), "试验")
        assert "libpango-1.0-0" in str(refusal.value) and not pdf.available()
    finally:
        pdf._engine.cache_clear()
