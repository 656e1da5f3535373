"""The audit trail: read and verified by the security auditor, changed by nobody."""

from typing import Any

from flask import flash, redirect
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access import audit
from app.core.db import db
from app.models.audit import AuditEntry, AuditKind
from app.services.queries import audit_words as words
from app.views.base import PortalInterface, PortalModelView
from app.views.fields import Computed


class AuditView(PortalModelView):
    """Every entry, newest first; nothing can be added, changed or deleted."""

    datamodel = PortalInterface(AuditEntry)
    class_permission_name = "Audit"
    route_base = "/audit"
    method_permission_name = {"verify": "verify"}
    list_columns = ("at", ("who", "organisation"), ("action", "kind"), "about", "summary")
    optional_columns = ("reason", "address", "id")
    search_columns = (
        "at",
        "actor_name",
        "subject_type",
        "subject_id",
        "kind",
        "code",
        "actor_id",
        "subject",
        "address",
    )
    quick_columns = ("actor_name", "subject", "code")
    base_order = ("id", "desc")
    quick_filters = tuple((kind.value, kind.label, lambda kind=kind: AuditEntry.kind == kind) for kind in AuditKind)
    computed = {
        "who": Computed(_l("Person"), ("actor_name",), words.person_html, words.person, order="actor_name"),
        "action": Computed(_l("Action"), ("code",), words.action_html, words.action),
        "about": Computed(_l("Record"), ("subject_type", "subject_id", "subject"), words.record_html, words.record),
        "summary": Computed(_l("Changes"), ("changes", "subject_type", "reason"), words.summary),
    }
    show_groups = (
        (_l("Event"), ("at", "who", "organisation", "action", "kind", "about", "reason", "address")),
        (_l("Proof"), ("id", "code", "actor_id", "subject_type", "subject_id", "hash")),
    )
    allow_add = allow_edit = allow_delete = False
    list_template = "portal/audit_list.html"
    show_template = "portal/audit_show.html"

    def name_of(self, record: Any) -> str:
        """What happened."""
        return f"{words.action(record.code)} · {words.person(record.actor_name)}"

    def show_context(self, record: Any) -> dict[str, Any]:
        """Every change, before and after."""
        return {"diff": words.diff_html(record.changes, record.subject_type)}

    @expose("/verify", methods=["POST"])
    @has_access
    def verify(self) -> Any:
        """Walk the chain and say how it ended."""
        found = audit.check(db.session)
        if found.bad is None:
            flash(
                _(
                    "The trail is intact: %(count)s entries. Head: %(head)s",
                    count=found.walked,
                    head=f"{found.walked}:{found.head}",
                ),
                "success",
            )
        else:
            flash(
                _(
                    "The trail was tampered with: entry %(number)s is the first that does not fit (%(why)s). "
                    "Entries before it are intact.",
                    number=found.bad,
                    why=words.fault(found.why),
                ),
                "danger",
            )
        return redirect("/audit/list/?all=1")
