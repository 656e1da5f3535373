"""Addresses that learn to be written when one is asked for."""

from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """Werkzeug compiles two functions for every rule at start, six kilobytes each; of a thousand rules a worker writes
    the addresses of some dozens. Here each is compiled when `url_for` first needs it; matching is as ever."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        return _with_rest if append_unknown else _plain


def _plain(rule: LateRule, /, **values: Any) -> Any:
    rule._build = Rule._compile_builder(rule, False).__get__(rule, None)  # type: ignore[method-assign]
    return rule._build(**values)


def _with_rest(rule: LateRule, /, **values: Any) -> Any:
    rule._build_unknown = Rule._compile_builder(rule, True).__get__(rule, None)  # type: ignore[method-assign]
    return rule._build_unknown(**values)
