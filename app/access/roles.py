"""The shipped roles of domain §2: which actions of which pages, which rows, and what may never meet.

The framework's all-powerful role is given to nobody; a new permission falls to no role until it is written here.
"""

from dataclasses import dataclass

from app.access.permissions import ADD, CRUD, EDIT, EXPORT, HEARING_STEPS, PAGES, READ, REVEAL, check
from app.models.account import RowScope


@dataclass(frozen=True)
class RoleSpec:
    """A shipped role: its code, rows, grants by page, and the marks of separation."""

    code: str
    row_scope: RowScope
    grants: dict[str, tuple[str, ...]]
    exclusive: bool = False  # 三员: at most one of these in an account
    administrative: bool = False  # second factor in production

    def permissions(self) -> frozenset[tuple[str, str]]:
        """All (permission, page) pairs, menu entries included."""
        pairs = {check(action, page) for page, actions in self.grants.items() for action in actions}
        menus = {("menu_access", page) for page in self.grants if PAGES[page].menu}
        return frozenset(pairs | menus)


_S, _A, _N, _0 = RowScope.subtree, RowScope.assigned, RowScope.named, RowScope.none
_SEE = (READ, EXPORT)
_POOL = {"Expert": (READ,), "Adviser": (READ,), "Room": (READ,), "Shift": (READ,)}
# Bookings: who asks for a room on behalf of others and may change what others booked; who asks for himself or herself;
# who only looks. A room's manager confirms, so whoever may be named one holds that too.
_OWN_STEPS = ("book", "check_in", "finish", "move", "amend", "cancel")
_DESK_ROOMS = {
    "Booking": (READ, EXPORT, REVEAL, *_OWN_STEPS, "confirm", "reject", "arrange"),
    "Waiting": (READ, "add"),
    "Closure": (READ,),
}
_OWN_ROOMS = {"Booking": (READ, REVEAL, *_OWN_STEPS, "confirm", "reject"), "Waiting": (READ, "add"), "Closure": (READ,)}
_ASK_ROOMS = {"Booking": (READ, REVEAL, *_OWN_STEPS), "Waiting": (READ, "add"), "Closure": (READ,)}
_PLANS = (READ, EDIT, EXPORT, "plan_outreach", "hold_outreach", "cancel_outreach")
# The roster: who only reads it; who is on it; who draws it up and decides on swaps and leave.
_SEE_DUTY = {"Roster": (READ,)}
_ON_DUTY = {
    "Roster": (READ, "take_over"),
    "DutyChange": (READ, ADD, "ask_change", "agree_change", "decline_change", "withdraw_change"),
}
_HOLDS = {"Roster": (READ, "take_over", "confirm_session")}
_RULES_DUTY = {
    "Roster": (READ, "draw_up", "publish"), "RosterRule": CRUD, "Shift": CRUD,
    "DutyChange": (READ, EXPORT, "approve_change", "refuse_change"),
}  # fmt: skip
_PAPERS = {"Document": (READ, "print")}
_LOOK = {"Case": (READ,), "Room": (READ,)}
_SUPERVISE = ("watch", "issue_letter", "return_answer", "close_supervision", "drop_supervision")
_PROPOSE = {"Proposal": (READ, ADD, EXPORT, "record_answer", "close_proposal", "withdraw_proposal")}
_ANSWER = {"Supervision": (READ, "answer_supervision")}

# A table, one row a line.
# fmt: off
ROLES: tuple[RoleSpec, ...] = (
    RoleSpec("sysadmin", _0, {
        "Account": (READ, "add", EDIT, EXPORT, "reset_password", "disable", "assign_roles"),
        "Role": (READ, "add", EDIT, "delete"), "Organisation": (*CRUD, "import"), "Maintenance": ("maintain",),
        "Job": (READ,), "Import": (READ,), "ExportRequest": (READ,),
    }, exclusive=True, administrative=True),
    RoleSpec("security_auditor", _0, {"Audit": (READ, EXPORT, "verify")}, exclusive=True, administrative=True),
    RoleSpec("business_admin", _0, {
        "Expert": (*CRUD, REVEAL, "import"), "Adviser": (*CRUD, REVEAL, "import"), "LawFirm": (*CRUD, "import"),
        "Room": (*CRUD, "import"), **_RULES_DUTY, "Closure": CRUD, "Category": (*CRUD, "import"),
        "Import": (READ,), "ExportRequest": (READ, "approve_export"), "Partner": CRUD,
        "CodeTable": (*CRUD, "import"), "Calendar": CRUD, "Recount": (READ, EXPORT),
        "DeadlineRule": (READ, EDIT, EXPORT), "Parameter": (READ, EDIT, EXPORT),
        "SmsTemplate": (READ, EDIT, EXPORT),
        "Webhook": (READ, "add", EDIT, "renew_secret"), "Outbox": (READ, "resend", "take_back"),
        "DocumentTemplate": (READ, ADD, "activate"), "OutreachEvent": _PLANS, "FirmPair": CRUD,
    }, exclusive=True, administrative=True),
    RoleSpec("clerk", _S, {
        "Case": (READ, EXPORT, REVEAL, "upload", "print", "register", "supplement", "request_supplement",
                 "settle_on_spot", "present_to_leader", "serve_reply", "serve_notice", "acknowledge", "apply_review",
                 "withdraw"),
        "Review": (READ, "pick_experts", "draw_experts", "withdraw_review", "serve_opinion"),
        "Hearing": (READ, "hold_decision", "sign_decision"), "Consultation": (READ, ADD, EDIT, EXPORT, REVEAL),
        "OutreachEvent": (READ,), "FirmPair": (READ,),
        **_PAPERS, "Person": (READ, EDIT, REVEAL), "Visit": (READ, "add", EDIT, EXPORT), **_POOL,
        **_DESK_ROOMS, **_ON_DUTY, **_HOLDS, "Outbox": (READ,), "ExportRequest": (READ,),
        "Exchange": (READ, "send", "receive"),
    }),
    RoleSpec("dispatcher", _S, {
        "Case": (READ, EXPORT, "print", "upload", "accept", "decline", "redirect", "merge", "unmerge", "split",
                 "assign", "uphold", "insist", "present_to_leader"),
        **_ANSWER, **_PAPERS, "Visit": (READ,), "Room": (READ,), **_SEE_DUTY, **_ASK_ROOMS, "ExportRequest": (READ,),
    }),
    RoleSpec("handler", _A, {
        "Case": (READ, "upload", "print", REVEAL, "sign_for", "log_work", "mediate", "conclude_mediation",
                 "confirm_agreement", "submit_reply", "serve_reply", "serve_notice"),
        "Supervision": (READ,), "Rectification": (READ,), **_PAPERS,
        "Room": (READ,), **_ON_DUTY, **_ASK_ROOMS,
    }),
    RoleSpec("unit_head", _A, {
        "Case": (READ, EXPORT, "print", "upload", "sign_for", "object", "request_extension", "approve_reply",
                 "return_reply", "report_rectification"),
        **_ANSWER, "Rectification": (READ,), **_PAPERS,
        "Room": (READ,), **_SEE_DUTY, **_ASK_ROOMS, "ExportRequest": (READ,),
    }),
    RoleSpec("centre_head", _S, {
        "Case": (READ, EXPORT, "print", "approve_decline", "refuse_decline", "present_to_leader", "confer", "escalate",
                 "call_hearing", "hold_hearing", "approve_extension", "refuse_extension", "suspend", "resume",
                 "approve_reply", "return_reply", "reopen", "approve_withdrawal", "refuse_withdrawal",
                 "urge", "supervise"),
        "Supervision": (*_SEE, *_SUPERVISE), **_PROPOSE,
        **_PAPERS, "Visit": _SEE, "Review": _SEE, "FollowUp": _SEE, "Rectification": _SEE, **_POOL,
        "Hearing": (*_SEE, *HEARING_STEPS), "Consultation": _SEE, "OutreachEvent": _PLANS, "FirmPair": _SEE,
        **_RULES_DUTY, "Roster": (READ, "draw_up", "publish", "confirm_session"),
        "Booking": (READ, EXPORT, REVEAL, *_OWN_STEPS, "confirm", "reject", "arrange", "oversee"),
        "Waiting": (*_SEE, "add"), "Closure": CRUD, "SmsTemplate": (READ, "approve_text"),
        "Outbox": (READ,), "ExportRequest": (READ, "approve_export"), "Exchange": (READ,), "Statistics": _SEE,
    }),
    RoleSpec("leader", _N, {
        "Case": (READ, "receive_by_leader", "settle_on_spot", "confer"), "Document": (READ,),
        "Room": (READ,), **_ON_DUTY, **_HOLDS, **_OWN_ROOMS, "Statistics": (READ,),
    }),
    RoleSpec("review_secretary", _S, {
        "Case": (READ, "print", "upload"),
        "Review": (READ, EXPORT, "accept_review", "refuse_review", "pick_experts", "draw_experts", "invite",
                   "replace_expert", "serve_material", "fix_session", "open_ballots", "void_ballot",
                   "assemble_opinion", "serve_opinion", "withdraw_review"),
        **_PAPERS, **_POOL, **_SEE_DUTY, **_ASK_ROOMS, "ExportRequest": (READ,),
    }),
    RoleSpec("expert", _0, {  # no case: an expert reads the masked material of the reviews he or she sits on
        "Review": (READ, "accept_invitation", "decline_invitation", "cast_ballot", "sign_opinion"),
        "Room": (READ,), "Booking": (READ,),
    }),
    RoleSpec("adviser", _N, {
        "AdviserDesk": (READ,), "Consultation": (READ, ADD, EDIT, EXPORT, REVEAL, "advise"), "OutreachEvent": (READ,),
        "FirmPair": (READ,), "Case": (READ, "mediate", "conclude_mediation"), "Room": (READ,), **_ON_DUTY, **_OWN_ROOMS,
    }),
    RoleSpec("counsellor", _N, {
        "AdviserDesk": (READ,), "Consultation": (READ, ADD, EDIT, EXPORT, "counsel"), "Room": (READ,),
        **_ON_DUTY, **_OWN_ROOMS,
    }),
    RoleSpec("follow_up_clerk", _S, {
        "Case": (READ, "follow_up", REVEAL), "Person": (READ, REVEAL), "Document": (READ,),
        "FollowUp": _SEE, "Rectification": (READ,),
        "Room": (READ,), **_SEE_DUTY, **_ASK_ROOMS, "ExportRequest": (READ,),
    }),
    RoleSpec("supervisor", _S, {
        "Case": (READ, EXPORT, "accept_rectification", "return_rectification", "urge", "supervise"),
        **_PAPERS, "Supervision": (*_SEE, *_SUPERVISE, "check_gaming"), **_PROPOSE,
        "Visit": _SEE, "Review": _SEE,
        "FollowUp": _SEE, "Rectification": _SEE, "Hearing": _SEE,
        "Consultation": _SEE, "OutreachEvent": _SEE, "FirmPair": _SEE,
        "Room": (READ,), **_SEE_DUTY, "Booking": _SEE, "Closure": (READ,), "ExportRequest": (READ,), "Statistics": _SEE,
    }),
    RoleSpec("archivist", _S, {
        "Dossier": _SEE, "Case": (READ, EXPORT, "import", "print", "archive"), **_PAPERS,
        "Import": (READ,), "ExportRequest": (READ,),
    }),
    RoleSpec("village_officer", _S, {
        "Case": (READ, "upload", "print", "register", "supplement"), "Person": (READ,), "Visit": (READ, "add"),
        **_PAPERS,
        "Room": (READ,), **_SEE_DUTY, **_ASK_ROOMS,
    }),
    RoleSpec("statistician", _0, {"Statistics": _SEE}),  # figures without names
)
BY_CODE: dict[str, RoleSpec] = {role.code: role for role in ROLES}

# What one role may never hold together: page.action pairs that break a separation (domain §2).
# Each row: (a set of grants, another set, the sentence's key in services/role.py).
CASE_TEXT = frozenset({("can_read", "Case"), ("can_read", "Person"), ("can_read", "Visit"), ("can_read", "Document")})
ACCOUNTS = frozenset({
    ("can_edit", "Account"), ("can_add", "Account"), ("can_assign_roles", "Account"), ("can_edit", "Role")
})
AUDIT = frozenset({("can_read", "Audit")})
BUSINESS = frozenset({("can_edit", page) for page in (
    "Expert", "Category", "CodeTable", "Calendar", "DeadlineRule", "Parameter", "SmsTemplate", "Webhook"
)})
FORBIDDEN_TOGETHER: tuple[tuple[str, frozenset[tuple[str, str]], frozenset[tuple[str, str]]], ...] = (
    ("accounts_and_cases", ACCOUNTS, CASE_TEXT),
    ("accounts_and_audit", ACCOUNTS, AUDIT),
    ("accounts_and_business", ACCOUNTS, BUSINESS),
    ("audit_and_business", AUDIT, BUSINESS),
    ("audit_and_cases", AUDIT, CASE_TEXT),
    ("drafts_and_approves", frozenset({("can_submit_reply", "Case")}), frozenset({("can_approve_reply", "Case")})),
    ("asks_and_approves",
     frozenset({("can_request_extension", "Case")}), frozenset({("can_approve_extension", "Case")})),
    ("declines_and_approves", frozenset({("can_decline", "Case"), ("can_redirect", "Case")}),
     frozenset({("can_approve_decline", "Case")})),
    ("handles_and_follows_up",
     frozenset({("can_submit_reply", "Case"), ("can_log_work", "Case"), ("can_report_rectification", "Case")}),
     frozenset({("can_follow_up", "Case")})),
    ("reports_and_accepts",
     frozenset({("can_report_rectification", "Case")}), frozenset({("can_accept_rectification", "Case")})),
    ("answers_and_closes", frozenset({("can_answer_supervision", "Supervision")}),
     frozenset({("can_close_supervision", "Supervision"), ("can_return_answer", "Supervision")})),
    ("withdraws_and_approves",
     frozenset({("can_withdraw", "Case")}), frozenset({("can_approve_withdrawal", "Case")})),
    ("swaps_and_approves",
     frozenset({("can_ask_change", "DutyChange"), ("can_agree_change", "DutyChange")}),
     frozenset({("can_approve_change", "DutyChange")})),
)
# fmt: on


def conflicts(grants: frozenset[tuple[str, str]]) -> list[str]:
    """The keys of the separations that a set of grants breaks."""
    return [key for key, one, other in FORBIDDEN_TOGETHER if grants & one and grants & other]


for _role in ROLES:
    _broken = conflicts(_role.permissions())
    if _broken:
        raise LookupError(f"shipped role {_role.code} breaks {_broken}")
