"""Law firms and legal service offices."""

from flask_babel import lazy_gettext as _l

from app.models.adviser import LawFirm
from app.services import adviser as service
from app.views.adviser import AdviserView
from app.views.base import PortalInterface, PortalModelView
from app.views.outreach import FirmPairView


class LawFirmView(PortalModelView):
    """Law firms, each with its advisers."""

    datamodel = PortalInterface(LawFirm)
    class_permission_name = "LawFirm"
    route_base = "/law_firm"
    add_title = _l("Add a law firm")
    related_views = (AdviserView, FirmPairView)
    list_columns = (("name", "licence"), "contact", "phone", "address", "active")
    search_columns = ("active",)
    quick_columns = ("name", "licence", "contact", "address")
    base_order = ("licence", "asc")
    form_groups = ((None, ("name", "licence", "contact", "phone", "address", "active")),)
    allow_delete = True
    create_verb, update_verb = service.add_firm, service.save_firm
