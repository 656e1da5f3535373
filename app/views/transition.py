"""One page for every step of every flow: what it does, what it asks, who decides next; nothing typed is ever lost."""

from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.access.actor import Actor, current_actor
from app.access.permissions import GROUP_OF, PAGES
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, NotAllowed, NotFound, PortalError
from app.forms.selects import RemoteSelectField
from app.forms.step_form import APART, StepForm, case_of
from app.forms.steps import CASE, StepPage, Subject
from app.services import step_draft
from app.services.queries.choices import parse_key
from app.views.lights import Light, light_of
from app.views.typed import Refused, clean, typed_so_far
from app.views.uploads import keep_uploads
from app.workflow.engine import refusal, row_of
from app.workflow.types import Situation, Step

UNKNOWN_VERSION = -1


def find_record(subject: Subject, pk: Any) -> Any:
    """The record of an address, within the row scope."""
    key = parse_key(pk)
    record = db.session.scalar(select(subject.model).where(subject.model.id == key)) if key is not None else None
    if record is None:
        raise NotFound()
    return record


def find_step(subject: Subject, name: str) -> tuple[Step, StepPage]:
    """The row of a step and what carries it out; a step nobody can carry out is not there."""
    page = subject.pages.get(name)
    if page is None:
        raise NotFound(_("There is no such step."))
    return row_of(subject.flow, name), page


class StepPages(BaseView):
    """The step pages of one kind of record; a flow's view states its subject and its address."""

    subject: ClassVar[Subject]
    template = "portal/step.html"
    default_view = "do"
    method_permission_name = {"do": "read", "choices": "read"}

    def light(self, record: Any) -> Light | None:
        """The light of the day that runs for a record; most kinds have none."""
        return None

    def _address(self, record: Any, name: str = "") -> str:
        return f"{self.route_base}/{record.id}/do/{name}" if name else f"{self.route_base}/show/{record.id}"

    @expose("/<pk>/do/<name>", methods=["GET", "POST"])
    @has_access
    def do(self, pk: str, name: str) -> Any:
        """The page of a step, and the step itself."""
        row, page = find_step(self.subject, name)
        record, actor = find_record(self.subject, pk), current_actor()
        if not actor.may(row.name, self.subject.flow.page):
            raise NotAllowed(_("Your role may not do this: %(step)s.", step=row.label))
        if request.method == "POST":
            return self.carry_out(record, row, page, actor)
        facts = self.subject.facts(record)
        why = refusal(self.subject.flow, row, Situation(record, actor, facts))
        if isinstance(why, NotAllowed):
            raise why
        if why is not None:
            flash(str(why.message), "warning")
            return redirect(self._address(record))
        draft = step_draft.find(actor, row.name, record.id) if page.form.drafted else None
        typed = MultiDict(step_draft.fields_of(draft)) if draft is not None else None
        form = page.form.for_record(record, facts, typed)
        return self._page(form, record, row, facts, record.version, draft)

    def carry_out(self, record: Any, row: Step, page: StepPage, actor: Actor) -> Any:
        """Read the form and carry the step out; whatever is refused shows the page again with all that was typed."""
        facts, key = self.subject.facts(record), record.id
        form = page.form.for_record(record, facts, request.form)
        keep_uploads(actor, form, case_of(record))
        if form.rearrange(request.form):
            return self._page(form, record, row, facts, request.form.get("row_version", ""))
        if not form.validate():
            why = refusal(self.subject.flow, row, Situation(record, actor, facts))
            if why is not None:  # what can no longer be done is said before what is missing
                return self._refused(form, key, row, why)
            return self._page(form, record, row, facts, request.form.get("row_version", "")), 422
        seen = parse_key(request.form.get("row_version", ""))
        try:
            done = page.verb(actor, key, form.values(), UNKNOWN_VERSION if seen is None else seen)
        except PortalError as error:
            db.session.rollback()
            return self._refused(form, key, row, error)
        if page.form.drafted:
            step_draft.drop(actor, row.name, key)
        then = row.next_from(getattr(done, "state", None))
        told = " " + _("Next: %(what)s", what=then) if then else ""
        flash(_("Done: %(step)s.", step=row.label) + told, "success")
        return redirect(self._address_after(key, actor))

    def _address_after(self, key: int, actor: Actor) -> str:
        """The record's page, or the list when the step took the record out of the person's sight."""
        seen = db.session.scalar(select(self.subject.model.id).where(self.subject.model.id == key))
        return f"{self.route_base}/show/{key}" if seen is not None else f"{self.route_base}/list/"

    def _refused(self, form: StepForm, key: int, row: Step, error: PortalError) -> Any:
        """The same page with everything typed, and what happened meanwhile; the next try counts from the present."""
        record = find_record(self.subject, key)
        if isinstance(error, Conflict) and error.extra.get("twice"):
            flash(_("This step was carried out already: %(step)s.", step=row.label), "info")
            return redirect(self._address(record))
        form.take(error)
        facts = self.subject.facts(record)
        return self._page(form, record, row, facts, record.version), error.status

    def _page(self, form: StepForm, record: Any, row: Step, facts: Any, version: Any, draft: Any = None) -> Any:
        form.offer(lambda field: f"{self._address(record, row.name)}/choices/{field}")
        why = refusal(self.subject.flow, row, Situation(record, current_actor(), facts))
        return self.render_template(
            self.template,
            form=form,
            record=record,
            step=row,
            draft=draft,
            drafts=f"{self._address(record, row.name)}/draft" if form.drafted else None,
            title=row.label,
            version=version,
            back=self._address(record),
            impossible=why.message if why is not None else None,
            light=self.light(record),
            fields=[form[name] for name in form.names],
            beside=form.beside(record, facts),
            crumbs=self._crumbs(record, row),
        )

    def _crumbs(self, record: Any, row: Step) -> list[tuple[Any, str | None]]:
        """The way back: group, list, record."""
        return [
            (GROUP_OF[self.subject.flow.page].label, None),
            (PAGES[self.subject.flow.page].label, f"{self.route_base}/list/"),
            (str(record), self._address(record)),
            (row.label, None),
        ]

    @expose("/<pk>/do/<name>/choices/<field>", methods=["GET"])
    @has_access
    def choices(self, pk: str, name: str, field: str) -> Any:
        """Search-as-you-type for a field of a step; only what may be chosen for this record."""
        row, page = find_step(self.subject, name)
        record = find_record(self.subject, pk)
        if not current_actor().may(row.name, self.subject.flow.page):
            raise NotAllowed()
        form = page.form.for_record(record, self.subject.facts(record))
        found = form.find(field)
        if not isinstance(found, RemoteSelectField):
            raise NotFound()
        try:
            text = clean(typed_so_far())
        except Refused:
            return jsonify([])
        return jsonify([{"id": str(key), "text": label} for key, label in found.chooser.search(text)])


class CaseStepView(StepPages):
    """The steps of a case."""

    subject = CASE
    route_base = "/case"
    class_permission_name = "Case"
    method_permission_name = {**StepPages.method_permission_name, "draft": "read"}

    def light(self, record: Any) -> Light | None:
        """The next day of the case."""
        return light_of(record.due_on, record.paused, record.due_provisional)

    @expose("/<pk>/do/<name>/draft", methods=["POST"])
    @has_access
    def draft(self, pk: str, name: str) -> Any:
        """Keep what is being typed, or forget it."""
        row, page = find_step(self.subject, name)
        record, actor = find_record(self.subject, pk), current_actor()
        if not page.form.drafted:
            raise NotFound()
        if not actor.may(row.name, self.subject.flow.page):
            raise NotAllowed()
        if "forget" in request.form:
            step_draft.drop(actor, row.name, record.id)
            return redirect(self._address(record, row.name))
        fields = [(n, v) for n, v in request.form.items(multi=True) if n not in APART]
        saved = step_draft.keep(actor, row.name, record.id, fields)
        return jsonify({"saved": f"{clock.local(saved.saved_at):%H:%M:%S}"})
