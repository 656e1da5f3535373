"""The mark of a copy on a Word file: in the header of every page."""

import io

from app.core.docx_names import qn
from app.core.late import late
from app.core.paper import PAPER

docx, enums, units = late("docx"), late("docx.enum.text"), late("docx.shared")


def marked(data: bytes) -> bytes:
    """The same paper with the mark of a copy at the top right of every page."""
    document = docx.Document(io.BytesIO(data))
    for section in document.sections:
        paragraph = section.header.paragraphs[0] if section.header.paragraphs else section.header.add_paragraph()
        paragraph.alignment = enums.WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(PAPER["copy"])
        run.font.size, run.font.color.rgb = units.Pt(14), units.RGBColor(0xB8, 0x24, 0x1C)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), PAPER["copy_font"])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
