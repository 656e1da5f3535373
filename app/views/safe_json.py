"""JSON as callers send it: what is nested too deep to be read is malformed, never a fault of ours."""

from typing import Any

from flask.json.provider import DefaultJSONProvider


class SafeJson(DefaultJSONProvider):
    """Flask's JSON, whose reader gives up in the one way that becomes a 400."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text; ValueError for everything that cannot be read."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as fault:
            raise ValueError("nested too deep") from fault
