"""Photos given out as themselves; who may see one is asked before."""

from typing import Any

from flask import Response, send_file


def picture(path: Any) -> Response:
    """A photo as itself; it may be kept by the browser for a while."""
    answer: Response = send_file(path, mimetype="image/jpeg", conditional=False, etag=False)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
