"""The look of paragraphs and characters of a Word file, worked out through its styles, as CSS."""

from typing import Any

from app.core.docx_names import qn
from app.core.paper import PAPER

_FONTS: dict[str, str] = {name: stack for stack, names in PAPER["fonts"].items() for name in names}
_BODY_FONT = next(iter(PAPER["fonts"]))
_ALIGN = {
    "left": "left",
    "start": "left",
    "center": "center",
    "right": "right",
    "end": "right",
    "both": "justify",
    "distribute": "justify;text-align-last:justify",
}
SINGLE = 1.3  # a single line of Chinese type, in its size


def length(value: Any) -> str:
    """A length of Word in millimetres; to a tenth, for twentieths of a point make an A4 sheet 209.97 mm wide."""
    return f"{int(value or 0) / 36000:.1f}mm"


def points(twips: Any) -> str:
    """Twentieths of a point as points."""
    return f"{int(twips) / 20:g}pt"


def _on(node: Any) -> bool:
    return node is not None and node.get(qn("w:val")) not in ("0", "false", "none")


def font_stack(name: str | None) -> str:
    """The fonts to try for a font of Word: the same one first, then those that come near it."""
    return _FONTS.get(name or "", _BODY_FONT)


def _run_rules(rpr: Any) -> dict[str, str]:
    """The rules a w:rPr states itself."""
    found: dict[str, str] = {}
    for node in rpr if rpr is not None else ():
        value = node.get(qn("w:val"))
        if node.tag == qn("w:rFonts"):
            name = node.get(qn("w:eastAsia")) or node.get(qn("w:ascii"))
            if name:
                found["font-family"] = font_stack(name)
        elif node.tag == qn("w:sz"):
            found["font-size"] = f"{int(value) / 2:g}pt"
        elif node.tag == qn("w:b"):
            found["font-weight"] = "bold" if _on(node) else "normal"
        elif node.tag == qn("w:i"):
            found["font-style"] = "italic" if _on(node) else "normal"
        elif node.tag == qn("w:u"):
            found["text-decoration"] = "underline" if _on(node) else "none"
        elif node.tag == qn("w:strike"):
            found["text-decoration"] = "line-through" if _on(node) else "none"
        elif node.tag == qn("w:color") and value and value != "auto":
            found["color"] = f"#{value}"
        elif node.tag == qn("w:spacing") and value:
            found["letter-spacing"] = points(value)
        elif node.tag == qn("w:vertAlign") and value in ("superscript", "subscript"):
            found |= {"vertical-align": value[:-6] + ("er" if value[:3] == "sup" else ""), "line-height": "0"}
    return found


def _paragraph_rules(ppr: Any) -> dict[str, str]:
    """The rules a w:pPr states itself."""
    found: dict[str, str] = {}
    for node in ppr if ppr is not None else ():
        if node.tag == qn("w:jc"):
            found["text-align"] = _ALIGN.get(node.get(qn("w:val")), "left")
        elif node.tag == qn("w:ind"):
            found |= _indent(node)
        elif node.tag == qn("w:spacing"):
            found |= _spacing(node)
        elif node.tag == qn("w:pageBreakBefore"):
            found["break-before"] = "page" if _on(node) else "auto"
        elif node.tag == qn("w:keepNext"):
            found["break-after"] = "avoid" if _on(node) else "auto"
    return found


def _indent(node: Any) -> dict[str, str]:
    found = {}
    for css, names in (
        ("margin-left", ("left", "start")),
        ("margin-right", ("right", "end")),
        ("text-indent", ("firstLine",)),
    ):
        for name in names:
            letters, twips = node.get(qn(f"w:{name}Chars")), node.get(qn(f"w:{name}"))
            if letters is not None and int(letters):
                found[css] = f"{int(letters) / 100:g}em"
            elif twips is not None:
                found[css] = points(twips)
    hanging = node.get(qn("w:hanging"))
    if hanging is not None:
        found["text-indent"] = f"-{points(hanging)}"
    return found


def _spacing(node: Any) -> dict[str, str]:
    found = {}
    for css, name in (("margin-top", "before"), ("margin-bottom", "after")):
        if node.get(qn(f"w:{name}")) is not None:
            found[css] = points(node.get(qn(f"w:{name}")))
    line, rule = node.get(qn("w:line")), node.get(qn("w:lineRule"))
    if line is not None:
        exact = rule in ("exact", "atLeast")
        found["line-height"] = points(line) if exact else f"{int(line) / 240 * SINGLE:.3g}"
    return found


def css_of(rules: dict[str, str]) -> str:
    """Rules as a style attribute."""
    return ";".join(f"{name}:{value}" for name, value in rules.items())


class Styles:
    """The styles of one Word file, each with what it takes from those it is based on."""

    def __init__(self, document: Any) -> None:
        root = document.styles.element
        self.nodes = {node.get(qn("w:styleId")): node for node in root.iterchildren(qn("w:style"))}
        self.known: dict[str | None, tuple[dict[str, str], dict[str, str]]] = {}
        defaults = root.find(qn("w:docDefaults"))
        self.start: tuple[dict[str, str], dict[str, str]] = ({}, {"font-family": _BODY_FONT, "font-size": "10.5pt"})
        if defaults is not None:
            self.start[0].update(_paragraph_rules(defaults.find(f"{qn('w:pPrDefault')}/{qn('w:pPr')}")))
            self.start[1].update(_run_rules(defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")))
        self.normal = next(
            (
                name
                for name, node in self.nodes.items()
                if node.get(qn("w:type")) == "paragraph" and node.get(qn("w:default")) in ("1", "true")
            ),
            None,
        )

    @property
    def default_css(self) -> str:
        """The look of what says nothing of itself."""
        _paragraph, run = self.of(self.normal)
        return css_of({"line-height": str(SINGLE), **run})

    def of(self, name: str | None) -> tuple[dict[str, str], dict[str, str]]:
        """The paragraph and character rules of a style with those of its bases."""
        if name not in self.nodes:
            return self.start
        if name not in self.known:
            node = self.nodes[name]
            based = node.find(qn("w:basedOn"))
            self.known[name] = self.start  # a style based on itself ends here
            paragraph, run = self.of(based.get(qn("w:val")) if based is not None else None)
            self.known[name] = (
                {**paragraph, **_paragraph_rules(node.find(qn("w:pPr")))},
                {**run, **_run_rules(node.find(qn("w:rPr")))},
            )
        return self.known[name]

    def _style_name(self, ppr: Any) -> str | None:
        said = ppr.find(qn("w:pStyle")) if ppr is not None else None
        return said.get(qn("w:val")) if said is not None else self.normal

    def paragraph(self, node: Any) -> tuple[str, dict[str, str], bool]:
        """A paragraph's CSS, the character rules that hold in it, and whether it begins a page."""
        ppr = node.find(qn("w:pPr"))
        rules, base = self.of(self._style_name(ppr))
        rules = {**rules, **_paragraph_rules(ppr)}
        broken = rules.pop("break-before", "auto") == "page"
        mark = _run_rules(ppr.find(qn("w:rPr"))) if ppr is not None and node.find(qn("w:r")) is None else {}
        first = node.find(qn("w:r"))
        size = (self.properties(first, node) if first is not None else {**base, **mark}).get("font-size")
        looks = {"text-align": rules.pop("text-align", "left"), **rules, **({"font-size": size} if size else {})}
        return css_of(looks), {**base, **({"font-size": size} if size else {})}, broken

    def properties(self, node: Any, paragraph: Any) -> dict[str, str]:
        """All character rules of a run."""
        _paragraph, base = self.of(self._style_name(paragraph.find(qn("w:pPr"))))
        rpr = node.find(qn("w:rPr"))
        named = rpr.find(qn("w:rStyle")) if rpr is not None else None
        own = self.of(named.get(qn("w:val")))[1] if named is not None else {}
        return {**base, **own, **_run_rules(rpr)}

    def run(self, node: Any, paragraph: Any, base: dict[str, str]) -> str:
        """The CSS of a run, as far as it differs from its paragraph and the page."""
        usual = {**self.of(self.normal)[1], "font-size": base.get("font-size")}
        return css_of({k: v for k, v in self.properties(node, paragraph).items() if usual.get(k) != v})

    def numbered(self, node: Any) -> bool:
        """Whether a paragraph gets a number or a bullet by its style."""
        name, seen = self._style_name(node.find(qn("w:pPr"))), set[str | None]()
        while name in self.nodes and name not in seen:
            seen.add(name)
            if self.nodes[name].find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
                return True
            based = self.nodes[name].find(qn("w:basedOn"))
            name = based.get(qn("w:val")) if based is not None else None
        return False

    def table_borders(self, name: str | None) -> Any:
        """The w:tblBorders of a table style, through its bases."""
        seen: set[str | None] = set()
        while name in self.nodes and name not in seen:
            seen.add(name)
            node = self.nodes[name]
            found = node.find(f"{qn('w:tblPr')}/{qn('w:tblBorders')}")
            if found is not None:
                return found
            based = node.find(qn("w:basedOn"))
            name = based.get(qn("w:val")) if based is not None else None
        return None


def box_of(borders: Any) -> dict[str, str]:
    """side → CSS border of a w:tblBorders or w:tcBorders."""
    found = {}
    for node in borders if borders is not None else ():
        side = str(node.tag).rpartition("}")[2]
        side = {"start": "left", "end": "right"}.get(side, side)
        if node.get(qn("w:val")) in ("nil", "none", None):
            found[side] = "none"
        else:
            colour = node.get(qn("w:color")) or "auto"
            width = int(node.get(qn("w:sz")) or 4) / 8
            kind = "double" if node.get(qn("w:val")) == "double" else "solid"
            found[side] = f"{width:g}pt {kind} {'#000' if colour == 'auto' else '#' + colour}"
    return found
