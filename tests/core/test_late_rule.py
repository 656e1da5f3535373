"""Rules that compile their addresses late write the same ones as werkzeug's own."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import BuildError, Map, Rule

from app.core.late_rule import LateRule, _plain, _with_rest

RULES = (
    ("/case/<int:pk>/do/<step>", "step", {}),
    ("/list/", "list", {}),
    ("/list/", "list", {"defaults": {"page": 1}}),
    ("/files/<path:name>", "file", {}),
    ("/日程/<day>", "day", {}),
)
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("step", {"pk": 7, "step": "接收"}),
    ("step", {"pk": 7, "step": "a b", "next": "/x?y=1", "tag": ["a", "b"]}),
    ("list", {}),
    ("list", {"page": 1}),
    ("list", {"page": 2, "q": "噪音"}),
    ("file", {"name": "a/b c.txt"}),
    ("day", {"day": "2026-01-01"}),
    ("step", {"rule": 1, "self": 2, "pk": 3, "step": "x"}),
)


def _addresses(kind: type[Rule]) -> list[Any]:
    here = Map([kind(path, endpoint=name, **more) for path, name, more in RULES]).bind("localhost")
    found: list[Any] = []
    for _twice in range(2):
        for name, values in ASKED:
            found += [here.build(name, values), here.build(name, values, append_unknown=False)]
    with pytest.raises(BuildError):
        here.build("step", {"pk": 1})
    return [*found, here.match("/case/5/do/sign")]


def test_late_rules_write_what_rules_write() -> None:
    assert _addresses(LateRule) == _addresses(Rule)


def test_a_rule_is_compiled_when_its_address_is_asked_for() -> None:
    rules = [LateRule("/a/<name>", endpoint="a"), LateRule("/b/<name>", endpoint="b")]
    here = Map(rules).bind("localhost")
    assert here.build("a", {"name": "x"}) == "/a/x"
    assert [rule._build_unknown.__func__ is _with_rest for rule in rules] == [False, True]
    assert all(rule._build.__func__ is _plain for rule in rules)


def test_the_portal_has_late_rules(app: Flask) -> None:
    assert sum(isinstance(rule, LateRule) for rule in app.url_map.iter_rules()) > 900
