"""Word templates filled with values: which words a template may use, and the filling itself (docxtpl, sandboxed).

A template comes from an administrator and is hostile until shown otherwise. It may name the fields of its kind, walk
through their rows, and ask whether something is there: anything else is refused when it comes in, so that nothing in
it can reach the program or run for ever. The sandbox stands behind that once more.
"""

import copy
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.core.docx_names import qn
from app.core.errors import Invalid
from app.core.late import late
from app.core.text import listed

docx, docxtpl, lxml = late("docx"), late("docxtpl"), late("lxml.etree")
faults, units = late("docx.opc.exceptions"), late("docx.shared")

# name → the columns of its rows, or None for a text or a picture
Known = Mapping[str, frozenset[str] | None]
LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex"})
FILTERS, TESTS = ("length", "default", "e", "escape"), ("defined",)
NESTED_MOST = 2
FILLED_MOST = 20 * 2**20
PARTS_MOST = 8 * 2**20
FIELDS_MOST = 3000
COMPILED_KEPT = 128
_PLAIN = (nodes.Output, nodes.TemplateData, nodes.Const, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand)
_UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = re.compile("<[^>]*>")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_BRACKETS = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_EXTERNAL = re.compile(r"TargetMode\s*=\s*[\"']External", re.I)
DAMAGED = _l("This file is damaged or locked by a password. Please save it again without one.")


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox of templates: no functions, four filters, and every text compiled once."""

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.compiled = lru_cache(maxsize=COMPILED_KEPT)(super().from_string)

    def from_string(self, source: Any, *args: Any, **kw: Any) -> Template:
        """The compiled template; the same text is not compiled twice."""
        return self.compiled(source)


_SANDBOX = _Sandbox()


def printable(text: str) -> str:
    """The text without characters that no Word file may hold."""
    return _UNPRINTABLE.sub("", text)


def _refuse(*sentences: Any) -> None:
    raise Invalid(errors={"file": list(sentences)})


def check_parts(data: bytes) -> None:
    """Refuse what a template needs not and a trick might: outside addresses, other encodings, floods, open brackets."""
    room = PARTS_MOST
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    raw = archive.read(entry)
                    room -= len(raw)
                    if room < 0:
                        _refuse(_l("This template is far larger than a paper needs."))
                    _check_part(entry.filename, raw.decode("utf-8"))
        docx.Document(io.BytesIO(data)).element.body.iterchildren()
    except (UnicodeDecodeError, zipfile.BadZipFile, faults.PackageNotFoundError, KeyError, ValueError, AttributeError):
        _refuse(DAMAGED)
    except lxml.LxmlError:
        _refuse(DAMAGED)


def _check_part(name: str, text: str) -> None:
    if "\0" in text or (name.endswith(".rels") and _EXTERNAL.search(text)):
        _refuse(_l("This template refers to something outside it. Please remove links and linked pictures."))
    opened, count = "", 0
    for mark in _BRACKETS.finditer(_TAGS.sub("", text)):
        if mark[0] in _CLOSING:
            if opened:
                _refuse(_l("The template cannot be read: %(why)s", why=f"{opened} … {mark[0]}"))
            opened, count = mark[0], count + 1
            if count > FIELDS_MOST:
                _refuse(_l("This template is far larger than a paper needs."))
        elif _CLOSING.get(opened) == mark[0]:
            opened = ""
    if opened:
        _refuse(_l("The template cannot be read: %(why)s", why=f"{opened} …"))


def _sources(data: bytes) -> list[str]:
    """Every text of a template in which the filling looks for fields: body, headers, footers, notes, properties."""
    template = docxtpl.DocxTemplate(io.BytesIO(data))
    template.init_docx()
    found = [template.patch_xml(template.get_xml())]
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        found += [template.patch_xml(template.get_part_xml(part)) for _key, part in template.get_headers_footers(uri)]
    for part in template.docx.part.package.parts:
        if part.content_type.endswith(".footnotes+xml"):
            found.append(template.patch_xml(part.blob.decode("utf-8")))
    said = template.docx.core_properties
    names = ("author", "comments", "identifier", "language", "subject", "title")
    return found + [str(getattr(said, name) or "") for name in names]


class _Reader:
    """Reads the words of a template one by one and notes what they may not be."""

    def __init__(self, known: Known) -> None:
        self.known, self.unknown, self.refused = known, set[str](), set[str]()
        self.used = set[str]()

    def read(self, node: nodes.Node, rows: Mapping[str, frozenset[str]], depth: int = 0) -> None:
        """One node, with the loop variables that hold here and the columns of their rows."""
        if isinstance(node, nodes.For):
            self._loop(node, rows, depth)
        elif isinstance(node, nodes.Getattr):
            self._attribute(node, rows)
        elif isinstance(node, nodes.Name):
            self._name(node.name, rows)
        elif self._plain(node):
            for child in node.iter_child_nodes():
                self.read(child, rows, depth)
        else:
            self.refused.add(type(node).__name__)

    def _plain(self, node: nodes.Node) -> bool:
        if isinstance(node, nodes.Filter):
            return node.name in FILTERS
        if isinstance(node, nodes.Test):
            return node.name in TESTS
        return isinstance(node, (nodes.Template, nodes.If, *_PLAIN))

    def _name(self, name: str, rows: Mapping[str, frozenset[str]]) -> None:
        if name not in self.known and name not in rows:
            self.unknown.add(name)
        self.used.add(name)

    def _attribute(self, node: nodes.Getattr, rows: Mapping[str, frozenset[str]]) -> None:
        if not isinstance(node.node, nodes.Name) or node.node.name not in rows:
            self.refused.add(f"…{node.attr}")
        elif node.attr not in rows[node.node.name]:
            self.unknown.add(f"{node.node.name}.{node.attr}")

    def _loop(self, node: nodes.For, rows: Mapping[str, frozenset[str]], depth: int) -> None:
        named = isinstance(node.iter, nodes.Name) and isinstance(node.target, nodes.Name)
        if not named or node.recursive or node.test or depth >= NESTED_MOST:
            self.refused.add("For")
            return
        name = node.iter.name  # type: ignore[attr-defined]
        self.used.add(name)
        columns = self.known.get(name)
        if columns is None:
            self.unknown.add(name)
            return
        inner = {**rows, node.target.name: columns, "loop": LOOP}  # type: ignore[attr-defined]
        for child in (*node.body, *node.else_):
            self.read(child, inner, depth + 1)


def check_words(data: bytes, known: Known) -> set[str]:
    """The fields a template uses; Invalid with every unknown one, and with the known ones, if it uses others."""
    reader = _Reader(known)
    try:
        for source in _sources(data):
            reader.read(_SANDBOX.parse(source), {})
    except (TemplateSyntaxError, RecursionError) as fault:
        _refuse(_l("The template cannot be read: %(why)s", why=str(getattr(fault, "message", "") or "")))
    if reader.refused:
        _refuse(
            _l(
                "A template may name fields, walk through their rows and ask whether something is there; "
                "this one does more: %(what)s.",
                what=listed(sorted(reader.refused)),
            )
        )
    if reader.unknown:
        _refuse(
            _l("The template names fields that this paper does not know: %(names)s.", names=_listed(reader.unknown)),
            _l("It knows: %(names)s.", names=_listed(known)),
        )
    return reader.used


def _listed(names: Iterable[str]) -> str:
    return listed(sorted(names))


def _shown(template: Any, value: Any) -> Any:
    if isinstance(value, bytes):
        return docxtpl.InlineImage(template, io.BytesIO(value), height=units.Mm(13)) if value else ""
    if isinstance(value, list):
        return [{name: _shown(template, one) for name, one in row.items()} for row in value]
    return printable(str(value))


def _paragraphs_of(node: Any) -> list[Any]:
    """A paragraph whose first line is indented, as one paragraph for each of its lines."""
    look = node.find(qn("w:pPr"))
    lines: list[list[Any]] = [[]]
    for run in node.findall(qn("w:r")):
        properties, pieces = run.find(qn("w:rPr")), []
        for piece in [*run, None]:
            if piece is not None and piece.tag == qn("w:rPr"):
                continue
            ends = piece is not None and piece.tag == qn("w:br") and piece.get(qn("w:type")) is None
            if piece is not None and not ends:
                pieces.append(piece)
                continue
            fresh = run.makeelement(run.tag, run.attrib)
            fresh.extend([*([copy.deepcopy(properties)] if properties is not None else []), *pieces])
            lines[-1].append(fresh)
            pieces = []
            if ends:
                lines.append([])
    found = []
    for runs in lines:
        fresh = node.makeelement(node.tag, node.attrib)
        fresh.extend([*([copy.deepcopy(look)] if look is not None else []), *runs])
        found.append(fresh)
    return found


def _one_paragraph_a_line(body: Any) -> None:
    """Text of several lines within a text: each line is a paragraph, indented as the first one is."""
    for node in body.findall(qn("w:p")):
        indent = node.find(f"{qn('w:pPr')}/{qn('w:ind')}")
        first = indent is not None and (indent.get(qn("w:firstLineChars")) or indent.get(qn("w:firstLine")))
        breaks = [one for one in node.iter(qn("w:br")) if one.get(qn("w:type")) is None]
        if first and breaks:
            for fresh in _paragraphs_of(node):
                node.addprevious(fresh)
            body.remove(node)


def fill(data: bytes, values: Mapping[str, Any]) -> bytes:
    """The Word file with its fields filled in; bytes among the values are pictures."""
    template = docxtpl.DocxTemplate(io.BytesIO(data))
    context = {name: _shown(template, value) for name, value in values.items()}
    if values.get("qr"):
        context["qr"] = docxtpl.InlineImage(template, io.BytesIO(values["qr"]), width=units.Mm(15))
    template.render(context, _SANDBOX, autoescape=True)
    _one_paragraph_a_line(template.docx.element.body)
    out = io.BytesIO()
    template.save(out)
    if out.tell() > FILLED_MOST:
        _refuse(_l("The filled paper is larger than %(most)d MB.", most=FILLED_MOST // 2**20))
    return out.getvalue()
