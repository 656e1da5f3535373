"""Row scope: which rows exist for whom (domain §2). RULES is the table; access/guard.py puts it on every statement."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla import models as fab
from sqlalchemy import ColumnElement, exists, false, or_, select, true, union_all
from sqlalchemy.sql.elements import False_, True_

from app.access.actor import Actor
from app.access.permissions import IMPORT_PAGES
from app.models.account import (
    Account,
    LoginAttempt,
    LoginSession,
    PasswordRecord,
    RecoveryCode,
    RoleProfile,
    RoleRequest,
    RowScope,
    SecurityState,
)
from app.models.adviser import LawFirm, LegalAdviser
from app.models.attachment import Attachment
from app.models.audit import AuditEntry, AuditHead, Job, Notice
from app.models.booking import SECRET_PURPOSES, Booking, BookingSeries, BookingStep, WaitingEntry, booking_person
from app.models.calendar import CalendarDay, CalendarYear, DeadlineRule
from app.models.case import Case, Kind
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
from app.models.organisation import Level, Organisation
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
from app.models.referral import Referral, ReferralState
from app.models.reminder import Reminder
from app.models.reply import Acknowledgement, Reply, ReplyPoint
from app.models.review import (
    SITTING,
    UNSEALED,
    Ballot,
    BallotMark,
    Review,
    ReviewApplicant,
    ReviewDraw,
    ReviewObjection,
    ReviewSeat,
)
from app.models.room import Room
from app.models.roster import Shift
from app.models.roster_rule import Roster, RosterRule
from app.models.service import PaperDue, Service
from app.models.signature import Signature
from app.models.statistics import CaseTally
from app.models.step import CaseStep, ReviewStep
from app.models.supervision import Supervision, SupervisionStep
from app.models.visit import Visit

Rule = Callable[[Actor], ColumnElement[bool]]

# Aliased tables inside rules: a rule is not guarded by itself, and never correlates with the statement it guards.
_case = Case.__table__.alias("scope_case")
_party = Party.__table__.alias("scope_party")
_accused = Party.__table__.alias("scope_accused")
_speaker = Representative.__table__.alias("scope_speaker")
_referral = Referral.__table__.alias("scope_referral")
_member = CaseMember.__table__.alias("scope_member")
_organisation = Organisation.__table__.alias("scope_organisation")
_draft = Draft.__table__.alias("scope_draft")
_expert = Expert.__table__.alias("scope_expert")
_seat = ReviewSeat.__table__.alias("scope_seat")
_opened = Review.__table__.alias("scope_review")
_document = Document.__table__.alias("scope_document")
_room = Room.__table__.alias("scope_room")
_taking_part = booking_person.alias("scope_booking_person")


def _place_of(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Rows of the actor's subtree, by one plain equality whatever the level (performance.md §4)."""
    if actor.level == Level.city:
        return true()
    if actor.level == Level.township:
        return table.c.owner_town_id == actor.organisation_id
    return table.c.organisation_id == actor.organisation_id


def _unaccused(actor: Actor, table: Any) -> ColumnElement[bool]:
    """An accusation never reaches the organisation complained of, nor what is below it (信访工作条例 30)."""
    own = actor.ancestors[1:]
    if not own:
        return true()
    accused = exists().where(_accused.c.case_id == table.c.id, _accused.c.respondent_organisation_id.in_(own))
    return or_(table.c.kind != Kind.accusation, ~accused)


def case_rule(actor: Actor, table: Any = Case.__table__) -> ColumnElement[bool]:
    """The cases that exist for the actor: the union of the arms of his or her roles."""
    arms: list[ColumnElement[bool]] = []
    if RowScope.subtree in actor.scopes:
        arms.append(_place_of(actor, table))
    if RowScope.own in actor.scopes:
        arms.append(table.c.organisation_id == actor.organisation_id)
    if RowScope.assigned in actor.scopes:
        given = select(_referral.c.case_id).where(
            _referral.c.organisation_id == actor.organisation_id, _referral.c.state != ReferralState.ended
        )
        arms.append(table.c.id.in_(given))
    if RowScope.named in actor.scopes:
        arms.append(table.c.id.in_(select(_member.c.case_id).where(_member.c.user_id == actor.user_id)))
    if not arms or actor.organisation_id is None:
        return false()
    if any(isinstance(arm, True_) for arm in arms):
        return true()
    return or_(*arms) & _unaccused(actor, table)


def statistics_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """The cases that are counted for the actor: those of the own subtree, whether or not their text may be read."""
    if actor.system:
        return true()
    if actor.organisation_id is None or not actor.may("read", "Statistics"):
        return false()
    if actor.level == Level.department:
        return (table.c.lead_organisation_id == actor.organisation_id) & _unaccused(actor, table)
    return _place_of(actor, table) & _unaccused(actor, table)


def _of_case(model: Any) -> Rule:
    """Rows that exist when their case does."""

    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = case_rule(actor, _case)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(_case.c.id == model.__table__.c.case_id, inner)

    return rule


def _person(actor: Actor) -> ColumnElement[bool]:
    """Whoever stands in a visible case, or speaks there as somebody's agent."""
    inner = case_rule(actor, _case)
    if isinstance(inner, True_ | False_):
        return inner
    stands = select(_party.c.person_id).where(_party.c.case_id == _case.c.id, inner)
    speaks = select(_speaker.c.agent_id).where(_speaker.c.case_id == _case.c.id, inner)
    return Person.__table__.c.id.in_(union_all(stands, speaks))


def _attachment(actor: Actor) -> ColumnElement[bool]:
    table = Attachment.__table__
    mine = exists().where(_draft.c.id == table.c.draft_id, _draft.c.user_id == actor.user_id)
    return or_(mine, (table.c.case_id.is_not(None)) & _of_case(Attachment)(actor))


def _document_print(actor: Actor) -> ColumnElement[bool]:
    inner = case_rule(actor, _case)
    if isinstance(inner, True_ | False_):
        return inner
    mine = DocumentPrint.__table__.c.document_id
    return exists().where(_document.c.id == mine, _document.c.case_id == _case.c.id, inner)


def _mine(model: Any) -> Rule:
    return lambda actor: model.__table__.c.user_id == actor.user_id if actor.user_id else false()


def _subtree(actor: Actor, table: Any = _organisation) -> ColumnElement[bool]:
    """Organisations at or below the actor's own."""
    return table.c.path.startswith(actor.organisation_path, autoescape=True) if actor.organisation_path else false()


def _shared(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Registers: own subtree, and what the organisations above share with everybody (the city pool)."""
    if actor.organisation_id is None:
        return false()
    if actor.level == Level.city:
        return true()
    below = select(_organisation.c.id).where(_subtree(actor))
    return or_(table.c.organisation_id.in_(actor.ancestors), table.c.organisation_id.in_(below))


def _pool(model: Any) -> Rule:
    return lambda actor: _shared(actor, model.__table__)


def _of_expert(model: Any) -> Rule:
    def rule(actor: Actor) -> ColumnElement[bool]:
        inner = _shared(actor, _expert)
        if isinstance(inner, True_ | False_):
            return inner
        return exists().where(_expert.c.id == model.__table__.c.expert_id, inner)

    return rule


def _of_room(actor: Actor) -> ColumnElement[bool]:
    inner = _shared(actor, _room)
    if isinstance(inner, True_ | False_):
        return inner
    return exists().where(_room.c.id == RoomHours.__table__.c.room_id, inner)


def _home(actor: Actor, table: Any) -> ColumnElement[bool]:
    """What belongs to the rooms of the own centre and of the centres below it; rooms belong to city and towns only."""
    if RowScope.subtree not in actor.scopes:
        return false()
    return true() if actor.level == Level.city else table.c.organisation_id == actor.organisation_id


def booking_rule(actor: Actor, table: Any = Booking.__table__) -> ColumnElement[bool]:
    """The bookings that exist for the actor: those he or she made or takes part in; of the others never a secret one.

    Of those: the ones in rooms of the own subtree and in rooms he or she manages, unless they are about a case that
    the actor must not see; and the ones about a case he or she sees. Everybody else sees that a room is taken."""
    if actor.user_id is None or actor.organisation_id is None:
        return false()
    mine = table.c.booked_by_id == actor.user_id
    here = exists().where(_taking_part.c.booking_id == table.c.id, _taking_part.c.account_id == actor.user_id)
    seen, home = case_rule(actor, _case), _home(actor, table)
    if isinstance(seen, True_) and isinstance(home, True_):
        return or_(mine, here, ~table.c.secret)
    about = exists().where(_case.c.id == table.c.case_id)
    managed = table.c.room_id.in_(select(_room.c.id).where(_room.c.manager_id == actor.user_id))
    arms = [
        managed & or_(table.c.case_id.is_(None), about.where(_unaccused(actor, _case))),
        home & or_(table.c.case_id.is_(None), about.where(seen)),
        about.where(seen),
    ]
    return or_(mine, here, ~table.c.secret & or_(*arms))


def _of_booking(model: Any) -> Rule:
    inner = Booking.__table__.alias("scope_booking")
    return lambda actor: exists().where(inner.c.id == model.__table__.c.booking_id, booking_rule(actor, inner))


def _open_or_mine(model: Any, owner: str, secret: Callable[[Any], ColumnElement[bool]]) -> Rule:
    """Rows of the own centre's rooms unless they are secret, and the own ones."""
    table = model.__table__

    def rule(actor: Actor) -> ColumnElement[bool]:
        if actor.user_id is None or actor.organisation_id is None:
            return false()
        return or_(table.c[owner] == actor.user_id, ~secret(table) & _home(actor, table))

    return rule


def _drafts(actor: Actor) -> bool:
    """Whether the actor works on rosters that are not published yet."""
    return actor.may("draw_up", "Roster")


def _shift(actor: Actor) -> ColumnElement[bool]:
    """Published shifts as any register; drafts for those who draw rosters up."""
    table = Shift.__table__
    pool = _shared(actor, table)
    return pool if _drafts(actor) else pool & table.c.published


def _roster(actor: Actor) -> ColumnElement[bool]:
    table = Roster.__table__
    pool = _shared(actor, table)
    return pool if _drafts(actor) else pool & table.c.published_at.is_not(None)


def _roster_rule(actor: Actor) -> ColumnElement[bool]:
    return _shared(actor, RosterRule.__table__) if actor.may("read", "RosterRule") else false()


def _duty_change_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """The own requests and those one is asked to step in for; for those who decide, all of the own subtree."""
    if actor.user_id is None:
        return false()
    mine = or_(table.c.account_id == actor.user_id, table.c.other_id == actor.user_id)
    return or_(mine, _below(actor, table)) if actor.may("approve_change", "DutyChange") else mine


def _duty_change(actor: Actor) -> ColumnElement[bool]:
    return _duty_change_rule(actor, DutyChange.__table__)


def _duty_step(actor: Actor) -> ColumnElement[bool]:
    inner = DutyChange.__table__.alias("scope_duty_change")
    return exists().where(inner.c.id == DutyStep.__table__.c.change_id, _duty_change_rule(actor, inner))


def _account(actor: Actor) -> ColumnElement[bool]:
    table = Account.__table__
    if not actor.may("read", "Account"):
        return table.c.id == actor.user_id if actor.user_id else false()
    if actor.level == Level.city:
        return true()
    return table.c.organisation_id.in_(select(_organisation.c.id).where(_subtree(actor)))


def _saved_view(actor: Actor) -> ColumnElement[bool]:
    table = SavedView.__table__
    if actor.user_id is None:
        return false()
    shared = table.c.shared & (table.c.organisation_id == actor.organisation_id)
    return or_(table.c.user_id == actor.user_id, shared)


def _own_seat(actor: Actor) -> ColumnElement[bool]:
    """The seats of the actor's own, as a member of the expert pool."""
    return (_seat.c.expert_id == _expert.c.id) & (_expert.c.account_id == actor.user_id)


def _review_rule(actor: Actor, table: Any = Review.__table__) -> ColumnElement[bool]:
    """A review exists for those who see its case, and for the experts who are invited to it or seated (domain §2)."""
    inner = case_rule(actor, _case)
    if isinstance(inner, True_) or actor.user_id is None:
        return inner
    sits = exists().where(_seat.c.review_id == table.c.id, _seat.c.state.in_(SITTING), _own_seat(actor))
    if isinstance(inner, False_):
        return sits
    return or_(exists().where(_case.c.id == table.c.case_id, inner), sits)


def _review_seat(actor: Actor) -> ColumnElement[bool]:
    """The seats of a case's review, and the own one."""
    table, inner = ReviewSeat.__table__, case_rule(actor, _case)
    if isinstance(inner, True_) or actor.user_id is None:
        return inner
    sits = table.c.state.in_(SITTING) & exists().where(
        _expert.c.id == table.c.expert_id, _expert.c.account_id == actor.user_id
    )
    return or_(exists().where(_case.c.id == table.c.case_id, inner), sits)


def _ballot_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Sealed: the own ballot, and all of them once they are opened to those who see the review (domain §4)."""
    if actor.user_id is None:
        return false()
    own = exists().where(_seat.c.id == table.c.seat_id, _own_seat(actor))
    opened = exists().where(
        _opened.c.id == table.c.review_id,
        _opened.c.state.in_([state.value for state in UNSEALED]),
        _review_rule(actor, _opened),
    )
    return or_(own, opened)


def _ballot(actor: Actor) -> ColumnElement[bool]:
    return _ballot_rule(actor, Ballot.__table__)


def _ballot_mark(actor: Actor) -> ColumnElement[bool]:
    table = Ballot.__table__.alias("scope_ballot")
    return exists().where(table.c.id == BallotMark.__table__.c.ballot_id, _ballot_rule(actor, table))


def _hearing_rule(actor: Actor, table: Any) -> ColumnElement[bool]:
    """A hearing on a case exists for those who see the case; one before a decision for its organisation's subtree."""
    on_case = exists().where(_case.c.id == table.c.case_id, case_rule(actor, _case))
    if not actor.may("read", "Hearing"):
        return on_case
    home = table.c.organisation_id.in_(select(_organisation.c.id).where(_subtree(actor)))
    return or_(on_case, table.c.case_id.is_(None) & home)


def _hearing(actor: Actor) -> ColumnElement[bool]:
    return _hearing_rule(actor, Hearing.__table__)


def _of_hearing(model: Any) -> Rule:
    inner = Hearing.__table__.alias("scope_hearing")
    return lambda actor: exists().where(inner.c.id == model.__table__.c.hearing_id, _hearing_rule(actor, inner))


def _consultation(actor: Actor) -> ColumnElement[bool]:
    """One's own; of the others never a confidential one, and those of the own centre unless they are about a case that
    the actor does not see. Of a confidential one nobody but its writer can learn that it is there."""
    table = Consultation.__table__
    if actor.user_id is None or actor.organisation_id is None:
        return false()
    mine = table.c.consultant_id == actor.user_id
    if not actor.may("read", "Consultation"):
        return mine
    about = exists().where(_case.c.id == table.c.case_id, case_rule(actor, _case))
    return or_(mine, ~table.c.secret & _home(actor, table) & or_(table.c.case_id.is_(None), about))


def _outreach_step(actor: Actor) -> ColumnElement[bool]:
    inner = OutreachEvent.__table__.alias("scope_outreach_event")
    return exists().where(inner.c.id == OutreachStep.__table__.c.event_id, _shared(actor, inner))


def _if_may(page: str) -> Rule:
    return lambda actor: true() if actor.may("read", page) else false()


def _of_the_house(page: str, action: str = "read") -> Rule:
    """What belongs to the whole installation is for its administrators at the city, not for those of a town."""
    return lambda actor: true() if actor.may(action, page) and actor.level == Level.city else false()


def _move(actor: Actor) -> ColumnElement[bool]:
    """All moves for those who keep the calendar of the house; for the others those of cases they see."""
    all_ = actor.may("read", "Calendar") and actor.level == Level.city
    return true() if all_ else _of_case(DeadlineMove)(actor)


def _outbox(actor: Actor) -> ColumnElement[bool]:
    """All messages for those who look after the outbox; for the others those about cases they see. Those about
    confidential bookings for nobody: to whom one went would tell who comes."""
    table = OutboxMessage.__table__
    house = _of_the_house("Outbox", "resend")(actor)
    if isinstance(house, True_):
        return ~table.c.sealed
    return ~table.c.sealed & table.c.case_id.is_not(None) & _of_case(OutboxMessage)(actor)


def _below(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Rows of the own organisation and of those below it."""
    return table.c.organisation_id.in_(select(_organisation.c.id).where(_subtree(actor)))


def _import_batch(actor: Actor, table: Any = ImportBatch.__table__) -> ColumnElement[bool]:
    """The files of registers that the actor may bring tables into, from the own organisation and below."""
    nouns = [noun for noun, page in IMPORT_PAGES.items() if actor.may("import", page)]
    return table.c.noun.in_(nouns) & _below(actor, table) if nouns else false()


def _import_row(actor: Actor) -> ColumnElement[bool]:
    inner = ImportBatch.__table__.alias("scope_import_batch")
    return exists().where(inner.c.id == ImportRow.__table__.c.batch_id, _import_batch(actor, inner))


def _export_request(actor: Actor) -> ColumnElement[bool]:
    """One's own requests; all of the own subtree for those who decide on them."""
    table = ExportRequest.__table__
    mine = table.c.asked_by_id == actor.user_id if actor.user_id else false()
    return or_(mine, _below(actor, table)) if actor.may("approve_export", "ExportRequest") else mine


def _exchange(actor: Actor) -> ColumnElement[bool]:
    return _below(actor, Exchange.__table__) if actor.may("read", "Exchange") else false()


def _order_rule(actor: Actor, table: Any = Supervision.__table__) -> ColumnElement[bool]:
    """Orders on cases one sees: all of them for those who watch; letters to the own office for those who answer."""
    inner = case_rule(actor, _case)
    if not actor.may("read", "Supervision") or isinstance(inner, False_):
        return false()
    seen = inner if isinstance(inner, True_) else exists().where(_case.c.id == table.c.case_id, inner)
    if actor.may("watch", "Supervision"):
        return seen
    return (table.c.organisation_id == actor.organisation_id) & table.c.ordered_at.is_not(None) & seen


def _order_step(actor: Actor) -> ColumnElement[bool]:
    inner = Supervision.__table__.alias("scope_supervision")
    return exists().where(inner.c.id == SupervisionStep.__table__.c.supervision_id, _order_rule(actor, inner))


def _proposal_rule(actor: Actor, table: Any = Proposal.__table__) -> ColumnElement[bool]:
    """Proposals of the own subtree, unless they are about a case the actor must not see."""
    if not actor.may("read", "Proposal"):
        return false()
    about = exists().where(_case.c.id == table.c.case_id, case_rule(actor, _case))
    return _below(actor, table) & or_(table.c.case_id.is_(None), about)


def _proposal_step(actor: Actor) -> ColumnElement[bool]:
    inner = Proposal.__table__.alias("scope_proposal")
    return exists().where(inner.c.id == ProposalStep.__table__.c.proposal_id, _proposal_rule(actor, inner))


def _organisation_rule(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.level == Level.city else _subtree(actor, Organisation.__table__)


RULES: dict[type[Model], Rule] = {
    Case: case_rule,
    **{
        model: _of_case(model)
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
            Document,
        )
    },
    Review: _review_rule,
    ReviewSeat: _review_seat,
    Ballot: _ballot,
    BallotMark: _ballot_mark,
    Hearing: _hearing,
    **{model: _of_hearing(model) for model in (HearingParticipant, HearingOpinion, HearingStep)},
    Consultation: _consultation,
    OutreachStep: _outreach_step,
    Person: _person,
    Attachment: _attachment,
    DocumentPrint: _document_print,
    **{
        model: _mine(model)
        for model in (
            Draft,
            FeedAddress,
            ListPreference,
            IdempotencyKey,
            Notice,
            LoginSession,
            PasswordRecord,
            RecoveryCode,
        )
    },
    SavedView: _saved_view,
    Account: _account,
    AuditEntry: _if_may("Audit"),
    AuditHead: _if_may("Audit"),
    LoginAttempt: _if_may("Audit"),
    RoleRequest: _if_may("Account"),
    Job: _if_may("Job"),
    Webhook: _of_the_house("Webhook"),
    OutboxMessage: _outbox,
    Recount: _of_the_house("Recount"),
    DeadlineMove: _move,
    **{model: lambda actor: false() for model in (Reminder, PublicHold, CaseTally)},  # the program's own
    **{model: _pool(model) for model in (Expert, LegalAdviser, Room, Closure, OutreachEvent, FirmPair)},
    Shift: _shift,
    Roster: _roster,
    RosterRule: _roster_rule,
    DutyChange: _duty_change,
    DutyStep: _duty_step,
    RoomHours: _of_room,
    Booking: booking_rule,
    BookingStep: _of_booking(BookingStep),
    BookingSeries: _open_or_mine(BookingSeries, "booked_by_id", lambda table: table.c.secret),
    WaitingEntry: _open_or_mine(WaitingEntry, "account_id", lambda table: table.c.purpose.in_(sorted(SECRET_PURPOSES))),
    **{model: _of_expert(model) for model in (ExpertEmployment, ExpertKin)},
    Supervision: _order_rule,
    SupervisionStep: _order_step,
    Proposal: _proposal_rule,
    ProposalStep: _proposal_step,
    Organisation: _organisation_rule,
    ImportBatch: _import_batch,
    ImportRow: _import_row,
    ExportRequest: _export_request,
    Exchange: _exchange,
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
