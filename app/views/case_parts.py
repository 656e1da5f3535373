"""Parties and claims as resources of their own: read here, written by the steps of their case."""

from flask_babel import lazy_gettext as _l

from app.models.party import Claim, Party
from app.views.api_base import PortalRestApi
from app.views.base import PortalInterface, PortalModelView
from app.views.visit import VisitView


class PartyView(PortalModelView):
    """The parties of the cases one sees."""

    datamodel = PortalInterface(Party)
    class_permission_name = "Case"
    route_base = "/party"
    noun = _l("Parties")
    list_columns = (("person", "organisation_name"), "side", "respondent_organisation", "case", "case.number")
    search_columns = ("case", "side")
    quick_columns = ()
    base_order = ("id", "desc")
    allow_add = allow_edit = allow_delete = allow_export = False


class ClaimView(PortalModelView):
    """The claims of the cases one sees."""

    datamodel = PortalInterface(Claim)
    class_permission_name = "Case"
    route_base = "/claim"
    noun = _l("Claims")
    list_columns = (("text", "case.number"), "number", "result", "resolved", "case")
    search_columns = ("case", "result", "resolved")
    quick_columns = ()
    base_order = ("id", "desc")
    allow_add = allow_edit = allow_delete = allow_export = False


class PartyApi(PortalRestApi):
    """Parties."""

    view, resource_name = PartyView, "party"


class ClaimApi(PortalRestApi):
    """Claims."""

    view, resource_name = ClaimView, "claim"


class VisitApi(PortalRestApi):
    """Visits."""

    view, resource_name = VisitView, "visit"


CASE_PART_APIS = (PartyApi, ClaimApi, VisitApi)
