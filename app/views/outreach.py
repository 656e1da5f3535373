"""Legal service events with the warning of a thin month; which law firm helps which community."""

from typing import Any

from flask import redirect
from flask_appbuilder import action
from flask_appbuilder.api import expose
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from app.access.actor import current_actor
from app.core import clock
from app.forms.steps import OUTREACH
from app.models.adviser import LawFirm, LegalAdviser
from app.models.organisation import Level
from app.models.outreach import FirmPair, OutreachEvent, OutreachState
from app.services import outreach as service
from app.services.queries.outreach_month import city_path, lacking
from app.services.queries.service_facts import outreach_facts, outreach_steps
from app.services.register import FOREIGN_ROW, owns
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.base import PortalInterface, PortalModelView
from app.views.case_buttons import arrange
from app.views.choice import at_levels, codes_of, own_only, start_at_home
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import StepPages
from app.workflow.engine import available


def _to_record(statement: Select[Any]) -> Select[Any]:
    """Events whose time has come and of which nothing is written down."""
    return statement.where(OutreachEvent.state == OutreachState.planned, OutreachEvent.starts_at < clock.now())


def _this_month(statement: Select[Any]) -> Select[Any]:
    first = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return statement.where(OutreachEvent.starts_at >= first)


def _firms(statement: Select[Any]) -> Select[Any]:
    return statement.where(LawFirm.active.is_(True))


def _advisers(statement: Select[Any]) -> Select[Any]:
    return statement.where(LegalAdviser.active.is_(True))


class OutreachView(PortalModelView):
    """Legal service events: when, where, who went, how many came."""

    datamodel = PortalInterface(
        OutreachEvent,
        eager=(
            selectinload(OutreachEvent.firm),
            selectinload(OutreachEvent.advisers),
            selectinload(OutreachEvent.topics),
        ),
    )
    class_permission_name = "OutreachEvent"
    route_base = "/outreach_event"
    add_title = _l("Plan an event")
    list_columns = (("title", "place"), "starts_at", "state", "firm", "attendance", "topics")
    optional_columns = ("community", "advisers", "organisation", "minutes", "summary")
    search_columns = ("state", "starts_at", "firm", "community", "organisation", "topics")
    quick_columns = ("title", "place")
    base_order = ("starts_at", "desc")
    quick_filters = (
        ("month", _l("From this month on"), _this_month),
        ("record", _lp("outreach", "To be written down"), _to_record),
        *((state.value, state.label, {"state": state}) for state in OutreachState),
    )
    form_groups = (
        (_l("What and when"), ("organisation", "title", "starts_at", "minutes", "topics")),
        (_l("Where and who"), ("place", "community", "firm", "advisers")),
    )
    show_groups = (
        (
            None,
            (
                *("title", "organisation", "starts_at", "minutes", "place", "community", "firm", "advisers"),
                *("topics", "attendance", "summary", "reason"),
            ),
        ),
    )
    narrow_choices = {
        "organisation": at_levels(Level.city, Level.township),
        "community": at_levels(Level.village, Level.township),
        "topics": codes_of("consultation_topic"),
        "firm": _firms,
        "advisers": _advisers,
    }
    list_template, show_template = "portal/outreach_list.html", "portal/outreach_show.html"
    create_verb, update_verb = service.plan, service.change
    method_permission_name = {"add": "plan_outreach"}
    prefill_form = start_at_home

    def may(self, action: str) -> bool:
        """Adding is a step of its own."""
        return super().may("plan_outreach" if action == "add" else action)

    def why_not_edit(self, record: OutreachEvent) -> Any:
        """Only what is still planned, by the centre it belongs to."""
        if not owns(current_actor(), record.organisation_id):
            return FOREIGN_ROW
        return None if record.state is OutreachState.planned else _l("Only what is still planned can be changed.")

    def list_context(self, *given: Any) -> dict[str, Any]:
        """The months that lack events stand above the list."""
        return {**super().list_context(*given), "lacking": lacking(city_path(current_actor().organisation_path))}

    def show_context(self, record: OutreachEvent) -> dict[str, Any]:
        """Steps and course."""
        steps = available(OUTREACH.flow, record, current_actor(), outreach_facts(record), OUTREACH.pages)
        return {
            "buttons": arrange(steps),
            "course": [(OUTREACH.flow.row(row.step), row) for row in reversed(outreach_steps(record.id))],
        }


class OutreachStepView(StepPages):
    """The steps of a legal service event."""

    subject = OUTREACH
    route_base = "/outreach_event"
    class_permission_name = "OutreachEvent"


class OutreachApi(PortalRestApi):
    """Legal service events."""

    view, resource_name = OutreachView, "outreach_event"
    method_permission_name = {"post": "plan_outreach", "steps": "read", "step": "read"}

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step that can be carried out, with the reason why not and the schema of its form."""
        return steps_answer(OUTREACH, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(OUTREACH))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(OUTREACH, pk, name)


class FirmPairView(PortalModelView):
    """Which law firm helps which community."""

    datamodel = PortalInterface(FirmPair, eager=(selectinload(FirmPair.firm), selectinload(FirmPair.adviser)))
    class_permission_name = "FirmPair"
    route_base = "/firm_pair"
    add_title = _l("Pair a firm with a community")
    list_columns = ("organisation", "firm", "adviser", "since", "until", "active")
    optional_columns = ("note",)
    search_columns = ("organisation", "firm", "active", "since", "until")
    quick_columns = ("note",)
    base_order = ("since", "desc")
    quick_filters = (("active", _lp("pair", "In force"), {"active": True}),)
    form_groups = ((None, ("organisation", "firm", "adviser", "since", "until", "active", "note")),)
    narrow_choices = {
        "organisation": at_levels(Level.village, Level.township),
        "firm": _firms,
        "adviser": _advisers,
    }
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_pair, service.change_pair, service.delete_pair
    why_not_edit = why_not_delete = own_only
    method_permission_name = {"end": "edit"}

    @action("end", _l("End the help today"), _l("The help of this firm for this community ends today?"), multiple=False)
    def end(self, record: FirmPair) -> Any:
        """The help ends today."""
        service.end_pair(current_actor(), record)
        return redirect(f"{self.route_base}/show/{record.id}")


class FirmPairApi(PortalRestApi):
    """Firms and communities."""

    view, resource_name = FirmPairView, "firm_pair"
