"""Make the Word templates of the papers: python -m seed.make_templates (their texts: template_notices, template_forms)."""

from pathlib import Path

from seed import template_forms, template_notices
from seed.template_sheet import Sheet

FOLDER = Path(__file__).parent / "data" / "templates"
PAPERS = {write.__name__: write for write in (*template_notices.PAPERS, *template_forms.PAPERS)}


def make(kind: str) -> bytes:
    """The template of a kind."""
    sheet = Sheet()
    PAPERS[kind](sheet)
    return sheet.saved()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PAPERS:
        (FOLDER / f"{name}.docx").write_bytes(make(name))
