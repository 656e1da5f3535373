"""The legal advisers who sit in the centres."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.core import clock
from app.models.adviser import AdviserKind, LegalAdviser
from app.models.organisation import Level
from app.services import adviser as service
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import NamesAccounts, at_levels, own_only, start_at_home

ENDS_WITHIN = timedelta(days=60)


def ends_soon(statement: Select[Any]) -> Select[Any]:
    """Advisers in service whose appointment ends within sixty days, or has ended."""
    until = LegalAdviser.appointed_until
    return statement.where(until <= clock.today() + ENDS_WITHIN, LegalAdviser.active.is_(True))


class AdviserView(NamesAccounts, PortalModelView):
    """Legal advisers: law scholars, lawyers, legal workers."""

    datamodel = PortalInterface(LegalAdviser)
    class_permission_name = "Adviser"
    route_base = "/adviser"
    add_title = _l("Add an adviser")
    list_columns = (
        ("name", "licence"),
        "kind",
        ("firm", "specialty"),
        "organisation",
        "phone",
        "appointed_until",
        "active",
    )
    optional_columns = ("appointed_from", "account")
    search_columns = ("kind", "firm", "organisation", "active", "specialty", "appointed_until")
    quick_columns = ("name", "pinyin", "licence", "specialty")
    base_order = ("pinyin", "asc")
    quick_filters = (
        *((kind.value, kind.label, {"kind": kind}) for kind in AdviserKind),
        ("ending", _l("Appointment ends within 60 days"), ends_soon),
    )
    count_tabs = True
    form_groups = (
        (_l("Who it is"), ("name", "kind", "firm", "licence", "phone", "specialty")),
        (_l("Appointment"), ("organisation", "active", "appointed_from", "appointed_until", "account", "introduction")),
    )
    narrow_choices = {"organisation": at_levels(Level.city, Level.township)}
    allow_delete = True
    create_verb, update_verb, delete_verb = service.add_adviser, service.change_adviser, service.delete_adviser
    why_not_edit = why_not_delete = own_only
    prefill_form = start_at_home
