"""The tables of the console: code tables to edit; jobs, sessions, tries and notices to read."""

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from sqlalchemy import Select, select

from app.access.actor import system_scope
from app.core.db import db
from app.models.account import Account
from app.models.code_table import CodeItem
from app.models.parameter import TEXT_MOST, Parameter, ParameterKind
from app.services import code_table as codes
from app.services import parameter
from app.views.console.base import ConsoleView, shown


class CodeTableConsole(ConsoleView):
    """The code tables."""

    can_create = can_edit = can_delete = True
    column_list = ("code", "name", "note", "locked")
    column_searchable_list = ("code", "name")
    column_editable_list = ("name", "note")
    column_default_sort = "code"
    form_names = ("code", "name", "note")
    create_verb, update_verb, delete_verb = codes.add_table, codes.change_table, codes.delete_table


class CodeItemConsole(ConsoleView):
    """The codes of all tables."""

    can_create = can_edit = can_delete = True
    column_list = ("table", "code", "name", "sort", "active")
    column_searchable_list = ("code", "name")
    column_sortable_list = ("code", "name", "sort")
    column_editable_list = ("name", "sort", "active")
    column_default_sort = [("table_id", False), ("sort", False)]
    form_names = ("table", "code", "name", "sort", "active")
    create_verb, update_verb, delete_verb = codes.add_item, codes.change_item, codes.delete_item

    def sheet(self) -> Select[Any]:
        """With the name of the table."""
        return (
            super()
            .sheet()
            .with_only_columns(
                CodeItem.id,
                select(CodeItem.table.property.mapper.class_.name)
                .where(CodeItem.table.property.mapper.class_.id == CodeItem.table_id)
                .scalar_subquery(),
                CodeItem.code,
                CodeItem.name,
                CodeItem.sort,
                CodeItem.active,
            )
        )


class ParameterConsole(ConsoleView):
    """The parameters of the house: their values are changed in the list, between their bounds."""

    column_list = ("name", "value", "unit", "least", "most", "note", "source", "code")
    column_searchable_list = ("code", "name", "note")
    column_sortable_list = ("name", "code")
    column_editable_list = ("value",)
    column_default_sort = "id"
    form_names = ("value",)
    update_verb = parameter.change

    def open_cell(self, record: Parameter, name: str) -> bool:
        """Fixed ones are read only."""
        return name == "value" and not record.locked

    def cell_kind(self, record: Parameter, name: str) -> dict[str, Any]:
        """Numbers are typed as numbers, within their bounds."""
        if record.kind is not ParameterKind.integer:
            return {"maxlength": TEXT_MOST}
        return {"type": "number", "min": record.least, "max": record.most, "style": "min-width: 7em"}


class JobConsole(ConsoleView):
    """Work outside of requests; what it carries stays hidden."""

    column_list = ("id", "kind", "state", "due_at", "tries", "error", "ended_at")
    column_searchable_list = ("kind", "key")
    column_sortable_list = ("id", "kind", "state", "due_at", "ended_at")
    column_default_sort = ("id", True)


class OutboxConsole(ConsoleView):
    """What waits to leave the house and what was given up; never to whom, and never what it says."""

    read_scope = "messages on the console"
    column_list = ("id", "channel", "code", "state", "tries", "next_at", "error", "sent_at")
    column_searchable_list = ("code", "uid", "error")
    column_sortable_list = ("id", "channel", "state", "tries", "next_at", "sent_at")
    column_default_sort = ("id", True)


class _OfPeople(ConsoleView):
    """Rows that name an account."""

    def get_list(self, *args: Any, **kw: Any) -> Any:
        """One page, with the names of its people fetched at once."""
        count, rows = super().get_list(*args, **kw)
        with system_scope("names on a page of the console"):
            ids = {row.user_id for row in rows}
            people = select(Account.id, Account.first_name, Account.username).where(Account.id.in_(ids))
            found = db.session.execute(people)
            g.console_names = {row[0]: f"{row[1]} ({row[2]})" for row in found}
        return count, rows

    def cell(self, record: Any, name: str) -> Any:
        """Names instead of numbers."""
        if name == "user_id":
            return escape(g.console_names.get(record.user_id, record.user_id))
        return super().cell(record, name)

    def sheet(self) -> Select[Any]:
        """With user names."""
        name = select(Account.username).where(Account.id == self.model.user_id).scalar_subquery()
        key, *columns = super().sheet().selected_columns
        kept = [name if column.key == "user_id" else column for column in columns]
        return super().sheet().with_only_columns(key, *kept)


class SessionConsole(_OfPeople):
    """Who is or was signed in, from where; tokens are never shown."""

    read_scope = "sign-in sessions on the console"
    column_list = ("user_id", "started_at", "ended_at", "end_reason", "address", "agent")
    column_labels = {
        "user_id": _l("Account"),
        "started_at": _l("Since"),
        "ended_at": _l("Ended at"),
        "end_reason": _l("Ended by"),
        "address": _l("Network address"),
        "agent": _l("Browser"),
    }
    column_searchable_list = ("address", "agent")
    column_sortable_list = ("started_at", "ended_at", "address")
    column_default_sort = ("id", True)


class AttemptConsole(ConsoleView):
    """Tries to sign in; user names are kept as keyed hashes only and not shown."""

    read_scope = "sign-in tries on the console"
    column_list = ("at", "success", "note", "address")
    column_labels = {
        "at": _l("Time"),
        "success": _l("Succeeded"),
        "note": _l("Outcome"),
        "address": _l("Network address"),
    }
    column_searchable_list = ("address", "note")
    column_sortable_list = ("at", "success", "address")
    column_default_sort = ("id", True)
    outcomes = {
        "trying": _l("not finished"),
        "right": _l("right"),
        "wrong": _l("wrong password or code"),
        "disabled": _l("account disabled"),
        "locked": _l("account locked"),
        "expired": _l("one-time password expired"),
        "unlocked": _l("unlocked by an administrator"),
    }

    def cell(self, record: Any, name: str) -> Any:
        """The outcome in words."""
        if name == "note":
            return escape(self.outcomes.get(record.note or "", record.note or ""))
        return shown(_("Yes") if record.success else _("No")) if name == "success" else super().cell(record, name)


class NoticeConsole(_OfPeople):
    """Which notices went out and were read; never what they say."""

    read_scope = "notices on the console"
    column_list = ("user_id", "code", "at", "read_at")
    column_searchable_list = ("code",)
    column_sortable_list = ("code", "at", "read_at")
    column_default_sort = ("id", True)
