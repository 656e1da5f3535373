"""The description of the REST interface."""


def test_only_for_the_signed_in(client) -> None:
    assert client.get("/api/v1/_openapi").status_code == 401


def test_names_every_step_and_resource(login) -> None:
    document = login("clerk").get("/api/v1/_openapi").get_json()
    paths = document["paths"]
    for path in ("/api/v1/case/{pk}/steps/{name}", "/api/v1/expert/", "/api/v1/security/login", "/api/v1/case/"):
        assert path in paths, sorted(paths)
    assert login("clerk").get("/api/v9/_openapi").status_code == 404


def test_a_browser_may_read_and_needs_the_page_token_to_write(login) -> None:
    browser = login("clerk")
    assert browser.get("/api/v1/case/").status_code == 200
    assert browser.post("/api/v1/case/", json={}).status_code == 400
    assert browser.post("/api/v1/case/", json={}, headers={"X-CSRFToken": browser.token}).status_code == 422
