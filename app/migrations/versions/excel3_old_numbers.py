"""case: the number in the old ledger is found by its beginning"""

import sqlalchemy as sa
from alembic import op

revision = "excel3"
down_revision = "stats1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_case_outside_number",
        "case",
        ["outside_number", "id"],
        sqlite_where=sa.text("outside_number IS NOT NULL"),
        postgresql_where=sa.text("outside_number IS NOT NULL"),
        postgresql_ops={"outside_number": "varchar_pattern_ops"},
    )


def downgrade() -> None:
    op.drop_index("ix_case_outside_number", table_name="case")
