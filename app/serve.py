"""Set a fresh machine up and serve it (the README's first command)."""

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from waitress import serve

from app import create_app, logs
from app.access.actor import SYSTEM, acting
from app.config import demo_password
from app.core.db import db
from app.models.account import Account
from seed import demo, load
from seed.accounts import accounts as demo_accounts

THREADS = 8


def prepare(portal: Flask) -> str | None:
    """Migrate, load base data, and on the first run (never in production) the demo; gives the demo password, if any."""
    with portal.app_context(), acting(SYSTEM):
        upgrade()
        load.base()
        if portal.config["PRODUCTION"]:
            return None
        password = demo_password(portal.config["INSTANCE"])
        if db.session.scalar(select(Account.id).where(Account.demo).limit(1)) is None:
            load.accounts(password)
            demo.load()
        return password


def main() -> None:
    """Prepare, say where and for whom, and serve with waitress."""
    logs.install()
    portal = create_app()
    password = prepare(portal)
    host, port = portal.config["HOST"], portal.config["PORT"]
    print(f"\n  http://{host}:{port}\n")
    if password:
        print(f"  Demo password for every account: {password}")
        print("  " + " ".join(account.username for account in demo_accounts()) + "\n", flush=True)
    serve(portal, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True)
