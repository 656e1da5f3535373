"""The one base of every generated REST resource: the same rows, columns, rules and verbs as its page.

A resource names its page: `class ExpertApi(PortalRestApi): view = ExpertView; resource_name = "expert"`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, jsonify
from flask_appbuilder import ModelRestApi
from flask_appbuilder.api import expose
from flask_babel import gettext as _
from sqlalchemy import func, literal, select

from app.core.columns import Kind, spec_of, version_of
from app.core.db import db
from app.core.errors import Malformed, NotFound
from app.services.queries.choices import parse_key
from app.views.api_guard import guarded
from app.views.api_spec import RESPONSES, item_schema, operation, write_schema
from app.views.api_values import json_of, json_shown
from app.views.api_write import ApiWrites
from app.views.base import PortalModelView
from app.views.fields import Shown, getter_of
from app.views.list_watch import count_listed
from app.views.listing import Asked, Listing, Source, scoped
from app.views.rison import Query, operators, read_query, where

PAGE_SIZE, PAGE_CAP = 25, 100
PERMISSIONS = {"info": "read", "get_list": "read", "get": "read", "post": "add", "put": "edit", "delete": "delete"}


class PortalRestApi(ApiWrites, ModelRestApi):
    """A REST resource beside a page; everything not said here is the page's."""

    view: type[PortalModelView]
    show_columns: Any = None
    list_columns: Any = None
    class_permission_name: Any
    method_permission_name: Any
    exclude_route_methods: Any
    max_page_size = PAGE_CAP
    responses = {**ModelRestApi.responses, **RESPONSES}

    def __init__(self) -> None:
        view: Any = self.view
        self.datamodel = view.datamodel
        self.class_permission_name = self.class_permission_name or view.class_permission_name
        self.method_permission_name = {**PERMISSIONS, **(self.method_permission_name or {})}
        pairs = (("post", view.allow_add), ("put", view.allow_edit), ("delete", view.allow_delete))
        self.exclude_route_methods = {name for name, allowed in pairs if not allowed} | set(self.exclude_route_methods)
        self.page: Any = None
        super().__init__()

    def create_blueprint(self, appbuilder: Any, *args: Any, **kw: Any) -> Any:
        """Find the page's registered instance (or make one) and take its columns over."""
        registered = (v for v in appbuilder.baseviews if type(v) is self.view)
        self.page = next(registered, None) or self.view()
        self.page.appbuilder = self.page.appbuilder or appbuilder
        self._take_columns()
        return super().create_blueprint(appbuilder, *args, **kw)

    def _init_properties(self) -> None:
        """Columns come from the page, when the blueprint is made."""

    def _init_titles(self) -> None:
        """The title is the page's."""

    def _take_columns(self) -> None:
        page = self.page
        groups = page.show_groups or page.form_groups
        shown = [n for n in dict.fromkeys([*self._list_names(), *page._names(groups)]) if n in page.shown]
        self.list_columns = list(self.list_columns or self._list_names())
        self.show_columns = list(self.show_columns or shown)
        self.add_columns = list(page.add_form.names)
        self.edit_columns = list(page.edit_form.names)
        self.search_columns, self.order_columns = list(page.search_columns), list(page.ordered)
        self.label_columns = {n: page.shown[n].label for n in page.shown}
        self.things = {n: json_shown(page.shown[n]) for n in dict.fromkeys([*self.list_columns, *self.show_columns])}
        self.sources: dict[tuple[str, ...], Source] = {}

    def _list_names(self) -> list[str]:
        page = self.page
        return list(dict.fromkeys(name for cell in page.cells.values() for name in cell))

    def _init_model_schemas(self) -> None:
        """Only the OpenAPI document needs the schemas, a dozen objects a column: they are made when it asks."""

    def add_apispec_components(self, api_spec: Any) -> None:
        """What records look like, given out and sent, into the document."""
        if self.list_model_schema is None:
            self._make_schemas()
        super().add_apispec_components(api_spec)

    def _make_schemas(self) -> None:
        model, version = self.datamodel.obj, version_of(self.datamodel.obj)
        name = type(self).__name__
        self.list_model_schema = item_schema(f"{name}List", self.list_columns, self.page.shown, version)
        self.show_model_schema = item_schema(f"{name}Show", self.show_columns, self.page.shown, version)
        self.add_model_schema = write_schema(f"{name}Add", model, self.page.add_form, None)
        self.edit_model_schema = write_schema(f"{name}Edit", model, self.page.edit_form, version)

    # ---- reading

    def source_of(self, names: Iterable[str]) -> Source:
        """What to select for those columns; compiled once."""
        key = tuple(names)
        if key not in self.sources:
            version = version_of(self.datamodel.obj)
            things: list[Shown] = [self.things[name] for name in key]
            things += [Shown(version, version, spec_of(self.datamodel.obj, version))] if version else []
            self.sources[key] = Source(self.datamodel.obj, things, getattr(self.datamodel, "eager", ()))
        return self.sources[key]

    def dump(self, rows: Iterable[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        """Rows as JSON objects; masked columns stay masked."""
        source, version = self.source_of(names), version_of(self.datamodel.obj)
        getters = [
            (n, getter_of(self.things[n], p, json_of(self.things[n])))
            for n, p in zip(names, source.places, strict=False)
        ]
        found = []
        for row in rows:
            item = {"id": row[0], **{name: get(row) for name, get in getters}}
            if version:
                item["version"] = row[source.places[-1][0]]
            found.append(item)
        return found

    def read_one(self, pk: Any, names: Sequence[str]) -> dict[str, Any]:
        """One record as JSON, within the row scope; NotFound when it is not there or not yours."""
        key = parse_key(pk)
        source = self.source_of(names)
        if key is None:
            raise NotFound()
        statement = self.page.narrow(source.statement.where(source.key == key))
        rows = db.session.execute(statement).all()
        if not rows:
            raise NotFound()
        return self.dump(rows[:1], names)[0]

    def chosen(self, query: Query, allowed: Sequence[str]) -> list[str]:
        """The columns asked for, as far as they are offered."""
        asked = [name for name in query.columns if name in allowed]
        return asked if query.columns else list(allowed)

    def _extra(self, query: Query, names: Sequence[str], caller: str) -> dict[str, Any]:
        """What the framework's lists say beside the rows, for those who ask for it."""
        page = self.page
        help_ = {n: page.shown[n].spec.help for n in names if page.shown[n].spec is not None}
        told = {
            f"{caller}_columns": list(names),
            "label_columns": {n: str(page.shown[n].label) for n in names},
            "description_columns": {n: str(text) for n, text in help_.items() if str(text)},
            f"{caller}_title": str(page.list_title),
            "order_columns": list(self.order_columns or ()),
        }
        return told if not query.keys else {k: v for k, v in told.items() if k in query.keys}

    @expose("/", methods=("GET",))
    @operation("get_list")
    @guarded
    def get_list(self) -> Response:
        """The list, filtered, ordered and paged."""
        query = read_query("list")
        names = self.chosen(query, self.list_columns or ())
        asked = Asked(clauses=[where(self.datamodel.obj, self.search_columns or (), f) for f in query.filters])
        asked.order, asked.descending = self.page._default_order()
        if query.order:
            if query.order not in (self.order_columns or ()):
                raise Malformed(_("This column cannot be ordered by."))
            asked.order, asked.descending = query.order, query.descending
        asked.page, asked.size = query.page + 1, min(query.page_size or PAGE_SIZE, PAGE_CAP)
        listing = Listing(self.source_of(names), asked, self.page.narrow)
        rows = self.dump(listing.slice(), names)
        count_listed(self.datamodel.obj, len(rows))
        inner = select(literal(1).label("one")).select_from(self.datamodel.obj).where(scoped(self.datamodel.obj))
        counted = self.page.narrow(inner.where(*asked.clauses)).subquery()
        count = db.session.execute(select(func.count()).select_from(counted)).scalar_one()
        return jsonify(
            {"count": count, "ids": [row["id"] for row in rows], "result": rows, **self._extra(query, names, "list")}
        )

    @expose("/<pk>", methods=("GET",))
    @operation("get")
    @guarded
    def get(self, pk: str) -> Response:
        """One record."""
        query = read_query("item")
        names = self.chosen(query, self.show_columns or ())
        item = self.read_one(pk, names)
        return jsonify({"id": item["id"], "result": item, **self._extra(query, names, "show")})

    @expose("/_info", methods=("GET",))
    @operation("info")
    @guarded
    def info(self) -> Response:
        """What the resource takes and gives."""
        query, has = read_query("info"), self.appbuilder.sm.has_access
        told = {
            "add_columns": [self._field(name) for name in self.add_columns or ()],
            "edit_columns": [self._field(name) for name in self.edit_columns or ()],
            "filters": {name: operators(self.datamodel.obj, name) for name in self.search_columns or ()},
            "permissions": [p for p in self.base_permissions or () if has(p, self.class_permission_name)],
            "list_title": str(self.page.list_title),
        }
        return jsonify(told if not query.keys else {k: v for k, v in told.items() if k in query.keys})

    def _field(self, name: str) -> dict[str, Any]:
        """One field of a form, as `_info` tells it; never the rows behind a relation (they have their look-up)."""
        spec = spec_of(self.datamodel.obj, name) if hasattr(self.datamodel.obj, name) else None
        told: dict[str, Any] = {"name": name, "label": str(spec.label) if spec else name}
        if spec is not None:
            told |= {"description": str(spec.help or ""), "type": spec.kind.value, "required": spec.required}
            if spec.enum:
                told["values"] = [{"id": code, "value": str(label)} for code, label in spec.enum.choices()]
            if spec.kind in (Kind.one, Kind.many):
                told["choices"] = f"{self.page.route_base}/choices/{name}"
        return told
