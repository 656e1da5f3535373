"""files of large exports made beside the request, kept until they are fetched"""

import sqlalchemy as sa
from alembic import op

revision = "export2"
down_revision = "stats2"
branch_labels = None
depends_on = None

STATES = "state IN ('asked', 'approved', 'ready', 'failed', 'refused', 'fetched', 'lapsed')"
AGAIN = "文件需要重新生成。"  # approved before files were kept: the person who asked has it made with one click


def upgrade() -> None:
    with op.batch_alter_table("export_request") as batch:
        batch.add_column(sa.Column("done", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("storage_key", sa.String(length=80), nullable=True))
        batch.add_column(sa.Column("made_for", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("error", sa.String(length=500), nullable=True))
        batch.drop_constraint(op.f("ck_export_request_state_code"), type_="check")
        batch.drop_constraint(op.f("ck_export_request_approved_until"), type_="check")
    table = sa.table("export_request", sa.column("state"), sa.column("error"))
    op.execute(table.update().where(table.c.state == "approved").values(state="failed", error=AGAIN))
    with op.batch_alter_table("export_request") as batch:
        batch.create_check_constraint(op.f("ck_export_request_state_code"), STATES)
        batch.create_check_constraint(
            op.f("ck_export_request_approved_until"), "(state IN ('asked', 'refused')) = (until IS NULL)"
        )
        for name, rule in (
            ("ready_kept", "(state = 'ready') = (storage_key IS NOT NULL)"),
            ("ready_made_for", "(state = 'ready') = (made_for IS NOT NULL)"),
            ("failed_why", "(state = 'failed') = (error IS NOT NULL)"),
            ("done_counts", "done >= 0"),
        ):
            batch.create_check_constraint(op.f(f"ck_export_request_{name}"), rule)
        batch.create_unique_constraint(op.f("uq_export_request_storage_key"), ["storage_key"])


def downgrade() -> None:
    with op.batch_alter_table("export_request") as batch:
        for name in ("state_code", "approved_until", "ready_kept", "ready_made_for", "failed_why", "done_counts"):
            batch.drop_constraint(op.f(f"ck_export_request_{name}"), type_="check")
        batch.drop_constraint(op.f("uq_export_request_storage_key"), type_="unique")
    table = sa.table("export_request", sa.column("state"), sa.column("fetched_at"), sa.column("until"))
    op.execute(table.update().where(table.c.state.in_(["ready", "failed"])).values(state="approved"))
    op.execute(
        table.update().where(table.c.state == "lapsed").values(state="fetched", fetched_at=table.c.until)
    )
    with op.batch_alter_table("export_request") as batch:
        batch.create_check_constraint(
            op.f("ck_export_request_state_code"), "state IN ('asked', 'approved', 'refused', 'fetched')"
        )
        batch.create_check_constraint(
            op.f("ck_export_request_approved_until"), "(state IN ('approved', 'fetched')) = (until IS NOT NULL)"
        )
        for name in ("error", "made_for", "storage_key", "done"):
            batch.drop_column(name)
