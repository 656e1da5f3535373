"""Row scope: which rows exist for whom (domain §2). RULES is the table, its rules stand in access/rules, a room a file.

access/guard.py puts them on every statement."""

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla import models as fab
from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.access.rules.cases import Rule, attachment, case_rule, move, of_case, person
from app.access.rules.papers import document, document_print
from app.access.rules.registers import (
    account,
    if_may,
    mine,
    of_expert,
    of_room,
    of_the_house,
    organisation_rule,
    pool,
    saved_view,
)
from app.access.rules.reviews import ballot, ballot_mark, hearing, of_hearing, review_rule, review_seat
from app.access.rules.rooms import (
    booking_rule,
    consultation,
    duty_change,
    duty_step,
    of_booking,
    open_or_mine,
    outreach_step,
    roster,
    roster_rule,
    shift,
)
from app.access.rules.traffic import exchange, export_request, import_batch, import_row, outbox
from app.access.rules.watch import order_rule, order_step, proposal_rule, proposal_step
from app.models.account import (
    Account,
    LoginAttempt,
    LoginSession,
    PasswordRecord,
    RecoveryCode,
    RoleProfile,
    RoleRequest,
    SecurityState,
)
from app.models.adviser import LawFirm, LegalAdviser
from app.models.attachment import Attachment
from app.models.audit import AuditEntry, AuditHead, Job, Notice
from app.models.booking import SECRET_PURPOSES, Booking, BookingSeries, BookingStep, WaitingEntry
from app.models.calendar import CalendarDay, CalendarYear, DeadlineRule
from app.models.case import Case
from app.models.closure import Closure, RoomHours
from app.models.code_table import Category, CodeItem, CodeTable, NumberSequence
from app.models.conference import Conference
from app.models.consultation import Consultation
from app.models.deadline import Deadline
from app.models.document import Document, DocumentPrint, DocumentTemplate
from app.models.dossier import Dossier, Recording
from app.models.duty_change import DutyChange, DutyStep
from app.models.exchange import CodeMapping, Exchange, Partner
from app.models.expert import Expert, ExpertEmployment, ExpertKin
from app.models.export_request import ExportRequest
from app.models.extension import Extension, Suspension
from app.models.feed import FeedAddress
from app.models.follow_up import FollowUp, Rating
from app.models.hearing import Hearing, HearingOpinion, HearingParticipant, HearingStep
from app.models.import_batch import ImportBatch, ImportRow
from app.models.mediation import Mediation, MediationConsent
from app.models.member import CaseMember
from app.models.organisation import Organisation
from app.models.outbox import OutboxMessage, SmsTemplate, Webhook
from app.models.outreach import FirmPair, OutreachEvent, OutreachStep
from app.models.parameter import Parameter
from app.models.party import Claim, Party, Representative
from app.models.person import Person
from app.models.preference import Draft, IdempotencyKey, ListPreference, SavedView
from app.models.proposal import Proposal, ProposalStep
from app.models.public_hold import PublicHold
from app.models.reception import LeaderReception
from app.models.recount import DeadlineMove, Recount
from app.models.rectification import Rectification
from app.models.referral import Referral
from app.models.reminder import Reminder
from app.models.reply import Acknowledgement, Reply, ReplyPoint
from app.models.report_subscription import ReportDelivery, ReportSubscription
from app.models.review import Ballot, BallotMark, Review, ReviewApplicant, ReviewDraw, ReviewObjection, ReviewSeat
from app.models.room import Room
from app.models.roster import Shift
from app.models.roster_rule import Roster, RosterRule
from app.models.service import PaperDue, Service
from app.models.signature import Signature
from app.models.statistics import CaseTally
from app.models.step import CaseStep, ReviewStep
from app.models.supervision import Supervision, SupervisionStep
from app.models.visit import Visit

RULES: dict[type[Model], Rule] = {
    Case: case_rule,
    **{
        model: of_case(model)
        for model in (
            Party,
            Claim,
            Visit,
            Representative,
            Referral,
            CaseStep,
            Deadline,
            CaseMember,
            Signature,
            Reply,
            ReplyPoint,
            Acknowledgement,
            Service,
            PaperDue,
            LeaderReception,
            Conference,
            Mediation,
            MediationConsent,
            Extension,
            Suspension,
            FollowUp,
            Rating,
            Rectification,
            Dossier,
            Recording,
            ReviewApplicant,
            ReviewObjection,
            ReviewDraw,
            ReviewStep,
        )
    },
    Review: review_rule,
    ReviewSeat: review_seat,
    Ballot: ballot,
    BallotMark: ballot_mark,
    Hearing: hearing,
    **{model: of_hearing(model) for model in (HearingParticipant, HearingOpinion, HearingStep)},
    Consultation: consultation,
    OutreachStep: outreach_step,
    Person: person,
    Attachment: attachment,
    Document: document,
    DocumentPrint: document_print,
    **{
        model: mine(model)
        for model in (
            Draft,
            FeedAddress,
            ListPreference,
            IdempotencyKey,
            Notice,
            ReportSubscription,
            LoginSession,
            PasswordRecord,
            RecoveryCode,
        )
    },
    SavedView: saved_view,
    Account: account,
    AuditEntry: if_may("Audit"),
    AuditHead: if_may("Audit"),
    LoginAttempt: if_may("Audit"),
    RoleRequest: if_may("Account"),
    Job: if_may("Job"),
    Webhook: of_the_house("Webhook"),
    OutboxMessage: outbox,
    Recount: of_the_house("Recount"),
    DeadlineMove: move,
    **{
        model: lambda actor: false() for model in (Reminder, PublicHold, CaseTally, ReportDelivery)
    },  # the program's own
    **{model: pool(model) for model in (Expert, LegalAdviser, Room, Closure, OutreachEvent, FirmPair)},
    Shift: shift,
    Roster: roster,
    RosterRule: roster_rule,
    DutyChange: duty_change,
    DutyStep: duty_step,
    RoomHours: of_room,
    Booking: booking_rule,
    BookingStep: of_booking(BookingStep),
    BookingSeries: open_or_mine(BookingSeries, "booked_by_id", lambda table: table.c.secret),
    WaitingEntry: open_or_mine(WaitingEntry, "account_id", lambda table: table.c.purpose.in_(sorted(SECRET_PURPOSES))),
    **{model: of_expert(model) for model in (ExpertEmployment, ExpertKin)},
    Supervision: order_rule,
    SupervisionStep: order_step,
    Proposal: proposal_rule,
    ProposalStep: proposal_step,
    Organisation: organisation_rule,
    ImportBatch: import_batch,
    ImportRow: import_row,
    ExportRequest: export_request,
    Exchange: exchange,
}
# Public names: reached through another row's relation they are open; as the subject of a select they are not.
OPEN_AS_RELATION: frozenset[type[Model]] = frozenset({Organisation, Account})
# Reference data that holds nothing of anybody.
OPEN: frozenset[type[Model]] = frozenset(
    {
        Category,
        CodeTable,
        CodeItem,
        CodeMapping,
        Partner,
        NumberSequence,
        CalendarYear,
        CalendarDay,
        DeadlineRule,
        DocumentTemplate,
        LawFirm,
        RoleProfile,
        SecurityState,
        fab.Role,
        fab.Permission,
        fab.ViewMenu,
        fab.PermissionView,
        fab.User,
        fab.Group,
        fab.RegisterUser,
        fab.ApiKey,
        Parameter,
        SmsTemplate,
    }
)


def criteria(model: type[Model], actor: Actor) -> ColumnElement[bool]:
    """The WHERE clause that the scope adds to `model` for `actor` (also for use inside core selects)."""
    return true() if actor.system else RULES[model](actor)
