"""The appeals-centre portal: `create_app()` builds the WSGI application."""

import gc
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect

import app.models  # noqa: F401 - completes the metadata
from app import commands, production, views
from app.access import audit, guard
from app.config import kept_secret, settings
from app.core import catalogue, clock
from app.core.crypto import NOTES, Keyring, use_keyring
from app.core.db import configure_sqlite, db
from app.core.late_rule import LateRule
from app.core.templates import LanguageEnvironment
from app.services import search_index, sms_backend
from app.views import errors, language, page, request_cycle

csrf = CSRFProtect()


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application; see config.py for the settings that `overrides` may replace."""
    portal = Flask("app", instance_path=str(settings(overrides)["INSTANCE"]))
    portal.url_rule_class = LateRule
    portal.jinja_environment = LanguageEnvironment  # type: ignore[assignment]
    portal.config.update(settings(overrides))
    instance = portal.config["INSTANCE"]
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    portal.config["SECRET_KEY"] = portal.config["SECRET_KEY"] or kept_secret(instance, "secret_key")
    clock.use_clock(portal.config["CLOCK"])
    use_keyring(Keyring.load(instance / "keys.json", portal.config["CIPHER"]))
    use_keyring(Keyring.load(portal.config["NOTE_KEYS"], portal.config["CIPHER"]), NOTES)
    db.init_app(portal)
    csrf.init_app(portal)
    with portal.app_context():
        if db.engine.dialect.name == "sqlite":
            configure_sqlite(db.engine)
        guard.install(db.session)
        search_index.install(db.session)
        audit.install(db.session)
        request_cycle.install(portal)
        appbuilder = AppBuilder(portal, db.session)
        language.install(portal)
        catalogue.install(portal)
        views.register(appbuilder)
        page.install(portal)
        errors.install(portal)
        commands.install(portal)
        sms_backend.install(portal)
        production.check(portal)
        db.engine.dispose()  # a server forks its workers from here: none may inherit a connection
    if not portal.testing:
        gc.collect()
        gc.freeze()  # what start-up made lives as long as the process: the collector need not walk it in mid-request
    return portal
