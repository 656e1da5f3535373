"""Floor 6: the only place that knows requests. VIEWS lists every screen; one loop registers them."""

from typing import Any

from flask_appbuilder import AppBuilder

from app.views.health import HealthView
from app.views.my_account import MyAccountView
from app.views.notice import NoticeView

# (page of the catalogue or None, view class): the menu entry, its group and label come from the catalogue.
VIEWS: tuple[tuple[str | None, Any], ...] = (
    (None, MyAccountView),
    (None, HealthView),
    (None, NoticeView),
)


def register(appbuilder: AppBuilder) -> None:
    """Register every screen."""
    for _page, view in VIEWS:
        appbuilder.add_view_no_menu(view)
