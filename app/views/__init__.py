"""Floor 6: the only place that knows requests. VIEWS lists every screen; one loop registers them."""

from typing import Any

from flask import current_app
from flask_appbuilder import AppBuilder

from app.views import maintenance
from app.views.account import AccountView
from app.views.adviser import AdviserView
from app.views.adviser_desk import AdviserDeskView
from app.views.attachment import AttachmentView, CaseAttachmentView
from app.views.audit import AuditView
from app.views.booking import BookingStepView, BookingView
from app.views.booking_api import ROOM_APIS
from app.views.booking_form import BookingFormView, FreeSlotView
from app.views.calendar_day import CalendarDayView, CalendarYearView
from app.views.case import CaseView
from app.views.case_api import CaseApi
from app.views.case_parts import CASE_PART_APIS, ClaimView, PartyView
from app.views.category import CategoryView
from app.views.closure import ClosureView, RoomHoursView
from app.views.code_table import CodeItemView, CodeTableView
from app.views.consultation import ConsultationApi, ConsultationView
from app.views.cross_table import CrossTableView
from app.views.deadline_rule import DeadlineRuleView
from app.views.document import CasePaperView, DocumentView, PaperView
from app.views.document_api import DocumentApi
from app.views.document_template import DocumentTemplateView
from app.views.dossier import DossierPdfView
from app.views.duty_change import DutyChangeApi, DutyChangeView, DutyStepView
from app.views.exchange import ExchangeView
from app.views.exchange_api import ExchangeApi
from app.views.expert import ExpertEmploymentView, ExpertKinView, ExpertView
from app.views.export_request import ExportRequestView
from app.views.feed import FeedView, WallView
from app.views.follow_up import FOLLOW_UP_APIS, DossierView, FollowUpView, RectificationView
from app.views.health import HealthView
from app.views.hearing import HearingApi, HearingStepView, HearingView
from app.views.import_batch import ImportView
from app.views.law_firm import LawFirmView
from app.views.my_account import MyAccountView
from app.views.notice import NoticeView
from app.views.openapi import DescriptionApi
from app.views.organisation import OrganisationView
from app.views.outbox import OutboxView
from app.views.outreach import FirmPairApi, FirmPairView, OutreachApi, OutreachStepView, OutreachView
from app.views.parameter import ParameterView
from app.views.partner import CodeMappingView, PartnerView
from app.views.person import PersonView
from app.views.public_board import PublicBoardView
from app.views.public_booking import PublicBookingView
from app.views.public_case import PublicCaseView
from app.views.public_roster import PublicRosterView
from app.views.public_step import PublicStepView
from app.views.quick_search import QuickSearchView
from app.views.receipt import ReceiptView
from app.views.recount import DeadlineMoveView, RecountView
from app.views.registers_api import REGISTER_APIS
from app.views.registration import RegistrationView
from app.views.reply import ReplyView
from app.views.report import ReportView
from app.views.report_subscription import ReportSubscriptionView
from app.views.review import ReviewPaperView, ReviewStepView, ReviewView
from app.views.review_api import ReviewApi
from app.views.role import RoleView
from app.views.room import RoomView
from app.views.room_calendar import RoomCalendarView
from app.views.roster import RosterView
from app.views.roster_rule import RosterRuleApi, RosterRuleView
from app.views.shift import ShiftApi, ShiftView
from app.views.signature import SignatureView
from app.views.sms_template import SmsTemplateView
from app.views.statistics import StatisticsView
from app.views.statistics_api import StatisticsApi
from app.views.supervision import ProposalStepView, ProposalView, SupervisionStepView, SupervisionView
from app.views.supervision_api import SUPERVISION_APIS
from app.views.supervision_desk import SupervisionDeskView
from app.views.template_file import TemplateFileView
from app.views.transition import CaseStepView
from app.views.verify import VerifyView
from app.views.visit import VisitView
from app.views.waiting import WaitingView
from app.views.webhook import WebhookView
from app.views.work import WorkView
from app.views.work_api import NoticeApi, WorkApi

# (page of the catalogue or None, view class): the menu entry, its group and label come from the catalogue.
VIEWS: tuple[tuple[str | None, Any], ...] = (
    (None, MyAccountView),
    (None, HealthView),
    (None, NoticeView),
    (None, WorkView),
    (None, TemplateFileView),
    (None, RegistrationView),
    (None, ReceiptView),
    (None, AttachmentView),
    (None, CaseAttachmentView),
    (None, SignatureView),
    (None, QuickSearchView),
    (None, PublicCaseView),
    (None, PublicStepView),
    (None, PublicBookingView),
    (None, PublicBoardView),
    (None, PublicRosterView),
    ("Case", CaseView),
    (None, CaseStepView),
    (None, ReplyView),
    (None, PartyView),
    (None, ClaimView),
    ("Visit", VisitView),
    ("FollowUp", FollowUpView),
    ("Rectification", RectificationView),
    ("Hearing", HearingView),
    (None, HearingStepView),
    ("AdviserDesk", AdviserDeskView),
    ("Consultation", ConsultationView),
    ("OutreachEvent", OutreachView),
    (None, OutreachStepView),
    ("Dossier", DossierView),
    (None, DossierPdfView),
    ("Document", DocumentView),
    (None, PaperView),
    (None, CasePaperView),
    (None, VerifyView),
    ("Review", ReviewView),
    (None, ReviewStepView),
    (None, ReviewPaperView),
    ("Person", PersonView),
    (None, ExpertEmploymentView),
    (None, ExpertKinView),
    ("Expert", ExpertView),
    ("Adviser", AdviserView),
    ("FirmPair", FirmPairView),
    ("LawFirm", LawFirmView),
    (None, RoomCalendarView),
    (None, FeedView),
    (None, WallView),
    (None, BookingFormView),
    (None, FreeSlotView),
    ("Booking", BookingView),
    (None, BookingStepView),
    ("Waiting", WaitingView),
    (None, RoomHoursView),
    ("Room", RoomView),
    ("Closure", ClosureView),
    ("Roster", RosterView),
    ("DutyChange", DutyChangeView),
    (None, DutyStepView),
    ("RosterRule", RosterRuleView),
    ("Shift", ShiftView),
    ("Supervision", SupervisionDeskView),
    (None, SupervisionView),
    (None, SupervisionStepView),
    ("Proposal", ProposalView),
    (None, ProposalStepView),
    ("Statistics", StatisticsView),
    (None, CrossTableView),
    (None, ReportView),
    (None, ReportSubscriptionView),
    ("Import", ImportView),
    ("ExportRequest", ExportRequestView),
    ("Exchange", ExchangeView),
    (None, CodeMappingView),
    ("Partner", PartnerView),
    ("Category", CategoryView),
    (None, CodeItemView),
    ("CodeTable", CodeTableView),
    ("Calendar", CalendarDayView),
    (None, CalendarYearView),
    (None, DeadlineMoveView),
    (None, RecountView),
    ("DeadlineRule", DeadlineRuleView),
    ("Parameter", ParameterView),
    ("SmsTemplate", SmsTemplateView),
    ("Outbox", OutboxView),
    ("Webhook", WebhookView),
    ("DocumentTemplate", DocumentTemplateView),
    ("Organisation", OrganisationView),
    ("Account", AccountView),
    ("Role", RoleView),
    ("Audit", AuditView),
    *(
        (None, api)
        for api in (
            CaseApi,
            ReviewApi,
            DocumentApi,
            *CASE_PART_APIS,
            *FOLLOW_UP_APIS,
            *SUPERVISION_APIS,
            HearingApi,
            ConsultationApi,
            OutreachApi,
            FirmPairApi,
            *REGISTER_APIS,
            *ROOM_APIS,
            ShiftApi,
            RosterRuleApi,
            DutyChangeApi,
            NoticeApi,
            WorkApi,
            StatisticsApi,
            ExchangeApi,
            DescriptionApi,
        )
    ),
)


def register(appbuilder: AppBuilder) -> None:
    """Register every screen."""
    for _page, view in VIEWS:
        appbuilder.add_view_no_menu(view)
    maintenance.install(current_app._get_current_object())  # type: ignore[attr-defined]
