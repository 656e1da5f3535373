"""Libraries that most processes never need: named at the top of a file as any other, loaded when one is used.

Word files, workbooks, pictures and calendars cost thirty megabytes in every worker of the server, for steps that are
taken a few times a day."""

from importlib import import_module
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def late(name: str) -> Any:
    """The module of that name, loaded at first use."""
    return _Late(name)
