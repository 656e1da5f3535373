"""Roles and permissions: what each role sees and does, changed on screen within the separations."""

from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.actor import current_actor
from app.access.permissions import GROUP_OF, PAGES
from app.core.db import db
from app.core.errors import Conflict, NotAllowed, PortalError
from app.forms.role import RoleForm, grants_of, read_choice
from app.models.account import RoleProfile, RowScope
from app.services import role as roles
from app.services.queries import role_preview as previews
from app.services.queries.choices import parse_key
from app.views.confirm import SAY, recently_confirmed, require_confirmation


class RoleView(BaseView):
    """The roles: list, page with preview and difference, form, copy, restore, delete."""

    route_base = "/role"
    default_view = "index"
    class_permission_name = "Role"
    method_permission_name = {
        "index": "read",
        "show": "read",
        "preview": "read",
        "preview_form": "read",
        "add": "add",
        "edit": "edit",
        "restore": "edit",
        "delete": "delete",
    }

    def _may(self, action: str) -> bool:
        return current_actor().may(action, "Role")

    def _fetch(self, pk: str) -> RoleProfile:
        key = parse_key(pk)
        found = (
            db.session.scalars(
                select(RoleProfile).options(joinedload(RoleProfile.role)).where(RoleProfile.role_id == key)
            ).one_or_none()
            if key is not None
            else None
        )
        if found is None:
            abort(404)
        return found

    def _crumbs(self, *more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
        return [(GROUP_OF["Role"].label, None), (PAGES["Role"].label, "/role/list/" if more else None), *more]

    @expose("/list/")
    @has_access
    def index(self) -> Any:
        """All roles, with who holds them and whether they differ from the shipped ones."""
        every = select(RoleProfile).order_by(RoleProfile.shipped.desc(), RoleProfile.role_id)
        profiles, own = db.session.scalars(every).all(), current_actor().roles
        rows = [(p, roles.holders(p), roles.diff_of(p).any if p.shipped else None, p.code in own) for p in profiles]
        return self.render_template(
            "portal/role_list.html",
            title=PAGES["Role"].label,
            crumbs=self._crumbs(),
            rows=rows,
            may_add=self._may("add"),
        )

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Any:
        """One role: what it sees and does, who holds it, how it differs from the shipped one."""
        profile = self._fetch(pk)
        own = profile.code in current_actor().roles
        diff = roles.diff_of(profile) if profile.shipped else None
        return self.render_template(
            "portal/role_show.html",
            title=profile.name,
            crumbs=self._crumbs((profile.name, None)),
            role=profile,
            preview=previews.preview_of(profile),
            people=previews.people_of(profile),
            held=roles.holders(profile),
            added=previews.by_page(diff.added) if diff else [],
            removed=previews.by_page(diff.removed) if diff else [],
            said=self._said(diff) if diff else [],
            diff=diff,
            own=roles.OWN_ROLE if own else None,
            may={action: self._may(action) for action in ("add", "edit", "delete")},
        )

    @staticmethod
    def _said(diff: Any) -> list[tuple[Any, Any, Any]]:
        labels = {
            "name": _("Name"),
            "name_en": _("English name"),
            "description": _("Description"),
            "row_scope": _("Sees which cases"),
        }
        words = {member.value: member.label for member in RowScope}
        return [
            (labels[key], *(words.get(value, value) if key == "row_scope" else value for value in pair))
            for key, pair in diff.said.items()
        ]

    @expose("/preview/<pk>")
    @has_access
    def preview(self, pk: str) -> Any:
        """What somebody with only this role sees."""
        profile = self._fetch(pk)
        crumbs = self._crumbs((profile.name, f"/role/show/{profile.role_id}"), (_("Preview"), None))
        return self._preview_page(_("Preview of %(name)s", name=profile.name), previews.preview_of(profile), crumbs)

    @expose("/preview")
    @has_access
    def preview_form(self) -> Any:
        """What the boxes ticked so far come to; asked for while they are being ticked."""
        row_scope, ticked = read_choice(request.args)
        return self._preview_page(
            _("Preview"), previews.preview(grants_of(ticked), row_scope), self._crumbs((_("Preview"), None))
        )

    def _preview_page(self, title: str, preview: previews.Preview, crumbs: Any) -> Any:
        part = "HX-Request" in request.headers
        return self.render_template(
            f"portal/role_{'preview_body' if part else 'preview'}.html", title=title, preview=preview, crumbs=crumbs
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new role, empty or as a copy of another."""
        if request.method == "GET":
            return self._empty_form()
        return self._save(None)

    @require_confirmation
    def _empty_form(self) -> Any:
        form = RoleForm(formdata=None)
        if request.args.get("copy"):
            form.show(roles.copy_of(self._fetch(request.args["copy"])))
        return self._form_page(form, None, 200)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a role that one does not hold oneself."""
        profile = self._fetch(pk)
        if profile.code in current_actor().roles:
            raise NotAllowed(roles.OWN_ROLE)
        return self._filled_form(profile) if request.method == "GET" else self._save(profile)

    @require_confirmation
    def _filled_form(self, profile: RoleProfile) -> Any:
        form = RoleForm(formdata=None)
        form.show(
            roles.Wish(
                profile.name,
                profile.name_en,
                profile.description or "",
                profile.row_scope,
                roles.grants_of_role(profile.role),
            )
        )
        form.row_version.data = str(profile.version)
        return self._form_page(form, profile, 200)

    def _save(self, profile: RoleProfile | None) -> Any:
        form, key = RoleForm(formdata=request.form), profile.role_id if profile else None
        form.read(request.form)
        if not form.validate():
            return self._form_page(form, profile, 422)
        if not recently_confirmed(900):
            form.form_errors = [str(SAY)]
            return self._form_page(form, profile, 403, confirm=True)
        try:
            saved = roles.save_role(current_actor(), profile, form.wish(), parse_key(form.row_version.data))
        except PortalError as refusal:
            db.session.rollback()
            form.take(refusal)
            profile = self._fetch(str(key)) if key else None
            if type(refusal) is Conflict and profile is not None:
                form.row_version.data = str(profile.version)
            return self._form_page(form, profile, refusal.status)
        flash(_("Saved. The change holds from now on for everybody with this role."), "success")
        return redirect(f"/role/show/{saved.role_id}")

    def _form_page(self, form: RoleForm, profile: RoleProfile | None, status: int, confirm: bool = False) -> Any:
        title = _("Edit %(name)s", name=profile.name) if profile else _("New role")
        crumbs = [(profile.name, f"/role/show/{profile.role_id}")] if profile else []
        page = self.render_template(
            "portal/role_form.html",
            title=title,
            crumbs=self._crumbs(*crumbs, (_("Edit") if profile else title, None)),
            form=form,
            role=profile,
            matrix=previews.matrix(),
            scopes=[(s, previews.EXPLAINED[s]) for s in RowScope],
            words=previews.separation_words(),
            preview=previews.preview(grants_of(form.ticked), form.row_scope),
            back=f"/role/show/{profile.role_id}" if profile else "/role/list/",
            confirm=confirm,
        )
        return page, status

    @expose("/restore/<pk>", methods=["POST"])
    @has_access
    @require_confirmation
    def restore(self, pk: str) -> Any:
        """Make a role again what was shipped."""
        profile = self._fetch(pk)
        roles.restore_role(current_actor(), profile, parse_key(request.form.get("row_version")))
        flash(_("The shipped role is restored."), "success")
        return redirect(f"/role/show/{pk}")

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    @require_confirmation
    def delete(self, pk: str) -> Any:
        """Remove a role of one's own making that nobody holds."""
        profile = self._fetch(pk)
        try:
            roles.delete_role(current_actor(), profile)
        except Conflict as refusal:
            flash(str(refusal.message), "warning")
            return redirect(f"/role/show/{pk}")
        flash(_("Deleted."), "success")
        return redirect("/role/list/")
