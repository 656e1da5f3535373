"""messages: one's own work is found by an index"""

from alembic import op

revision = 'messages3'
down_revision = "reply2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('case_step', schema=None) as batch_op:
        batch_op.drop_index('ix_case_step_actor')
        batch_op.create_index('ix_case_step_actor', ['actor_id', 'id', 'case_id'], unique=False)
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index('ix_case_created_by', ['created_by_id', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index('ix_case_created_by')
    with op.batch_alter_table('case_step', schema=None) as batch_op:
        batch_op.drop_index('ix_case_step_actor')
        batch_op.create_index('ix_case_step_actor', ['actor_id', 'step', 'id'], unique=False)
