"""The OpenAPI document: every route with each of its methods, nothing that is not there, every answer."""

import re

import pytest

from app.forms.steps import CASE

READING = {"HEAD", "OPTIONS"}
REFUSALS = {"400", "401", "403", "429", "503"}
WITH_BODY = {"413", "415", "422"}


def routes(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule.rule).replace("{version}", "v1")
        if path.startswith("/api/"):
            for method in rule.methods - READING:
                yield path, method.lower()


def operations(document):
    return {(path, method): said for path, methods in document["paths"].items() for method, said in methods.items()}


def test_every_route_stands_in_the_document(app, document):
    missing = set(routes(app)) - set(operations(document))
    assert not missing, sorted(missing)


def test_the_document_promises_nothing_else(app, document):
    steps = {(f"/api/v1/case/{{pk}}/steps/{name}", "post") for name in CASE.pages}
    assert set(operations(document)) - set(routes(app)) == steps


def test_every_operation_is_told_in_full(document):
    seen = set()
    for (path, method), said in operations(document).items():
        where = f"{method} {path}"
        assert said["operationId"] not in seen, where
        seen.add(said["operationId"])
        assert said["tags"] and said["summary"], where
        answers = set(said["responses"])
        assert answers & {"200", "201"} and answers >= REFUSALS, (where, answers)
        assert all(said["responses"][code].get("description") or "$ref" in said["responses"][code] for code in answers)
        in_path = {p["name"] for p in said["parameters"] if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), where
        if "{pk}" in path:
            assert "404" in answers, where
        if method in ("post", "put") and not re.search(r"security/(refresh|logout)", path):
            schema = said["requestBody"]["content"]["application/json"]["schema"]
            assert schema and answers >= WITH_BODY, (where, answers)
        assert said["security"] or path.endswith("/security/login"), where


# No lists of rows with filters: they say their few parameters by name.
BY_NAME = ("/api/v1/notice/", "/api/v1/work/", "/api/v1/statistics/")


def test_lists_say_how_they_are_asked(document):
    for (path, method), said in operations(document).items():
        if method == "get" and path.endswith(("/", "/_info")) and path not in BY_NAME:
            q = next((p for p in said["parameters"] if p["name"] == "q"), None)
            assert q and "rison" in q["description"], path


def test_every_reference_leads_somewhere(document):
    def walk(thing):
        if isinstance(thing, dict):
            if "$ref" in thing:
                yield thing["$ref"]
            for value in thing.values():
                yield from walk(value)
        elif isinstance(thing, list):
            for value in thing:
                yield from walk(value)

    for ref in set(walk(document)):
        kind, name = ref.removeprefix("#/components/").split("/", 1)
        assert name in document["components"][kind], ref


def test_steps_have_the_schema_of_their_form(document):
    schema = document["components"]["schemas"]["case.step.redirect"]
    assert set(schema["required"]) == {"route", "where", "reason"} and "version" in schema["properties"]
    general = document["paths"]["/api/v1/case/{pk}/steps/{name}"]["post"]["requestBody"]["content"]
    assert len(general["application/json"]["schema"]["anyOf"]) == len(CASE.pages)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer " + "x" * 5000,
        "bearer null",
        "Basic Y2xlcms6eA==",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "Bearer \u4fe1".encode().decode("latin-1"),
    ],
)
def test_a_bad_token_is_401(app, bound, header):
    for address in ("/api/v1/case/", "/api/v1/expert/1", "/api/v1/_openapi"):
        answer = app.test_client().get(address, headers={"Authorization": header})
        assert answer.status_code == 401 and answer.get_json()["message"], (address, answer.status_code)
    assert app.test_client().post("/api/v1/security/logout", headers={"Authorization": header}).status_code == 401
    assert app.test_client().post("/api/v1/security/refresh", headers={"Authorization": header}).status_code == 401


def test_ids_are_whole_numbers_and_info_is_a_list(app, token):
    browser = app.test_client()
    told = browser.get("/api/v1/room/", headers=token("business_admin")).get_json()
    assert told["ids"] and all(type(key) is int for key in told["ids"])
    info = browser.get("/api/v1/expert/_info", headers=token("business_admin")).get_json()
    assert isinstance(info["add_columns"], list) and info["add_columns"]
    assert "Project-Id-Version" not in str(info)
