"""Adding and changing a record: the form is kept on every error, and nobody overwrites what somebody else saved."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.core.columns import mapper_of, spec_of, version_of
from app.core.db import db
from app.core.errors import Conflict, NotAllowed, PortalError
from app.forms.model_form import PortalForm
from app.services.idempotency import once
from app.services.record import in_plain_words, save_record, version_text
from app.views.fields import any_text, plain_of

MADE, SAVED = 201, 200


@dataclass(slots=True)
class Difference:
    """One field that somebody else changed while the form was open."""

    label: Any
    theirs: str
    mine: str


def _same(theirs: Any, mine: Any) -> bool:
    if isinstance(theirs, Iterable) and not isinstance(theirs, str | dict):
        return {id(x) for x in theirs} == {id(x) for x in mine or ()}
    return theirs == mine or (theirs in (None, "") and mine in (None, ""))


class SavePages:
    """The form routes; mixed into PortalModelView, which declares what they read."""

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self: Any) -> Any:
        """A new record."""
        refusal = self.why_not_add()
        if refusal:
            raise NotAllowed(refusal)
        form = self.add_form(formdata=request.form if request.method == "POST" else None, data=self._prefill())
        if request.method == "GET":
            self.prefill_form(form, None)
            return self._form_page(form, None, 200)
        record, status = self._save(form, None)
        if record is None:
            return self._form_page(form, None, status)
        flash(str(self.add_row_message), "success")
        return self.after_save(record, status == MADE)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self: Any, pk: str) -> Any:
        """Change a record; refused when somebody else changed it since the form was opened."""
        record = self.fetch(pk, *self.loads(self.edit_columns))
        refusal = self.why_not_edit(record)
        if refusal:
            raise Conflict(refusal)
        if request.method == "GET":
            form = self.edit_form(formdata=None, obj=record, row_version=version_text(record))
            self.prefill_form(form, self.key_of(record))
            return self._form_page(form, record, 200)
        form = self.edit_form(formdata=request.form, obj=record)
        form._id = self.key_of(record)
        if version_of(self.datamodel.obj) and request.form.get("row_version") != version_text(record):
            return self._conflict_page(form, record)
        saved, status = self._save(form, record)
        if saved is None:
            fresh = self.fetch(pk, *self.loads(self.edit_columns))
            return self._conflict_page(form, fresh) if status == 0 else self._form_page(form, fresh, status)
        flash(str(self.edit_row_message), "success")
        return self.after_save(saved, False)

    def after_save(self: Any, record: Any, created: bool) -> Any:
        """Where to go after a save: the record's page, or what `next` of the form says within this register."""
        if request.form.get("more") and created:
            return redirect(f"{self.route_base}/add")
        return redirect(f"{self.route_base}/show/{self.key_of(record)}" if self.may("read") else "/")

    def _save(self: Any, form: PortalForm, record: Any) -> tuple[Any, int]:
        """(record, MADE or SAVED), or (None, status); status 0 means that somebody else was faster."""
        created = record is None
        valid = form.validate()
        if not valid:
            return None, 422
        actor = current_actor()
        self.process_form(form, created)
        try:
            with in_plain_words():
                if created:
                    return self.create_once(form.values(), request.form.get("form_key", ""))
                verb = type(self).update_verb
                if verb is not None:
                    saved = verb(actor, record, form.values())
                else:
                    saved = save_record(actor, record, form.values(), self.pre_update, self.post_update)
        except PortalError as refusal:
            db.session.rollback()
            if type(refusal) is Conflict and not created and refusal.message is Conflict.default:
                return None, 0
            form.take(refusal)
            return None, refusal.status
        return saved if saved is not None else record, SAVED

    def create_once(self: Any, values: dict[str, Any], key: str) -> tuple[Any, int]:
        """A new record by the verb of the screen; the same form sent again finds the one it made (security D3)."""
        actor, verb = current_actor(), type(self).create_verb

        def make() -> Any:
            if verb is not None:
                return verb(actor, values)
            return save_record(actor, self.datamodel.obj(), values, self.pre_add, self.post_add)

        record, former = once(actor, f"{self.route_base}:{key}" if key else "", make)
        return (record, MADE) if former is None else (self.fetch(former), SAVED)

    def _prefill(self: Any) -> dict[str, Any]:
        """Values of the address (`/add?case=5&kind=visit`), read like typed ones; what cannot be read is left out."""
        given = MultiDict((k, v) for k, v in request.args.items(multi=True) if k in self.add_columns)
        if not given or request.method == "POST":
            return {}
        probe = self.add_form(formdata=given, meta={"csrf": False})
        fields = [(name, probe[name]) for name in given if name in probe.names and name in probe]
        read = ((name, field.data) for name, field in fields if not field.process_errors)
        return {name: value for name, value in read if value not in (None, "", [])}

    def _form_page(self: Any, form: PortalForm, record: Any, status: int) -> Any:
        form.offer(lambda name: f"{self.route_base}/choices/{name}")
        groups = (self.edit_groups if record is not None else self.add_groups) or self.form_groups
        groups = groups or ((None, tuple(form.names)),)
        named = {name for _title, inside in groups for name in inside}
        kept = [(title, [form[n] for n in inside if n in form.names and n in form]) for title, inside in groups]
        rest = [form[n] for n in form.names if n in form and n not in named]
        what = self.edit_title if record is not None else self.add_title
        name = self.name_of(record) if record is not None else None
        back = f"{self.route_base}/show/{self.key_of(record)}" if record is not None else f"{self.route_base}/list/"
        page = self.render_template(
            self.edit_template if record is not None else self.add_template,
            form=form,
            record=record,
            view=self,
            title=f"{what} · {name}" if name else what,
            back=back,
            groups=[g for g in kept if g[1]] + ([(None, rest)] if rest else []),
            crumbs=self.crumbs(*([(name, back)] if name else []), (what, None)),
            form_key=request.form.get("form_key") or secrets.token_urlsafe(18),
            **self.form_context(form, record),
        )
        return page, status

    def form_context(self: Any, form: PortalForm, record: Any) -> dict[str, Any]:
        """More for the template of a form that a view writes itself."""
        return {}

    def _conflict_page(self: Any, form: PortalForm, record: Any) -> Any:
        """409: what the record holds now beside what was typed; saving again is then a decision, not an accident."""
        form.validate()
        differences = []
        for name in form.names:
            if name not in form or getattr(form[name], "untouched", False):
                continue
            spec = spec_of(self.datamodel.obj, name) if name in mapper_of(self.datamodel.obj).attrs else None
            theirs, mine = getattr(record, name, None), form[name].data
            if _same(theirs, mine) or spec is None:
                continue
            shown = plain_of(self.shown[name]) if name in self.shown else any_text
            mine_text = any_text(mine) if not (spec.mask or spec.encrypted) else "****"
            differences.append(Difference(form[name].label.text, shown(theirs), mine_text))
        form.row_version.data = version_text(record)
        form.row_version.raw_data = None
        form.offer(lambda name: f"{self.route_base}/choices/{name}")
        back = f"{self.route_base}/show/{self.key_of(record)}"
        page = self.render_template(
            "portal/conflict.html",
            form=form,
            record=record,
            view=self,
            differences=differences,
            back=back,
            stamps=self._stamps(record),
            title=_("Changed by somebody else in the meantime"),
            groups=[(None, [form[n] for n in form.names if n in form])],
            crumbs=self.crumbs((self.name_of(record), back), (self.edit_title, None)),
        )
        return page, 409
