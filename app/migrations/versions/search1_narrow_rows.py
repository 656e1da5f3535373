"""search: the words of a case lie beside the table, so that thousands of hits are read from few pages"""

from alembic import op

revision = "search1"
down_revision = "reply3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE case_search SET (toast_tuple_target = 128)")
        op.execute("ALTER TABLE case_search ALTER COLUMN tokens TYPE text[] USING tokens || '{}'::text[]")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE case_search RESET (toast_tuple_target)")
