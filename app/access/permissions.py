"""Every permission there is, grouped as a person understands it: menu → page → action.

Nothing else names permissions: views state a page, roles grant actions of pages, and `roles sync` writes these rows.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

READ, ADD, EDIT, DELETE, EXPORT, REVEAL = "read", "add", "edit", "delete", "export", "reveal"
CRUD = (READ, ADD, EDIT, DELETE, EXPORT)

# Tables, one row a line. What can be done on pages of every kind:
# fmt: off
GENERAL: dict[str, Any] = {
    READ: _l("Read"), ADD: _l("Add"), EDIT: _l("Edit"), DELETE: _l("Delete"), EXPORT: _l("Export"),
    REVEAL: _l("Reveal masked data"), "upload": _l("Attach files"), "print": _l("Print"), "import": _l("Import"),
    "reset_password": _l("Reset password"), "disable": _l("Disable or unlock"), "assign_roles": _l("Assign roles"),
    "verify": _l("Verify the chain"), "maintain": _l("Maintain"),
    "approve_text": _l("Approve text"), "resend": _l("Send again"), "take_back": _lp("message", "Take back"),
    "renew_secret": _l("Renew secret"),
    "activate": _lp("template", "Put in use"),
    "approve_export": _l("Decide on large exports"),
    "advise": _l("Give legal advice"), "counsel": _l("Counsel, with notes of one's own"),
    "send": _lp("exchange", "Make an envelope"), "receive": _lp("exchange", "Take an envelope in"),
}
# The steps of each flow, in the order in which a role's editor lists them.
CASE_STEPS: dict[str, Any] = {
    "register": _l("Register"),
    "request_supplement": _l("Request supplement"), "supplement": _l("Supplement"), "merge": _l("Merge"),
    "unmerge": _l("Undo merge"), "split": _l("Split"), "decline": _l("Decline"),
    "redirect": _l("Redirect to legal route"),
    "approve_decline": _l("Approve decline"), "refuse_decline": _l("Refuse decline"),
    "serve_notice": _l("Serve notice"),
    "accept": _lp("step", "Accept"), "settle_on_spot": _l("Settle on the spot"), "assign": _l("Assign"),
    "sign_for": _l("Sign for"), "object": _l("Object"), "uphold": _l("Uphold objection"), "insist": _l("Insist"),
    "log_work": _l("Log work"), "present_to_leader": _l("Bring before a leader"),
    "receive_by_leader": _l("Leader reception"), "confer": _l("Confer"),
    "escalate": _l("Escalate"), "mediate": _l("Mediate"), "conclude_mediation": _l("Conclude mediation"),
    "confirm_agreement": _l("Judicial confirmation"), "call_hearing": _l("Call hearing"),
    "hold_hearing": _l("Hold hearing"),
    "request_extension": _l("Ask for extension"), "approve_extension": _l("Approve extension"),
    "refuse_extension": _l("Refuse extension"), "suspend": _l("Suspend"), "resume": _l("Resume"),
    "submit_reply": _l("Submit reply"), "return_reply": _l("Return reply"), "approve_reply": _l("Approve reply"),
    "serve_reply": _l("Serve reply"), "acknowledge": _l("Acknowledge"), "apply_review": _l("Apply for expert review"),
    "follow_up": _l("Follow up"), "report_rectification": _l("Report rectification"),
    "return_rectification": _l("Return rectification"),
    "accept_rectification": _l("Accept rectification"), "archive": _l("Archive"), "reopen": _l("Reopen"),
    "withdraw": _l("Withdraw"), "approve_withdrawal": _l("Approve withdrawal"),
    "refuse_withdrawal": _l("Refuse withdrawal"),
    "urge": _l("Urge"), "supervise": _l("Order supervision"),
}
REVIEW_STEPS: dict[str, Any] = {
    "accept_review": _l("Accept application"), "refuse_review": _l("Refuse application"),
    "pick_experts": _l("Pick experts"), "draw_experts": _l("Draw experts"), "invite": _l("Send invitations"),
    "accept_invitation": _l("Accept invitation"), "decline_invitation": _l("Decline invitation"),
    "replace_expert": _l("Replace expert"),
    "serve_material": _l("Hand out material"), "fix_session": _l("Fix the session"), "open_ballots": _l("Open ballots"),
    "cast_ballot": _l("Cast ballot"), "void_ballot": _l("Void ballot"), "assemble_opinion": _l("Assemble opinion"),
    "sign_opinion": _l("Sign opinion"), "serve_opinion": _l("Serve opinion"),
    "withdraw_review": _l("Withdraw application"),
}
# The steps of a booking, and what may be done with the bookings of others.
BOOKING_STEPS: dict[str, Any] = {
    "book": _l("Book"), "confirm": _lp("booking step", "Confirm"), "reject": _lp("booking step", "Turn down"),
    "check_in": _l("Check in"), "finish": _lp("booking step", "Finish"), "move": _lp("booking step", "Move"),
    "amend": _lp("booking step", "Amend"), "cancel": _lp("booking step", "Cancel the booking"),
    "arrange": _l("Change bookings of others"), "oversee": _l("Decide on every room of the centre"),
}
# Hearings before a decision, and legal service events.
HEARING_STEPS: dict[str, Any] = {
    "call_decision": _l("Call a pre-decision hearing"), "hold_decision": _lp("hearing step", "Record the hearing"),
    "sign_decision": _lp("hearing step", "Have the minutes signed"),
    "conclude_decision": _lp("hearing step", "Conclude the hearing"),
    "cancel_decision": _lp("hearing step", "Cancel the hearing"),
}
OUTREACH_STEPS: dict[str, Any] = {
    "plan_outreach": _l("Plan an event"), "hold_outreach": _lp("outreach step", "Record what was held"),
    "cancel_outreach": _lp("outreach step", "Cancel the event"),
}
# Swaps, substitutes and leave; drawing a roster up, and taking a shift over on the spot.
DUTY_STEPS: dict[str, Any] = {
    "ask_change": _l("Ask for a swap or leave"), "agree_change": _l("Agree to step in"),
    "decline_change": _lp("duty step", "Decline"), "approve_change": _lp("duty step", "Approve"),
    "refuse_change": _lp("duty step", "Refuse"), "withdraw_change": _lp("duty step", "Withdraw"),
}
ROSTER_VERBS: dict[str, Any] = {
    "draw_up": _l("Draw up"), "publish": _lp("roster", "Publish"), "take_over": _l("Take over now"),
    "confirm_session": _l("Confirm a session to which nobody came"),
}
# Orders of supervision and proposals to other bodies; who watches and who looks at the signs of gaming.
SUPERVISION_STEPS: dict[str, Any] = {
    "issue_letter": _l("Send the letter"), "answer_supervision": _lp("supervision", "Answer the letter"),
    "return_answer": _lp("supervision", "Send the answer back"),
    "close_supervision": _lp("supervision", "Close the order"),
    "drop_supervision": _lp("supervision", "Drop the order"),
}
WATCHING: dict[str, Any] = {"watch": _l("Desk and whole course"), "check_gaming": _l("Signs of gaming")}
PROPOSAL_STEPS: dict[str, Any] = {
    "record_answer": _lp("proposal", "Note the answer"),
    "close_proposal": _lp("proposal", "Close the proposal"),
    "withdraw_proposal": _lp("proposal", "Take the proposal back"),
}
# What the program does by itself; nobody can be granted it.
PROGRAM_STEPS: dict[str, Any] = {
    "bring_in": _l("Brought in from the old ledger"),
    "file_review": _l("Application filed"), "join_review": _l("Application joined"),
    "ask_expert": _l("Expert asked"), "expire_invitation": _l("Invitation expired"), "seat_panel": _l("Panel seated"),
    "close_window": _l("Reply settled with every party"), "split_off": _l("Split off from another matter"),
    "propose": _lp("proposal", "Proposal sent"), "raise_supervision": _lp("supervision", "Raised"),
    "lapse_supervision": _lp("supervision", "Taken up by a letter"),
    "close_ballots": _l("Ballots counted"), "conclude_review": _l("Review concluded"),
}
ACTIONS: dict[str, Any] = {
    **GENERAL, **CASE_STEPS, **REVIEW_STEPS, **BOOKING_STEPS, **HEARING_STEPS, **OUTREACH_STEPS, **DUTY_STEPS,
    **ROSTER_VERBS, **SUPERVISION_STEPS, **WATCHING, **PROPOSAL_STEPS, **PROGRAM_STEPS,
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


CATALOGUE: tuple[Group, ...] = (
    Group("desk", _l("Reception"), (
        Page("Case", _l("Cases"), (READ, EXPORT, REVEAL, "import", "upload", "print", *CASE_STEPS)),
        Page("Person", _l("Persons"), (READ, EDIT, EXPORT, REVEAL)),
        Page("Visit", _l("Visits"), (READ, ADD, EDIT, EXPORT)),
        Page("Document", _l("Papers"), (READ, EXPORT, "print")),
        Page("Review", _l("Expert reviews"), (READ, EXPORT, *REVIEW_STEPS)),
        Page("FollowUp", _l("Follow-ups"), (READ, EXPORT)),
        Page("Rectification", _l("Rectifications"), (READ, EXPORT)),
        Page("Hearing", _l("Hearings"), (READ, EXPORT, *HEARING_STEPS)),
        Page("Dossier", _l("Dossiers"), (READ, EXPORT)),
        Page("Outbox", _l("Outbox"), (READ, "resend", "take_back")),
    )),
    Group("rooms", _l("Rooms and duty"), (
        Page("Booking", _l("Room bookings"), (READ, EXPORT, REVEAL, *BOOKING_STEPS)),
        Page("Waiting", _l("Waiting list"), (READ, ADD, EXPORT)),
        Page("Room", _l("Function rooms"), (*CRUD, "import")),
        Page("Closure", _l("Closures of rooms"), CRUD),
        Page("Roster", _l("Duty roster"), (READ, *ROSTER_VERBS)),
        Page("DutyChange", _l("Swaps and leave"), (READ, ADD, EXPORT, *DUTY_STEPS)),
        Page("RosterRule", _l("Roster rules"), CRUD),
        Page("Shift", _l("Single shifts"), CRUD),
    )),
    Group("service", _l("Legal service and counselling"), (
        Page("AdviserDesk", _lp("adviser", "My desk"), (READ,)),
        Page("Consultation", _l("Consultations"), (READ, ADD, EDIT, EXPORT, REVEAL, "advise", "counsel")),
        Page("OutreachEvent", _l("Legal service events"), (READ, EDIT, EXPORT, *OUTREACH_STEPS)),
        Page("FirmPair", _l("Firms and communities"), CRUD),
    )),
    Group("registers", _l("Registers"), (
        Page("Expert", _l("Expert pool"), (*CRUD, REVEAL, "import")),
        Page("Adviser", _l("Legal advisers"), (*CRUD, REVEAL, "import")),
        Page("LawFirm", _l("Law firms"), (*CRUD, "import")),
    )),
    Group("supervision", _l("Supervision"), (
        Page("Supervision", _l("Supervision"), (READ, EXPORT, *WATCHING, *SUPERVISION_STEPS)),
        Page("Proposal", _l("Proposals"), (READ, ADD, EXPORT, *PROPOSAL_STEPS)),
    )),
    Group("insight", _l("Statistics"), (
        Page("Statistics", _l("Indicators and reports"), (READ, EXPORT)),
    )),
    Group("exchange", _l("Data in and out"), (
        Page("Import", _l("Import of tables"), (READ,)),
        Page("ExportRequest", _l("Large exports"), (READ, "approve_export")),
        Page("Exchange", _l("Data exchange"), (READ, "send", "receive")),
        Page("Partner", _l("Neighbouring systems"), CRUD),
    )),
    Group("settings", _l("Business settings"), (
        Page("Category", _l("Categories"), (*CRUD, "import")),
        Page("CodeTable", _l("Code tables"), (*CRUD, "import")),
        Page("Calendar", _l("Working calendar"), CRUD),
        Page("Recount", _l("Deadlines counted anew"), (READ, EXPORT), menu=False),
        Page("DeadlineRule", _l("Deadline rules"), (READ, EDIT, EXPORT)),
        Page("Parameter", _l("Parameters"), (READ, EDIT, EXPORT)),
        Page("SmsTemplate", _l("Text messages"), (READ, EDIT, EXPORT, "approve_text")),
        Page("Webhook", _l("Webhooks"), (READ, ADD, EDIT, "renew_secret")),
        Page("DocumentTemplate", _l("Templates of papers"), (READ, ADD, "activate")),
    )),
    Group("admin", _l("Administration"), (
        Page("Organisation", _l("Organisations"), (*CRUD, "import")),
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

# What can be brought in from a table, and the page whose "import" allows it.
IMPORT_PAGES: dict[str, str] = {
    "case": "Case", "expert": "Expert", "adviser": "Adviser", "law_firm": "LawFirm", "room": "Room",
    "category": "Category", "code_item": "CodeTable", "organisation": "Organisation",
}  # fmt: skip


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
