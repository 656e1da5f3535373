"""The registered screens and resources, and what the oracle expects of each."""

from typing import Any

from flask import Flask

from app.access.roles import BY_CODE
from app.access.scope import RULES
from app.core.columns import key_of
from app.views.api_base import PortalRestApi
from app.views.base import PortalModelView
from security.oracle import Oracle


def screens(app: Flask) -> list[PortalModelView]:
    """Every generated screen."""
    return [view for view in app.appbuilder.baseviews if isinstance(view, PortalModelView)]


def resources(app: Flask) -> list[PortalRestApi]:
    """Every generated resource."""
    return [view for view in app.appbuilder.baseviews if isinstance(view, PortalRestApi)]


def model_of(view: Any) -> Any:
    """The model behind a screen or resource."""
    return view.datamodel.obj


def holds(username: str, page: str, action: str) -> bool:
    """Whether the shipped role of a demo account grants it."""
    return action in BY_CODE[username.partition(".")[0]].grants.get(page, ())


def keys(oracle: Oracle, model: Any) -> set[int]:
    """All keys of a table."""
    return {getattr(row, key_of(model)) for row in oracle.rows(model.__tablename__)}


def seen(oracle: Oracle, username: str, model: Any) -> set[int]:
    """The keys that exist for an account; open reference data exists for everybody."""
    if model not in RULES:
        return keys(oracle, model)
    return {key[0] for key in oracle.visible(username, model.__tablename__)}
