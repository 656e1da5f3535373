"""The maintenance console of the system administrator: Flask-Admin at /maintenance/, behind one permission."""

from typing import Any

from flask import Flask, current_app
from flask_admin import Admin, AdminIndexView, BaseView, expose
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _l

from app.models.account import LoginAttempt, LoginSession
from app.models.audit import Job, Notice
from app.models.code_table import CodeItem, CodeTable
from app.models.outbox import OutboxMessage
from app.models.parameter import Parameter
from app.services.queries.system_info import facts
from app.views.console import tables
from app.views.console.base import Guard
from app.views.console.files import TemplateFileConsole
from app.views.request_cycle import csp_nonce


class ConsoleHome(Guard, AdminIndexView):
    """What there is."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.static_folder = None  # its scripts and styles are not used, so they are not served


class SystemPage(Guard, BaseView):
    """Versions, database, disk."""

    @expose("/")
    def index(self) -> Any:
        """How the installation stands."""
        groups = facts(current_app.config["INSTANCE"])
        return self.render("admin/portal_system.html", groups=groups)


def install(app: Flask) -> Admin:
    """Put the console into the application."""
    admin = Admin(
        app,
        name=_l("Maintenance console"),
        url="/maintenance",
        endpoint="maintenance",
        theme=Bootstrap4Theme(swatch="default"),
        csp_nonce_generator=csp_nonce,
        index_view=ConsoleHome(
            name=_l("Overview"), url="/maintenance", endpoint="maintenance", template="admin/portal_index.html"
        ),
    )
    for view in (
        tables.CodeTableConsole(CodeTable, _l("Code tables"), "code_table"),
        tables.CodeItemConsole(CodeItem, _l("Codes"), "code_item"),
        tables.ParameterConsole(Parameter, _l("Parameters"), "parameter"),
        TemplateFileConsole(),
        tables.JobConsole(Job, _l("Jobs"), "job"),
        tables.OutboxConsole(OutboxMessage, _l("Outbox"), "outbox_message"),
        tables.SessionConsole(LoginSession, _l("Sign-in sessions"), "login_session"),
        tables.AttemptConsole(LoginAttempt, _l("Sign-in tries"), "login_attempt"),
        tables.NoticeConsole(Notice, _l("Notices sent"), "notice"),
        SystemPage(name=_l("System"), endpoint="console_system", url="system"),
    ):
        admin.add_view(view)
    return admin
