"""Floor 6: the only place that knows requests. VIEWS lists every screen; one loop registers them."""

from typing import Any

from flask_appbuilder import AppBuilder

from app.views.adviser import AdviserView
from app.views.calendar_day import CalendarDayView, CalendarYearView
from app.views.category import CategoryView
from app.views.code_table import CodeItemView, CodeTableView
from app.views.deadline_rule import DeadlineRuleView
from app.views.expert import ExpertEmploymentView, ExpertKinView, ExpertView
from app.views.health import HealthView
from app.views.law_firm import LawFirmView
from app.views.my_account import MyAccountView
from app.views.notice import NoticeView
from app.views.organisation import OrganisationView
from app.views.registers_api import REGISTER_APIS
from app.views.room import RoomView
from app.views.shift import ShiftView

# (page of the catalogue or None, view class): the menu entry, its group and label come from the catalogue.
VIEWS: tuple[tuple[str | None, Any], ...] = (
    (None, MyAccountView),
    (None, HealthView),
    (None, NoticeView),
    (None, ExpertEmploymentView),
    (None, ExpertKinView),
    ("Expert", ExpertView),
    ("Adviser", AdviserView),
    ("LawFirm", LawFirmView),
    ("Room", RoomView),
    ("Shift", ShiftView),
    ("Category", CategoryView),
    (None, CodeItemView),
    ("CodeTable", CodeTableView),
    ("Calendar", CalendarDayView),
    (None, CalendarYearView),
    ("DeadlineRule", DeadlineRuleView),
    ("Organisation", OrganisationView),
    *((None, api) for api in REGISTER_APIS),
)


def register(appbuilder: AppBuilder) -> None:
    """Register every screen."""
    for _page, view in VIEWS:
        appbuilder.add_view_no_menu(view)
