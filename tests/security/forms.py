"""Reading a page the way a browser does: the fields of its forms, and the tree of its elements."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """One form of a page: where it is sent to, and what it holds."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.select: tuple[str, bool] | None = None
        self.area: str | None = None
        self.inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        said = dict(attrs)
        if tag == "form":
            self.forms.append(Form(said.get("action") or ""))
            self.inside = True
        if not self.inside or not self.forms:
            return
        values, name = self.forms[-1].values, said.get("name")
        if tag == "input" and name and said.get("type") not in ("submit", "button", "file"):
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                values.setdefault(name, []).append(said.get("value") or "")
        elif tag == "select" and name:
            self.select = (name, "multiple" in said)
        elif tag == "option" and self.select and "selected" in said:
            values.setdefault(self.select[0], []).append(said.get("value") or "")
        elif tag == "textarea" and name:
            self.area = name
            values.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            kept = self.forms[-1].values[self.area]
            kept[-1] += data if kept[-1] else data.removeprefix("\r").removeprefix("\n")  # as browsers do


def main_form(page: str, holding: str = "row_version") -> Form:
    """The form of the page that holds a field of that name."""
    reader = _Reader()
    reader.feed(page)
    return next(form for form in reader.forms if holding in form.values)


def skeleton(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element of a page with the names of its attributes, in order; what an injection would change."""
    found: list[tuple[str, tuple[str, ...]]] = []

    class Tree(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            found.append((tag, tuple(name for name, _value in attrs)))

    Tree(convert_charrefs=True).feed(page)
    return found
