"""messages: outbox, text messages, webhooks, reminders"""

import sqlalchemy as sa
from alembic import op


revision = 'messages1'
down_revision = "0002_agents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('webhook',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('events', sa.String(length=200), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    sa.UniqueConstraint('name', name=op.f('uq_webhook_name'))
    )
    op.create_table('outbox_message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=True),
    sa.Column('webhook_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease', sa.String(length=32), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('receipt', sa.String(length=200), nullable=True),
    sa.Column('error', sa.String(length=500), nullable=True),
    sa.CheckConstraint("(channel = 'sms') = (recipient IS NOT NULL)", name=op.f('ck_outbox_message_sms_has_recipient')),
    sa.CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name=op.f('ck_outbox_message_webhook_has_receiver')),
    sa.CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name=op.f('ck_outbox_message_sending_is_leased')),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_outbox_message_sent_has_time')),
    sa.CheckConstraint("channel IN ('sms', 'webhook')", name=op.f('ck_outbox_message_channel_code')),
    sa.CheckConstraint("state IN ('waiting', 'held', 'sending', 'sent', 'failed', 'cancelled')", name=op.f('ck_outbox_message_state_code')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_outbox_message_case_id_case')),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_outbox_message_webhook_id_webhook')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('key', name='uq_outbox_message_key'),
    sa.UniqueConstraint('uid', name='uq_outbox_message_uid')
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_message_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_outbox_message_channel', ['channel', 'id'], unique=False)
        batch_op.create_index('ix_outbox_message_state_next', ['state', 'next_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_message_webhook_id'), ['webhook_id'], unique=False)

    op.create_table('sms_template',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('variables', sa.String(length=200), nullable=False),
    sa.Column('operator_code', sa.String(length=64), nullable=True),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('NOT approved OR approved_at IS NOT NULL', name=op.f('ck_sms_template_approved_has_time')),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> author_id', name=op.f('ck_sms_template_approved_by_another')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['ab_user.id'], name=op.f('fk_sms_template_approved_by_id_ab_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['author_id'], ['ab_user.id'], name=op.f('fk_sms_template_author_id_ab_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_template')),
    sa.UniqueConstraint('code', name=op.f('uq_sms_template_code'))
    )
    op.create_table('reminder',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deadline_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('level', sa.String(length=32), nullable=False),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("level IN ('soon', 'due', 'late')", name=op.f('ck_reminder_level_code')),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadline.id'], name=op.f('fk_reminder_deadline_id_deadline'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('deadline_id', 'due_on', 'level', 'nth', name='uq_reminder_deadline_level')
    )
    with op.batch_alter_table('case_step', schema=None) as batch_op:
        batch_op.create_index('ix_case_step_actor', ['actor_id', 'step', 'id'], unique=False)

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('link', sa.String(length=200), nullable=True))
        batch_op.create_index('ix_notice_user_case', ['user_id', 'case_id', 'id'], unique=False)
        batch_op.create_index('ix_notice_user_id', ['user_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_user_id')
        batch_op.drop_index('ix_notice_user_case')
        batch_op.drop_column('link')

    with op.batch_alter_table('case_step', schema=None) as batch_op:
        batch_op.drop_index('ix_case_step_actor')

    op.drop_table('reminder')
    op.drop_table('sms_template')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_message_webhook_id'))
        batch_op.drop_index('ix_outbox_message_state_next')
        batch_op.drop_index('ix_outbox_message_channel')
        batch_op.drop_index(batch_op.f('ix_outbox_message_case_id'))

    op.drop_table('outbox_message')
    op.drop_table('webhook')
