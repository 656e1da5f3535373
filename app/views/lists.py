"""The list page of every register: tabs, filters, columns, sorting, pages, choices, export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import get_template_attribute, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.access.permissions import IMPORT_PAGES
from app.core import clock
from app.core.columns import Kind
from app.services import preference
from app.views.fields import Shown, getter_of, html_of, paint_rows
from app.views.list_state import ListReading, ListState
from app.views.list_watch import count_listed
from app.views.listing import COUNT_CAP, SIZES, Asked, Listing, Result, Source, count_rows
from app.views.typed import still_open

TAB_CAP = 99
STATEMENTS_KEPT = 200


@dataclass(slots=True)
class Heading:
    """A column heading with its sorting link."""

    label: Any
    url: str | None
    sort: str | None
    numeric: bool


@dataclass(slots=True)
class Tab:
    """A quick or saved filter above the list."""

    label: Any
    url: str
    on: bool
    count: str = ""
    saved: preference.Saved | None = None


class ListPages(ListReading):
    """The list routes; mixed into PortalModelView, which declares what they read."""

    def _panels(self: Any, state: ListState) -> Any:
        """The controls of the filters; without a filter in force they are the same for everybody of one language."""
        key = str(get_locale())
        if not state.applied and key in self.panels:
            return self.panels[key]
        draw = get_template_attribute("portal/_panel.html", "panel")
        made = [
            f.panel(state.args, state.applied.get(f.name), f"{self.route_base}/choices/{f.spec.name}")
            for f in self.filters.values()
        ]
        html = Markup("").join(draw(panel) for panel in made)
        if not state.applied:
            self.panels[key] = html
        return html

    def chosen_cells(self: Any, liking: preference.Liking = preference.NOTHING) -> tuple[str, ...]:
        """Which cells the list shows: the person's choice, or the shipped one."""
        chosen = tuple(name for name in liking.columns if name in self.cells)
        return chosen or self.default_cells or tuple(self.cells)

    def source_of(self: Any, cells: Sequence[str]) -> Source:
        """What to select for those cells; compiled once."""
        key = tuple(cells)
        if key not in self.sources:
            eager = getattr(self.datamodel, "eager", ())
            self.sources[key] = Source(self.datamodel.obj, self.shown_in(key), eager)
        return self.sources[key]

    def shown_in(self: Any, cells: Iterable[str]) -> Sequence[Shown]:
        """The single things shown in those cells."""
        return [self.shown[name] for cell in cells for name in self.cells.get(cell, (cell,))]

    def list_context(
        self: Any, state: ListState, liking: preference.Liking, cells: Sequence[str], source: Source, result: Result
    ) -> dict[str, Any]:
        """Everything the template reads."""
        tabs, bulk = self._tabs(state, liking), self._bulk()
        left = urlencode(state.pairs())
        remember = left if left != liking.query and not state.ignored else None
        return {
            "title": self.list_title,
            "crumbs": self.crumbs(),
            "view": self,
            "state": state,
            "result": result,
            "headings": self._headings(state, cells),
            "rows": self.row_cells(result.rows, cells, source, bool(bulk)),
            "panels": self._panels(state),
            "tabs": tabs,
            "liking": liking,
            "cells": self._chooser_rows(cells),
            "sizes": SIZES,
            "remember": remember,
            "links": self._page_links(state, result),
            "count_text": count_text(result),
            "may": {a: self.may(a) for a in ("add", "export", "edit")},
            "no_add": self.why_not_add(),
            "bulk": bulk,
            "head": [*self.head_actions(), *self._import_link()],
            "can_share": current_actor().organisation_id is not None,
        }

    def _import_link(self: Any) -> list[tuple[Any, str, str]]:
        """Where tables are brought into this register, for those who may."""
        noun, actor = self.route_base.strip("/"), current_actor()
        allowed = noun in IMPORT_PAGES and actor.may("import", IMPORT_PAGES[noun]) and actor.may("read", "Import")
        return [(_("Import"), f"/import/new?noun={noun}", "")] if allowed else []

    def row_cells(self: Any, rows: Sequence[Any], cells: Sequence[str], source: Source, pick: bool = False) -> Any:
        """The HTML of every row: the first cell leads to the record, the others carry their label for the phone."""
        at, made = 0, []
        for cell in cells:
            names = self.cells.get(cell, (cell,))
            shown = [self.shown[name] for name in names]
            places = source.places[at : at + len(names)]
            made.append(
                (
                    shown[0],
                    [
                        getter_of(s, p, None if s.computed else html_of(s, True))
                        for s, p in zip(shown, places, strict=True)
                    ],
                )
            )
            at += len(names)
        return paint_rows(rows, made, self.route_base, _("Tick this row") if pick else None)

    def _plain_headings(self: Any, cells: Sequence[str]) -> Sequence[Heading]:
        things = [self.shown[self.cells[cell][0]] for cell in cells]
        return [Heading(shown.label, None, None, shown.numeric) for shown in things]

    def _headings(self: Any, state: ListState, cells: Sequence[str]) -> Sequence[Heading]:
        asked, found = state.asked, []
        for cell in cells:
            shown = self.shown[self.cells[cell][0]]
            order = shown.computed.order if shown.computed else shown.key
            if order not in self.ordered:
                found.append(Heading(shown.label, None, None, shown.numeric))
                continue
            here = asked.order == order
            down = not asked.descending if here else bool(shown.spec and shown.spec.kind in (Kind.day, Kind.moment))
            sort = ("descending" if asked.descending else "ascending") if here else None
            found.append(Heading(shown.label, state.url(order=f"{'-' if down else ''}{order}"), sort, shown.numeric))
        return found

    def _tabs(self: Any, state: ListState, liking: preference.Liking) -> Sequence[Tab]:
        plain = not state.tab and not state.applied and not state.text
        tabs = [Tab(_("All"), "?all=1", plain)]
        counts = self._tab_counts(state) if self.count_tabs else {}
        keep = ("tab", "q", *state.applied)
        for name, label, _rule in self.quick_filters:
            tabs.append(Tab(label, state.url(keep, tab=name), state.tab == name, counts.get(name, "")))
        now = sorted(state.pairs())
        for saved in liking.saved:
            pairs = parse_qsl(saved.query)
            tabs.append(Tab(saved.name, "?" + saved.query, bool(pairs) and sorted(pairs) == now, saved=saved))
        return tabs

    def _tab_counts(self: Any, state: ListState) -> dict[str, str]:
        key = (current_actor(), clock.today(), self.tab_key())
        statement = self.tab_statements.get(key)
        if statement is None:
            if len(self.tab_statements) >= STATEMENTS_KEPT:
                self.tab_statements.clear()
            statement = self.tab_statements[key] = self._tab_statement()
        row = count_rows(statement, self.datamodel.obj).one()
        return {name: str(n) if n <= TAB_CAP else f"{TAB_CAP}+" for name, n in zip(self._tab_names(), row, strict=True)}

    def _tab_names(self: Any) -> list[str]:
        return [name for name, _label, _rule in self.quick_filters]

    def _tab_statement(self: Any) -> Any:
        """All counts at once; the same for one person with the same rights on the same day (see `tab_key`)."""
        return select(*(self.tab_counter(name) for name in self._tab_names()))

    def tab_counter(self: Any, name: str) -> Any:
        """A scalar select: how many rows of a quick filter exist for the actor, up to TAB_CAP + 1."""
        source = self.source_of(self.default_cells)
        return Listing(source, Asked(), self.narrowing(ListState(tab=name))).counted(TAB_CAP)

    def _chooser_rows(self: Any, cells: Sequence[str]) -> Sequence[tuple[str, Any, bool]]:
        rest = [name for name in self.cells if name not in cells]
        return [(n, self.shown[self.cells[n][0]].label, n in cells) for n in (*cells, *rest)]

    def _page_links(self: Any, state: ListState, result: Result) -> dict[str, Any]:
        page = result.page
        links: dict[str, Any] = {"previous": None, "next": None, "first": None, "last": None}
        if page > 1:
            before = result.first if result.keyset and page > 2 else None
            links["previous"] = state.url(page=page - 1 if page > 2 else None, before=before)
            links["first"] = state.url()
        if result.more:
            links["next"] = state.url(page=page + 1, after=result.last if result.keyset else None)
        if result.pages and page < result.pages:
            links["last"] = state.url(page=result.pages)
        return links

    def _bulk(self: Any) -> Sequence[Any]:
        return [a for a in self.actions.values() if a.multiple and self.may_act(a)]

    @expose("/list/")
    @has_access
    def list(self: Any) -> Any:
        """The list."""
        liking = preference.liking(current_actor(), self.route_base)
        args = request.args
        if not args and liking.query:
            args = MultiDict(pair for pair in parse_qsl(liking.query) if still_open(pair[1]))
        state = self.state(args, liking)
        if state.exposed:  # typed into the address line: at least it does not stay there
            return redirect(f"{self.route_base}/list/{state.url()}")
        cells = self.chosen_cells(liking)
        source = self.source_of(cells)
        result = Listing(source, state.asked, self.narrowing(state), self.newest(state)).page()
        count_listed(self.datamodel.obj, len(result.rows))
        return self.render_template(self.list_template, **self.list_context(state, liking, cells, source, result))


def count_text(result: Result) -> str:
    """How many rows there are, honestly."""
    if result.capped:
        return _("more than %(count)s results", count=COUNT_CAP)
    return _("%(count)s results", count=result.total or 0)
