"""What the address of a list asks for: read and checked once, and written again for the next address."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from inspect import signature
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from app.core.columns import key_of, spec_of
from app.core.sealed import is_sealed
from app.services import preference
from app.services.queries.choices import parse_key
from app.views.filters import Applied
from app.views.listing import PAGE_MAX, SIZES, Asked
from app.views.typed import Refused, for_address, typed_in

Pairs = list[tuple[str, str]]
FOREIGN = ("_flt_", "_oc_", "_od_", "psize", "page_")


@dataclass(slots=True)
class ListState:
    """What an address asks of the list: checked, with everything needed to write the next address."""

    asked: Asked = field(default_factory=Asked)
    applied: dict[str, Applied] = field(default_factory=dict)
    text: str = ""
    q: str = ""  # the text as an address may hold it
    tab: str = ""
    ignored: list[str] = field(default_factory=list)
    args: MultiDict[str, str] = field(default_factory=MultiDict)

    def pairs(self, without: Iterable[str] = (), **changes: Any) -> Pairs:
        """The parameters of the next address."""
        asked, out = self.asked, set(without)
        order = f"{'-' if asked.descending else ''}{asked.order}" if asked.order else ""
        pairs = [] if "tab" in out or not self.tab else [("tab", self.tab)]
        pairs += [("q", self.q)] if self.q and "q" not in out else []
        pairs += [p for name, filter_ in self.applied.items() if name not in out for p in filter_.params]
        pairs += [("order", order)] if order and self.args.get("order") and "order" not in changes else []
        pairs += [("size", str(asked.size))] if self.args.get("size") and "size" not in changes else []
        return pairs + [(k, str(v)) for k, v in changes.items() if v not in (None, "")]

    @property
    def exposed(self) -> bool:
        """Whether the address that was asked for holds a number it should not."""
        return any(is_sealed(value) and value not in self.args.getlist(name) for name, value in self.pairs())

    def url(self, without: Iterable[str] = (), **changes: Any) -> str:
        """The query string of the next address; without any parameter it asks for everything."""
        return "?" + (urlencode(self.pairs(without, **changes)) or "all=1")


class ListReading:
    """Reading the address; mixed into PortalModelView, which declares filters, order and tabs."""

    def state(self: Any, args: MultiDict[str, str], liking: preference.Liking = preference.NOTHING) -> ListState:
        """Check every parameter; what cannot be read is left out and named."""
        state = ListState(args=args)
        asked = state.asked
        asked.size = liking.page_size if liking.page_size in SIZES else SIZES[0]
        asked.order, asked.descending = self._default_order()
        for filter_ in self.filters.values():
            try:
                applied = filter_.read(args)
            except Refused:
                state.ignored.append(str(filter_.label))
                continue
            if applied:
                state.applied[filter_.name] = applied
                asked.clauses.append(applied.clause)
        self._read_common(state, args)
        if any(name.startswith(FOREIGN) for name in args):
            state.ignored.append(_("address"))
        return state

    def _default_order(self: Any) -> tuple[str | None, bool]:
        if self.base_order:
            name, direction = self.base_order
            return (None if name == key_of(self.datamodel.obj) else name), direction == "desc"
        return None, True

    def _read_common(self: Any, state: ListState, args: MultiDict[str, str]) -> None:
        asked = state.asked
        try:
            state.text = typed_in(args.get("q", ""))
            state.q = for_address(args.get("q", "")) if state.text else ""
        except Refused:
            state.ignored.append(_("Search"))
        order = args.get("order", "")
        if order:
            if order.removeprefix("-") in self.ordered:
                asked.order, asked.descending = order.removeprefix("-"), order.startswith("-")
            else:
                state.ignored.append(_("Order"))
        size, page = args.get("size"), args.get("page")
        if size is not None:
            given = parse_key(size)
            if given in SIZES:
                asked.size = given
            else:
                state.ignored.append(_("Rows per page"))
        if page is not None:
            number = parse_key(page)
            if number is None or not 1 <= number <= PAGE_MAX:
                state.ignored.append(_("Page"))
            else:
                asked.page = number
        asked.after, asked.before = parse_key(args.get("after")), parse_key(args.get("before"))
        if args.get("tab"):
            state.tab = next((name for name, _label, _rule in self.quick_filters if name == args["tab"]), "")

    def narrowing(self: Any, state: ListState) -> Any:
        """The function that limits a select to this screen, its tab and its quick search."""
        rule = self._tab_rule(state.tab)

        def narrow(statement: Select[Any]) -> Select[Any]:
            statement = self.narrow(statement)
            if rule is not None:
                statement = rule(statement)
            return self.search_text(statement, state.text) if state.text and self.quick_search else statement

        return narrow

    def _tab_rule(self: Any, tab: str) -> Any:
        rule = next((rule for name, _label, rule in self.quick_filters if name == tab), None)
        if callable(rule):
            asks = any(one.default is one.empty for one in signature(rule).parameters.values())
            return rule if asks else lambda statement: statement.where(rule())
        if rule is None:
            return None
        model = self.datamodel.obj
        clauses = []
        for name, value in rule.items():
            column = spec_of(model, name).attribute
            clauses.append(column.in_(value) if isinstance(value, list | tuple | set | frozenset) else column == value)
        return lambda statement: statement.where(*clauses)
