"""Walking the url map: every route with harmless arguments, every request undone again."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from flask import Flask

CONVERTER = re.compile(r"<[^<>]*:")  # how an argument is read does not matter to the table
READING = ("GET", "HEAD", "OPTIONS")
HARMLESS = {
    "pk": "1",
    "field": "name",
    "name": "accept",
    "key": "1",
    "word": "confirm",
    "party": "1",
    "locale": "en",
    "filename": "portal/portal.css",
    "version": "v1",
    "form": "csv",
    "export_type": "csv",
    "file": "x.docx",
}


def token_of(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no CSRF token"
    return found.group(1)


@dataclass(frozen=True)
class Route:
    """One address pattern with one method."""

    pattern: str
    method: str
    arguments: tuple[str, ...]
    endpoint: str

    def path(self, **values: Any) -> str:
        """The address with these arguments."""
        text = self.pattern
        for piece in self.pattern.split("/"):
            if piece.startswith("<"):
                name = piece.strip("<>")
                text = text.replace(piece, str(values.get(name, HARMLESS.get(name, "1"))))
        return text

    @property
    def api(self) -> bool:
        """Whether programs ask for it, by a token."""
        return self.pattern.startswith("/api/")


def routes(app: Flask) -> list[Route]:
    """Every route with every method that does something."""
    found = [
        Route(CONVERTER.sub("<", rule.rule), method, tuple(sorted(rule.arguments)), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: (route.pattern, route.method))


class Undo:
    """Asks, and takes back whatever the request has written or put into the cookies."""

    def __init__(self, world: Any) -> None:
        self.world, self.app = world, world.browsers["clerk"].application
        self.rules = list(self.app.url_map.iter_rules())

    def patterns(self) -> list[Route]:
        """Every route of the application."""
        return routes(self.app)

    def open(self, browser: Any, method: str, path: str, **more: Any) -> Any:
        """The answer; the database and the browser are as before."""
        kept, inner = deepcopy(browser._cookies), self.world.connection.begin_nested()
        try:
            answer = browser.open(path, method=method, buffered=True, **more)
            answer.get_data()
            answer.close()
            return answer
        finally:
            inner.rollback()
            browser._cookies = kept

    def ask(self, username: str, route: Route, path: str | None = None, **more: Any) -> Any:
        """As that account: by cookie and CSRF token, or by token where a program asks."""
        own = (
            {"pk": self.world.users["archivist"]} if route.pattern.startswith("/account/<pk>") else {}
        )  # never one's own
        browser, path = self.world.browsers[username], path or route.path(**own)
        if route.api:
            headers = {"Authorization": f"Bearer {self.world.tokens[username]}"}
            body = {} if route.method in READING else {"json": more.pop("json", {})}
            return self.open(browser, route.method, path, headers=headers, **body, **more)
        data = more.pop("data", {})
        if route.method not in READING:
            more["data"] = {"csrf_token": browser.token, **data}
        return self.open(browser, route.method, path, **more)


def every(items: list[Route], methods: tuple[str, ...]) -> Iterator[Route]:
    """Those of the routes with one of the methods."""
    return (route for route in items if route.method in methods)
