"""The registers by REST: organisation, expert, adviser, category."""

from app.views.adviser import AdviserView
from app.views.api_base import PortalRestApi
from app.views.category import CategoryView
from app.views.expert import ExpertView
from app.views.organisation import OrganisationView


class OrganisationApi(PortalRestApi):
    """Organisations."""

    view, resource_name = OrganisationView, "organisation"


class ExpertApi(PortalRestApi):
    """The expert pool."""

    view, resource_name = ExpertView, "expert"


class AdviserApi(PortalRestApi):
    """Legal advisers."""

    view, resource_name = AdviserView, "adviser"


class CategoryApi(PortalRestApi):
    """Categories."""

    view, resource_name = CategoryView, "category"


REGISTER_APIS = (OrganisationApi, ExpertApi, AdviserApi, CategoryApi)
