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
WHOLE: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": STANDARD},
    "rules": {"color-contrast": {"enabled": False}},  # asked beside it, in every mode
}
# Larger type and other colours change neither structure nor names: there only size and colour are asked again.
SIZES: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["target-size"]}}
MODES: dict[str, tuple[int, dict[str, str], dict[str, Any] | None]] = {
    "plain": (1280, {}, WHOLE),
    "phone": (390, {}, WHOLE),
    "large": (1280, {"data-font": "3", "data-contrast": "high"}, SIZES),
    "dark": (1280, {"data-theme": "dark"}, None),
}
MARK = """marks => { const root = document.documentElement;
    root.dataset.theme = 'light'; root.dataset.font = '1'; root.dataset.contrast = 'normal';
    for (const [name, value] of Object.entries(marks)) root.setAttribute(name, value); }"""
# The contrast of a text depends on its look alone: its colour, size and weight, what lies under it, whether it counts.
JUDGE = """async ([rules, passed]) => {
    const known = new Set(passed), grounds = new Map(), looks = new Map(), found = {violations: [], passed: []};
    const ground = node => {
        if (!node) return '';
        if (!grounds.has(node)) {
            const style = getComputedStyle(node), placed = style.position === 'static' ? '' : node.className;
            const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, placed].join(' ');
            const below = ground(node.parentElement);
            grounds.set(node, own === 'rgba(0, 0, 0, 0) none 1 none ' ? below : `${below}|${own}`);
        }
        return grounds.get(node);
    };
    for (const node of document.body.querySelectorAll('*')) {
        const typed = node.matches('input, select, textarea');
        if (!typed && ![...node.childNodes].some(one => one.nodeType === 3 && one.data.trim())) continue;
        const style = getComputedStyle(node), idle = node.closest('label, :disabled, [aria-disabled=true]') !== null;
        const own = [style.color, style.fontSize, style.fontWeight, style.textShadow, idle, typed];
        const look = [...own, ground(node)].join(' ');
        if (!known.has(look)) looks.set(node, look);
    }
    if (rules) found.violations = (await axe.run(document, {...rules, resultTypes: ['violations']})).violations;
    if (looks.size) {
        const colours = {runOnly: {type: 'rule', values: ['color-contrast']}, elementRef: true};
        const said = await axe.run({include: [...looks.keys()]}, colours);
        found.violations.push(...said.violations.map(rule => ({
            id: rule.id, nodes: rule.nodes.map(node => ({html: node.html})) })));
        found.passed = said.passes.flatMap(rule => rule.nodes.map(node => looks.get(node.element))).filter(Boolean);
    }
    return found; }"""
PASSED: set[str] = set()
FOREIGN = re.compile(r"[A-Za-z]{2,}(?:[ '’][A-Za-z]{2,})+")
LONG = re.compile("[A-Za-z]{4}")  # shorter ones are initials of names
MACHINE = re.compile(r"\b(?:None|True|False|undefined|null|NaN)\b|\d{2}:\d{2}:\d{2}\.\d|[a-z]_[a-z]+\(")
# English that belongs on a Chinese page: names of programs and of licences.
NAMES = ("360", "Flask", "Python", "SQLite", "PostgreSQL")


def complaints(page: Page, rules: dict[str, Any] | None = WHOLE) -> list[str]:
    """What axe finds, shortly: against these rules, and in the contrast of every look that has not passed before."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(JUDGE, [rules, sorted(PASSED)])
    PASSED.update(found["passed"])
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"][:3]]


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
