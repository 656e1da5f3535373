"""Logs: one JSON line an event, UTC with offset, no bodies, no personal data, no control characters (security §7)."""

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = ("request_id", "user_id", "method", "route", "status", "ms", "address", "constraint", "key")


class JsonLines(logging.Formatter):
    """An event as one line; JSON escapes line breaks and controls, so that nobody forges a second line."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def install(level: int = logging.INFO) -> None:
    """Send the program's log to standard error; the framework speaks only of faults."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("flask_appbuilder", "alembic", "waitress", "werkzeug"):
        logging.getLogger(name).setLevel(logging.ERROR)
