"""One POST to a system outside: to the address that was looked up and allowed, no redirects, a few seconds at most."""

import ipaddress
import socket
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.core.late import late

urllib3 = late("urllib3")


TIMEOUT = {"connect": 5, "read": 10, "total": 12}  # seconds
ANSWER_MOST = 4096
PORTS = {"http": 80, "https": 443}
# Where clouds answer with the keys of the machine itself; link-local ones are refused as such.
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Undelivered(Exception):
    """It did not arrive, or nobody said that it did; worth another try. `reached`: somebody answered."""

    def __init__(self, why: str, reached: bool = False) -> None:
        super().__init__(why)
        self.reached = reached


class Refused(Exception):
    """The receiver will never take it, or it may not be sent; another try is of no use."""


@dataclass(frozen=True)
class Answer:
    """What the receiver said."""

    status: int
    body: bytes


def host_allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether the address is http(s) without credentials, and its host (or host:port) is on the list."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.password is not None:
        return False
    names = [f"{host}:{port or PORTS[parts.scheme]}"] + ([host] if port in (None, PORTS[parts.scheme]) else [])
    return any(fnmatchcase(name, allowed.strip().lower()) for name in names for allowed in hosts)


def _inner(address: Address) -> bool:
    """Whether an address leads to this machine, to its cloud, or to nobody in particular."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None and _inner(mapped):
        return True
    special = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    return special or address.is_reserved or address in METADATA


def _looked_up(parts: SplitResult, local: bool) -> str:
    """The one address to connect to: looked up once, so that no second look-up can lead elsewhere."""
    try:
        port = parts.port or PORTS[parts.scheme]
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise Undelivered(f"unknown host: {type(fault).__name__}") from fault
    addresses = [str(one[4][0]) for one in found]
    if not local and any(_inner(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise Refused("the address leads to this machine or its surroundings")
    return addresses[0]


class _End(threading.Timer):
    """The end of the time one call may take in all. The limits of a socket begin anew with every byte that drips in;
    this one does not: it cuts the line."""

    def __init__(self, pool: Any) -> None:
        super().__init__(TIMEOUT["total"], self._cut)
        self.came, self.lines, make = False, list[Any](), pool.ConnectionCls

        def kept(*args: Any, **kw: Any) -> Any:
            self.lines.append(make(*args, **kw))
            return self.lines[-1]

        pool.ConnectionCls = kept
        self.daemon = True
        self.start()

    def _cut(self) -> None:
        self.came = True
        for line in self.lines:
            with suppress(OSError, AttributeError):
                line.sock.shutdown(socket.SHUT_RDWR)


def post(url: str, body: bytes, headers: Mapping[str, str], *, local: bool = False) -> Answer:
    """Send `body`; Undelivered when nobody answered. `local` allows this machine as the receiver."""
    parts = urlsplit(url)
    address = _looked_up(parts, local)
    port, target = parts.port or PORTS[parts.scheme], parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, server_hostname=parts.hostname, assert_hostname=parts.hostname
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port)
    said = {**headers, "Host": parts.netloc.rpartition("@")[2]}
    end = _End(pool)
    try:
        answer = pool.urlopen(
            "POST",
            target,
            body,
            said,
            retries=False,
            redirect=False,
            timeout=urllib3.Timeout(**TIMEOUT),
            preload_content=False,
        )
        found = Answer(answer.status, answer.read1(ANSWER_MOST, decode_content=False))
    except (urllib3.exceptions.HTTPError, OSError) as fault:
        raise Undelivered(f"no answer: {type(fault).__name__}") from fault
    finally:
        end.cancel()
        pool.close()
    if end.came:
        raise Undelivered("no answer in time")
    return found
