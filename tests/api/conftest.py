"""What the tests of the REST interface share: tokens, the document, and an application for generated calls."""

import contextvars
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.conftest import PASSWORD


class Apart:
    """The application with every call in a context of its own, as a server gives it."""

    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self.wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https"
        return contextvars.Context().run(self._answer, environ, start_response)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.wsgi(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            getattr(answer, "close", lambda: None)()


@pytest.fixture
def token(app, bound) -> Callable[[str], dict[str, str]]:
    """`token("clerk")` gives the header of that demo account."""
    kept: dict[str, dict[str, str]] = {}

    def of(username: str) -> dict[str, str]:
        if username not in kept:
            answer = app.test_client().post(
                "/api/v1/security/login",
                json={"username": username, "password": PASSWORD, "provider": "db", "refresh": False},
            )
            assert answer.status_code == 200, answer.get_json()
            kept[username] = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
        return kept[username]

    return of


@pytest.fixture
def document(app, token) -> dict[str, Any]:
    """The OpenAPI document."""
    answer = app.test_client().get("/api/v1/_openapi", headers=token("business_admin"))
    assert answer.status_code == 200
    return answer.get_json()
