"""The one hardened base of every generated screen; a screen above it states only what a person must decide.

What it mends of the framework is written down, trap by trap, in tests/framework/test_traps.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import abort
from flask_appbuilder import ModelView
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.permissions import GROUP_OF, PAGES
from app.access.scope import OPEN_AS_RELATION
from app.core.columns import Kind, key_of, mapper_of, spec_of
from app.core.db import db
from app.forms.model_form import PortalForm, model_form
from app.services.queries.choices import Chooser, Narrow, parse_key
from app.views.fields import Computed, Shown, shown_of
from app.views.filters import Filter
from app.views.interface import LocalFilters, PortalInterface
from app.views.list_state import ListState
from app.views.list_tools import ListTools
from app.views.listing import Newest, Source
from app.views.lists import ListPages
from app.views.records import RecordPages
from app.views.saving import SavePages

Columns = Sequence[str | tuple[str, ...]]
Groups = Sequence[tuple[Any, Sequence[str]]]

__all__ = ["PortalInterface", "PortalModelView"]

PERMISSIONS = {
    **dict.fromkeys(("list", "ask", "show", "choices", "choose_columns"), "read"),
    **dict.fromkeys(("leave", "save_filter", "drop_filter"), "read"),
    "add": "add",
    "edit": "edit",
    "delete": "delete",
    "export": "export",
    "reveal": "reveal",
}


class PortalModelView(LocalFilters, ListPages, ListTools, RecordPages, SavePages, ModelView):
    """A register: list, record page, form. A screen declares datamodel, page of the catalogue, columns, groups."""

    # The framework's own attributes, filled below.
    exclude_route_methods: Any
    method_permission_name: Any
    label_columns: Any
    search_form: Any
    add_form: Any
    edit_form: Any
    list_title: Any
    show_title: Any
    add_title: Any
    edit_title: Any

    # What a view states. A tuple in list_columns is one cell: the first name big, the others small beneath it.
    noun: Any = None
    list_columns: Columns = ()
    optional_columns: Columns = ()
    search_columns: Sequence[str] = ()
    quick_columns: Sequence[str] | None = None
    order_columns: Sequence[str] | None = None
    base_order: tuple[str, str] | None = None
    quick_filters: Sequence[tuple[str, Any, Any]] = ()
    count_tabs = False
    form_groups: Groups = ()
    add_groups: Groups | None = None
    edit_groups: Groups | None = None
    show_groups: Groups | None = None
    computed: Mapping[str, Computed] = {}
    narrow_choices: Mapping[str, Narrow] = {}
    unlocked: Sequence[str] = ()
    allow_add, allow_edit, allow_delete, allow_export = True, True, False, True
    create_verb: Callable[..., Any] | None = None
    update_verb: Callable[..., Any] | None = None
    delete_verb: Callable[..., Any] | None = None
    export_max = 10_000
    related_rows = 10

    list_template = "portal/list.html"
    show_template = "portal/show.html"
    add_template = "portal/form.html"
    edit_template = "portal/form.html"
    add_row_message = _l("Saved.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Deleted.")

    def __init__(self, **kw: Any) -> None:
        off = {name for name in ("add", "edit", "delete", "export") if not getattr(self, f"allow_{name}")}
        self.exclude_route_methods = {"download", *off, *self.exclude_route_methods}
        names = {**PERMISSIONS, **(self.method_permission_name or {})}
        for name in dir(type(self)):
            said = getattr(getattr(type(self), name), "_action", None)
            if said:
                names.setdefault(name, said[0])
        self.method_permission_name = names
        super().__init__(**kw)

    # ---- set-up, once per application

    def _init_properties(self) -> None:
        model = self.datamodel.obj
        if self.base_filters:
            raise LookupError(f"{type(self).__name__}: base_filters do not cover every door; use narrow()")
        self.title_label = self.noun or PAGES[self.class_permission_name].label if self._page() else self.noun
        cells = [c if isinstance(c, tuple) else (c,) for c in (*self.list_columns, *self.optional_columns)]
        keys = tuple(dict.fromkeys(name for cell in cells for name in cell)) or (key_of(model),)
        groups = [*self.form_groups, *(self.add_groups or ()), *(self.edit_groups or ()), *(self.show_groups or ())]
        named = dict.fromkeys([*keys, *(name for _title, names in groups for name in names)])
        formatters, said = self.formatters_columns or {}, self.label_columns or {}
        self.cells = {cell[0]: cell for cell in cells}
        self.default_cells = tuple(c if isinstance(c, str) else c[0] for c in self.list_columns)
        extra = {*(self.add_form_extra_fields or ()), *(self.edit_form_extra_fields or ())}
        self.shown: dict[str, Shown] = {
            n: shown_of(model, n, self.computed, formatters, said) for n in named if n not in extra or hasattr(model, n)
        }
        self.filters = {f.name: f for f in self._make_filters(model, self.search_columns)}
        self.ordered = tuple(self._orderable(model, keys) if self.order_columns is None else self.order_columns)
        self.sources: dict[tuple[str, ...], Source] = {}
        self.tab_statements: dict[Any, Any] = {}
        self.panels: dict[str, Any] = {}
        self.quick = tuple(self._quick(model) if self.quick_columns is None else self.quick_columns)
        self.quick_search = bool(self.quick) or type(self).search_text is not PortalModelView.search_text
        for name in (*self.ordered, *self.quick):
            if not spec_of(model, name).open:
                raise LookupError(f"{type(self).__name__}: {name} is masked or secret; no order, no search by it")
        self._declare(model, keys, said)

    def _page(self) -> bool:
        return self.class_permission_name in PAGES

    def _declare(self, model: type, keys: tuple[str, ...], said: Mapping[str, Any]) -> None:
        """Hand the framework the same facts in its own words (labels, permissions and hooks read them)."""
        real = [key for key in keys if key not in self.computed]
        self.list_columns, self.order_columns, self.search_columns = real, list(self.ordered), list(self.search_columns)
        self.label_columns = {**{name: item.label for name, item in self.shown.items()}, **said}
        self.description_columns = {n: s.spec.help for n, s in self.shown.items() if s.spec is not None and s.spec.help}
        self.show_columns = self._names(self.show_groups or self.form_groups) or real
        self.add_columns = self._names(self.add_groups or self.form_groups) or real
        self.edit_columns = self._names(self.edit_groups or self.form_groups) or real
        searched, self.search_columns = self.search_columns, [key_of(model)]
        super()._init_properties()
        self.search_columns = searched
        self._filters_proto = self.datamodel.get_filters(searched) if searched else self.datamodel.get_filters([])

    @staticmethod
    def _names(groups: Groups) -> list[str]:
        return list(dict.fromkeys(name for _title, names in groups for name in names))

    def _make_filters(self, model: type, names: Iterable[str]) -> list[Filter]:
        return [Filter(model, name, self._chooser(model, name)) for name in names]

    def _chooser(self, model: type, name: str) -> Chooser | None:
        target = spec_of(model, name).target
        return Chooser(target, self.narrow_choices.get(name)) if target else None

    def _orderable(self, model: type, keys: Iterable[str]) -> list[str]:
        specs = [(key, spec_of(model, key)) for key in keys if key not in self.computed]
        return [k for k, s in specs if s.open and not s.path and s.kind not in (Kind.one, Kind.many, Kind.long)]

    def _quick(self, model: type) -> list[str]:
        return [n for n in self.search_columns if spec_of(model, n).kind in (Kind.text, Kind.long)]

    def _init_forms(self) -> None:
        model = self.datamodel.obj
        self.search_form = self.search_form or PortalForm
        self.add_form = self.add_form or self._form(model, self.add_columns, self.add_form_extra_fields)
        self.edit_form = self.edit_form or self._form(model, self.edit_columns, self.edit_form_extra_fields)

    def _form(self, model: type, names: Iterable[str], extra: Mapping[str, Any] | None) -> type[PortalForm]:
        wanted = [n for n in names if n not in self.computed]
        relations = {n: self._chooser(model, n) for n in wanted if n not in (extra or {}) and spec_of(model, n).target}
        choosers = {name: chooser for name, chooser in relations.items() if chooser}
        return model_form(model, wanted, extra, self.validators_columns, choosers, self.unlocked)

    def _init_titles(self) -> None:
        self.list_title = self.list_title or self.title_label
        self.show_title, self.add_title = self.show_title or self.title_label, self.add_title or _l("New entry")
        self.edit_title = self.edit_title or _l("Edit")
        self.title = self.list_title

    # ---- hooks of a view

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """Limit the rows of this screen further than the row scope does (for every door: list, record, export)."""
        return statement

    def search_text(self, statement: Select[Any], text: str) -> Select[Any]:
        """What the quick box searches: every word in one of the quick columns."""
        columns = [getattr(self.datamodel.obj, name) for name in self.quick]
        for word in text.split()[:5]:
            statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        return statement

    def newest(self, state: ListState) -> Newest | None:
        """What the quick search knows of its result, if it can look through the newest rows only."""
        return None

    def tab_key(self) -> Any:
        """What the quick filters depend on beside the person and the day: settings, say."""
        return None

    def why_not_add(self) -> Any:
        """A sentence why nothing can be added just now, or None."""
        return None

    def why_not_edit(self, record: Any) -> Any:
        """A sentence why this record cannot be changed, or None."""
        return None

    def why_not_delete(self, record: Any) -> Any:
        """A sentence why this record cannot be deleted, or None."""
        return None

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """More buttons of the heading: (label, address, kind)."""
        return []

    def name_of(self, record: Any) -> str:
        """What the record is called in headings."""
        return str(record)

    # ---- what both kinds of pages need

    def may(self, action: str) -> bool:
        """Whether the person holds an action of this screen and the screen has it."""
        permission = f"can_{action}"
        held = self.appbuilder.sm.has_access(permission, self.class_permission_name)
        return permission in self.base_permissions and held

    def may_act(self, item: Any) -> bool:
        """Whether the person holds the right an action asks for (its own name, or what the screen says)."""
        return self.may(self.method_permission_name.get(item.func.__name__, item.name))

    def fetch(self, pk: Any, *options: Any) -> Any:
        """The record of an address, within the row scope; what is not there or not yours is 404."""
        key = parse_key(pk)
        if key is None:
            abort(404)
        model = self.datamodel.obj
        statement = self.narrow(select(model).where(getattr(model, key_of(model)) == key))
        eager = getattr(self.datamodel, "eager", ())
        record = db.session.scalars(statement.options(*eager, *options)).unique().one_or_none()
        if record is None:
            abort(404)
        return record

    def loads(self, names: Iterable[str]) -> list[Any]:
        """Loader options for the relations among some columns, so that a record page costs few statements."""
        model, options = self.datamodel.obj, []
        for name in dict.fromkeys(n.split(".")[0] for n in names if n not in self.computed):
            relation = mapper_of(model).relationships.get(name)
            if relation is not None:
                open_ = not relation.uselist and relation.mapper.class_ in OPEN_AS_RELATION
                load = joinedload if open_ else selectinload  # what is guarded must be loaded where the guard sees it
                options.append(load(getattr(model, name)))
        return options

    def crumbs(self, *more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
        """Group of the menu, this list, and what stands below it."""
        group = GROUP_OF.get(self.class_permission_name)
        start: list[tuple[Any, str | None]] = [(group.label, None)] if group else []
        return [*start, (self.list_title, f"{self.route_base}/list/" if more else None), *more]

    def key_of(self, record: Any) -> int:
        """The primary key of a record."""
        return int(getattr(record, key_of(type(record))))
