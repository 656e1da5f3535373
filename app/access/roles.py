"""The shipped roles of domain §2: which actions of which pages, which rows, and what may never meet.

The framework's all-powerful role is given to nobody; a new permission falls to no role until it is written here.
"""

from dataclasses import dataclass

from app.access.permissions import CRUD, EDIT, EXPORT, PAGES, READ, REVEAL, check
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
_LOOK = {"Case": (READ,), "Room": (READ,)}

# A table, one row a line.
# fmt: off
ROLES: tuple[RoleSpec, ...] = (
    RoleSpec("sysadmin", _0, {
        "Account": (READ, "add", EDIT, EXPORT, "reset_password", "disable", "assign_roles"),
        "Role": (READ, "add", EDIT, "delete"), "Organisation": CRUD, "Maintenance": ("maintain",), "Job": (READ,),
    }, exclusive=True, administrative=True),
    RoleSpec("security_auditor", _0, {"Audit": (READ, EXPORT, "verify")}, exclusive=True, administrative=True),
    RoleSpec("business_admin", _0, {
        "Expert": (*CRUD, REVEAL), "Adviser": (*CRUD, REVEAL), "LawFirm": CRUD, "Room": CRUD, "Shift": CRUD,
        "Category": CRUD,
        "CodeTable": CRUD, "Calendar": CRUD, "DeadlineRule": (READ, EDIT, EXPORT),
    }, exclusive=True, administrative=True),
    RoleSpec("clerk", _S, {
        "Case": (READ, EXPORT, REVEAL, "upload", "print", "register", "supplement", "request_supplement",
                 "settle_on_spot", "serve_reply", "acknowledge", "apply_review", "withdraw"),
        "Person": (READ, EDIT, REVEAL), "Visit": (READ, "add", EDIT, EXPORT), **_POOL,
    }),
    RoleSpec("dispatcher", _S, {
        "Case": (READ, EXPORT, "print", "upload", "accept", "decline", "redirect", "merge", "unmerge", "assign",
                 "uphold", "insist"),
        "Visit": (READ,), "Room": (READ,),
    }),
    RoleSpec("handler", _A, {
        "Case": (READ, "upload", "print", REVEAL, "sign_for", "log_work", "mediate", "submit_reply", "serve_reply"),
        "Room": (READ,),
    }),
    RoleSpec("unit_head", _A, {
        "Case": (READ, EXPORT, "print", "upload", "sign_for", "object", "request_extension", "approve_reply",
                 "return_reply", "report_rectification"),
        "Room": (READ,),
    }),
    RoleSpec("centre_head", _S, {
        "Case": (READ, EXPORT, "print", "approve_decline", "refuse_decline", "confer", "escalate", "hold_hearing",
                 "approve_extension", "refuse_extension", "suspend", "resume", "approve_reply", "return_reply",
                 "reopen", "approve_withdrawal", "refuse_withdrawal"),
        "Visit": _SEE, **_POOL,
    }),
    RoleSpec("leader", _N, {"Case": (READ, "receive_by_leader", "settle_on_spot", "confer"), "Room": (READ,)}),
    RoleSpec("review_secretary", _S, {"Case": (READ, "print"), **_POOL}),
    RoleSpec("expert", _N, {"Case": (READ,)}),
    RoleSpec("adviser", _N, {"Case": (READ, "mediate"), "Room": (READ,)}),
    RoleSpec("counsellor", _N, {"Room": (READ,)}),
    RoleSpec("follow_up_clerk", _S, {"Case": (READ, "follow_up", REVEAL), "Person": (READ, REVEAL)}),
    RoleSpec("supervisor", _S, {"Case": (READ, EXPORT, "accept_rectification"), "Visit": _SEE}),
    RoleSpec("archivist", _S, {"Case": (READ, EXPORT, "print", "archive")}),
    RoleSpec("village_officer", _S, {
        "Case": (READ, "upload", "print", "register", "supplement"), "Person": (READ,), "Visit": (READ, "add"),
    }),
    RoleSpec("statistician", _0, {}),
)
BY_CODE: dict[str, RoleSpec] = {role.code: role for role in ROLES}

# What one role may never hold together: page.action pairs that break a separation (domain §2).
# Each row: (a set of grants, another set, the sentence's key in services/role.py).
CASE_TEXT = frozenset({("can_read", "Case"), ("can_read", "Person"), ("can_read", "Visit")})
ACCOUNTS = frozenset({
    ("can_edit", "Account"), ("can_add", "Account"), ("can_assign_roles", "Account"), ("can_edit", "Role")
})
AUDIT = frozenset({("can_read", "Audit")})
BUSINESS = frozenset({("can_edit", page) for page in ("Expert", "Category", "CodeTable", "Calendar", "DeadlineRule")})
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
)
# fmt: on


def conflicts(grants: frozenset[tuple[str, str]]) -> list[str]:
    """The keys of the separations that a set of grants breaks."""
    return [key for key, one, other in FORBIDDEN_TOGETHER if grants & one and grants & other]


for _role in ROLES:
    _broken = conflicts(_role.permissions())
    if _broken:
        raise LookupError(f"shipped role {_role.code} breaks {_broken}")
