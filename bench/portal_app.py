"""The portal as gunicorn serves it in the benchmark: the application itself, with the counting header on top."""

from app import create_app as create_portal
from app.core.db import db
from bench.sql_count import count_statements


def create_app():
    """The portal of the instance that PORTAL_INSTANCE and PORTAL_DATABASE_URL name."""
    portal = create_portal()
    with portal.app_context():
        count_statements(portal, db.engine)
    return portal
