"""Where a person may be sent back to: a path of this site and nothing else (security B7)."""

from urllib.parse import urlsplit

from flask import request

LONGEST = 2000


def safe_path(wanted: str | None, instead: str = "/") -> str:
    """`wanted` as a path of this site; `instead` for everything that could lead elsewhere."""
    text = wanted or ""
    if len(text) > LONGEST or "\\" in text or any(ord(sign) < 33 or ord(sign) == 127 for sign in text):
        return instead
    try:
        parts = urlsplit(text)
    except ValueError:
        return instead
    if parts.scheme or parts.netloc:
        # The framework hands its own absolute address over; only its path is taken, so a false host leads nowhere.
        if parts.scheme not in ("http", "https") or parts.netloc != request.host:
            return instead
        text = parts.path + (f"?{parts.query}" if parts.query else "")
    if not text.startswith("/") or text.startswith("//"):
        return instead
    return text
