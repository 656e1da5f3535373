"""papers: the notice of an extension, a kind of its own"""

import sqlalchemy as sa
from alembic import op

revision = "papers2"
down_revision = "consult1"
branch_labels = None
depends_on = None

BEFORE = "'extension_approval', "
AFTER = BEFORE + "'extension_notice', "
TABLES = ("document", "document_template")
KINDS = (
    "'intake_form', 'supplement_notice', 'acceptance_notice', 'decline_notice', 'redirect_notice', 'assignment_order', "
    "'co_order', 'objection_slip', 'extension_approval', 'reception_record', 'conference_minutes', "
    "'mediation_agreement', 'reply', 'service_return', 'review_application', 'expert_choice', 'review_opinion', "
    "'hearing_record', 'supervision_letter', 'rectification_notice', 'follow_up_form', 'dossier_cover', 'remedy_slip'"
)


def _kinds(old: str, new: str) -> None:
    """Another list of kinds. SQLite: written into the schema, as its manual says for checks, for making the tables anew
    would take their triggers with them."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        kinds = KINDS.replace(BEFORE, new)
        for table in TABLES:
            op.drop_constraint(op.f(f"ck_{table}_kind_code"), table, type_="check")
            op.create_check_constraint("kind_code", table, f"kind IN ({kinds})")
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for table in TABLES:
        connection.execute(
            sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name"),
            {"old": old, "new": new, "name": table},
        )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def upgrade() -> None:
    _kinds(BEFORE, AFTER)
    # The word its numbers bear, where the code table was loaded long ago; it stands behind the approval's.
    op.execute(
        sa.text(
            "INSERT INTO code_item (table_id, code, name, sort, active, created_at, changed_at, version) "
            "SELECT i.table_id, 'extension_notice', :word, i.sort, i.active, i.created_at, i.changed_at, 1 "
            "FROM code_item i JOIN code_table t ON t.id = i.table_id "
            "WHERE t.code = 'document_word' AND i.code = 'extension_approval'"
        ).bindparams(word="\u5ef6\u544a")
    )


def downgrade() -> None:
    op.execute("DELETE FROM code_item WHERE code = 'extension_notice'")
    _kinds(AFTER, BEFORE)
