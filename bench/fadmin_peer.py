"""The yardstick for exports: Flask-Admin's own view of the stock application's cases, behind the same sign-in."""

from typing import Any

from flask import Flask, redirect
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_login import current_user

from bench import fab_peer

MOST = 10_000


class CaseAdmin(ModelView):
    """The cases with ten columns, as many as the portal's list exports."""

    column_list = (
        "number",
        "title",
        "petitioner",
        "phone",
        "category",
        "town",
        "org",
        "status",
        "received_at",
        "due_at",
    )
    column_default_sort = ("received_at", True)
    can_export = True
    export_types = ("csv", "xlsx")
    export_max_rows = MOST

    def is_accessible(self) -> bool:
        """For whoever is signed in."""
        return bool(current_user.is_authenticated)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """To the door."""
        return redirect("/login/")


def create_app() -> Flask:
    """The stock application with Flask-Admin beside it."""
    app = fab_peer.create_app()
    admin = Admin(app, name="bench", url="/fadmin", endpoint="fadmin")
    admin.add_view(CaseAdmin(fab_peer.Cases, fab_peer.db.session, endpoint="fadmin_cases", url="cases"))
    return app
