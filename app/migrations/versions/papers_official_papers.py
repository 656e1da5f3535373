"""official papers"""

import sqlalchemy as sa
from alembic import op


revision = 'papers'
down_revision = "0003"
branch_labels = None
depends_on = None

# What never changes of a paper and of a template once it stands; the hash of a PDF is added once.
FIXED = {
    'document': (
        'case_id', 'kind', 'number', 'edition', 'check_code', 'centre_id', 'template_id', 'party_id', 'about_type',
        'about_id', 'subject', 'issued_at', 'fields', 'size', 'docx_key', 'docx_sha256',
    ),
    'document_template': ('kind', 'edition', 'name', 'shipped', 'size', 'sha256', 'storage_key'),
}
ONCE = (
    "(OLD.pdf_key IS NOT NULL AND (NEW.pdf_key IS NULL OR NEW.pdf_key <> OLD.pdf_key))",
    "(OLD.pdf_sha256 IS NOT NULL AND (NEW.pdf_sha256 IS NULL OR NEW.pdf_sha256 <> OLD.pdf_sha256))",
    "(OLD.state <> 'issued' AND NEW.state = 'issued')",
    "(OLD.state = 'void' AND NEW.state <> 'void')",
)


def fix(engine: str) -> None:
    """Nothing of a paper changes but its state; nothing is deleted; what was given out stays noted."""
    differs = 'IS NOT' if engine == 'sqlite' else 'IS DISTINCT FROM'
    for table, columns in FIXED.items():
        changed = [f'NEW.{column} {differs} OLD.{column}' for column in columns]
        guard(engine, table, 'update', ' OR '.join(changed + (list(ONCE) if table == 'document' else [])))
        guard(engine, table, 'delete')
    guard(engine, 'document_print', 'update', f'NEW.user_id {differs} OLD.user_id', but=True)
    guard(engine, 'document_print', 'delete')


def guard(engine: str, table: str, verb: str, when: str = '', but: bool = False) -> None:
    """A trigger that refuses `verb` on `table` when the condition holds (or, with `but`, when it does not)."""
    name, word = f'{table}_no_{verb}', f'{table}_fixed'
    condition = f"WHEN ({'NOT ' if but else ''}({when}))" if when else ''
    if engine == 'sqlite':
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {word}'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} FOR EACH ROW {condition} "
            f"EXECUTE FUNCTION append_only('{word}')"
        )


def upgrade() -> None:
    op.create_table('document_template',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('shipped', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('storage_key', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('intake_form', 'supplement_notice', 'acceptance_notice', 'decline_notice', 'redirect_notice', 'assignment_order', 'co_order', 'objection_slip', 'extension_approval', 'reception_record', 'conference_minutes', 'mediation_agreement', 'reply', 'service_return', 'review_application', 'expert_choice', 'review_opinion', 'hearing_record', 'supervision_letter', 'rectification_notice', 'follow_up_form', 'dossier_cover', 'remedy_slip')", name=op.f('ck_document_template_kind_code')),
    sa.CheckConstraint('edition >= 1', name=op.f('ck_document_template_edition_positive')),
    sa.CheckConstraint('size > 0', name=op.f('ck_document_template_size_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document_template')),
    sa.UniqueConstraint('kind', 'edition', name='uq_document_template_kind_edition'),
    sa.UniqueConstraint('storage_key', name=op.f('uq_document_template_storage_key'))
    )
    with op.batch_alter_table('document_template', schema=None) as batch_op:
        batch_op.create_index('uq_document_template_active', ['kind'], unique=True, sqlite_where=sa.text('active'), postgresql_where=sa.text('active'))

    op.create_table('document',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('check_code', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('void_reason', sa.String(length=500), nullable=True),
    sa.Column('centre_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('template_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('party_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('about_type', sa.String(length=32), nullable=True),
    sa.Column('about_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.Integer(), nullable=True),
    sa.Column('issued_by_name', sa.String(length=64), nullable=False),
    sa.Column('personal', sa.Boolean(), nullable=False),
    sa.Column('fields', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('docx_key', sa.String(length=80), nullable=False),
    sa.Column('docx_sha256', sa.String(length=64), nullable=False),
    sa.Column('pdf_key', sa.String(length=80), nullable=True),
    sa.Column('pdf_sha256', sa.String(length=64), nullable=True),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f('ck_document_void_has_reason')),
    sa.CheckConstraint("kind IN ('intake_form', 'supplement_notice', 'acceptance_notice', 'decline_notice', 'redirect_notice', 'assignment_order', 'co_order', 'objection_slip', 'extension_approval', 'reception_record', 'conference_minutes', 'mediation_agreement', 'reply', 'service_return', 'review_application', 'expert_choice', 'review_opinion', 'hearing_record', 'supervision_letter', 'rectification_notice', 'follow_up_form', 'dossier_cover', 'remedy_slip')", name=op.f('ck_document_kind_code')),
    sa.CheckConstraint("state IN ('issued', 'replaced', 'void')", name=op.f('ck_document_state_code')),
    sa.CheckConstraint('(about_type IS NULL) = (about_id IS NULL)', name=op.f('ck_document_about_whole')),
    sa.CheckConstraint('(pdf_key IS NULL) = (pdf_sha256 IS NULL)', name=op.f('ck_document_pdf_whole')),
    sa.CheckConstraint('edition >= 1', name=op.f('ck_document_edition_positive')),
    sa.CheckConstraint('length(check_code) = 12', name=op.f('ck_document_check_code_length')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_document_case_id_case')),
    sa.ForeignKeyConstraint(['centre_id'], ['organisation.id'], name=op.f('fk_document_centre_id_organisation')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['ab_user.id'], name=op.f('fk_document_issued_by_id_ab_user')),
    sa.ForeignKeyConstraint(['party_id'], ['party.id'], name=op.f('fk_document_party_id_party')),
    sa.ForeignKeyConstraint(['template_id'], ['document_template.id'], name=op.f('fk_document_template_id_document_template')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('case_id', 'kind', 'subject', 'edition', name='uq_document_edition'),
    sa.UniqueConstraint('check_code', name=op.f('uq_document_check_code')),
    sa.UniqueConstraint('docx_key', name=op.f('uq_document_docx_key')),
    sa.UniqueConstraint('number', name=op.f('uq_document_number')),
    sa.UniqueConstraint('pdf_key', name=op.f('uq_document_pdf_key'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index('ix_document_about', ['about_type', 'about_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_docx_sha256'), ['docx_sha256'], unique=False)
        batch_op.create_index('ix_document_issued', ['issued_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_pdf_sha256'), ['pdf_sha256'], unique=False)
        batch_op.create_index('uq_document_in_force', ['case_id', 'kind', 'subject'], unique=True, sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))

    op.create_table('document_print',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('document_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form', sa.String(length=32), nullable=False),
    sa.Column('copy', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('user_name', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.CheckConstraint("form IN ('screen', 'print', 'docx', 'pdf')", name=op.f('ck_document_print_form_code')),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_document_print_document_id_document')),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_document_print_user_id_ab_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document_print'))
    )
    with op.batch_alter_table('document_print', schema=None) as batch_op:
        batch_op.create_index('ix_document_print_document', ['document_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_print_sha256'), ['sha256'], unique=False)

    # Not as a batch: SQLite would make the table anew, and others refer to it.
    op.add_column('organisation', sa.Column('paper_prefix', sa.String(length=32), nullable=True))
    op.create_index('uq_organisation_paper_prefix', 'organisation', ['paper_prefix'], unique=True)
    fix(op.get_bind().dialect.name)


def downgrade() -> None:
    raise RuntimeError("papers are never thrown away; restore a backup instead")
