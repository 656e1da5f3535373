"""People and programs that speak HTTP to the real server, and remember what they were answered."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from reliability.forms import fields_of
from reliability.server import Portal
from tests.conftest import PASSWORD

WAIT = 60
IDLE = 1  # seconds; the server drops a connection that was idle for two


class Lost(Exception):
    """The connection broke: nobody knows whether it was carried out."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body of a program's answer."""
        return json.loads(self.text)


class Caller:
    """One connection to the server, kept open, opened anew when it was lost."""

    def __init__(self, portal: Portal) -> None:
        self.portal, self.cookies, self.headers = portal, dict[str, str](), dict[str, str]()
        self.connection: http.client.HTTPConnection | None = None
        self.used = 0.0
        portal.hang_up.append(self.close)

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """One request; Lost when no whole answer came."""
        headers = {**self.headers, **({"Content-Type": kind} if kind else {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if time.monotonic() - self.used > IDLE:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=WAIT)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as fault:
            self.close()
            raise Lost(str(fault)) from fault
        self.used = time.monotonic()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _sign, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Answer(answer.status, dict(answer.getheaders()), text)

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Program(Caller):
    """A neighbouring system, by REST."""

    def __init__(self, portal: Portal, username: str) -> None:
        super().__init__(portal)
        answer = self.call("POST", "/security/login", {"username": username, "password": PASSWORD})
        assert answer.status == 200, answer.text[:500]
        self.headers["Authorization"] = f"Bearer {answer.json['access_token']}"

    def call(self, method: str, path: str, said: Any = None, **headers: str) -> Answer:
        """A call; `said` goes as JSON."""
        kept, self.headers = self.headers, {**self.headers, **headers}
        try:
            body = None if said is None else json.dumps(said).encode()
            return self.send(method, f"/api/v1{path}", body, "application/json" if body else "")
        finally:
            self.headers = kept


class Desk(Caller):
    """A person at a browser without scripts."""

    def __init__(self, portal: Portal, username: str) -> None:
        super().__init__(portal)
        token = fields_of(self.get("/login/").text)["csrf_token"]
        answer = self.post("/login/", {"username": username, "password": PASSWORD, "csrf_token": token})
        assert answer.status == 302, answer.text[:500]
        self.token = fields_of(self.get("/account/").text)["csrf_token"]

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self.send("GET", path)

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """Send a form."""
        return self.send("POST", path, urlencode(dict(fields)).encode(), "application/x-www-form-urlencoded")

    def twin(self) -> "Desk":
        """Another window of the same browser: the same session, a connection of its own."""
        other = Desk.__new__(Desk)
        Caller.__init__(other, self.portal)
        other.cookies, other.token = self.cookies, self.token
        return other


@dataclass
class Deed:
    """One thing somebody tried: what it was, how it ended (done, refused, lost), and what was answered."""

    what: str
    ended: str = "lost"
    answer: Any = None
    status: int = 0


@dataclass
class History:
    """Everything that was tried, in the order of its end; held against the database afterwards."""

    deeds: list[Deed] = field(default_factory=list)

    def of(self, what: str, *ended: str) -> list[Deed]:
        """Those of one kind that ended so."""
        return [deed for deed in self.deeds if deed.what == what and deed.ended in ended]

    def count(self, *ended: str) -> int:
        """How many ended so."""
        return sum(deed.ended in ended for deed in self.deeds)


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Carry these out at the same moment; their results, in order (an exception counts as a result)."""
    gate, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        gate.wait(30)
        try:
            results[place] = task()
        except Exception as fault:
            results[place] = fault  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
