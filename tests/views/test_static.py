"""What the browser gets: vendored files are what their manifest says, nothing leads outside, old Chromium reads it."""

import hashlib
import json
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
STATIC, TEMPLATES, VENDOR = APP / "static", APP / "templates", APP / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
CSS = sorted((STATIC / "portal").glob("*.css"))
JS = sorted((STATIC / "portal").glob("*.js"))
HTML = sorted(TEMPLATES.rglob("*.html"))

TOO_NEW_CSS = [
    r":has\(",
    r"color-mix",
    r"oklch",
    r"\boklab",
    r"subgrid",
    r"light-dark",
    r"@container",
    r"@layer",
    r"aspect-ratio",
    r"\binset\s*:",
    r":is\(",
    r":where\(",
    r"\d(?:dvh|svh|lvh)\b",
    r"@property",
    r"&\s*[:.>]",
    r"\boverflow(?:-[xy])?:\s*clip",
    r"content-visibility",
]
TOO_NEW_JS = [
    r"\?\?=",
    r"\|\|=",
    r"&&=",
    r"\.replaceAll\(",
    r"\.at\(",
    r"structuredClone",
    r"\.findLast",
    r"Object\.hasOwn\b",
    r"Promise\.any",
    r"\.replaceChildren\(",
    r"event\.submitter\.",
    r"\beval\(",
    r"new Function",
    r"#[a-z]+\s*[=(].*this\.#",
]
ADDRESS = re.compile(r"""(?:https?:)?//[a-z0-9][a-z0-9.-]+\.[a-z]{2,}""", re.IGNORECASE)
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml")


def _bare(text: str) -> str:
    """The text without the XML namespaces, which name but fetch nothing."""
    for name in NAMESPACES:
        text = text.replace(name, "")
    return text


def _relative(path: Path) -> str:
    return str(path.relative_to(APP))


def test_vendored_files_are_those_of_the_manifest() -> None:
    listed = {entry["path"]: entry["sha256"] for part in MANIFEST for entry in part["files"] + part["licences"]}
    found = {str(p.relative_to(VENDOR)): p for p in VENDOR.rglob("*") if p.is_file() and p.name != "manifest.json"}
    assert set(found) == set(listed)
    for name, path in found.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], name


def test_versions_are_exact_and_the_same_everywhere() -> None:
    package = json.loads((APP.parent / "frontend" / "package.json").read_text())
    assert {part["name"]: part["version"] for part in MANIFEST} == package["dependencies"]
    lock = (APP.parent / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    for part in MANIFEST:
        assert part["licence"] and part["licences"]


@pytest.mark.parametrize("path", CSS + JS + HTML + sorted(STATIC.rglob("*.svg")), ids=_relative)
def test_nothing_leads_outside(path: Path) -> None:
    assert not ADDRESS.search(_bare(path.read_text()))


@pytest.mark.parametrize("path", sorted(VENDOR.rglob("*.css")), ids=_relative)
def test_vendored_styles_fetch_nothing(path: Path) -> None:
    assert not re.search(r"url\(\s*(?!['\"]?(?:data:|#))", path.read_text())
    assert "@import" not in path.read_text()


@pytest.mark.parametrize("path", CSS, ids=_relative)
def test_styles_suit_chromium_80(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for pattern in TOO_NEW_CSS:
        assert not re.search(pattern, text), pattern
    for body in re.findall(r"\{([^{}]*)\}", text):
        if "display: flex" in body or "display: inline-flex" in body:
            assert not re.search(r"(?:^|[;\s])(?:row-|column-)?gap\s*:", body), body


@pytest.mark.parametrize("path", JS, ids=_relative)
def test_scripts_suit_chromium_80(path: Path) -> None:
    for pattern in TOO_NEW_JS:
        assert not re.search(pattern, path.read_text()), pattern


@pytest.mark.parametrize("path", HTML, ids=_relative)
def test_templates_have_no_inline_code(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"""\son[a-z]+\s*=\s*["']""", text), "inline event handler"
    assert "javascript:" not in text
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "nonce=" in tag, tag
    assert not re.search(r"[\u4e00-\u9fff]", text), "Chinese belongs into the translations"


def test_every_asset_a_template_names_is_there() -> None:
    for path in HTML:
        for name in re.findall(r"asset\('([^']+)'\)", path.read_text()):
            assert (STATIC / name).is_file(), f"{path.name}: {name}"


def test_every_icon_a_template_names_is_there() -> None:
    icons = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "portal" / "icons.svg").read_text()))
    for path in HTML:
        named = re.findall(r"""(?:\bicon\(|icon_name=)'([a-z]+)'""", path.read_text())
        assert set(named) <= icons, path.name


def _blocks() -> dict[str, dict[str, str]]:
    """The variables of every theme block of tokens.css, by selector."""
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "portal" / "tokens.css").read_text(), flags=re.DOTALL)
    blocks: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"([^{};]+)\{([^{}]*)\}", text):
        blocks.setdefault(selector.strip(), {}).update(re.findall(r"(--[a-z0-9-]+)\s*:\s*([^;]+);", body))
    return blocks


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("card", "bg", "raised", "tint", "hover")),
    *((tone, ground) for tone in ("ok", "soon", "late", "hold", "info") for ground in (f"{tone}-bg", "card")),
    *(("ink", f"{tone}-bg") for tone in ("ok", "soon", "late", "info")),
    ("ink-2", "info-bg"),
    ("brand", "card"),
    ("brand", "bg"),
    ("brand", "hover"),
    ("brand-2", "brand-soft"),
    ("ink", "brand-soft"),
    ("ink-3", "brand-soft"),
    ("on-fill", "fill"),
    ("on-fill", "fill-2"),
    ("danger", "card"),
    ("danger-2", "late-bg"),
    ("ink", "mark"),
    ("ink-3", "line-2"),
]
THEMES = {
    "light": [],
    "dark": ['html[data-theme="dark"]'],
    "high": ['html[data-contrast="high"]'],
    "dark, high": [
        'html[data-theme="dark"]',
        'html[data-contrast="high"]',
        'html[data-theme="dark"][data-contrast="high"]',
    ],
}


@pytest.mark.parametrize("theme", THEMES)
def test_contrast_of_every_pair(theme: str) -> None:
    blocks = _blocks()
    values = dict(blocks[":root"])
    for selector in THEMES[theme]:
        values.update(blocks[selector])
    least = 7 if "high" in theme else 4.5
    for ink, ground in TEXT_PAIRS:
        if "high" in theme and (ink, ground) == ("ink-3", "line-2"):
            continue  # .btn.off changes its ground in high contrast
        assert _contrast(values[f"--{ink}"], values[f"--{ground}"]) >= least, (ink, ground)
    for ground in ("card", "bg"):
        assert _contrast(values["--field-line"], values[f"--{ground}"]) >= 3
        assert _contrast(values["--focus"], values[f"--{ground}"]) >= 3


def test_auto_is_dark_word_for_word() -> None:
    blocks = _blocks()
    for suffix in ("", '[data-contrast="high"]'):
        assert blocks[f'html[data-theme="auto"]{suffix}'] == blocks[f'html[data-theme="dark"]{suffix}']
