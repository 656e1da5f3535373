"""A5, the table: which route is for whom. A route that stands here nowhere fails the tests, so nobody adds one unseen.

A rule is ANYONE, SIGNED_IN or (page, action) of the catalogue; who holds an action is said by the shipped roles.
"""

ANYONE, SIGNED_IN = "anyone", "signed in"
Rule = str | tuple[str, str]

# Strangers: the door, health, the look. Eight routes and the files of the look.
FOR_STRANGERS: dict[str, Rule] = {
    "/login/": ANYONE,
    "/login/second-factor": ANYONE,
    "/logout/": ANYONE,
    "/api/v1/security/login": ANYONE,
    "/healthz": ANYONE,
    "/readyz": ANYONE,
    "/account/preferences": ANYONE,
    "/lang/<locale>": ANYONE,
    "/back": ANYONE,  # the framework's way back: to the page before, else to the first page
    "/static/<filename>": ANYONE,
    "/static/appbuilder/<filename>": ANYONE,
}
# Only this machine or the token; a stranger finds nothing there.
MONITORS = {"/metrics"}

# Generated screens: the noun of the address and its page; every screen has the same verbs.
SCREENS: dict[str, str] = {
    "case": "Case",
    "party": "Case",
    "claim": "Case",
    "visit": "Visit",
    "person": "Person",
    "expert": "Expert",
    "expert_employment": "Expert",
    "expert_kin": "Expert",
    "adviser": "Adviser",
    "law_firm": "LawFirm",
    "room": "Room",
    "shift": "Shift",
    "category": "Category",
    "code_table": "CodeTable",
    "code_item": "CodeTable",
    "calendar_day": "Calendar",
    "calendar_year": "Calendar",
    "deadline_rule": "DeadlineRule",
    "organisation": "Organisation",
    "account": "Account",
    "role": "Role",
    "audit": "Audit",
}
VERBS: dict[str, str] = {
    "list/": "read",
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
    "/notice/read": SIGNED_IN,
    "/template_files/": SIGNED_IN,
    "/template_files/<name>": SIGNED_IN,
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
    "/case/<pk>/receipt": ("Case", "print"),
    "/case/<pk>/receipt/printed": ("Case", "print"),
    "/case/<pk>/receipt/renew": ("Case", "print"),
    "/case/<pk>/attach": ("Case", "upload"),
    "/attachment/<pk>/download": ("Case", "read"),
    "/attachment/<pk>/view": ("Case", "read"),
    "/attachment/<pk>/preview": ("Case", "read"),
    "/attachment/<pk>/remove": ("Case", "register"),
    # a case: reading opens the step page, the step itself asks for its own permission
    "/case/<pk>/do/<name>": ("Case", "read"),
    "/case/<pk>/do/<name>/choices/<field>": ("Case", "read"),
    "/case/<pk>/party/<party>/reveal/<field>": ("Case", "reveal"),
    "/api/v1/case/": ("Case", "read"),
    "/api/v1/case/<pk>/steps": ("Case", "read"),
    "/api/v1/case/<pk>/steps/<name>": ("Case", "read"),
    "/api/v1/case/<pk>/timeline": ("Case", "read"),
    "/api/v1/case/<pk>/clocks": ("Case", "read"),
}
# One method of an address may ask for more than the others.
BY_METHOD: dict[tuple[str, str], Rule] = {("/api/v1/case/", "POST"): ("Case", "register")}
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
