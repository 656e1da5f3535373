"""The registration desk: one screen from card to number, its drafts, its look-ups while typing."""

import secrets
from contextlib import closing
from typing import Any

from flask import Response, flash, jsonify, redirect, request, session
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from app.access.actor import current_actor
from app.core import clock
from app.core.card import parse_card
from app.core.errors import Invalid, NotFound, PortalError
from app.core.files import ACCEPT
from app.forms.case import CaseForm, change_rows, data_of, kept_rows, pairs, place_errors
from app.models.organisation import Level
from app.models.preference import Draft
from app.services import attachment, draft
from app.services.queries import copy, places
from app.services.registration import look_for_duplicates, register_case
from app.services.return_visit import come_again
from app.views.needs import needs
from app.views.typed import typed_so_far

LAST_CATEGORY = "last_category"
PLAIN_NAME = 64


class RegistrationView(BaseView):
    """Register a case; drafts; copies for a group."""

    route_base = "/case"
    default_view = "add"

    # ---- the page

    @expose("/add", methods=["GET", "POST"])
    @needs("register", "Case")
    def add(self) -> Any:
        """The one screen; a plain POST does everything the script does."""
        if request.method == "GET":
            return self._page(self._fresh(request.args.get("name", "")))
        return self._sent()

    @expose("/<int(max=9223372036854775807):pk>/copy")
    @needs("register", "Case")
    def copy(self, pk: int) -> Any:
        """The same matter for the next petitioner of a group."""
        fields = copy.fields_of(pk)
        if fields is None:
            raise NotFound()
        return self._page(self._form(MultiDict(fields)), heading=_("Copy a case for another petitioner"))

    @expose("/draft/<int(max=9223372036854775807):pk>")
    @needs("register", "Case")
    def resume(self, pk: int) -> Any:
        """Go on with a draft."""
        kept = draft.find(current_actor(), pk)
        if kept is None:
            raise NotFound()
        return self._page(self._form(MultiDict(map(tuple, draft.content_of(kept)["fields"])), kept), kept=kept)

    def _sent(self) -> Any:
        fields = request.form
        if "add_row" in fields or "remove_row" in fields:
            return self._page(self._form(change_rows(fields)))
        if "read_card" in fields:
            return self._page(self._form(self._with_card(fields)))
        form = self._form(fields)
        if "save_draft" in fields:
            kept = self._save(fields)
            flash(_("The draft is saved."), "success")
            return redirect(f"/case/draft/{kept.id}")
        if "visit_at" in fields:
            return self._come_again(form)
        return self._register(form)

    def _register(self, form: CaseForm) -> Any:
        kept: Draft | None = None
        try:
            if any(upload.filename for upload in request.files.getlist("files")):
                kept = self._save(request.form)
                form.draft.data = str(kept.id)
                self._take_files(kept)
            done = register_case(current_actor(), data_of(form), ask_duplicates=True)
        except PortalError as refusal:
            return self._refused(form, refusal, kept)
        session[LAST_CATEGORY] = done.category_id
        flash(_("Registered under number %(number)s.", number=done.number), "success")
        for sentence in done.warnings:
            flash(sentence, "warning")
        return redirect(f"/case/{done.case_id}/receipt?ticket={form.idempotency_key.data}")

    def _come_again(self, form: CaseForm) -> Any:
        try:
            case = come_again(current_actor(), request.form.get("visit_at"), data_of(form))
        except PortalError as refusal:
            return self._refused(form, refusal)
        if form.draft.data and draft.find(current_actor(), form.draft.data):
            draft.delete(current_actor(), form.draft.data)
        flash(_("The visit is recorded with case %(number)s.", number=case.number), "success")
        return redirect(f"/case/show/{case.id}")

    def _refused(self, form: CaseForm, refusal: PortalError, kept: Draft | None = None) -> Any:
        """The page again, with everything typed, and each sentence at its field; nothing is lost."""
        summary = place_errors(form, refusal.errors)
        if not summary:
            summary = [(None, "", refusal.message)]
        found = refusal.extra.get("duplicates") or []
        return self._page(form, summary=summary, duplicates=found, kept=kept), refusal.status

    def _fresh(self, name: str = "") -> CaseForm:
        defaults = {"occurred_on": clock.today().isoformat(), "category": str(session.get(LAST_CATEGORY, ""))}
        if name and not any(char.isdigit() for char in name):
            defaults["petitioners-0-name"] = name[:PLAIN_NAME]
        return self._form(MultiDict(defaults))

    def _form(self, fields: MultiDict[str, str], kept: Draft | None = None) -> CaseForm:
        actor = current_actor()
        form = CaseForm(fields)
        for row in (*form.petitioners, *form.respondents):
            for field in row.form:
                field.row = row.name
        if not fields.get("town") and actor.town_id and not fields.get("village"):
            form.town.data = str(actor.town_id)
        if not fields.get("village") and actor.level == Level.village:
            form.village.data = str(actor.organisation_id)
        for name in ("category", "village"):  # typed where there is no script
            typed = fields.get(f"{name}_name", "").strip()
            if typed and not form[name].data:
                form[name].data = typed
        if kept is not None:
            form.draft.data = str(kept.id)
        if not form.idempotency_key.data:
            form.idempotency_key.data = secrets.token_urlsafe(18)
        return form

    def _page(
        self, form: CaseForm, heading: str = "", summary: Any = (), duplicates: Any = (), kept: Draft | None = None
    ) -> str:
        actor = current_actor()
        form.town.choices = [("", _("All")), *((str(key), name) for key, name in places.towns())]
        kept = kept or (draft.find(actor, form.draft.data) if form.draft.data else None)
        page = self.render_template(
            "portal/register.html",
            form=form,
            title=heading or _("Register a case"),
            summary=summary,
            duplicates=duplicates,
            files=attachment.of_draft(kept.id) if kept else [],
            removable=True,
            accept=ACCEPT,
            drafts=0 if kept else len(draft.mine(actor)),
            today=clock.today(),
            labels=self._labels(form),
        )
        return str(page)

    def _labels(self, form: CaseForm) -> dict[str, str]:
        """What the remote choices already made are called."""
        labels = {}
        if form.category.data and (found := places.find_category(form.category.data)):
            labels["category"] = places.category_label(found.id)
        if form.village.data and (place := places.find_place(current_actor(), form.village.data)):
            labels["village"] = place.name
        for row in form.respondents:
            chosen = row.form.organisation
            if chosen.data and (organisation := places.find_organisation(current_actor(), chosen.data)):
                labels[chosen.id] = organisation.name
        return labels

    def _with_card(self, fields: MultiDict[str, str]) -> MultiDict[str, str]:
        """The typed fields with what a card says, in the first petitioner's row that is still empty."""
        found, filled = parse_card(fields.get("card")), MultiDict(fields)
        if not found:
            flash(_("Nothing could be read from this. Please type it in."), "warning")
            return filled
        names = [name.split("-") for name in filled if name.startswith("petitioners-")]
        rows = sorted({int(parts[1]) for parts in names if parts[1].isdigit()})
        taken = ("name", "id_number")
        free = (row for row in rows if not any(filled.get(f"petitioners-{row}-{name}") for name in taken))
        row = next(free, max(rows, default=-1) + 1)
        for name, value in found.items():
            filled[f"petitioners-{row}-{name}"] = value
        filled["card"] = ""
        return filled

    # ---- while typing

    @expose("/add/card", methods=["POST"])
    @needs("register", "Case")
    def card(self) -> Response:
        """What a card reader or a paste says, as fields."""
        return jsonify(parse_card(request.form.get("card")))

    @expose("/add/check", methods=["POST"])
    @needs("register", "Case")
    def check(self) -> Any:
        """Possible duplicates of what is typed so far, as a part of the page; and what each ID number says."""
        form = self._form(request.form)
        found, notes = look_for_duplicates(current_actor(), data_of(form))
        part = self.render_template("portal/_duplicates.html", duplicates=found, form=form)
        rows = {row.name: note for row, note in zip(kept_rows(form), notes, strict=False)}
        return jsonify({"duplicates": str(part), "count": len(found), "rows": rows})

    @expose("/add/places")
    @needs("register", "Case")
    def places(self) -> Response:
        """Villages and towns while typing."""
        town = places.find_place(current_actor(), request.args.get("town", ""))
        return jsonify(places.search_places(typed_so_far()[:40], town.id if town else None))

    @expose("/add/categories")
    @needs("register", "Case")
    def categories(self) -> Response:
        """Categories while typing."""
        return jsonify(places.search_categories(typed_so_far()[:40], limit=100))

    @expose("/add/organisations")
    @needs("register", "Case")
    def organisations(self) -> Response:
        """Organisations that can be complained of, while typing."""
        return jsonify(places.search_organisations(typed_so_far()[:40]))

    # ---- drafts

    @expose("/drafts/")
    @needs("register", "Case")
    def drafts(self) -> Any:
        """My drafts."""
        rows = [(kept, draft.content_of(kept)) for kept in draft.mine(current_actor())]
        return self.render_template("portal/drafts.html", rows=rows, title=_("My drafts"))

    @expose("/draft", methods=["POST"])
    @needs("register", "Case")
    def keep(self) -> Response:
        """Save what is typed so far; asked for every few seconds."""
        kept = self._save(request.form)
        return jsonify({"id": kept.id, "saved": clock.local(kept.saved_at).strftime("%H:%M:%S")})

    @expose("/draft/<int(max=9223372036854775807):pk>/delete", methods=["POST"])
    @needs("register", "Case")
    def drop(self, pk: int) -> Any:
        """Throw a draft away."""
        draft.delete(current_actor(), pk)
        flash(_("The draft is deleted."), "success")
        return redirect("/case/drafts/")

    @expose("/draft/attach", methods=["POST"])
    @needs("register", "Case")
    def attach(self) -> Any:
        """Take files of a registration that is still being typed."""
        kept = self._save(request.form)
        refusal: PortalError | None = None
        try:
            self._take_files(kept)
        except PortalError as error:
            refusal = error
        part = self.render_template(
            "portal/_files.html", files=attachment.of_draft(kept.id), removable=True, refusal=refusal
        )
        return jsonify({"id": kept.id, "files": str(part), "error": str(refusal) if refusal else ""})

    def _save(self, fields: MultiDict[str, str]) -> Draft:
        content = {
            "title": fields.get("title", ""),
            "name": fields.get("petitioners-0-name", ""),
            "fields": list(pairs(fields)),
        }
        return draft.save(current_actor(), fields.get("draft"), content)

    def _take_files(self, kept: Draft) -> None:
        """Every file that was sent; the faults of all of them are told together."""
        faults = []
        for upload in request.files.getlist("files"):
            if not upload.filename:
                continue
            try:
                with closing(upload):
                    attachment.attach(current_actor(), kept, upload.filename, upload.stream)  # type: ignore[arg-type]
            except PortalError as refusal:
                said = " ".join(str(s) for sentences in refusal.errors.values() for s in sentences)
                faults.append(f"{upload.filename[:60]}: {said or refusal.message}")
        if faults:
            head = ngettext("%(num)s file was not taken.", "%(num)s files were not taken.", len(faults))
            raise Invalid(head, errors={"files": faults})
