"""Supervision orders, proposals, and the index of what comes back where"""

import sqlalchemy as sa
from alembic import op


revision = 'supervise1'
down_revision = "roster1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('proposal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('addressee', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('text', sa.String(length=5000), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('category_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('place_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sent_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('outcome', sa.String(length=32), nullable=True),
    sa.Column('answer', sa.String(length=5000), nullable=True),
    sa.Column('answered_on', sa.Date(), nullable=True),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('improve_work', 'complete_policy', 'hold_to_account')", name=op.f('ck_proposal_kind_code')),
    sa.CheckConstraint("outcome IN ('adopted', 'partly', 'declined') OR outcome IS NULL", name=op.f('ck_proposal_outcome_code')),
    sa.CheckConstraint("state IN ('sent', 'answered', 'closed', 'withdrawn')", name=op.f('ck_proposal_state_code')),
    sa.CheckConstraint("state NOT IN ('answered', 'closed') OR outcome IS NOT NULL", name=op.f('ck_proposal_answered_has_outcome')),
    sa.CheckConstraint('(outcome IS NULL) = (answered_on IS NULL)', name=op.f('ck_proposal_answered_has_day')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_proposal_case_id_case')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_proposal_category_id_category')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_proposal_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['place_id'], ['organisation.id'], name=op.f('fk_proposal_place_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('number', name=op.f('uq_proposal_number'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_proposal_cause', ['category_id', 'place_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_place_id'), ['place_id'], unique=False)
        batch_op.create_index('ix_proposal_state_due', ['state', 'due_on', 'id'], unique=False)

    op.create_table('supervision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('cause', sa.String(length=32), nullable=False),
    sa.Column('occasion', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('why', sa.String(length=2000), nullable=True),
    sa.Column('requirement', sa.String(length=2000), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('answer', sa.String(length=5000), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("cause IN ('judgement', 'half_time', 'came_again', 'reply_idle', 'co_silent')", name=op.f('ck_supervision_cause_code')),
    sa.CheckConstraint("state <> 'answered' OR answer IS NOT NULL", name=op.f('ck_supervision_answered_has_text')),
    sa.CheckConstraint("state IN ('raised', 'ordered', 'answered', 'closed', 'dropped')", name=op.f('ck_supervision_state_code')),
    sa.CheckConstraint("state NOT IN ('ordered', 'answered') OR due_on IS NOT NULL", name=op.f('ck_supervision_letter_has_day')),
    sa.CheckConstraint("state NOT IN ('ordered', 'answered') OR requirement IS NOT NULL", name=op.f('ck_supervision_letter_asks')),
    sa.CheckConstraint('closed_by_id IS NULL OR closed_by_id <> answered_by_id', name=op.f('ck_supervision_closed_by_another')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['ab_user.id'], name=op.f('fk_supervision_answered_by_id_ab_user')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_supervision_case_id_case')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['ab_user.id'], name=op.f('fk_supervision_closed_by_id_ab_user')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_supervision_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision')),
    sa.UniqueConstraint('case_id', 'cause', 'occasion', name='uq_supervision_occasion'),
    sa.UniqueConstraint('number', name=op.f('uq_supervision_number'))
    )
    with op.batch_alter_table('supervision', schema=None) as batch_op:
        batch_op.create_index('ix_supervision_organisation_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index('ix_supervision_state_due', ['state', 'due_on', 'id'], unique=False)
        batch_op.create_index('uq_supervision_letter', ['case_id', 'organisation_id'], unique=True, sqlite_where=sa.text("state IN ('ordered', 'answered')"), postgresql_where=sa.text("state IN ('ordered', 'answered')"))

    op.create_table('proposal_step',
    sa.Column('proposal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('from_state', sa.String(length=32), nullable=True),
    sa.Column('to_state', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('actor_post', sa.String(length=64), nullable=True),
    sa.Column('organisation_name', sa.String(length=200), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.Column('data', sa.JSON(), nullable=True),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['ab_user.id'], name=op.f('fk_proposal_step_actor_id_ab_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_step_proposal_id_proposal')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_step')),
    sa.UniqueConstraint('proposal_id', 'seq', name='uq_proposal_step_seq')
    )
    with op.batch_alter_table('proposal_step', schema=None) as batch_op:
        batch_op.create_index('ix_proposal_step_actor', ['actor_id', 'id', 'proposal_id'], unique=False)

    op.create_table('supervision_step',
    sa.Column('supervision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('from_state', sa.String(length=32), nullable=True),
    sa.Column('to_state', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('actor_post', sa.String(length=64), nullable=True),
    sa.Column('organisation_name', sa.String(length=200), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.Column('data', sa.JSON(), nullable=True),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['ab_user.id'], name=op.f('fk_supervision_step_actor_id_ab_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_supervision_step_case_id_case')),
    sa.ForeignKeyConstraint(['supervision_id'], ['supervision.id'], name=op.f('fk_supervision_step_supervision_id_supervision')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervision_step')),
    sa.UniqueConstraint('supervision_id', 'seq', name='uq_supervision_step_seq')
    )
    with op.batch_alter_table('supervision_step', schema=None) as batch_op:
        batch_op.create_index('ix_supervision_step_actor', ['actor_id', 'id', 'supervision_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_supervision_step_case_id'), ['case_id'], unique=False)

    op.create_index('ix_case_cause', 'case', ['registered_at', 'category_id', 'town_id', 'village_id'])



def downgrade() -> None:
    op.drop_index('ix_case_cause', 'case')

    with op.batch_alter_table('supervision_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_supervision_step_case_id'))
        batch_op.drop_index('ix_supervision_step_actor')

    op.drop_table('supervision_step')
    with op.batch_alter_table('proposal_step', schema=None) as batch_op:
        batch_op.drop_index('ix_proposal_step_actor')

    op.drop_table('proposal_step')
    with op.batch_alter_table('supervision', schema=None) as batch_op:
        batch_op.drop_index('uq_supervision_letter', sqlite_where=sa.text("state IN ('ordered', 'answered')"), postgresql_where=sa.text("state IN ('ordered', 'answered')"))
        batch_op.drop_index('ix_supervision_state_due')
        batch_op.drop_index('ix_supervision_organisation_state')

    op.drop_table('supervision')
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index('ix_proposal_state_due')
        batch_op.drop_index(batch_op.f('ix_proposal_place_id'))
        batch_op.drop_index(batch_op.f('ix_proposal_organisation_id'))
        batch_op.drop_index('ix_proposal_cause')
        batch_op.drop_index(batch_op.f('ix_proposal_case_id'))

    op.drop_table('proposal')
