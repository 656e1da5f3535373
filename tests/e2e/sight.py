"""How a page is looked at: by axe in every mode, by its width, by its words, and by eye (pictures on request)."""

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SHOTS = Path(__file__).parent.parent / "shots"
WIDTHS = (1280, 390)
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WHOLE: dict[str, Any] = {"runOnly": {"type": "tag", "values": STANDARD}}
# Larger type and other colours change neither structure nor names: there only size and colour are asked again.
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
MODES: dict[str, tuple[int, dict[str, str], dict[str, Any]]] = {
    "plain": (1280, {}, WHOLE),
    "phone": (390, {}, WHOLE),
    "large": (1280, {"data-font": "3", "data-contrast": "high"}, COLOURS),
    "dark": (1280, {"data-theme": "dark"}, COLOURS),
}
MARK = """marks => { const root = document.documentElement;
    root.dataset.theme = 'light'; root.dataset.font = '1'; root.dataset.contrast = 'normal';
    for (const [name, value] of Object.entries(marks)) root.setAttribute(name, value); }"""
FOREIGN = re.compile(r"[A-Za-z]{2,}(?:[ '’][A-Za-z]{2,})+")
LONG = re.compile("[A-Za-z]{4}")  # shorter ones are initials of names
MACHINE = re.compile(r"\b(?:None|True|False|undefined|null|NaN)\b|\d{2}:\d{2}:\d{2}\.\d|[a-z]_[a-z]+\(")
# English that belongs on a Chinese page: names of programs and of licences.
NAMES = ("360", "Flask", "Python", "SQLite", "PostgreSQL")


def complaints(page: Page, rules: dict[str, Any] = WHOLE) -> list[str]:
    """What axe finds, shortly."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, rules)", {**rules, "resultTypes": ["violations"]})["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]]


def too_wide(page: Page) -> bool:
    """Whether the page must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


def words(page: Page) -> list[str]:
    """What a person should not have to read: words of machines, and English on a Chinese page."""
    text = page.inner_text("body")
    found = [f"not a word for people: {word}" for word in MACHINE.findall(text)]
    if str(page.get_attribute("html", "lang")).startswith("zh"):
        for code in page.locator("code").all_inner_texts():  # a key is no word
            text = text.replace(code, "")
        text = re.sub(r"[^\s@]+@[^\s@]+|https?://\S+", "", text)
        strange = [said for said in FOREIGN.findall(text) if LONG.search(said) and not said.startswith(NAMES)]
        found += [f"English: {said}" for said in strange]
    return found


def problems_of(page: Page, modes: dict[str, Any] = MODES) -> list[str]:
    """Everything that is wrong with how this page looks and reads, in every mode."""
    found = words(page)
    for mode, (width, marks, rules) in modes.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(MARK, marks)
        page.wait_for_timeout(40)
        found += [f"{mode}: {complaint}" for complaint in complaints(page, rules)]
        if too_wide(page):
            found.append(f"{mode}: wider than the window")
    page.evaluate(MARK, {})
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found


def look(page: Page, name: str) -> None:
    """The page fits a desk and a phone and speaks like people; PORTAL_SHOTS=1 keeps a picture of each."""
    strange = words(page)
    assert not strange, f"{name}: {strange}"
    for width in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(60)
        assert not too_wide(page), f"{name}: wider than {width} px"
        if os.environ.get("PORTAL_SHOTS"):
            SHOTS.mkdir(exist_ok=True)
            page.screenshot(path=str(SHOTS / f"{name}-{width}.png"), full_page=True)
