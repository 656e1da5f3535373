"""Deadlines counted anew: each count with its cause, and the list of what moved."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from markupsafe import Markup, escape

from app.models.recount import DeadlineMove, Recount, RecountCause
from app.services.queries.why import sentences
from app.views.base import PortalInterface, PortalModelView
from app.views.choice import ChildPages
from app.views.fields import Computed


def _change(before: date, after: date, was: bool, provisional: bool) -> str:
    marks = [_lp("recount", "provisional"), _lp("recount", "certain")]
    said = f"{before} → {after}" if before != after else str(after)
    return f"{said} · {marks[0 if was else 1]} → {marks[0 if provisional else 1]}" if was != provisional else said


def _reasons(why: Any) -> Markup:
    return Markup("<br>").join(escape(str(sentence)) for sentence in sentences(why))


def _reasons_text(why: Any) -> str:
    return " ".join(str(sentence) for sentence in sentences(why))


class DeadlineMoveView(ChildPages, PortalModelView):
    """The deadlines of one count: their day before, their day now, and why."""

    datamodel = PortalInterface(DeadlineMove)
    class_permission_name = "Recount"
    route_base = "/deadline_move"
    noun = _l("Deadlines that moved")
    parent_field, parent_base, parent_title = "recount", "/recount", _l("Deadlines counted anew")
    computed: Any = {
        "change": Computed(
            _lp("recount", "From and to"), ("before_on", "after_on", "before_provisional", "provisional"), _change
        ),
        "reasons": Computed(_l("Reckoning"), ("why",), _reasons, _reasons_text),
    }
    list_columns = (("number", "code"), "change", "reasons", "recount")
    search_columns = ("recount", "code", "after_on")
    quick_columns = ("number", "code")
    order_columns = ("number", "before_on", "after_on")
    base_order = ("number", "asc")
    show_groups = ((None, ("number", "code", "change", "reasons", "recount")),)
    allow_add = allow_edit = allow_delete = False
    related_rows = 100


class RecountView(PortalModelView):
    """When deadlines were counted anew: the calendar or a rule changed, a case was suspended or given more time."""

    datamodel = PortalInterface(Recount)
    class_permission_name = "Recount"
    route_base = "/recount"
    noun = _l("Deadlines counted anew")
    related_views = (DeadlineMoveView,)
    list_columns = ("at", "cause", "subject", "moved", "settled")
    search_columns = ("cause", "at")
    quick_columns = ("subject",)
    order_columns = ("at", "moved", "settled")
    base_order = ("at", "desc")
    quick_filters = tuple((cause.value, cause.label, {"cause": cause}) for cause in RecountCause)
    show_groups = ((None, ("at", "cause", "subject", "moved", "settled")),)
    allow_add = allow_edit = allow_delete = False
