"""A5, the table: which route is for whom. A route that stands here nowhere fails the tests, so nobody adds one unseen.

A rule is ANYONE, SIGNED_IN or (page, action) of the catalogue; who holds an action is said by the shipped roles.
"""

ANYONE, SIGNED_IN = "anyone", "signed in"
Rule = str | tuple[str, str]

# Strangers: the door, health, the look. Nine routes and the files of the look.
FOR_STRANGERS: dict[str, Rule] = {
    "/login/": ANYONE,
    "/login/second-factor": ANYONE,
    "/logout/": ANYONE,
    "/api/v1/security/login": ANYONE,
    "/healthz": ANYONE,
    "/readyz": ANYONE,
    "/account/preferences": ANYONE,
    "/lang/<locale>": ANYONE,
    "/public/verify": ANYONE,  # whether a paper is genuine
    "/public/": ANYONE,
    "/public/roster/": ANYONE,  # when leaders receive, as published
    "/public/board/": ANYONE,  # figures without names
    "/public/leave": ANYONE,
    "/public/book": ANYONE,  # free times name nobody
    "/public/book/<name>": ANYONE,
    "/public/book/details": ANYONE,
    "/public/booking": ANYONE,  # a booking is shown to whoever holds its key in the session
    "/public/booking/cancel": ANYONE,
    "/public/booking/leave": ANYONE,
    "/public/case": ANYONE,  # a case is shown to whoever holds its key in the session
    "/public/case/rate": ANYONE,
    "/public/case/do/<name>": ANYONE,
    "/public/case/expert/<expert>/photo": ANYONE,
    "/back": ANYONE,  # the framework's way back: to the page before, else to the first page
    "/static/<filename>": ANYONE,
    "/static/appbuilder/<filename>": ANYONE,
}
# Only this machine or the token; a stranger finds nothing there.
# Only with a secret of its own, or on this machine; a stranger finds nothing there.
MONITORS = {"/metrics", "/feed/<token>.ics", "/display/rooms"}

# Generated screens: the noun of the address and its page; every screen has the same verbs.
SCREENS: dict[str, str] = {
    "case": "Case",
    "party": "Case",
    "claim": "Case",
    "visit": "Visit",
    "review": "Review",
    "follow_up": "FollowUp",
    "rectification": "Rectification",
    "dossier": "Dossier",
    "supervision": "Supervision",
    "proposal": "Proposal",
    "hearing": "Hearing",
    "document": "Document",
    "person": "Person",
    "expert": "Expert",
    "expert_employment": "Expert",
    "expert_kin": "Expert",
    "adviser": "Adviser",
    "law_firm": "LawFirm",
    "booking": "Booking",
    "waiting": "Waiting",
    "closure": "Closure",
    "room_hours": "Room",
    "room": "Room",
    "shift": "Shift",
    "roster_rule": "RosterRule",
    "duty_change": "DutyChange",
    "category": "Category",
    "code_table": "CodeTable",
    "code_item": "CodeTable",
    "calendar_day": "Calendar",
    "calendar_year": "Calendar",
    "recount": "Recount",
    "deadline_move": "Recount",
    "deadline_rule": "DeadlineRule",
    "parameter": "Parameter",
    "sms_template": "SmsTemplate",
    "webhook": "Webhook",
    "outbox": "Outbox",
    "document_template": "DocumentTemplate",
    "organisation": "Organisation",
    "account": "Account",
    "role": "Role",
    "audit": "Audit",
    "import": "Import",
    "export_request": "ExportRequest",
    "exchange": "Exchange",
    "partner": "Partner",
    "code_mapping": "Partner",
    "consultation": "Consultation",
    "outreach_event": "OutreachEvent",
    "firm_pair": "FirmPair",
}
VERBS: dict[str, str] = {
    "list/": "read",
    "ask": "read",
    "show/<pk>": "read",
    "choices/<field>": "read",
    "columns": "read",
    "leave": "read",
    "save-filter": "read",
    "drop-filter/<key>": "read",
    "add": "add",
    "edit/<pk>": "edit",
    "delete/<pk>": "delete",
    "export": "export",
    "reveal/<pk>/<field>": "reveal",
}
# Actions ask for a permission of their own name; without any declared there is nothing behind these addresses.
ACTION_VERBS = ("action/<name>/<pk>", "action_post")

# Generated resources: the method decides.
RESOURCES: dict[str, str] = dict(SCREENS)
METHODS: dict[str, str] = {"GET": "read", "POST": "add", "PUT": "edit", "DELETE": "delete"}

# Written by hand: each one for itself.
SPECIAL: dict[str, Rule] = {
    "/": SIGNED_IN,
    "/account/": SIGNED_IN,
    "/account/confirm": SIGNED_IN,
    "/account/password": SIGNED_IN,
    "/account/second-factor": SIGNED_IN,
    "/account/sessions": SIGNED_IN,
    "/notice/list/": SIGNED_IN,
    "/notice/<pk>/open": SIGNED_IN,
    "/notice/<pk>/mark": SIGNED_IN,
    "/notice/read": SIGNED_IN,
    "/work/": SIGNED_IN,
    "/work/count": SIGNED_IN,
    "/api/v1/notice/": SIGNED_IN,
    "/api/v1/notice/<pk>": SIGNED_IN,
    "/api/v1/work/": SIGNED_IN,
    "/template_files/": SIGNED_IN,
    "/template_files/<name>": SIGNED_IN,
    "/feed/": SIGNED_IN,
    "/feed/<pk>/revoke": SIGNED_IN,
    "/search/": SIGNED_IN,  # the rows and pages it finds are those of the actor
    "/search/suggest": SIGNED_IN,
    "/api/v1/security/logout": SIGNED_IN,
    "/api/v1/security/refresh": SIGNED_IN,
    "/api/<version>/_openapi": SIGNED_IN,
    "/account/<pk>/disable": ("Account", "disable"),
    "/account/<pk>/enable": ("Account", "disable"),
    "/account/<pk>/unlock": ("Account", "disable"),
    "/account/<pk>/password": ("Account", "reset_password"),
    "/account/<pk>/roles": ("Account", "assign_roles"),
    "/account/request/<pk>/<word>": ("Account", "assign_roles"),
    "/role/preview": ("Role", "read"),
    "/role/preview/<pk>": ("Role", "read"),
    "/role/restore/<pk>": ("Role", "edit"),
    "/audit/verify": ("Audit", "verify"),
    "/calendar_year/import": ("Calendar", "add"),
    "/calendar_year/publish/<pk>": ("Calendar", "edit"),
    "/calendar_year/withdraw/<pk>": ("Calendar", "edit"),
    # data in and out
    "/import/new": ("Import", "read"),
    "/import/template/<noun>": ("Import", "read"),
    "/import/faults/<pk>": ("Import", "read"),
    "/import/run/<pk>": ("Import", "read"),
    "/import/undo/<pk>": ("Import", "read"),
    "/export_request/decide/<pk>": ("ExportRequest", "approve_export"),
    "/export_request/fetch/<pk>": ("ExportRequest", "read"),
    "/export_request/make/<pk>": ("ExportRequest", "read"),
    "/exchange/send": ("Exchange", "send"),
    "/exchange/receive": ("Exchange", "receive"),
    "/exchange/compare": ("Exchange", "read"),
    "/exchange/receipt/<pk>/<form>": ("Exchange", "read"),
    "/api/v1/exchange/schema": ("Exchange", "read"),
    "/api/v1/exchange/send": ("Exchange", "send"),
    "/api/v1/exchange/receive": ("Exchange", "receive"),
    "/statistics/": ("Statistics", "read"),
    "/statistics/list/<code>": ("Statistics", "read"),
    "/statistics/table/": ("Statistics", "read"),
    "/statistics/export": ("Statistics", "export"),
    "/statistics/report": ("Statistics", "read"),
    "/statistics/report/docx": ("Statistics", "export"),
    "/statistics/report/pdf": ("Statistics", "export"),
    "/statistics/subscriptions": ("Statistics", "read"),
    "/statistics/subscriptions/<pk>/drop": ("Statistics", "read"),
    "/statistics/delivered/<pk>": ("Statistics", "read"),
    "/api/v1/statistics/": ("Statistics", "read"),
    # the desk
    "/case/add": ("Case", "register"),
    "/case/add/card": ("Case", "register"),
    "/case/add/check": ("Case", "register"),
    "/case/add/places": ("Case", "register"),
    "/case/add/categories": ("Case", "register"),
    "/case/add/organisations": ("Case", "register"),
    "/case/<pk>/copy": ("Case", "register"),
    "/case/draft": ("Case", "register"),
    "/case/draft/attach": ("Case", "register"),
    "/case/draft/<pk>": ("Case", "register"),
    "/case/draft/<pk>/delete": ("Case", "register"),
    "/case/drafts/": ("Case", "register"),
    "/case/<pk>/dossier.pdf": ("Case", "print"),
    "/case/<pk>/receipt": ("Case", "print"),
    "/case/<pk>/receipt/printed": ("Case", "print"),
    "/case/<pk>/receipt/renew": ("Case", "print"),
    "/case/<pk>/attach": ("Case", "upload"),
    "/attachment/<pk>/download": ("Case", "read"),
    "/attachment/<pk>/view": ("Case", "read"),
    "/attachment/<pk>/preview": ("Case", "read"),
    "/attachment/<pk>/remove": ("Case", "register"),
    "/signature/<pk>/view": ("Case", "read"),
    # rooms: the steps ask for their own permission
    "/room/calendar": ("Room", "read"),
    "/room/free/": ("Booking", "book"),
    "/booking/add": ("Booking", "book"),
    "/booking/add/choices/<field>": ("Booking", "book"),
    "/booking/series/<pk>": ("Booking", "read"),
    "/booking/<pk>/do/<name>": ("Booking", "read"),
    "/booking/<pk>/do/<name>/choices/<field>": ("Booking", "read"),
    # the roster
    "/roster/": ("Roster", "read"),
    "/roster/sessions": ("Roster", "read"),
    "/roster/session/<pk>": ("Roster", "read"),
    "/roster/session/<pk>/held": ("Roster", "confirm_session"),
    "/roster/draw": ("Roster", "draw_up"),
    "/roster/publish/<pk>": ("Roster", "publish"),
    "/roster/fill/<pk>": ("Roster", "draw_up"),
    "/roster/take/<pk>": ("Roster", "take_over"),
    "/duty_change/<pk>/do/<name>": ("DutyChange", "read"),
    "/duty_change/<pk>/do/<name>/choices/<field>": ("DutyChange", "read"),
    "/api/v1/duty_change/<pk>/steps": ("DutyChange", "read"),
    "/api/v1/duty_change/<pk>/steps/<name>": ("DutyChange", "read"),
    "/closure/cancel/<pk>": ("Booking", "arrange"),
    "/waiting/take/<pk>": ("Waiting", "add"),
    "/waiting/leave_list/<pk>": ("Waiting", "add"),
    "/api/v1/booking/": ("Booking", "read"),
    "/api/v1/booking/<pk>/steps": ("Booking", "read"),
    "/api/v1/booking/<pk>/steps/<name>": ("Booking", "read"),
    "/api/v1/room/availability": ("Room", "read"),
    # a case: reading opens the step page, the step itself asks for its own permission
    "/case/<pk>/do/<name>": ("Case", "read"),
    "/case/<pk>/do/<name>/choices/<field>": ("Case", "read"),
    "/case/<pk>/do/<name>/draft": ("Case", "read"),
    "/case/<pk>/replies": ("Case", "read"),
    "/case/<pk>/remedies/<party>/slip": ("Case", "print"),
    "/api/v1/case/<pk>/remedies": ("Case", "read"),
    "/case/<pk>/party/<party>/reveal/<field>": ("Case", "reveal"),
    "/api/v1/case/": ("Case", "read"),
    "/api/v1/case/<pk>/steps": ("Case", "read"),
    "/api/v1/case/<pk>/steps/<name>": ("Case", "read"),
    "/api/v1/case/<pk>/timeline": ("Case", "read"),
    "/api/v1/case/<pk>/clocks": ("Case", "read"),
    # a review: as a case
    "/review/<pk>/do/<name>": ("Review", "read"),
    "/review/<pk>/do/<name>/choices/<field>": ("Review", "read"),
    "/review/<pk>/material": ("Review", "read"),
    "/review/<pk>/draw/<draw>": ("Review", "read"),
    "/review/<pk>/sheet": ("Review", "pick_experts"),
    "/review/<pk>/expert/<expert>/photo": ("Review", "read"),
    "/api/v1/review/<pk>/steps": ("Review", "read"),
    "/api/v1/review/<pk>/steps/<name>": ("Review", "read"),
    "/api/v1/review/<pk>/candidates": ("Review", "pick_experts"),
    "/expert/<pk>/photo": ("Expert", "read"),
    "/api/v1/rectification/<pk>/steps": ("Rectification", "read"),
    "/api/v1/rectification/<pk>/steps/<name>": ("Rectification", "read"),
    "/api/v1/case/<pk>/documents": ("Case", "read"),
    # legal service: the steps ask for their own permission
    "/adviser_desk/": ("AdviserDesk", "read"),
    "/api/v1/consultation/<pk>/notes": ("Consultation", "read"),
    "/outreach_event/add": ("OutreachEvent", "plan_outreach"),
    "/outreach_event/<pk>/do/<name>": ("OutreachEvent", "read"),
    "/outreach_event/<pk>/do/<name>/choices/<field>": ("OutreachEvent", "read"),
    "/api/v1/outreach_event/<pk>/steps": ("OutreachEvent", "read"),
    "/api/v1/outreach_event/<pk>/steps/<name>": ("OutreachEvent", "read"),
    "/hearing/add": ("Hearing", "call_decision"),
    "/hearing/minutes/<pk>": ("Hearing", "read"),
    "/hearing/<pk>/do/<name>": ("Hearing", "read"),
    "/hearing/<pk>/do/<name>/choices/<field>": ("Hearing", "read"),
    "/api/v1/hearing/<pk>/steps": ("Hearing", "read"),
    "/api/v1/hearing/<pk>/steps/<name>": ("Hearing", "read"),
    # supervision orders and proposals: as a case
    "/supervision/<pk>/do/<name>": ("Supervision", "read"),
    "/supervision/<pk>/do/<name>/choices/<field>": ("Supervision", "read"),
    "/api/v1/supervision/<pk>/steps": ("Supervision", "read"),
    "/api/v1/supervision/<pk>/steps/<name>": ("Supervision", "read"),
    "/supervision/": ("Supervision", "read"),
    "/supervision/table": ("Supervision", "export"),
    "/supervision/case/<pk>": ("Supervision", "watch"),
    "/supervision/checks": ("Supervision", "check_gaming"),
    "/supervision/causes": ("Supervision", "watch"),
    "/supervision/cause": ("Supervision", "watch"),
    "/proposal/<pk>/do/<name>": ("Proposal", "read"),
    "/proposal/<pk>/do/<name>/choices/<field>": ("Proposal", "read"),
    "/api/v1/proposal/<pk>/steps": ("Proposal", "read"),
    "/api/v1/proposal/<pk>/steps/<name>": ("Proposal", "read"),
    # papers
    "/case/<pk>/intake-form": ("Case", "print"),
    "/document/<pk>/print": ("Document", "read"),
    "/document/<pk>/printed": ("Document", "read"),
    "/document/<pk>/docx": ("Document", "print"),
    "/document/<pk>/pdf": ("Document", "print"),
    "/api/v1/document/<pk>/docx": ("Document", "print"),
    "/api/v1/document/<pk>/pdf": ("Document", "print"),
    "/document_template/preview/<pk>": ("DocumentTemplate", "read"),
    "/document_template/word/<pk>": ("DocumentTemplate", "read"),
    "/document_template/activate/<pk>": ("DocumentTemplate", "activate"),
}
# One method of an address may ask for more than the others.
BY_METHOD: dict[tuple[str, str], Rule] = {
    ("/api/v1/case/", "POST"): ("Case", "register"),
    ("/api/v1/booking/", "POST"): ("Booking", "book"),
    ("/api/v1/hearing/", "POST"): ("Hearing", "call_decision"),
    ("/api/v1/outreach_event/", "POST"): ("OutreachEvent", "plan_outreach"),
    ("/expert/<pk>/photo", "POST"): ("Expert", "edit"),
}
# Everything below the console has one door.
BELOW: dict[str, Rule] = {"/maintenance/": ("Maintenance", "maintain")}


def rule_of(route: str, method: str) -> Rule | None:
    """Who may ask for this route by this method; None if nobody has said so."""
    said = BY_METHOD.get((route, method)) or SPECIAL.get(route) or FOR_STRANGERS.get(route)
    if said is None and route in MONITORS:
        return ANYONE
    if said is not None:
        return said
    for start, rule in BELOW.items():
        if route.startswith(start):
            return rule
    parts = route.strip("/").split("/", 1)
    if parts[0] in SCREENS and len(parts) == 2:
        verb = VERBS.get(route.removeprefix(f"/{parts[0]}/"))
        return (SCREENS[parts[0]], verb) if verb else None
    pieces = route.split("/")
    if (
        route.startswith("/api/v1/")
        and len(pieces) == 5
        and pieces[3] in RESOURCES
        and pieces[4] in ("", "<pk>", "_info")
    ):
        return RESOURCES[pieces[3]], METHODS[method]
    return None


def is_action(route: str) -> bool:
    """Whether the route carries out declared actions of a screen."""
    parts = route.strip("/").split("/", 1)
    return parts[0] in SCREENS and len(parts) == 2 and parts[1] in ACTION_VERBS
