"""The yardstick: a stock Flask-AppBuilder 5.3 application with default ModelViews over the same rows.

Indexes are those a careful developer declares: foreign keys, filtered columns, the unique number. The database comes
from BENCH_PEER_DB. Run as a script it makes tables, permissions and the clerk.
"""

import os
from datetime import datetime
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.charts.views import GroupByChartView
from flask_appbuilder.models.group import aggregate_count
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.models.sqla.filters import FilterGreater, FilterSmaller
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Column, Date, DateTime, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import relationship

from bench.sql_count import count_statements

USER, PASSWORD = "clerk", "clerk-pass-1"
db = SQLA()


class Org(Model):
    """An organisation."""

    __tablename__ = "org"
    id = Column(Integer, primary_key=True)
    parent_id = Column(Integer, ForeignKey("org.id"), index=True)
    kind = Column(String(16), nullable=False)
    name = Column(String(64), nullable=False)
    code = Column(String(32), nullable=False)
    path = Column(String(64), nullable=False)

    def __repr__(self) -> str:
        return self.name


class Cases(Model):
    """A case, all in one table."""

    __tablename__ = "cases"
    id = Column(Integer, primary_key=True)
    number = Column(String(24), unique=True, nullable=False)
    title = Column(String(120), nullable=False)
    petitioner = Column(String(32), nullable=False)
    phone = Column(String(20), nullable=False)
    id_number = Column(String(20), nullable=False)
    channel = Column(String(16), nullable=False)
    category = Column(String(32), nullable=False, index=True)
    town_id = Column(Integer, ForeignKey("org.id"), nullable=False, index=True)
    town = relationship("Org", foreign_keys=[town_id])
    org_id = Column(Integer, ForeignKey("org.id"), nullable=False, index=True)
    org = relationship("Org", foreign_keys=[org_id])
    status = Column(String(24), nullable=False, index=True)
    received_at = Column(DateTime, nullable=False, index=True)
    due_at = Column(DateTime, nullable=False)
    persons = Column(Integer, nullable=False)
    facts = Column(Text, nullable=False)
    satisfaction = Column(Integer)

    def __repr__(self) -> str:
        return self.number

    def cube(self) -> str:
        """What the statistics group by."""
        return f"{self.category} {self.received_at:%Y-%m} {self.town_id}"


class Room(Model):
    """A room; like the registers below it makes the menu as long as a real one."""

    __tablename__ = "room"
    id = Column(Integer, primary_key=True)
    name = Column(String(32), nullable=False)

    def __repr__(self) -> str:
        return self.name


class Expert(Model):
    """An expert."""

    __tablename__ = "expert"
    id = Column(Integer, primary_key=True)
    name = Column(String(32), nullable=False)
    field = Column(String(16), nullable=False)


class Adviser(Model):
    """A legal adviser."""

    __tablename__ = "adviser"
    id = Column(Integer, primary_key=True)
    name = Column(String(32), nullable=False)
    firm = Column(String(64), nullable=False)


class Booking(Model):
    """A booking of a room: a slot of a day, kept from being taken twice by a unique key."""

    __tablename__ = "booking"
    __table_args__ = (UniqueConstraint("room_id", "day", "slot"),)
    id = Column(Integer, primary_key=True)
    room_id = Column(Integer, ForeignKey("room.id"), nullable=False, index=True)
    room = relationship("Room")
    day = Column(Date, nullable=False, index=True)
    slot = Column(Integer, nullable=False)
    booker = Column(String(32), nullable=False)
    purpose = Column(String(120), nullable=False)


class CaseView(ModelView):
    """The list under measurement."""

    datamodel = SQLAInterface(Cases)
    list_columns = ["number", "title", "petitioner", "category", "town.name", "org.name", "status", "received_at",
                    "due_at", "persons"]  # fmt: skip
    base_order = ("received_at", "desc")
    page_size = 25


class OrgView(ModelView):
    """Organisations."""

    datamodel = SQLAInterface(Org)
    list_columns = ["name", "kind", "code"]


class RoomView(ModelView):
    """Rooms."""

    datamodel = SQLAInterface(Room)
    list_columns = ["name"]


class ExpertView(ModelView):
    """Experts."""

    datamodel = SQLAInterface(Expert)
    list_columns = ["name", "field"]


class AdviserView(ModelView):
    """Advisers."""

    datamodel = SQLAInterface(Adviser)
    list_columns = ["name", "firm"]


class BookingView(ModelView):
    """Bookings."""

    datamodel = SQLAInterface(Booking)
    list_columns = ["room.name", "day", "slot", "booker", "purpose"]
    add_columns = ["room", "day", "slot", "booker", "purpose"]


class StatView(GroupByChartView):
    """Cases of a year by category, month and town: the framework loads the rows and groups them in Python."""

    datamodel = SQLAInterface(Cases)
    chart_title = "statistics"
    base_filters = [
        ["received_at", FilterGreater, datetime(2024, 12, 31, 23, 59, 59)],
        ["received_at", FilterSmaller, datetime(2026, 1, 1)],
    ]
    definitions = [{"label": "cube", "group": "cube", "series": [(aggregate_count, "id")]}]


def create_app(setup: bool = False) -> Flask:
    """The application as the framework's tutorial builds it."""
    app = Flask("fab_peer")
    app.config.update(
        SECRET_KEY="bench-only-key-not-a-secret-000000", SQLALCHEMY_DATABASE_URI=os.environ["BENCH_PEER_DB"],
        AUTH_TYPE=1, APP_NAME="bench", FAB_UPDATE_PERMS=setup, BABEL_DEFAULT_LOCALE="zh",
        LANGUAGES={"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
    )  # fmt: skip
    db.init_app(app)
    CSRFProtect(app)
    with app.app_context():
        builder = AppBuilder(app, db.session)
        builder.add_view(CaseView, "Cases", category="Work")
        builder.add_view(OrgView, "Orgs", category="Base")
        builder.add_view(BookingView, "Bookings", category="Work")
        builder.add_view(RoomView, "Rooms", category="Base")
        builder.add_view(ExpertView, "Experts", category="Base")
        builder.add_view(AdviserView, "Advisers", category="Base")
        builder.add_view(StatView, "Statistics", category="Work")
        count_statements(app, db.engine)
        if setup:
            _grant(builder.sm)
    return app


def _grant(sm: Any) -> None:
    role = sm.add_role("Clerk")
    views = ("CaseView", "BookingView", "RoomView", "ExpertView", "AdviserView")
    pairs = [(action, view) for view in views for action in ("can_list", "can_show", "can_add", "can_edit")]
    menus = ("Cases", "Bookings", "Rooms", "Experts", "Advisers", "Statistics", "Work", "Base")
    for permission, view in [*pairs, ("can_chart", "StatView"), *(("menu_access", menu) for menu in menus)]:
        found = sm.find_permission_view_menu(permission, view)
        if found:
            sm.add_permission_role(role, found)
    sm.add_user(USER, "Clerk", "User", "clerk@example.invalid", role, password=PASSWORD)
