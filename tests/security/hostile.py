"""Hostile values, and who sends them where."""

from collections.abc import Iterator
from typing import Any

from security.routes import SIGNED_IN, rule_of
from security.screens import holds
from security.walk import Route
from security.world import ACTORS

# As they stand in an address, already escaped.
ADDRESSES = (
    "%00",
    "a%00b",
    "99999999999999999999999",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "1e9",
    "NaN",
    "%27",
    "%27%20OR%201=1--",
    "%22%3E%3Cscript%3E",
    "%5B%5D",
    "%7B%7B7*7%7D%7D",
    "..%2f..%2fetc%2fpasswd",
    "..%5cout.txt",
    "%ED%A0%80",
    "%F0%A0%AE%B7",
    "%E2%80%AE",
    "%0d%0aX-Injected:1",
    "true",
    "null",
    "%25",
    "_",
    "+",
    "x" * 3000,
    "%EF%BC%91",
    "%D9%A1",
    "1;DROP%20TABLE%20x",
    "%28",
    "%C0%80",
    "%FF",
    "1%20",
    "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9",
)
RISONS = (
    "(" * 300,
    "!(" * 200,
    "(a:" * 100,
    "(filters:!((col:id,opr:eq,value:'" + "9" * 30 + "')))",
    "(page:-1)",
    "(page:99999999999999999999)",
    "(page_size:99999999999)",
    "(order_column:!!,order_direction:asc)",
    "(columns:!(__class__,a.b.c))",
    "(filters:!((col:!n,opr:!t,value:!f)))",
    "(keys:!(a,!(b)))",
    "[[[[",
    '{"page":1e400}',
    "%00",
    "(filters:!((col:number,opr:in,value:!(1,!(2),(a:b)))))",
    "'",
    "!!",
    "(page:1.5)",
    "%ED%A0%80",
    "null",
)
BODIES: tuple[Any, ...] = (
    "",
    "\x00",
    "9" * 23,
    -1,
    2**63,
    1e308,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    True,
    None,
    "'; DROP TABLE x--",
    "{{7*7}}",
    "𠮷‮",
    "x" * 70_000,
    [1] * 600,
    "\ud800",
    "<script>",
    "=cmd|' /C calc'!A1",
    "2026-13-45",
    "99999-01-01",
    "-0001-01-01",
)
MAY = (
    "clerk",
    "business_admin",
    "sysadmin",
    "security_auditor",
    "dispatcher",
    "handler.d1",
    "unit_head.d1",
    "centre_head",
)
BROKEN = (b"", b"{", b"\xff\xfe\x00", b"[" * 5000, b"--x\r\n\r\n")


def who_may(route: Route) -> str:
    """Somebody who holds what the route asks for, so that the value is looked at."""
    rule = rule_of(route.pattern, route.method)
    if rule is None or isinstance(rule, str) or rule == SIGNED_IN:
        return "clerk"
    return next((name for name in (*MAY, *ACTORS) if holds(name, *rule)), "clerk")


def turn(values: tuple[Any, ...], seed: str, count: int) -> Iterator[Any]:
    """Some of the values, others for every place, always the same ones."""
    start = sum(map(ord, seed))
    return (values[(start * 7 + step * 11) % len(values)] for step in range(count))
