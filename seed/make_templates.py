"""Make the Word templates of the papers: python -m seed.make_templates (their texts: template_notices,
template_forms, template_reports)."""

from pathlib import Path

from seed import template_forms, template_notices, template_reports
from seed.template_sheet import Sheet

FOLDER = Path(__file__).parent / "data" / "templates"
REPORTS = {write.__name__: write for write in template_reports.PAPERS}
PAPERS = {write.__name__: write for write in (*template_notices.PAPERS, *template_forms.PAPERS)} | REPORTS


def make(kind: str) -> bytes:
    """The template of a kind."""
    sheet = Sheet(template_reports.FOOT, template_reports.MARGINS) if kind in REPORTS else Sheet()
    PAPERS[kind](sheet)
    return sheet.saved()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PAPERS:
        (FOLDER / f"{name}.docx").write_bytes(make(name))
