"""A table of a Word file: its rows and cells with spans, borders, widths and heights."""

from dataclasses import dataclass
from typing import Any

from app.core.docx_names import qn
from app.core.docx_style import Styles, box_of, css_of, points

SIDES = ("top", "right", "bottom", "left")


@dataclass
class Cell:
    """One cell that is drawn."""

    node: Any
    columns: int
    css: str
    start: int
    merge: str | None
    rows: int = 1


@dataclass
class Row:
    """One row: height and cells."""

    cells: list[Cell]
    css: str
    head: bool


def _value(parent: Any, name: str) -> Any:
    node = parent.find(qn(name)) if parent is not None else None
    return node.get(qn("w:val")) if node is not None else None


class Grid:
    """The cells of a table in their places."""

    def __init__(self, node: Any, styles: Styles) -> None:
        properties = node.find(qn("w:tblPr"))
        widths = [
            int(column.get(qn("w:w")) or 0)
            for column in node.iter(qn("w:gridCol"))
            if column.getparent().getparent() is node
        ]
        self.total = sum(widths) or 1
        self.columns = "".join(f'<col style="width:{width / self.total * 100:.3f}%">' for width in widths)
        named = styles.table_borders(_value(properties, "w:tblStyle"))
        own = properties.find(qn("w:tblBorders")) if properties is not None else None
        self.borders = {**box_of(named), **box_of(own)}
        self.css = css_of(self._place(properties))
        rows = [self._row(row) for row in node.iterchildren(qn("w:tr"))]
        self._merge(rows)
        self._frame(rows)
        self.head = [row for row in rows if row.head]
        self.rows = [row for row in rows if not row.head]

    def _place(self, properties: Any) -> dict[str, str]:
        width = properties.find(qn("w:tblW")) if properties is not None else None
        kind, value = (width.get(qn("w:type")), width.get(qn("w:w"))) if width is not None else (None, None)
        rules = {"width": "100%"}
        if kind == "dxa" and value and int(value):
            rules["width"] = points(value)
        elif self.total > 1 and kind != "pct":
            rules["width"] = points(self.total)
        rules["max-width"] = "calc(100% - 1pt)"  # else half of the outer line is cut off at the edge of the page
        if _value(properties, "w:jc") == "center":
            rules |= {"margin-left": "auto", "margin-right": "auto"}
        return rules

    def _row(self, node: Any) -> Row:
        properties = node.find(qn("w:trPr"))
        height = properties.find(qn("w:trHeight")) if properties is not None else None
        css = f"height:{points(height.get(qn('w:val')))}" if height is not None else ""
        head = properties is not None and properties.find(qn("w:tblHeader")) is not None
        cells, place = [], 0
        for cell in node.iterchildren(qn("w:tc")):
            about = cell.find(qn("w:tcPr"))
            span = int(_value(about, "w:gridSpan") or 1)
            merged = about.find(qn("w:vMerge")) if about is not None else None
            merge = None if merged is None else (merged.get(qn("w:val")) or "continue")
            cells.append(Cell(cell, span, self._look(about), place, merge))
            place += span
        return Row(cells, css, head)

    def _look(self, about: Any) -> str:
        rules: dict[str, str] = {}
        align = _value(about, "w:vAlign")
        if align in ("center", "bottom"):
            rules["vertical-align"] = "middle" if align == "center" else "bottom"
        shade = about.find(qn("w:shd")) if about is not None else None
        fill = shade.get(qn("w:fill")) if shade is not None else None
        if fill and fill != "auto":
            rules["background"] = f"#{fill}"
        for side, border in box_of(about.find(qn("w:tcBorders")) if about is not None else None).items():
            if side in SIDES:
                rules[f"border-{side}"] = border
        return css_of(rules)

    def _merge(self, rows: list[Row]) -> None:
        """Cells that go on from the row above are drawn by the one they belong to."""
        above: dict[int, Cell] = {}
        for row in rows:
            kept = []
            for cell in row.cells:
                if cell.merge == "continue" and cell.start in above:
                    above[cell.start].rows += 1
                    continue
                above.pop(cell.start, None)
                if cell.merge is not None:
                    above[cell.start] = cell
                kept.append(cell)
            row.cells = kept

    def _frame(self, rows: list[Row]) -> None:
        """The table's own borders, where a cell says nothing of its own."""
        last = sum(1 for _ in self.columns.split("<col")) - 1
        for number, row in enumerate(rows):
            for cell in row.cells:
                sides = {
                    "top": "top" if number == 0 else "insideH",
                    "bottom": "bottom" if number + cell.rows >= len(rows) else "insideH",
                    "left": "left" if cell.start == 0 else "insideV",
                    "right": "right" if cell.start + cell.columns >= last else "insideV",
                }
                rules = {f"border-{side}": self.borders[name] for side, name in sides.items() if self.borders.get(name)}
                cell.css = css_of(rules) + (f";{cell.css}" if cell.css else "")
