"""The description of the REST interface, for whoever is signed in: what the resources say of themselves, completed."""

import json
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app
from flask_appbuilder.api import expose
from flask_appbuilder.api.manager import OpenApi, resolver
from flask_babel import get_locale

from app.core.errors import NotFound
from app.forms.step_form import schema_of
from app.forms.steps import CASE
from app.views.api_guard import sign_in
from app.views.api_spec import PK, RESPONSES, answers, sent

VERSIONS = ("v1",)
START = "/api/v1/"
STEPS = "/api/v1/case/{pk}/steps/{name}"
SIGNED_IN: list[dict[str, list[str]]] = [{"jwt": []}, {"cookie": []}]
SCHEMES = {
    "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token, 15 minutes"},
    "jwt_refresh": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The refresh token"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "portal",
        "description": "The session of a browser; what it writes carries the token of the page in X-CSRFToken",
    },
}
# What an operation does, by its method and the end of its address; an operation that says so itself comes first.
SUMMARIES = {
    ("get", "/"): "The list, filtered, ordered and paged",
    ("post", "/"): "A new record",
    ("get", "/{pk}"): "One record",
    ("put", "/{pk}"): "Change what is sent of a record",
    ("delete", "/{pk}"): "Delete a record that nothing refers to",
    ("get", "/_info"): "The fields, the filters and the rights of the caller",
    ("get", "/{pk}/steps"): "Every step with the reason why not and the schema of its form",
    ("post", "/{pk}/steps/{name}"): "Carry a step out, by its name",
    ("get", "/{pk}/timeline"): "The whole course",
    ("get", "/{pk}/clocks"): "All clocks, each with its reasons",
    ("get", "/{pk}/documents"): "The papers of a case",
    ("get", "/{pk}/docx"): "A paper as a Word file",
    ("get", "/{pk}/pdf"): "A paper as PDF",
}
HEADER = {
    "in": "header",
    "name": "Accept-Language",
    "required": False,
    "schema": {"type": "string", "example": "zh-CN"},
    "description": "The language of sentences and labels: Chinese, or English",
}
OWN = {
    "summary": "This document",
    "responses": {
        "200": {"description": "The OpenAPI document", "content": {"application/json": {"schema": {"type": "object"}}}},
        **answers("404"),
    },
}


class DescriptionApi(OpenApi):
    """OpenAPI at /api/v1/_openapi; made once for each language."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, str] = {}

    @expose("/<version>/_openapi")
    def get(self, version: str) -> Any:
        """The OpenAPI document."""
        sign_in()
        if version not in VERSIONS:
            raise NotFound()
        language = str(get_locale())
        if language not in self.made:
            self.made[language] = json.dumps(self.document(version), ensure_ascii=False)
        return current_app.response_class(self.made[language], mimetype="application/json")

    def document(self, version: str) -> dict[str, Any]:
        """Every resource's own words, then what holds for all of them."""
        spec = APISpec(
            title=self.appbuilder.app_name,
            version=version,
            openapi_version="3.1.0",
            info={"description": "The same rights, rows, masking and rules as the pages; what is not yours is 404."},
            plugins=[MarshmallowPlugin(schema_name_resolver=resolver)],
            servers=[{"url": "/"}],
        )
        views = [v for v in self.appbuilder.baseviews if getattr(v, "version", None) == version and v is not self]
        for view in views:
            if hasattr(view, "add_api_spec"):
                view.add_api_spec(spec)
        document = spec.to_dict()
        document["paths"][f"/api/{version}/_openapi"] = {"get": OWN}
        document["components"]["responses"] = RESPONSES
        document["components"]["securitySchemes"] = SCHEMES
        _describe_steps(document)
        for path, method, operation in _operations(document):
            _complete(path, method, operation)
        titles = {v.resource_name: v.page.list_title for v in views if hasattr(v, "page")}
        tags = sorted({tag for _path, _method, operation in _operations(document) for tag in operation["tags"]})
        document["tags"] = [{"name": tag, "description": str(titles.get(tag, tag))} for tag in tags]
        return document  # type: ignore[no-any-return]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe_steps(document: dict[str, Any]) -> None:
    """Each step stands beside the general address with the schema of its own form."""
    general, schemas = document["paths"][STEPS]["post"], document["components"]["schemas"]
    for name, page in sorted(CASE.pages.items()):
        row = CASE.flow.row(name)
        schemas[f"case.step.{name}"] = schema_of(page.form(formdata=None, meta={"csrf": False}))
        document["paths"][STEPS.replace("{name}", name)] = {
            "post": {
                "summary": str(row.label if row else name),
                "parameters": [PK],
                "requestBody": sent({"$ref": f"#/components/schemas/case.step.{name}"}),
                "responses": dict(general["responses"]),
            }
        }
    forms = [{"$ref": f"#/components/schemas/case.step.{name}"} for name in sorted(CASE.pages)]
    document["paths"][STEPS]["post"]["requestBody"] = sent({"anyOf": forms})


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Tag, name, summary, security and language of one operation."""
    noun, _slash, rest = path.removeprefix(START).partition("/")
    operation["tags"] = [noun.removeprefix("_")]
    words = f"{noun}_{rest}".replace("{", "").replace("}", "").replace("/", "_").strip("_").replace("__", "_")
    operation["operationId"] = f"{words}_{method}"
    operation.setdefault("summary", SUMMARIES.get((method, f"/{rest}"), words.replace("_", " ")))
    if path == f"{START}security/login":
        operation["security"] = []
    elif noun != "security":
        operation["security"] = SIGNED_IN
    operation["parameters"] = [*operation.get("parameters", ()), HEADER]
    of_bodies = ("413", "415", "422") if "requestBody" in operation else ()
    operation["responses"] = {**operation["responses"], **answers(*of_bodies)}
