"""Every permission there is, grouped as a person understands it: menu → page → action.

Nothing else names permissions: views state a page, roles grant actions of pages, and `roles sync` writes these rows.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

READ, ADD, EDIT, DELETE, EXPORT, REVEAL = "read", "add", "edit", "delete", "export", "reveal"
CRUD = (READ, ADD, EDIT, DELETE, EXPORT)

# A table, one row a line.
# fmt: off
ACTIONS: dict[str, Any] = {
    READ: _l("Read"), ADD: _l("Add"), EDIT: _l("Edit"), DELETE: _l("Delete"), EXPORT: _l("Export"),
    REVEAL: _l("Reveal masked data"),
    "upload": _l("Attach files"), "print": _l("Print"), "register": _l("Register"),
    "request_supplement": _l("Request supplement"), "supplement": _l("Supplement"), "merge": _l("Merge"),
    "unmerge": _l("Undo merge"), "decline": _l("Decline"), "redirect": _l("Redirect to legal route"),
    "approve_decline": _l("Approve decline"), "refuse_decline": _l("Refuse decline"),
    "accept": _lp("step", "Accept"), "settle_on_spot": _l("Settle on the spot"), "assign": _l("Assign"),
    "sign_for": _l("Sign for"), "object": _l("Object"), "uphold": _l("Uphold objection"), "insist": _l("Insist"),
    "log_work": _l("Log work"), "receive_by_leader": _l("Leader reception"), "confer": _l("Confer"),
    "escalate": _l("Escalate"), "mediate": _l("Mediate"), "hold_hearing": _l("Hold hearing"),
    "request_extension": _l("Ask for extension"), "approve_extension": _l("Approve extension"),
    "refuse_extension": _l("Refuse extension"), "suspend": _l("Suspend"), "resume": _l("Resume"),
    "submit_reply": _l("Submit reply"), "return_reply": _l("Return reply"), "approve_reply": _l("Approve reply"),
    "serve_reply": _l("Serve reply"), "acknowledge": _l("Acknowledge"), "apply_review": _l("Apply for expert review"),
    "follow_up": _l("Follow up"), "report_rectification": _l("Report rectification"),
    "accept_rectification": _l("Accept rectification"), "archive": _l("Archive"), "reopen": _l("Reopen"),
    "withdraw": _l("Withdraw"), "approve_withdrawal": _l("Approve withdrawal"),
    "refuse_withdrawal": _l("Refuse withdrawal"),
    "reset_password": _l("Reset password"), "disable": _l("Disable or unlock"), "assign_roles": _l("Assign roles"),
    "verify": _l("Verify the chain"), "maintain": _l("Maintain"), "import": _l("Import"),
}


@dataclass(frozen=True)
class Page:
    """A page (a noun of the business) with the actions that can be granted on it; `menu`: whether it has an entry."""

    name: str
    label: Any
    actions: tuple[str, ...]
    menu: bool = True


@dataclass(frozen=True)
class Group:
    """A group of the side menu."""

    name: str
    label: Any
    pages: tuple[Page, ...]


CASE_STEPS = tuple(name for name in ACTIONS if name not in (
    *CRUD, REVEAL, "upload", "print", "reset_password", "disable", "assign_roles", "verify", "maintain", "import"))

CATALOGUE: tuple[Group, ...] = (
    Group("desk", _l("Reception"), (
        Page("Case", _l("Cases"), (READ, EXPORT, REVEAL, "upload", "print", *CASE_STEPS)),
        Page("Person", _l("Persons"), (READ, EDIT, EXPORT, REVEAL)),
        Page("Visit", _l("Visits"), (READ, ADD, EDIT, EXPORT)),
    )),
    Group("rooms", _l("Rooms and duty"), (
        Page("Room", _l("Function rooms"), CRUD),
        Page("Shift", _l("Duty roster"), CRUD),
    )),
    Group("registers", _l("Registers"), (
        Page("Expert", _l("Expert pool"), (*CRUD, REVEAL)),
        Page("Adviser", _l("Legal advisers"), (*CRUD, REVEAL)),
        Page("LawFirm", _l("Law firms"), CRUD),
    )),
    Group("settings", _l("Business settings"), (
        Page("Category", _l("Categories"), CRUD),
        Page("CodeTable", _l("Code tables"), CRUD),
        Page("Calendar", _l("Working calendar"), CRUD),
        Page("DeadlineRule", _l("Deadline rules"), (READ, EDIT, EXPORT)),
    )),
    Group("admin", _l("Administration"), (
        Page("Organisation", _l("Organisations"), CRUD),
        Page("Account", _l("Accounts"), (READ, ADD, EDIT, EXPORT, REVEAL, "reset_password", "disable", "assign_roles")),
        Page("Role", _l("Roles and permissions"), (READ, ADD, EDIT, DELETE)),
        Page("Audit", _l("Audit trail"), (READ, EXPORT, "verify")),
        Page("Maintenance", _l("Maintenance console"), ("maintain",)),
        Page("Job", _l("Jobs"), (READ,), menu=False),
    )),
)
# fmt: on

PAGES: dict[str, Page] = {page.name: page for group in CATALOGUE for page in group.pages}
GROUP_OF: dict[str, Group] = {page.name: group for group in CATALOGUE for page in group.pages}


def grants_of(page: Page) -> list[tuple[str, str]]:
    """The permission rows of a page: its menu entry, then one for each action."""
    menu = [("menu_access", page.name)] if page.menu else []
    return menu + [(f"can_{action}", page.name) for action in page.actions]


ALL_GRANTS: frozenset[tuple[str, str]] = frozenset(grant for page in PAGES.values() for grant in grants_of(page))


def check(name: str, page: str) -> tuple[str, str]:
    """The grant of that action on that page; a name the catalogue does not hold is a fault at start."""
    grant = (f"can_{name}", page)
    if grant not in ALL_GRANTS:
        raise LookupError(f"no permission {name} on {page}")
    return grant
