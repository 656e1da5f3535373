"""papers: the report of a centre, a kind of template of its own"""

import sqlalchemy as sa
from alembic import op

revision = "report1"
down_revision = "supervise1"
branch_labels = None
depends_on = None

BEFORE = "'remedy_slip'"
AFTER = BEFORE + ", 'weekly_report'"
TABLES = ("document", "document_template")
KINDS = (
    "'intake_form', 'supplement_notice', 'acceptance_notice', 'decline_notice', 'redirect_notice', 'assignment_order', "
    "'co_order', 'objection_slip', 'extension_approval', 'extension_notice', 'reception_record', 'conference_minutes', "
    "'mediation_agreement', 'reply', 'service_return', 'review_application', 'expert_choice', 'review_opinion', "
    "'hearing_record', 'supervision_letter', 'rectification_notice', 'follow_up_form', 'dossier_cover', 'remedy_slip'"
)


def _kinds(old: str, new: str) -> None:
    """Another list of kinds; on SQLite written into the schema, as papers2 explains."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        for table in TABLES:
            op.drop_constraint(op.f(f"ck_{table}_kind_code"), table, type_="check")
            op.create_check_constraint("kind_code", table, f"kind IN ({KINDS.replace(BEFORE, new)})")
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


def downgrade() -> None:
    op.execute("DELETE FROM document_template WHERE kind = 'weekly_report'")
    _kinds(AFTER, BEFORE)
