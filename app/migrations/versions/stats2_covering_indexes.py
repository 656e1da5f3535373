"""statistics: what they ask of cases, deadlines and follow-ups is answered by indexes alone"""

import sqlalchemy as sa
from alembic import op

revision = "stats2"
down_revision = "papers3"
branch_labels = None
depends_on = None

CLOSED = ["closed_at", "state", "replied_at", "registered_at", "resolved", "round", "id"]
REGISTERED = ["registered_at", "id", "state", "resolved", "replied_at", "channel", "lead_organisation_id"]
ONLY = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_case_registered", "case")
    op.create_index("ix_case_registered", "case", REGISTERED)
    op.create_index("ix_case_closed", "case", CLOSED, sqlite_where=ONLY, postgresql_where=ONLY)
    op.drop_index("ix_deadline_state_due", "deadline")
    op.create_index("ix_deadline_state_due", "deadline", ["state", "due_on", "code"])
    op.create_index("ix_follow_up_case_satisfied", "follow_up", ["case_id", "satisfied"])
    op.drop_index("ix_follow_up_case_id", "follow_up")


def downgrade() -> None:
    op.create_index("ix_follow_up_case_id", "follow_up", ["case_id"])
    op.drop_index("ix_follow_up_case_satisfied", "follow_up")
    op.drop_index("ix_deadline_state_due", "deadline")
    op.create_index("ix_deadline_state_due", "deadline", ["state", "due_on"])
    op.drop_index("ix_case_closed", "case")
    op.drop_index("ix_case_registered", "case")
    op.create_index("ix_case_registered", "case", ["registered_at", "id"])
