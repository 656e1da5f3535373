"""Cases: the list a desk works from, and the page that tells the whole story of one."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import abort, g, jsonify, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import Select
from sqlalchemy.sql.elements import True_

from app.access.actor import current_actor
from app.core import clock
from app.core.masks import mask_value
from app.forms.steps import CASE
from app.models.case import OPEN_STATES, Case, CaseState
from app.models.code_table import Category
from app.models.deadline import DeadlineState
from app.models.organisation import Level, Organisation
from app.models.party import Side
from app.services import reveal as revealing
from app.services.access_log import log_read
from app.services.queries import home, search
from app.services.queries.case_page import CasePage, Speaker, case_page, party_of, stages, steps_of
from app.services.queries.choices import parse_key
from app.services.queries.remedies import NAMES
from app.services.queries.story import group_of, groups_in, story
from app.services.queries.timeline import state_label
from app.services.queries.why import sentences
from app.services.registration import group_size
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.case_reply import answers, party_lines, waiting_papers
from app.views.fields import Computed
from app.views.lights import Light, light_of
from app.views.list_state import ListState
from app.views.listing import Newest, scoped

SOON = timedelta(days=3)
NEWEST_FIRST = ("registered_at", True)
REVEALED = (
    ("id_number", _l("ID number"), "id"),
    ("phone", _l("Phone"), "phone"),
    ("address", _l("Address"), "address"),
)


def mine(statement: Select[Any]) -> Select[Any]:
    """Cases whose next step is the actor's."""
    return statement.where(home.waiting(home.drivers(current_actor(), CASE.built)))


def running(statement: Select[Any], *days: Any) -> Select[Any]:
    """Open cases by their day. The states are excluded, not listed, so that the index of the days is walked."""
    return statement.where(*days, Case.paused.is_(False), Case.state.not_in(sorted(set(CaseState) - OPEN_STATES)))


def overdue(statement: Select[Any]) -> Select[Any]:
    """Cases past their day."""
    return running(statement, Case.due_on < clock.today())


def soon(statement: Select[Any]) -> Select[Any]:
    """Cases due today or within three days."""
    return running(statement, Case.due_on.between(clock.today(), clock.today() + SOON))


def today(statement: Select[Any]) -> Select[Any]:
    """Cases due today."""
    return running(statement, Case.due_on == clock.today())


def group(statement: Select[Any]) -> Select[Any]:
    """Visits of many."""
    return statement.where(Case.head_count >= group_size())


def petitioner_text(name: str, head_count: int) -> str:
    """Zhang Jianjun and 11 others, the short way a list says it."""
    if head_count <= 1:
        return name
    return ngettext("%(name)s, %(num)d person", "%(name)s, %(num)d persons", head_count, name=name)


def light_html(due: Any, paused: bool, provisional: bool) -> Any:
    """The light of a case as a list shows it: shape, colour and words, and the day beneath."""
    light = light_of(due, paused, provisional)
    if light is None:
        return ""
    return Markup('<span class="tag {}" title="{}">{}</span>').format(light.tone, light.title, light.text)


def light_text(due: Any, paused: bool, provisional: bool) -> str:
    """The light of a case in words, for exports."""
    light = light_of(due, paused, provisional)
    return "" if light is None else _("%(name)s (%(side)s)", name=light.text, side=due)


def _leaves(statement: Select[Any]) -> Select[Any]:
    return statement.where(Category.leaf.is_(True))


def _towns(statement: Select[Any]) -> Select[Any]:
    return statement.where(Organisation.level == Level.township)


class CaseView(PortalModelView):
    """The cases the person sees; a case is changed by its steps only."""

    datamodel = PortalInterface(Case)
    class_permission_name = "Case"
    route_base = "/case"
    computed = {
        "petitioner": Computed(_l("Petitioner"), ("petitioner_name", "head_count"), petitioner_text),
        "light": Computed(
            _l("Deadline"), ("due_on", "paused", "due_provisional"), light_html, light_text, order="due_on"
        ),
    }
    list_columns = (
        ("title", "number", "town", "category"),
        ("petitioner", "petitioner_phone"),
        "state",
        ("light", "due_on"),
        "registered_at",
    )
    optional_columns = (
        *("channel", "kind", "village", "lead_organisation", "head_count", "round", "organisation", "outside_number"),
    )
    search_columns = ("state", "category", "kind", "channel", "town", "lead_organisation", "registered_at", "due_on")
    quick_columns = ("title",)
    order_columns = ("registered_at", "due_on")
    base_order = ("registered_at", "desc")
    label_columns = {"title": _l("Matter")}
    narrow_choices = {"category": _leaves, "town": _towns}
    quick_filters = (
        ("mine", _l("Waiting for me"), mine),
        ("overdue", _l("Overdue"), overdue),
        ("today", _l("Due today"), today),
        ("soon", _l("Due within 3 days"), soon),
        ("group", _l("Group visits"), group),
    )
    count_tabs = True
    allow_add = allow_edit = allow_delete = False
    method_permission_name = {"reveal_party": "reveal"}
    exclude_route_methods = {"reveal"}
    show_groups = (
        (
            None,
            (
                "number",
                "title",
                "state",
                "channel",
                "kind",
                "category",
                "town",
                "village",
                "head_count",
                "occurred_on",
                "registered_at",
                "round",
                "organisation",
                "lead_organisation",
                "petitioner_name",
                "petitioner_phone",
                "due_on",
                "due_code",
                "due_provisional",
                "facts",
            ),
        ),
    )

    def tab_key(self) -> int:
        """From how many persons on a visit is a group's."""
        return group_size()

    def search_text(self, statement: Select[Any], text: str) -> Select[Any]:
        """Names, titles, claims, numbers, initials, telephone, ID number: by the index."""
        return search.limited(statement, self._found(text))

    def newest(self, state: ListState) -> Newest | None:
        """A common word, in the order of registration: the newest cases that hold it are looked through first."""
        found = self._found(state.text) if state.text and state.asked.page == 1 else None
        if not isinstance(found, search.Common) or (state.asked.order, state.asked.descending) != NEWEST_FIRST:
            return None
        alone = not state.applied and not state.tab
        reach = state.asked.size * (2 if alone else 10)
        many = alone and isinstance(scoped(Case), True_)
        return Newest(reach, partial(found.holds, reach), many)

    @staticmethod
    def _found(text: str) -> search.Common | list[int]:
        """The rows and their count are one search."""
        kept = g.get("found_cases")
        if kept is None or kept[0] != text:
            kept = g.found_cases = (text, search.case_ids(current_actor(), text))
        found: search.Common | list[int] = kept[1]
        return found

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """Registering begins here."""
        return [(_("Register a case"), "/case/add", "p")] if current_actor().may("register", "Case") else []

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """The page of one case; each reading is noted in the trail."""
        actor, page = current_actor(), case_page(parse_key(pk))
        log_read(actor, page.case)
        steps = steps_of(page, actor, CASE.built - CASE.apart)
        last = CASE.flow.row(page.course[-1].step) if page.course else None
        return self.render_template(
            "portal/case_show.html",
            page=page,
            case=page.case,
            late=page.facts.late,
            party_names={s.party.id: s.name for s in page.speakers},
            title=page.case.title,
            crumbs=self.crumbs((page.case.number, None)),
            sub=sub_line(page),
            buttons=arrange(steps),
            stages=stages(page.case, page.course),
            light=self._light(page.case),
            then=last.next_from(page.case.state) if last is not None and page.case.state in OPEN_STATES else None,
            to_serve=waiting_papers(page),
            reply_lines=party_lines(page),
            answers=answers(page),
            clocks=[clock_line(row, page) for row in page.clocks if row.code not in NAMES],
            **course_of_page(page, request.args.get("course", "")),
            speakers=[speaker_lines(speaker, page.case.id) for speaker in page.speakers],
            state_label=state_label,
            may={action: actor.may(action, "Case") for action in ("reveal", "print")}
            | {"visit": actor.may("add", "Visit"), "person": actor.may("read", "Person")}
            | {"watch": actor.may("watch", "Supervision")},
        )

    @staticmethod
    def _light(case: Case) -> Light | None:
        return light_of(case.due_on, case.paused, case.due_provisional) if case.state in OPEN_STATES else None

    @expose("/<pk>/party/<party>/reveal/<field>", methods=["POST"])
    @has_access
    def reveal_party(self, pk: str, party: str, field: str) -> Any:
        """The whole of one masked field of a person in the case, against a reason that goes into the trail."""
        person = party_of(parse_key(pk), parse_key(party)).person
        if person is None or field not in {name for name, _label, _mask in REVEALED}:
            abort(404)
        value = revealing.reveal(current_actor(), person, field, request.form.get("reason", ""))
        return jsonify({"value": value or ""})


def course_of_page(page: CasePage, wanted: str) -> dict[str, Any]:
    """The course as the page tells it, and what it can be narrowed to."""
    whole = story(page.course, page.visits, page.review_course, page.recordings)
    groups = groups_in(whole)
    only = wanted if wanted in dict(groups) else "all"
    events = whole if only == "all" else [event for event in whole if group_of(event) == only]
    return {"events": events, "groups": groups if len(groups) > 2 else (), "only": only}


def sub_line(page: CasePage) -> list[str]:
    """What stands under the title: number, channel, place, category, who, round."""
    case = page.case
    said = [
        case.number,
        str(case.channel.label),
        str(case.kind.label),
        page.place,
        page.category,
        petitioner_text(case.petitioner_name, case.head_count),
        _("Round %(round)s", round=case.round),
    ]
    return [part for part in said if part]


def clock_line(row: Any, page: CasePage) -> dict[str, Any]:
    """One deadline as the page tells it: its light or its end, its day, and why that day."""
    whose = next((r.organisation_name for r in page.referrals if r.id == row.referral_id), "")
    light: Any = light_of(row.due_on, row.state == DeadlineState.paused, row.provisional)
    if row.state not in (DeadlineState.running, DeadlineState.paused):
        light = Light(row.state.tone, row.state.label, row.met_on.isoformat() if row.met_on else "")
    return {
        "name": row.rule_name,
        "whose": whose,
        "light": light,
        "row": row,
        "why": sentences(row.why),
        "moves": [move_line(move) for move in page.facts.late.moves if move.deadline_id == row.id],
        "source": row.rule_source,
        "open": row.state in (DeadlineState.running, DeadlineState.paused),
    }


def move_line(move: Any) -> Any:
    """How a deadline moved when it was counted anew."""
    return _(
        "Counted anew on %(on)s (%(cause)s, %(subject)s): %(before)s → %(after)s.",
        on=clock.local(move.at).date().isoformat(),
        cause=move.cause.label,
        subject=move.subject,
        before=move.before_on.isoformat(),
        after=move.after_on.isoformat(),
    )


def speaker_lines(speaker: Speaker, case_id: int) -> dict[str, Any]:
    """One party as the page tells it; personal data masked."""
    party = speaker.party
    base = f"/case/{case_id}/party/{party.id}/reveal"
    lines = [
        {"label": label, "text": mask_value(mask, value), "reveal": f"{base}/{field}"}
        for field, label, mask in REVEALED
        if party.case_id == case_id and (value := getattr(party, field))
    ]
    return {
        "id": party.id,
        "side": party.side,
        "name": speaker.name,
        "petitioner": party.side is Side.petitioner,
        "representative": speaker.representative,
        "lines": lines,
        "unverified": bool(party.unverified),
        "agents": speaker.agents,
    }
