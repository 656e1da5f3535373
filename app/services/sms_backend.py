"""The ways a text message leaves: to the console, into a file, or to a gateway by HTTP (PORTAL_SMS_BACKEND)."""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, hmac
from flask import Flask, current_app

from app.core import clock
from app.core.masks import mask_phone
from app.core.outward import Refused, Undelivered, post

try:
    import fcntl
except ImportError:  # a desk with another system: one runner only
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("portal.sms")
EXTENSION = "portal_sms"


@dataclass(frozen=True)
class Sms:
    """A message as a backend gets it; `uid` stays the same however often it is tried."""

    uid: str
    mobile: str
    text: str
    template: str
    variables: Mapping[str, str]


class SmsBackend(Protocol):
    """Sends one message and gives the receipt; the same `uid` again is not a second message."""

    def send(self, sms: Sms) -> str:
        """Undelivered when it may be tried again, Refused when it may not."""


class ConsoleBackend:
    """Writes messages into the log, the number masked: for trying out."""

    def send(self, sms: Sms) -> str:
        """Say what would be sent."""
        log.info("%s %s: %s", sms.uid, mask_phone(sms.mobile), sms.text)
        return "console"


@contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    """One writer at a time, over all processes; a writer that dies lets go."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield  # the lock goes with the descriptor


class FileBackend:
    """One line of JSON a message, appended once: a file that another program carries to the gateway."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, sms: Sms) -> str:
        """Append the message unless it stands there already; half a line left by a killed writer is taken away."""
        said: dict[str, Any] = {"id": sms.uid, "at": clock.now().isoformat(timespec="seconds"), "phone": sms.mobile}
        said |= {"template": sms.template, "text": sms.text, "params": dict(sms.variables)}
        line = json.dumps(said, ensure_ascii=False).encode() + b"\n"
        fresh = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with _alone(descriptor):
                if not self._stands(descriptor, sms.uid):
                    while line:
                        line = line[os.write(descriptor, line) :]
                    os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if fresh:
            self._keep_name()
        return f"file:{sms.uid}"

    @staticmethod
    def _stands(descriptor: int, uid: str) -> bool:
        """Whether a whole line of this message stands in the file."""
        size = os.fstat(descriptor).st_size
        if size == 0:
            return False
        with mmap(descriptor, size, access=ACCESS_READ) as content:
            end = content.rfind(b"\n") + 1
            found = content.find(f'{{"id": "{uid}"'.encode(), 0, end) >= 0
        if end < size:
            os.ftruncate(descriptor, end)
        return found

    def _keep_name(self) -> None:
        """A new file is found again after a power cut."""
        if os.name == "posix":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _digest(algorithm: hashes.HashAlgorithm) -> Callable[[bytes, bytes], bytes]:
    def made(_secret: bytes, text: bytes) -> bytes:
        machine = hashes.Hash(algorithm)
        machine.update(text)
        return machine.finalize()

    return made


def _hmac(algorithm: hashes.HashAlgorithm) -> Callable[[bytes, bytes], bytes]:
    def made(secret: bytes, text: bytes) -> bytes:
        machine = hmac.HMAC(secret, algorithm)
        machine.update(text)
        return machine.finalize()

    return made


# How a gateway wants its calls signed; md5 is what several operators still ask for.
SIGNATURES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "none": lambda _secret, _text: b"",
    "md5": lambda _secret, text: hashlib.md5(text, usedforsecurity=False).digest(),
    "sha256": _digest(hashes.SHA256()),
    "sm3": _digest(hashes.SM3()),
    "hmac-sha256": _hmac(hashes.SHA256()),
    "hmac-sm3": _hmac(hashes.SM3()),
}
FORMATS = ("json", "form")
PLACE = re.compile(r"\{(\w+)\}")
NEVER = frozenset({400, 413, 422})  # the gateway understood, and will not take this message


class HttpBackend:
    """A gateway reached by HTTP: its body, headers and signature are written in the settings."""

    def __init__(self, conf: Mapping[str, Any]) -> None:
        self.url, self.form = conf["SMS_URL"], conf["SMS_FORMAT"] == "form"
        self.body, self.headers = json.loads(conf["SMS_BODY"]), json.loads(conf["SMS_HEADERS"])
        self.account, self.secret = conf["SMS_ACCOUNT"], conf["SMS_SECRET"]
        self.sign, self.signed_text = SIGNATURES[conf["SMS_SIGN"]], conf["SMS_SIGN_TEXT"]
        self.success, self.receipt = conf["SMS_SUCCESS"], conf["SMS_RECEIPT"]
        self.local = conf["SMS_LOCAL"]
        if not str(self.url).startswith(("http://", "https://")) or conf["SMS_FORMAT"] not in FORMATS:
            raise ValueError("PORTAL_SMS_URL must be an http(s) address and PORTAL_SMS_FORMAT json or form")

    def send(self, sms: Sms) -> str:
        """One call; its Idempotency-Key lets the gateway drop a repeat."""
        places: dict[str, Any] = {"id": sms.uid, "phone": sms.mobile, "text": sms.text, "template": sms.template}
        places |= {"params": dict(sms.variables), "account": self.account, "timestamp": int(clock.now().timestamp())}
        unsigned = self._encoded({**places, "signature": ""}).decode()
        signed = _filled(self.signed_text, {**places, "secret": self.secret, "body": unsigned})
        places["signature"] = self.sign(self.secret.encode(), signed.encode()).hex()
        headers = {name: str(_filled(value, places)) for name, value in self.headers.items()}
        kind = "application/x-www-form-urlencoded" if self.form else "application/json"
        headers = {"Content-Type": kind, "Idempotency-Key": sms.uid, **headers}
        answer = post(self.url, self._encoded(places), headers, local=self.local)
        return self._receipt(answer.status, answer.body)

    def _encoded(self, places: Mapping[str, Any]) -> bytes:
        filled = _filled(self.body, places)
        if not self.form:
            return json.dumps(filled, ensure_ascii=False, separators=(",", ":")).encode()
        flat = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in filled.items()}
        return urlencode(flat).encode()

    def _receipt(self, status: int, body: bytes) -> str:
        if status in NEVER:
            raise Refused(f"the gateway refused it with {status}")
        if not 200 <= status < 300:
            raise Undelivered(f"the gateway answered {status}", reached=True)
        if not (self.success or self.receipt):
            return str(status)
        try:
            said = json.loads(body)
        except ValueError as fault:
            raise Undelivered("the gateway's answer is not JSON", reached=True) from fault
        path, _equals, wanted = self.success.partition("=")
        if path and str(_at(said, path)) != wanted:
            raise Undelivered(f"the gateway answered {path}={_at(said, path)}"[:200], reached=True)
        return str(_at(said, self.receipt))[:200] if self.receipt else str(status)


def _filled(value: Any, places: Mapping[str, Any]) -> Any:
    """The template with its {places} filled in, in one pass; a text that is nothing but {params} becomes the object."""
    if isinstance(value, dict):
        return {key: _filled(inner, places) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, places) for inner in value]
    if not isinstance(value, str):
        return value
    whole = PLACE.fullmatch(value)
    if whole and isinstance(places.get(whole[1]), dict):
        return places[whole[1]]
    return PLACE.sub(lambda place: _text(places.get(place[1], place[0])), value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _at(said: Any, path: str) -> Any:
    """The value at `data.id` of an answer, or None."""
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def install(app: Flask) -> None:
    """Make the backend that the settings name; a setting that makes no sense stops the start."""
    name = app.config["SMS_BACKEND"]
    if name not in ("console", "file", "http"):
        raise ValueError(f"PORTAL_SMS_BACKEND is {name!r}; choose console, file or http")
    backend: SmsBackend = ConsoleBackend()
    if name == "file":
        backend = FileBackend(Path(app.config["SMS_FILE"]))
    elif name == "http":
        backend = HttpBackend(app.config)
    app.extensions[EXTENSION] = backend


def backend() -> SmsBackend:
    """The backend of this installation."""
    chosen: SmsBackend = current_app.extensions[EXTENSION]
    return chosen
