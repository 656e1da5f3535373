"""Agents are looked up by person"""

from alembic import op

revision = "0002_agents"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_representative_agent_id", "representative", ["agent_id"])


def downgrade() -> None:
    op.drop_index("ix_representative_agent_id", "representative")
