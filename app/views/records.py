"""One record of a register: its page, its form, its deletion, its actions, the reveal of a masked field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from app.access.actor import current_actor, system_scope
from app.core.columns import Kind, key_of, mapper_of, version_of
from app.core.db import db
from app.core.errors import Conflict, NotFound, PortalError
from app.models.account import Account
from app.services import reveal as revealing
from app.services.record import delete_record, version_text
from app.views.fields import any_text, html_of
from app.views.listing import Asked, Listing

ACTION_MAX = 200
LONG_FROM = 200
EMPTY = Markup('<span class="muted">—</span>')


@dataclass(slots=True)
class Line:
    """One line of a record page."""

    label: Any
    html: Any
    reveal: str | None = None
    wide: bool = False


class RecordPages:
    """The record routes; mixed into PortalModelView, which declares what they read."""

    # ---- show

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self: Any, pk: str) -> Any:
        """The record page."""
        names = [name for _title, inside in self._all_groups() for name in inside]
        record = self.fetch(pk, *self.loads(names))
        key, edit = self.key_of(record), self.may("edit")
        return self.render_template(
            self.show_template,
            pk=key,
            record=record,
            view=self,
            title=self.name_of(record),
            crumbs=self.crumbs((self.name_of(record), None)),
            groups=[(title, [self.line(record, n) for n in inside]) for title, inside in self.groups_of(record)],
            stamps=self._stamps(record),
            related=self._related_blocks(record),
            may={"edit": edit, "delete": self.may("delete")},
            no_edit=self.why_not_edit(record) if edit else None,
            no_delete=self.why_not_delete(record) if self.may("delete") else None,
            head=self.head_actions(record),
            single=[a for a in self.actions.values() if a.single and self.may_act(a)],
            **self.show_context(record),
        )

    def _all_groups(self: Any) -> Any:
        return self.show_groups or self.form_groups or ((None, tuple(self.show_columns)),)

    def groups_of(self: Any, record: Any) -> Any:
        """The groups of the page of one record: title and columns."""
        return self._all_groups()

    def _related_blocks(self: Any, record: Any) -> Sequence[dict[str, Any]]:
        return [block for view in self._related_views if (block := view.related(self, record))]

    def show_context(self: Any, record: Any) -> dict[str, Any]:
        """More for the template of a record page that a view writes itself."""
        return {}

    def line(self: Any, record: Any, name: str) -> Line:
        """One value of a record as the page shows it."""
        shown = self.shown[name]
        if shown.computed is not None:
            values = [value_at(record, need) for need in shown.computed.needs]
            return Line(shown.label, shown.computed.render(*values) or EMPTY)
        spec = shown.spec
        html = html_of(shown)(value_at(record, name))
        hidden = bool(spec.mask or spec.encrypted) and not spec.path and bool(value_at(record, name))
        link = f"{self.route_base}/reveal/{self.key_of(record)}/{name}" if hidden and self.may("reveal") else None
        return Line(
            shown.label, html or EMPTY, link, wide=spec.kind in (Kind.long, Kind.many) or (spec.length or 0) > LONG_FROM
        )

    def _stamps(self: Any, record: Any) -> list[tuple[Any, str]]:
        ids = {n: getattr(record, n, None) for n in ("created_by_id", "changed_by_id")}
        wanted = {i for i in ids.values() if i}
        names: dict[int, str] = {}
        if wanted:
            with system_scope("names of those who wrote a record"):
                found = db.session.execute(select(Account.id, Account.first_name).where(Account.id.in_(wanted)))
                names = {row[0]: row[1] for row in found}
        lines = []
        for verb, label in (("created", _("Created")), ("changed", _("Changed"))):
            at, by = getattr(record, f"{verb}_at", None), ids[f"{verb}_by_id"]
            if at:
                lines.append((label, f"{any_text(at)} {names.get(by or 0, '')}".strip()))
        return lines

    def related(self: Any, parent_view: Any, parent: Any) -> dict[str, Any] | None:
        """This register's rows of a parent record, as a block of the parent's page."""
        relations = mapper_of(self.datamodel.obj).relationships
        relation = next((r for r in relations if isinstance(parent, r.mapper.class_)), None)
        if relation is None or not self.may("read"):
            return None
        column = getattr(self.datamodel.obj, relation.key)
        key = getattr(relation.mapper.class_, key_of(relation.mapper.class_))
        there = column.any(key == parent_view.key_of(parent)) if relation.uselist else column == parent
        cells = tuple(c for c in self.default_cells if c != relation.key)
        asked = Asked(clauses=[there], size=self.related_rows)
        asked.order, asked.descending = self._default_order()
        source = self.source_of(cells)
        result = Listing(source, asked, self.narrow).page()
        parameter = f"?{relation.key}={parent_view.key_of(parent)}"
        searchable, addable = relation.key in self.search_columns, relation.key in self.add_columns and self.may("add")
        return {
            "title": self.list_title,
            "headings": self._plain_headings(cells),
            "result": result,
            "base": self.route_base,
            "rows": [*self.row_cells(result.rows, cells, source)],
            "add": f"{self.route_base}/add{parameter}" if addable else None,
            "all": f"{self.route_base}/list/{parameter}" if searchable and result.more else None,
        }

    # ---- delete

    def home_of(self: Any, record: Any) -> str:
        """Where deleting a record leads: to the list."""
        return f"{self.route_base}/list/"

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self: Any, pk: str) -> Any:
        """Ask, then delete; rows that others refer to stay."""
        record = self.fetch(pk)
        refusal, status = self.why_not_delete(record), 200
        name, back = self.name_of(record), f"{self.route_base}/show/{self.key_of(record)}"
        home = self.home_of(record)
        if request.method == "POST":
            if refusal:
                raise Conflict(refusal)
            if version_of(self.datamodel.obj) and request.form.get("row_version") != version_text(record):
                raise Conflict()
            try:
                verb = type(self).delete_verb
                if verb is not None:
                    verb(current_actor(), record)
                else:
                    delete_record(current_actor(), record, self.pre_delete, self.post_delete)
            except PortalError as error:
                db.session.rollback()
                record, refusal, status = self.fetch(pk), error.message, error.status
            else:
                flash(str(self.delete_row_message), "success")
                return redirect(home)
        page = self.render_template(
            "portal/confirm_delete.html",
            record=record,
            view=self,
            refusal=refusal,
            back=back,
            name=name,
            version=version_text(record),
            title=_("Delete"),
            crumbs=self.crumbs((name, back), (_("Delete"), None)),
        )
        return page, status

    # ---- actions and reveal

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self: Any, name: str, pk: str) -> Any:
        """An action on one record, found within the row scope."""
        return self._act(name, [pk], single=True)

    @expose("/action_post", methods=["POST"])
    def action_post(self: Any) -> Any:
        """An action on the ticked rows of the list, each found within the row scope."""
        return self._act(request.form.get("action", ""), request.form.getlist("rowid"), single=False)

    def _act(self: Any, name: str, pks: Sequence[str], single: bool) -> Any:
        item = self.actions.get(name)
        if item is None or not (item.single if single else item.multiple):
            abort(404)
        if not self.may_act(item):
            abort(403)
        if not pks or len(pks) > ACTION_MAX:
            flash(_("Please tick at least one row."), "warning")
            return redirect(f"{self.route_base}/list/")
        records = [self.fetch(pk) for pk in dict.fromkeys(pks)]
        return item.func(records[0] if single else records)

    @expose("/reveal/<pk>/<field>", methods=["POST"])
    @has_access
    def reveal(self: Any, pk: str, field: str) -> Any:
        """The whole of one masked field, against a reason that goes into the trail."""
        record = self.fetch(pk)
        shown = self.shown.get(field)
        if shown is None or shown.spec is None or not (shown.spec.mask or shown.spec.encrypted) or shown.spec.path:
            raise NotFound()
        value = revealing.reveal(current_actor(), record, field, request.form.get("reason", ""))
        return jsonify({"value": value or ""})


def value_at(record: Any, path: str) -> Any:
    """The value at a dotted path of a record; a missing link gives nothing."""
    value = record
    for name in path.split("."):
        value = getattr(value, name, None)
    return value() if callable(value) and not isinstance(value, type) else value
