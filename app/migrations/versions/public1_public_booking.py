"""public booking: rooms that the public books, times kept for a few minutes, the code that cancels"""

import sqlalchemy as sa
from alembic import op

revision = "public1"
down_revision = "excel1"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ONE_OWNER = (
    "CASE WHEN booking_id IS NULL THEN 0 ELSE 1 END + CASE WHEN waiting_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END = 1"
)
# Added in place: making the table anew would delete what refers to it.
ROOM = (
    "ALTER TABLE room ADD COLUMN public_minutes INTEGER DEFAULT 30 NOT NULL "
    "CONSTRAINT ck_room_public_bounded CHECK (public_minutes BETWEEN 10 AND 240)",
    "ALTER TABLE room ADD COLUMN public_service VARCHAR(32) CONSTRAINT ck_room_public_service_code CHECK "
    "(public_service IN ('legal_consultation', 'counselling', 'visit') OR public_service IS NULL)",
    "ALTER TABLE booking ADD COLUMN cancel_hash VARCHAR(64)",
)
_TAKEN = """(SELECT ends FROM occupancy WHERE resource = NEW.resource AND begins < NEW.ends {other}
       ORDER BY begins DESC LIMIT 1) > NEW.begins"""
_OTHER = "AND NOT (resource = OLD.resource AND begins = OLD.begins)"
TRIGGERS = (
    f"""CREATE TRIGGER occupancy_taken BEFORE INSERT ON occupancy WHEN {_TAKEN.format(other="")}
       BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed\\: index ''ex_occupancy_taken'''); END""",
    f"""CREATE TRIGGER occupancy_moved BEFORE UPDATE ON occupancy WHEN {_TAKEN.format(other=_OTHER)}
       BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed\\: index ''ex_occupancy_taken'''); END""",
)


def _sqlite() -> None:
    """SQLite changes no constraint in place: the table is made anew (nothing refers to it), with its triggers."""
    op.rename_table("occupancy", "occupancy_before")
    for name in ("booking_id", "waiting_id"):
        op.execute(f"DROP INDEX ix_occupancy_{name}")
    op.create_table(
        "occupancy",
        sa.Column("resource", KEY, autoincrement=False, nullable=False),
        sa.Column("begins", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", KEY, nullable=True),
        sa.Column("waiting_id", KEY, nullable=True),
        sa.Column("hold_id", KEY, nullable=True),
        sa.CheckConstraint(ONE_OWNER, name=op.f("ck_occupancy_one_owner")),
        sa.CheckConstraint(
            "begins >= 0 AND ends < 17179869184 AND resource >= 0 AND resource < 134217728",
            name=op.f("ck_occupancy_range"),
        ),
        sa.CheckConstraint("ends > begins", name=op.f("ck_occupancy_order")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_occupancy_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["waiting_entry.id"], name=op.f("fk_occupancy_waiting_id_waiting_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["public_hold.id"], name=op.f("fk_occupancy_hold_id_public_hold"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource", "begins", name=op.f("pk_occupancy")),
    )
    op.execute(
        "INSERT INTO occupancy (resource, begins, ends, booking_id, waiting_id) "
        "SELECT resource, begins, ends, booking_id, waiting_id FROM occupancy_before"
    )
    op.drop_table("occupancy_before")
    for name in ("booking_id", "waiting_id"):
        op.create_index(op.f(f"ix_occupancy_{name}"), "occupancy", [name])
    for statement in TRIGGERS:
        op.execute(sa.text(statement))


def _postgresql() -> None:
    op.add_column("occupancy", sa.Column("hold_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_occupancy_hold_id_public_hold"), "occupancy", "public_hold", ["hold_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_constraint(op.f("ck_occupancy_one_owner"), "occupancy", type_="check")
    op.create_check_constraint(op.f("ck_occupancy_one_owner"), "occupancy", ONE_OWNER)


def upgrade() -> None:
    for statement in ROOM:
        op.execute(statement)
    op.create_table(
        "public_hold",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("room_id", KEY, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", KEY, nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_public_hold_time_order")),
        sa.CheckConstraint(
            "service IN ('legal_consultation', 'counselling', 'visit')", name=op.f("ck_public_hold_service_code")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ab_user.id"], name=op.f("fk_public_hold_account_id_ab_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_public_hold_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_public_hold_room_id_room"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_hold")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_public_hold_token_hash")),
    )
    op.create_index(op.f("ix_public_hold_account_id"), "public_hold", ["account_id"])
    op.create_index(op.f("ix_public_hold_booking_id"), "public_hold", ["booking_id"])
    op.create_index("ix_public_hold_room", "public_hold", ["room_id", "expires_at"])
    op.create_index("ix_public_hold_address", "public_hold", ["address_hash", "made_at"])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()
    op.create_index(op.f("ix_occupancy_hold_id"), "occupancy", ["hold_id"])


def downgrade() -> None:
    raise RuntimeError("bookings are not undone; restore a backup instead")
