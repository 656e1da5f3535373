"""roster: a session that was held though nobody came"""

import sqlalchemy as sa
from alembic import op

revision = "roster2"
down_revision = "report1"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("shift", sa.Column("held_note", sa.String(length=200), nullable=True))
    op.add_column("shift", sa.Column("held_by_id", KEY, nullable=True))


def downgrade() -> None:
    op.drop_column("shift", "held_by_id")
    op.drop_column("shift", "held_note")
