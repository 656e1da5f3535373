"""The description of the REST interface, for whoever is signed in."""

from typing import Any

from flask_appbuilder.api import expose
from flask_appbuilder.api.manager import OpenApi

from app.core.errors import NotFound
from app.views.api_guard import sign_in

VERSIONS = ("v1",)


class DescriptionApi(OpenApi):
    """OpenAPI at /api/v1/_openapi."""

    @expose("/<version>/_openapi")
    def get(self, version: str) -> Any:
        """The OpenAPI document."""
        sign_in()
        if version not in VERSIONS:
            raise NotFound()
        document = self._create_api_spec(version)
        for view in self.appbuilder.baseviews:
            if getattr(view, "version", None) == version and hasattr(view, "add_api_spec"):
                view.add_api_spec(document)
        return self.response(200, **document.to_dict())
