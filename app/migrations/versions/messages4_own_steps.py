"""messages: one's own steps in reviews and bookings are found by an index"""

from alembic import op

revision = 'messages4'
down_revision = "search1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('review_step', schema=None) as batch_op:
        batch_op.create_index('ix_review_step_actor', ['actor_id', 'id', 'review_id'], unique=False)
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.create_index('ix_review_created_by', ['created_by_id', 'id'], unique=False)
    with op.batch_alter_table('booking_step', schema=None) as batch_op:
        batch_op.create_index('ix_booking_step_actor', ['actor_id', 'id', 'booking_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('booking_step', schema=None) as batch_op:
        batch_op.drop_index('ix_booking_step_actor')
    with op.batch_alter_table('review_step', schema=None) as batch_op:
        batch_op.drop_index('ix_review_step_actor')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_index('ix_review_created_by')
