"""The expert pool, with the employers and the kin of each member: what a review is checked against."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from flask import redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from app.access.actor import current_actor
from app.core import clock
from app.core.errors import Conflict, Malformed
from app.forms.fields import TextField
from app.models.expert import Expert, ExpertEmployment, ExpertKin, ExpertStatus
from app.models.organisation import Level
from app.services import expert as service
from app.services import expert_photo
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import ChildPages, NamesAccounts, at_levels, codes_of, own_only, start_at_home
from app.views.fields import Computed
from app.views.pictures import picture

ENDS_WITHIN = timedelta(days=60)
KEPT_AS_KEY = _l(
    "Used to find conflicts of interest. Only a keyed mark is kept, never the number; left empty, nothing changes."
)
ID_NUMBER = {"id_number": TextField(_l("ID number"), description=KEPT_AS_KEY, render_kw={"maxlength": 18})}
ID_KNOWN = Computed(_l("ID number"), ("id_number_hash",), lambda key: _l("Known as a keyed mark") if key else "")


def ends_soon(statement: Select[Any]) -> Select[Any]:
    """Members in service whose appointment ends within sixty days, or has ended."""
    return statement.where(Expert.appointed_until <= clock.today() + ENDS_WITHIN, Expert.status != ExpertStatus.ended)


class _Child(ChildPages, PortalModelView):
    class_permission_name = "Expert"
    parent_field, parent_base, parent_title = "expert", "/expert", _l("Expert pool")
    delete_verb = service.delete_child
    allow_delete = True
    related_rows = 50


class ExpertEmploymentView(_Child):
    """Where an expert works or worked."""

    datamodel = PortalInterface(ExpertEmployment)
    route_base = "/expert_employment"
    noun, add_title = _l("Employers"), _l("Add an employer")
    list_columns = (("employer_name", "employer"), "post", "since", "until", "expert")
    search_columns = ("expert", "employer", "since", "until")
    base_order = ("since", "desc")
    add_groups = ((None, ("expert", "employer", "employer_name", "post", "since", "until")),)
    edit_groups = ((None, ("employer", "employer_name", "post", "since", "until")),)
    show_groups = add_groups
    add_form_extra_fields = edit_form_extra_fields = {
        "employer_name": TextField(
            _l("Employer"),
            description=_l("Left empty, the name of the employing organisation is taken."),
            render_kw={"maxlength": 200},
        )
    }
    create_verb, update_verb = service.add_employment, service.change_employment


class ExpertKinView(_Child):
    """The kin of an expert."""

    datamodel = PortalInterface(ExpertKin)
    route_base = "/expert_kin"
    noun, add_title = _l("Kin"), _l("Add kin")
    computed = {"id_known": ID_KNOWN}
    list_columns = ("name", "kinship", "employer", "id_known", "expert")
    search_columns = ("expert", "kinship", "employer")
    quick_columns = ("name",)
    base_order = ("name", "asc")
    add_groups = ((None, ("expert", "name", "kinship", "id_number", "employer")),)
    edit_groups = ((None, ("name", "kinship", "id_number", "employer")),)
    show_groups = ((None, ("expert", "name", "kinship", "id_known", "employer")),)
    add_form_extra_fields = edit_form_extra_fields = ID_NUMBER
    create_verb, update_verb = service.add_kin, service.change_kin


class ExpertView(NamesAccounts, PortalModelView):
    """The expert pool: seven categories, own town's team or city pool."""

    datamodel = PortalInterface(Expert, eager=(selectinload(Expert.specialties),))
    class_permission_name = "Expert"
    route_base = "/expert"
    add_title = _l("Add an expert")
    related_views = (ExpertEmploymentView, ExpertKinView)
    computed = {"id_known": ID_KNOWN}
    list_columns = (("name", "title"), "category", "organisation", "specialties", "phone", "appointed_until", "status")
    optional_columns = ("village", "appointed_from", "account")
    search_columns = ("category", "organisation", "specialties", "status", "village", "appointed_until")
    quick_columns = ("name", "pinyin", "title")
    base_order = ("pinyin", "asc")
    quick_filters = (
        ("serving", ExpertStatus.serving.label, {"status": ExpertStatus.serving}),
        ("ending", _l("Appointment ends within 60 days"), ends_soon),
    )
    count_tabs = True
    form_groups = (
        (_l("Who it is"), ("name", "category", "title", "phone", "id_number", "village")),
        (
            _l("Appointment"),
            ("organisation", "status", "appointed_from", "appointed_until", "specialties", "account", "introduction"),
        ),
    )
    show_groups = (
        (_l("Who it is"), ("name", "category", "title", "phone", "id_known", "village")),
        form_groups[1],
    )
    add_form_extra_fields = edit_form_extra_fields = ID_NUMBER
    narrow_choices = {
        "organisation": at_levels(Level.city, Level.township),
        "village": at_levels(Level.village),
        "specialties": codes_of("specialty"),
    }
    allow_delete = True
    show_template = "portal/expert_show.html"
    create_verb, update_verb, delete_verb = service.add_expert, service.change_expert, service.delete_expert
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home

    method_permission_name = {"photo": "read", "put_photo": "edit"}

    @expose("/<int(max=9223372036854775807):pk>/photo", methods=["GET"])
    @has_access
    def photo(self, pk: int) -> Any:
        """The photo of a member of the pool."""
        return picture(expert_photo.photo_of(pk))

    @expose("/<int(max=9223372036854775807):pk>/photo", methods=["POST"])
    @has_access
    def put_photo(self, pk: int) -> Any:
        """Keep a photo, or take it away."""
        expert, upload = self.fetch(str(pk)), request.files.get("photo")
        refusal = self.why_not_edit(expert)
        if refusal:
            raise Conflict(refusal)
        if request.form.get("remove"):
            expert_photo.remove_photo(current_actor(), expert)
        elif upload is None or not upload.filename:
            raise Malformed(_("Please choose a file."))
        else:
            with closing(upload):
                stream: Any = upload.stream
                expert_photo.put_photo(current_actor(), expert, upload.filename, stream)
        return redirect(f"/expert/show/{pk}")

    def show_context(self, record: Expert) -> dict[str, Any]:
        """How many links may stand in the way of a review."""
        employers, kin = service.conflict_links(record)
        return {"employers": employers, "kin": kin}
