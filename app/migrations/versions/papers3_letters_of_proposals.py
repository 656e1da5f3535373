"""papers: the letter of a proposal, which has no case"""

import sqlalchemy as sa
from alembic import op

revision = "papers3"
down_revision = "report2"
branch_labels = None
depends_on = None

BEFORE = "'weekly_report'"
AFTER = "'proposal_letter', " + BEFORE
TABLES = ("document", "document_template")
KINDS = (
    "'intake_form', 'supplement_notice', 'acceptance_notice', 'decline_notice', 'redirect_notice', 'assignment_order', "
    "'co_order', 'objection_slip', 'extension_approval', 'extension_notice', 'reception_record', 'conference_minutes', "
    "'mediation_agreement', 'reply', 'service_return', 'review_application', 'expert_choice', 'review_opinion', "
    "'hearing_record', 'supervision_letter', 'rectification_notice', 'follow_up_form', 'dossier_cover', "
    "'remedy_slip', 'weekly_report'"
)
ONE_OWNER = "(case_id IS NULL) <> (proposal_id IS NULL)"
OWNER_FIXED = {
    "sqlite": (
        "CREATE TRIGGER document_no_new_owner BEFORE UPDATE ON document WHEN NEW.proposal_id IS NOT OLD.proposal_id "
        "BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: document_fixed'); END"
    ),
    "postgresql": (
        "CREATE TRIGGER document_no_new_owner BEFORE UPDATE ON document FOR EACH ROW "
        "WHEN (NEW.proposal_id IS DISTINCT FROM OLD.proposal_id) EXECUTE FUNCTION append_only('document_fixed')"
    ),
}


def _written(*changes: tuple[str, str, str]) -> None:
    """SQLite: written into the schema (table, old, new), as its manual says, for making the tables anew would take
    their triggers with them."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for table, old, new in changes:
        connection.execute(
            sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"),
            {"old": old, "new": new, "name": table},
        )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def _kinds(new: str) -> None:
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_kind_code"), table, type_="check")
        op.create_check_constraint("kind_code", table, f"kind IN ({KINDS.replace(BEFORE, new)})")


def upgrade() -> None:
    engine = op.get_bind().dialect.name
    if engine == "sqlite":
        _written(
            *((table, BEFORE, AFTER) for table in TABLES),
            ("document", "case_id INTEGER NOT NULL", "case_id INTEGER"),
        )
        op.execute(
            "ALTER TABLE document ADD COLUMN proposal_id INTEGER "
            "CONSTRAINT fk_document_proposal_id_proposal REFERENCES proposal (id) "
            f"CONSTRAINT ck_document_one_owner CHECK ({ONE_OWNER})"
        )
    else:
        _kinds(AFTER)
        op.alter_column("document", "case_id", nullable=True)
        op.add_column("document", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f("fk_document_proposal_id_proposal"), "document", "proposal", ["proposal_id"], ["id"]
        )
        op.create_check_constraint("one_owner", "document", ONE_OWNER)
    op.create_index("uq_document_proposal", "document", ["proposal_id"], unique=True)
    op.execute(OWNER_FIXED[engine])
    # The word its numbers bear, where the code table was loaded long ago; it stands behind all others.
    op.execute(
        sa.text(
            "INSERT INTO code_item (table_id, code, name, sort, active, created_at, changed_at, version) "
            "SELECT i.table_id, 'proposal_letter', :word, i.sort + 1, i.active, i.created_at, i.changed_at, 1 "
            "FROM code_item i JOIN code_table t ON t.id = i.table_id "
            "WHERE t.code = 'document_word' AND i.code = 'remedy_slip'"
        ).bindparams(word="\u5efa")
    )


def downgrade() -> None:
    raise RuntimeError("papers are never thrown away; restore a backup instead")
