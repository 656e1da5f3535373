"""What the framework's views read data through, with its faults mended."""

import copy
from collections.abc import Sequence
from typing import Any

from flask import g, has_request_context
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.core.columns import key_of


class NoFilters(SQLAFilterConverter):
    """The framework makes a dozen filters for each column of each view; our lists have their own."""

    def convert(self, col_name: str) -> Any:
        """None for any column."""
        return None


class PortalInterface(SQLAInterface):
    """The framework's data interface with what must be loaded along with each record (`eager`)."""

    filter_converter_class = NoFilters

    def __init__(self, obj: type, eager: Sequence[Any] = ()) -> None:
        super().__init__(obj)
        self.eager = tuple(eager)

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        """Count keys, not whole rows in a subquery."""
        counted = self.apply_filters(query, filters) if filters else query
        return int(counted.order_by(None).with_entities(getattr(self.obj, key_of(self.obj))).count())


class LocalFilters:
    """The framework keeps one filter object per view for all threads; here every request has its own."""

    _filters_proto: Any = None

    @property
    def _filters(self) -> Any:
        if self._filters_proto is None or not has_request_context():
            return self._filters_proto
        own: dict[int, Any] = g.setdefault("view_filters", {})
        if id(self) not in own:
            own[id(self)] = copy.copy(self._filters_proto)
            own[id(self)].clear_filters()
        return own[id(self)]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        self._filters_proto = value
