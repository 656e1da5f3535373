"""The writing half of a REST resource: the page's own forms and verbs, filled from JSON."""

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import expose
from flask_babel import gettext as _

from app.access.actor import current_actor
from app.core.columns import key_of, version_of
from app.core.errors import Conflict, Invalid, Malformed, NotAllowed
from app.forms.model_form import PortalForm
from app.services.record import delete_record, in_plain_words, save_record, version_text
from app.views.api_guard import body, guarded
from app.views.api_spec import operation
from app.views.api_values import form_data


class ApiWrites:
    """POST, PUT and DELETE; mixed into PortalRestApi."""

    def _filled(self: Any, form_class: type[PortalForm], data: dict[str, Any], record: Any) -> PortalForm:
        """The page's own form, filled with the JSON; what is not sent stays, or takes its default."""
        form: Any = form_class(
            formdata=form_data(self.datamodel.obj, form_class.names, data), obj=record, meta={"csrf": False}
        )
        for name in [n for n in form.names if n in form and n not in data]:
            if record is not None or form[name].default is not None:
                del form[name]
        del form.row_version
        if not form.validate():
            errors = {name or "": [str(s) for s in said] for name, said in form.errors.items()}
            raise Invalid(errors=errors)
        return form  # type: ignore[no-any-return]

    def _answer(self: Any, record: Any, status: int) -> Any:
        key = getattr(record, key_of(type(record)))
        return jsonify({"id": key, "result": self.read_one(key, self.show_columns or ())}), status

    @expose("/", methods=("POST",))
    @operation("post")
    @guarded
    def post(self: Any) -> Any:
        """A new record, by the verb of the page; the same `Idempotency-Key` again answers with the record it made."""
        refusal = self.page.why_not_add()
        if refusal:
            raise NotAllowed(refusal)
        form = self._filled(self.page.add_form, body(), None)
        with in_plain_words():
            record, _status = self.page.create_once(form.values(), request.headers.get("Idempotency-Key", ""))
        return self._answer(record, 201)

    @expose("/<pk>", methods=("PUT",))
    @operation("put")
    @guarded
    def put(self: Any, pk: str) -> Any:
        """Change what is sent of a record; its `version` must be the present one."""
        record, data = self.page.fetch(pk), body()
        refusal = self.page.why_not_edit(record)
        if refusal:
            raise Conflict(refusal)
        self._check_version(record, data.pop("version", None))
        form, actor, verb = self._filled(self.page.edit_form, data, record), current_actor(), self.view.update_verb
        with in_plain_words():
            if verb is not None:
                record = verb(actor, record, form.values()) or record
            else:
                save_record(actor, record, form.values(), self.page.pre_update, self.page.post_update)
        return self._answer(record, 200)

    def _check_version(self: Any, record: Any, version: Any) -> None:
        if version_of(type(record)) is None:
            return
        if version is None:
            raise Malformed(_("Send the version of the record you have read."))
        if isinstance(version, bool) or str(version) != version_text(record):
            raise Conflict()

    @expose("/<pk>", methods=("DELETE",))
    @operation("delete")
    @guarded
    def delete(self: Any, pk: str) -> Any:
        """Delete a record that nothing refers to."""
        record, verb = self.page.fetch(pk), self.view.delete_verb
        refusal = self.page.why_not_delete(record)
        if refusal:
            raise Conflict(refusal)
        with in_plain_words():
            if verb is not None:
                verb(current_actor(), record)
            else:
                delete_record(current_actor(), record, self.page.pre_delete, self.page.post_delete)
        return jsonify({"message": _("Deleted.")})
