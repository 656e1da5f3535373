"""Floor 6: the only place that knows requests. VIEWS lists every screen; one loop registers them."""

from typing import Any

from flask import current_app
from flask_appbuilder import AppBuilder

from app.views import maintenance
from app.views.account import AccountView
from app.views.adviser import AdviserView
from app.views.attachment import AttachmentView, CaseAttachmentView
from app.views.audit import AuditView
from app.views.calendar_day import CalendarDayView, CalendarYearView
from app.views.case import CaseView
from app.views.case_api import CaseApi
from app.views.case_parts import CASE_PART_APIS, ClaimView, PartyView
from app.views.category import CategoryView
from app.views.code_table import CodeItemView, CodeTableView
from app.views.deadline_rule import DeadlineRuleView
from app.views.expert import ExpertEmploymentView, ExpertKinView, ExpertView
from app.views.health import HealthView
from app.views.law_firm import LawFirmView
from app.views.my_account import MyAccountView
from app.views.notice import NoticeView
from app.views.openapi import DescriptionApi
from app.views.organisation import OrganisationView
from app.views.person import PersonView
from app.views.quick_search import QuickSearchView
from app.views.receipt import ReceiptView
from app.views.registers_api import REGISTER_APIS
from app.views.registration import RegistrationView
from app.views.role import RoleView
from app.views.room import RoomView
from app.views.shift import ShiftView
from app.views.template_file import TemplateFileView
from app.views.transition import CaseStepView
from app.views.visit import VisitView

# (page of the catalogue or None, view class): the menu entry, its group and label come from the catalogue.
VIEWS: tuple[tuple[str | None, Any], ...] = (
    (None, MyAccountView),
    (None, HealthView),
    (None, NoticeView),
    (None, TemplateFileView),
    (None, RegistrationView),
    (None, ReceiptView),
    (None, AttachmentView),
    (None, CaseAttachmentView),
    (None, QuickSearchView),
    ("Case", CaseView),
    (None, CaseStepView),
    (None, PartyView),
    (None, ClaimView),
    ("Visit", VisitView),
    ("Person", PersonView),
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
    ("Account", AccountView),
    ("Role", RoleView),
    ("Audit", AuditView),
    *((None, api) for api in (CaseApi, *CASE_PART_APIS, *REGISTER_APIS, DescriptionApi)),
)


def register(appbuilder: AppBuilder) -> None:
    """Register every screen."""
    for _page, view in VIEWS:
        appbuilder.add_view_no_menu(view)
    maintenance.install(current_app._get_current_object())  # type: ignore[attr-defined]
