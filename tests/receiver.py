"""A real neighbouring system on this machine: answers as told, and drops what it had already, by its key."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came in: `calls` holds every request, `kept` one body for each Idempotency-Key."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.kept: dict[str, bytes] = {}
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?of=portal"

    def say(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        """The next answer; without one it is 200."""
        self.answers.append((status, headers, body))

    def take(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Note a call and give the answer."""
        self.calls.append({"path": path, "headers": dict(headers), "body": body})
        status, more, said = self.answers.pop(0) if self.answers else (200, {}, b'{"code": 0, "data": {"id": "R-1"}}')
        if status == 200:
            self.kept.setdefault(headers["Idempotency-Key"], body)
        return status, more, said

    def bodies(self) -> list[Any]:
        """The bodies kept, as JSON."""
        return [json.loads(body) for body in self.kept.values()]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens inside the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, said = receiver.take(self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
