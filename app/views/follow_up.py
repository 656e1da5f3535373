"""Follow-ups, rectifications and dossiers as lists; they are written by the steps of their case only."""

from typing import Any

from flask_appbuilder.api import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.forms.steps import RECTIFICATION
from app.models.dossier import Dossier
from app.models.follow_up import FollowUp, Satisfaction
from app.models.rectification import Rectification, RectificationState
from app.services.queries.choices import parse_key
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.base import PortalInterface, PortalModelView
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer


def case_of(pk: str) -> str:
    """The case of a rectification within the row scope."""
    key = parse_key(pk)
    found = db.session.scalar(select(Rectification.case_id).where(Rectification.id == key)) if key is not None else None
    if found is None:
        raise NotFound()
    return str(found)


def dissatisfied(statement: Select[Any]) -> Select[Any]:
    """Follow-ups of parties who are not content."""
    return statement.where(FollowUp.satisfied == Satisfaction.dissatisfied)


def with_opinion(statement: Select[Any]) -> Select[Any]:
    """Follow-ups in which an opinion was voiced."""
    return statement.where(FollowUp.opinion.is_not(None))


def unmended(statement: Select[Any]) -> Select[Any]:
    """Rectifications not accepted yet."""
    return statement.where(Rectification.state != RectificationState.accepted)


def late(statement: Select[Any]) -> Select[Any]:
    """Rectifications past their day."""
    return unmended(statement).where(Rectification.due_on < clock.today())


class FollowUpView(PortalModelView):
    """What parties said when they were asked."""

    datamodel = PortalInterface(FollowUp)
    class_permission_name = "FollowUp"
    route_base = "/follow_up"
    noun = _l("Follow-ups")
    list_columns = (("case", "party"), "mode", "reached", "solved", "satisfied", "at")
    optional_columns = ("attempt", "quality", "conduct", "centre", "opinion", "round")
    search_columns = ("mode", "reached", "solved", "satisfied", "at", "case")
    quick_columns = ()
    base_order = ("at", "desc")
    quick_filters = (
        ("dissatisfied", _l("Not content"), dissatisfied),
        ("opinions", _l("With an opinion"), with_opinion),
    )
    allow_add = allow_edit = allow_delete = False


class RectificationView(PortalModelView):
    """What has to be mended, by whom, until when."""

    datamodel = PortalInterface(Rectification)
    class_permission_name = "Rectification"
    route_base = "/rectification"
    noun = _l("Rectifications")
    list_columns = (("number", "case"), "organisation", "state", "due_on", "cause")
    optional_columns = ("ordered_at", "reported_at", "accepted_at", "report")
    search_columns = ("state", "organisation", "due_on", "case")
    quick_columns = ("number",)
    base_order = ("due_on", "desc")
    quick_filters = (("open", _l("Not accepted yet"), unmended), ("late", _l("Overdue"), late))
    allow_add = allow_edit = allow_delete = False


class DossierView(PortalModelView):
    """The archived cases with their retention."""

    datamodel = PortalInterface(Dossier)
    class_permission_name = "Dossier"
    route_base = "/dossier"
    noun = _l("Dossiers")
    list_columns = (("number", "case"), "retention", "retain_until", "pages", "archived_at")
    search_columns = ("retention", "archived_at", "retain_until", "case")
    quick_columns = ("number",)
    base_order = ("archived_at", "desc")
    allow_add = allow_edit = allow_delete = False


class FollowUpApi(PortalRestApi):
    """Follow-ups."""

    view, resource_name = FollowUpView, "follow_up"


class DossierApi(PortalRestApi):
    """Dossiers."""

    view, resource_name = DossierView, "dossier"


class RectificationApi(PortalRestApi):
    """Rectifications; their steps are steps of their case, which moves on with them."""

    view, resource_name = RectificationView, "rectification"
    method_permission_name = {"steps": "read", "step": "read"}

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """The steps of a rectification, with the reason why not and the schema of the form."""
        return steps_answer(RECTIFICATION, case_of(pk))

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(RECTIFICATION))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be that of the case."""
        return step_answer(RECTIFICATION, case_of(pk), name)


FOLLOW_UP_APIS = (FollowUpApi, RectificationApi, DossierApi)
