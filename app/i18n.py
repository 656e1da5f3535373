"""Translations: gather every msgid, join the terms of each room, write the catalogue, and find what is wrong with it.

`terms/*.tsv` hold `msgid<TAB>Chinese` (or `context|msgid<TAB>Chinese`); the .po and .mo are built from them.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import flask_appbuilder
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent
HOME = ROOT / "translations"
TERMS = HOME / "terms"
LOCALE = "zh_Hans_CN"
PO = HOME / LOCALE / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "__": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_p": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "_lp": ((1, "c"), 2),
    "N_": None,
}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
Key = tuple[str | None, str]
PLURALS: dict[str, str] = {}  # singular → plural, of the messages that count something


def _extract(folder: Path, skip: tuple[str, ...] = ()) -> Iterator[tuple[Key, str | None, str]]:
    """(key, plural, place) of every message below a folder."""
    found = extract_from_dir(folder, METHODS, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS)  # type: ignore[arg-type]
    for name, line, message, _comments, context in found:
        if name.startswith(skip):
            continue
        plural = message[1] if isinstance(message, tuple) else None
        msgid = message[0] if isinstance(message, tuple) else message
        if msgid:
            yield (context, msgid), plural, f"{name}:{line}"


def ours() -> dict[Key, list[str]]:
    """Every message of our own code and templates with its places."""
    found: dict[Key, list[str]] = {}
    for key, plural, place in _extract(ROOT, skip=("migrations", "static", "translations")):
        found.setdefault(key, []).append(place)
        if plural:
            PLURALS[key[1]] = plural
    return found


def of_framework() -> dict[Key, list[str]]:
    """The messages of Flask-AppBuilder that its own Chinese catalogue lacks (framework.md §2.1)."""
    home = Path(flask_appbuilder.__file__).parent
    with (home / "translations" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        theirs = {m.id for m in read_po(file) if m.id and m.string and not m.fuzzy}
    skip = ("tests", "translations", "static")
    return {key: [place] for key, _plural, place in _extract(home, skip=skip) if key[1] not in theirs}


def terms() -> tuple[dict[Key, str], list[str]]:
    """The Chinese of every room, and what clashes."""
    found: dict[Key, str] = {}
    faults: list[str] = []
    for path in sorted(TERMS.glob("*.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            left, tab, right = line.partition("\t")
            context, bar, msgid = left.partition("|")
            key: Key = (context, msgid) if bar and re.fullmatch(r"[a-z][a-z ]{1,20}", context) else (None, left)
            key = (key[0], key[1].replace("\\n", "\n"))
            right = right.replace("\\n", "\n").strip()
            if not tab or not right:
                faults.append(f"{path.name}:{number}: no translation for {left!r}")
            elif found.setdefault(key, right) != right:
                faults.append(f"{path.name}:{number}: {left!r} has two translations, {found[key]!r} and {right!r}")
    return found, faults


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}", text))


def catalogue() -> tuple[Catalog, list[str]]:
    """The catalogue as it should be, and every fault found on the way."""
    said, faults = terms()
    mine, framework = ours(), of_framework()
    catalog = Catalog(locale=LOCALE, project="portal", header_comment="# Built from terms/*.tsv; do not edit.")
    for key, places in sorted({**framework, **mine}.items(), key=lambda item: (item[0][1], item[0][0] or "")):
        string = said.get(key)
        if string is None:
            faults.append(f"missing: {key[0] + '|' if key[0] else ''}{key[1]}  ({places[0]})")
            continue
        if _placeholders(key[1]) != _placeholders(string):
            faults.append(f"placeholders differ: {key[1]!r} -> {string!r}")
        plural = PLURALS.get(key[1])
        catalog.add((key[1], plural) if plural else key[1], (string,) if plural else string, context=key[0])
    for key in sorted(set(said) - set(mine) - set(framework), key=str):
        faults.append(f"unused: {key[0] + '|' if key[0] else ''}{key[1]}")
    return catalog, faults


def _body(catalog: Catalog) -> dict[Key, str]:
    return {(m.context, str(m.id)): str(m.string) for m in catalog if m.id}


def build() -> list[str]:
    """Write the .po and .mo; faults are returned, and what can be translated is."""
    catalog, faults = catalogue()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, omit_header=False)
    text = re.sub(r'"(POT-Creation-Date|PO-Revision-Date|Generated-By):.*\\n"\n', "", PO.read_text("utf-8"))
    PO.write_text(text, "utf-8")
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return faults


class _Texts(HTMLParser):
    """The bare text nodes of a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.mute += tag in ("script", "style", "kbd", "code")

    def handle_endtag(self, tag: str) -> None:
        self.mute -= tag in ("script", "style", "kbd", "code")

    def handle_data(self, data: str) -> None:
        if not self.mute and re.search(r"[A-Za-z]{3,}", data):
            self.found.append((self.getpos()[0], data.strip()))


def stray_texts() -> list[str]:
    """Chinese in code or templates, and English text nodes that no translation can reach."""
    faults = []
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        source = path.read_text("utf-8")
        docs = _docstring_lines(ast.parse(source))
        with path.open("rb") as file:
            faults += [
                f"Chinese in code: {path.relative_to(ROOT)}:{token.start[0]}: {token.string[:40]}"
                for token in tokenize.tokenize(file.readline)
                if token.type == tokenize.STRING and HAN.search(token.string) and token.start[0] not in docs
            ]
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text("utf-8")
        plain = re.sub(r"\{#.*?#\}", lambda m: "\n" * m.group().count("\n"), source, flags=re.S)
        plain = re.sub(r"\{% block \w*class %\}.*?\{% endblock %\}", "", plain)  # names of style classes
        plain = re.sub(r"\{[{%].*?[%}]\}", lambda m: "\n" * m.group().count("\n"), plain, flags=re.S)
        if HAN.search(plain):
            faults.append(f"Chinese in template: {path.relative_to(ROOT)}")
        parser = _Texts()
        parser.feed(plain)
        faults += [f"untranslated text: {path.relative_to(ROOT)}:{line}: {text[:40]}" for line, text in parser.found]
    return faults


def _docstring_lines(tree: ast.Module) -> set[int]:
    """The lines on which docstrings begin."""
    return {
        node.body[0].lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }


def check() -> list[str]:
    """Every fault: missing, unused, clashing, stray, or a catalogue that was not built again."""
    catalog, faults = catalogue()
    kept = Catalog()
    if PO.exists():
        with PO.open("rb") as file:
            kept = read_po(file, locale=LOCALE)
    if _body(kept) != _body(catalog):
        faults.append("the catalogue is stale: run `flask --app app i18n build`")
    return faults + stray_texts()
