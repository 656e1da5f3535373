"""A paper as PDF. WeasyPrint needs Debian's Pango: looked for when a PDF is made, for all else runs without it."""

import functools
import importlib
import io
import logging
from contextlib import redirect_stdout
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import escape

from app.core.docx_html import Paper
from app.core.errors import Unavailable

MISSING = _l(
    "This server cannot make PDF files yet. Please print the page from the browser, or ask the operator to install "
    "the packages libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0 and fonts-noto-cjk."
)
log = logging.getLogger("portal.pdf")


@functools.cache
def _engine() -> Any:
    """WeasyPrint, or None where its libraries are missing."""
    try:
        with redirect_stdout(io.StringIO()):  # it explains itself at length; we say it in one sentence
            engine = importlib.import_module("weasyprint")
            # It tells Pillow, for the whole program, to take broken pictures for whole ones.
            importlib.import_module("PIL.ImageFile").LOAD_TRUNCATED_IMAGES = False  # type: ignore[attr-defined]
            return engine
    except (ImportError, OSError) as fault:
        log.warning("no PDF on this server: %s", fault)
        return None


def available() -> bool:
    """Whether this server can make PDF files."""
    return _engine() is not None


def make(paper: Paper, title: str) -> bytes:
    """The PDF of a paper, from the same HTML that the browser prints; its fonts are in it."""
    return from_html(str(paper.body), str(paper.css), title, "docx")


def pages(paper: Paper) -> int:
    """How many pages a paper has when it is printed."""
    return len(_laid_out(str(paper.body), str(paper.css), "", "docx").render().pages)


def from_html(body: str, css: str, title: str, kind: str = "") -> bytes:
    """The PDF of HTML that was escaped already; its pages take nothing from outside."""
    made: bytes = _laid_out(body, css, title, kind).write_pdf()
    return made


def _laid_out(body: str, css: str, title: str, kind: str) -> Any:
    engine = _engine()
    if engine is None:
        raise Unavailable(MISSING)
    html = (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>html,body{{margin:0}}{css}</style></head><body class="{kind}">{body}</body></html>'
    )
    inside = engine.urls.URLFetcher(allowed_protocols=("data",))  # a paper takes nothing from outside
    return engine.HTML(string=html, url_fetcher=inside)
