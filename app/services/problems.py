"""All faults of a form or call gathered by field, so that a person mends them in one go."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from app.core.errors import Invalid

T = TypeVar("T")


class Problems:
    """Sentences by field path, such as `parties-0-id_number` or `claims-1-text`."""

    def __init__(self) -> None:
        self.errors: dict[str, list[Any]] = {}

    def add(self, path: str, sentence: Any) -> None:
        """One more sentence at a field."""
        self.errors.setdefault(path, []).append(sentence)

    def take(self, refusal: Invalid) -> None:
        """The sentences of a refusal raised deeper down."""
        for path, sentences in refusal.errors.items():
            self.errors.setdefault(path, []).extend(sentences)

    def catch(self, reader: Callable[..., T], *args: Any) -> T | None:
        """The result of a reader, or None with its complaint noted."""
        try:
            return reader(*args)
        except Invalid as refusal:
            self.take(refusal)
            return None

    def stop(self) -> None:
        """Refuse with everything that was gathered, if anything was."""
        if self.errors:
            raise Invalid(errors=self.errors)


def plain_text(value: Any) -> str:
    """What was typed, whatever a program sent instead of text; structures count as nothing."""
    if type(value) is str:
        return value.strip()
    if value is None or isinstance(value, bool | dict | list | tuple | set):
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).strip()
