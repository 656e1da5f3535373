"""A small HTTP client (one connection a request, as synchronous workers serve), a reader of forms, and a server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
Headers = dict[str, str]


class Client:
    """A browser with a cookie jar."""

    def __init__(self, port: int) -> None:
        self.port, self.jar = port, {}  # type: int, dict[str, str]
        self.known = ""

    def raw(self, method: str, path: str, form: dict[str, str] | None = None, said: Any = None) -> bytes:
        """The bytes of a request; `said` goes as JSON with the token of the browser's page."""
        body = urlencode(form).encode() if form is not None else json.dumps(said).encode() if said is not None else b""
        token = self.token() if said is not None else ""
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {HOST}:{self.port}",
            "Connection: close",
            "Accept-Language: zh-CN",
            f"Referer: http://{HOST}:{self.port}{path}",
        ]
        if self.jar:
            lines.append("Cookie: " + "; ".join(f"{key}={value}" for key, value in self.jar.items()))
        if body:
            kind = "application/json" if form is None else "application/x-www-form-urlencoded"
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        if said is not None:
            lines.append(f"X-CSRFToken: {token}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def token(self) -> str:
        """The token of a page of this browser."""
        if not self.known:
            page = self.go("GET", "/")[2]
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            self.known = found[1] if found else ""
        return self.known

    def send(self, raw: bytes) -> bytes:
        """Send them, and read to the end."""
        with socket.create_connection((HOST, self.port), timeout=120) as plug:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plug.sendall(raw)
            parts = []
            while part := plug.recv(262_144):
                parts.append(part)
        return b"".join(parts)

    @staticmethod
    def split(answer: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers, body."""
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode("latin1").split("\r\n")
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:])]
        if ("transfer-encoding", "chunked") in headers:
            whole = b""
            while body:
                size, _, rest = body.partition(b"\r\n")
                length = int(size.split(b";")[0] or b"0", 16)
                if not length:
                    break
                whole, body = whole + rest[:length], rest[length + 2 :]
            body = whole
        return int(lines[0].split()[1]), headers, body

    def go(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, Headers, str]:
        """Ask, and keep the cookies."""
        status, headers, body = self.split(self.send(self.raw(method, path, form)))
        for name, value in headers:
            if name == "set-cookie":
                key, _, text = value.split(";")[0].partition("=")
                self.jar[key] = text
        return status, dict(headers), body.decode("utf-8", "replace")


class Forms(HTMLParser):
    """The forms of a page: names and defaults of inputs, selects and text areas."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.current: dict[str, str] | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note a control."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.current = {}
            self.forms.append(self.current)
        elif self.current is None:
            return
        elif tag == "input" and given.get("name") and given.get("type") not in ("submit", "checkbox", "radio", "file"):
            self.current[given["name"]] = given.get("value", "")
        elif tag == "select" and given.get("name"):
            self.select = given["name"]
            self.current.setdefault(self.select, "")
        elif tag == "option" and self.select and "selected" in given:
            self.current[self.select] = given.get("value", "")
        elif tag == "textarea" and given.get("name"):
            self.current[given["name"]] = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a control."""
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.select = None


def form_of(page: str, *names: str) -> dict[str, str]:
    """The form of a page that holds most of these names."""
    parser = Forms()
    parser.feed(page)
    return max(parser.forms, key=lambda form: sum(name in form for name in names), default={})


def sign_in(port: int, username: str, password: str) -> Client:
    """A signed-in browser."""
    client = Client(port)
    _status, _headers, page = client.go("GET", "/login/")
    form = {**form_of(page, "username", "password"), "username": username, "password": password}
    status, _headers, page = client.go("POST", "/login/", form)
    if status not in (301, 302, 303):
        raise SystemExit(f"sign-in of {username} answered {status}: {re.sub(r'<[^>]+>', ' ', page)[:400]}")
    return client


class Server:
    """An application under gunicorn with synchronous workers; stopped by its own process number."""

    def __init__(self, module: str, port: int, env: dict[str, str], log: Path, workers: int = 1) -> None:
        self.port, self.log = port, log
        began = time.perf_counter()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-w", str(workers), "-k", "sync", "-t", "180",
                 "-b", f"{HOST}:{port}", "--log-level", "warning", module],
                cwd=Path(__file__).parent.parent, env={**os.environ, **env}, stdout=out, stderr=out,
            )  # fmt: skip
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"{module} did not start, see {log}")
            try:
                if Client(port).go("GET", "/login/")[0] < 500:
                    break
            except OSError:
                time.sleep(0.02)
            if time.perf_counter() - began > 90:
                self.stop()
                raise SystemExit(f"{module} did not answer, see {log}")
        self.seconds_to_start = time.perf_counter() - began

    def stop(self) -> None:
        """Stop it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _workers(self) -> list[str]:
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def cpu(self) -> float:
        """Seconds of CPU its workers used so far."""
        ticks = 0
        for pid in self._workers():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident megabytes of its largest worker."""
        found = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in self._workers()]
        return round(max((int(one[1]) for one in found if one), default=0) / 1024, 1)
