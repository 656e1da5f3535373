"""outbox: messages about confidential bookings, which nobody sees"""

from alembic import op

revision = "public2"
down_revision = "excel2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE outbox_message ADD COLUMN sealed BOOLEAN DEFAULT '0' NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE outbox_message DROP COLUMN sealed")
