"""The search box of every page: suggestions while typing, and a page of results."""

from typing import Any
from urllib.parse import quote, urlencode

from flask import redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import Actor, current_actor
from app.access.permissions import CATALOGUE
from app.core import clock
from app.core.sealed import holds_number, is_sealed
from app.services.access_log import log_read
from app.services.queries import quick_search as search
from app.services.queries.choices import parse_key
from app.services.queries.search import TEXT_LENGTH
from app.views.my_account import signed_in
from app.views.page import ADDRESSES
from app.views.typed import Refused, for_address, typed_in, typed_so_far


def pages_for(actor: Actor, typed: str) -> list[dict[str, Any]]:
    """Pages of the menu whose name holds what was typed."""
    word = typed.strip().casefold()
    found = [
        {"href": ADDRESSES[page.name], "title": str(page.label), "sub": str(group.label)}
        for group in CATALOGUE
        for page in group.pages
        if page.menu and page.name in ADDRESSES and actor.opens(page.name) and word in str(page.label).casefold()
    ]
    if actor.may("register", "Case") and word in _("Register a case").casefold():
        found.insert(0, {"href": "/case/add", "title": _("Register a case"), "sub": ""})
    return found[:5]


def create_address(actor: Actor, typed: str) -> str | None:
    """Where a new case is registered under the typed name; numbers are not carried over in an address."""
    if not actor.may("register", "Case"):
        return None
    named = typed.strip() and not any(char.isdigit() for char in typed)
    return f"/case/add?name={quote(typed.strip()[:64])}" if named else "/case/add"


def person_line(person: search.PersonHit) -> str:
    """What stands beside a person's name."""
    return " · ".join(part for part in (person.id_number, person.phone) if part)


class QuickSearchView(BaseView):
    """Search from anywhere."""

    route_base = "/search"
    default_view = "results"

    @staticmethod
    def _asked(typed: str) -> str:
        return typed.replace("\x00", "").strip()[:TEXT_LENGTH]

    def _opened(self, given: str) -> str:
        """What was typed, out of the address."""
        try:
            return typed_in(given if is_sealed(given) else self._asked(given))
        except Refused:
            return ""

    def _log(self, typed: str, always: bool) -> None:
        """Searching by somebody's number is a reading of personal data, and so is a page of results."""
        if typed and (always or search.is_personal(typed)):
            log_read(current_actor(), None, "case:search", search.masked(typed))

    @expose("/suggest")
    @signed_in
    def suggest(self) -> Any:
        """The part of the page under the box."""
        typed, actor = self._asked(typed_so_far()), current_actor()
        if not typed:
            return ""
        cases = search.find_cases(actor, typed)
        persons = search.find_persons(actor, typed, [hit.id for hit in cases])
        self._log(typed, always=False)
        groups = [
            {
                "label": _("Cases"),
                "items": [
                    {
                        "href": f"/case/show/{hit.id}",
                        "title": hit.title,
                        "sub": " · ".join(
                            str(part)
                            for part in (hit.number, hit.outside_number, hit.petitioner_name, hit.state.label)
                            if part
                        ),
                    }
                    for hit in cases
                ],
            },
            {
                "label": _("Persons"),
                "items": [
                    {"href": f"/person/show/{one.id}", "title": one.name, "sub": person_line(one)} for one in persons
                ],
            },
            {"label": _("Pages"), "items": pages_for(actor, typed)},
        ]
        return self.render_template(
            "portal/_suggest.html", groups=groups, q=typed, create_href=create_address(actor, typed)
        )

    @expose("/", methods=["POST"])
    @signed_in
    def ask(self) -> Any:
        """What the box sends: to the results, by an address that holds nobody's number."""
        return redirect("/search/?" + urlencode({"q": for_address(self._asked(request.form.get("q", "")))}), 303)

    @expose("/")
    @signed_in
    def results(self) -> Any:
        """All that fits, newest first; the only case, or the case of that number, opens at once."""
        given, actor = request.args.get("q", ""), current_actor()
        typed = self._opened(given)
        q = given if is_sealed(given) else for_address(typed)
        if is_sealed(q) and q != given:  # typed into the address line: at least it does not stay there
            return redirect("/search/?" + urlencode({"q": q}))
        before = parse_key(request.args.get("before"))
        cases = search.find_cases(actor, typed, search.PAGE + 1, before) if typed else []
        self._log(typed, always=True)
        exact = search.exact_one(typed, cases) if before is None else None
        if exact is not None:
            return redirect(f"/case/show/{exact.id}")
        shown = cases[: search.PAGE]
        persons = search.find_persons(actor, typed, [hit.id for hit in cases]) if before is None else []
        return self.render_template(
            "portal/search.html",
            q=search.masked(typed) if holds_number(typed) else typed,
            address=urlencode({"q": q}),
            cases=shown,
            more=shown[-1].id if len(cases) > search.PAGE else None,
            persons=[(one, person_line(one)) for one in persons],
            pages=pages_for(actor, typed) if typed else [],
            create_href=create_address(actor, typed),
            title=_("Search"),
            today=clock.today(),
            before=before,
        )
