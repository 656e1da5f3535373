"""excel: imports of tables, large exports, data exchange; the number a case bears elsewhere"""

import sqlalchemy as sa
from alembic import op


revision = "excel1"
down_revision = "messages4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("code", name=op.f("uq_partner_code")),
        sa.UniqueConstraint("name", name=op.f("uq_partner_name")),
    )
    op.create_table(
        "code_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("ours", sa.String(length=64), nullable=False),
        sa.Column("theirs", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "field IN ('category', 'channel', 'kind', 'organisation', 'state', 'result')",
            name=op.f("ck_code_mapping_field_code"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_code_mapping_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_mapping")),
        sa.UniqueConstraint("partner_id", "field", "theirs", name="uq_code_mapping_theirs"),
    )
    with op.batch_alter_table("code_mapping", schema=None) as batch_op:
        batch_op.create_index("ix_code_mapping_ours", ["partner_id", "field", "ours"], unique=False)

    op.create_table(
        "exchange",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("batch_code", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_until", sa.Date(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("direction IN ('sent', 'received', 'compared')", name=op.f("ck_exchange_direction_code")),
        sa.CheckConstraint(
            "accepted >= 0 AND rejected >= 0 AND accepted + rejected <= records", name=op.f("ck_exchange_counts")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_exchange_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_exchange_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
    )
    with op.batch_alter_table("exchange", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exchange_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("uq_exchange_parcel", ["partner_id", "direction", "batch_code"], unique=True)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noun", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_import_batch_undone_when")),
        sa.CheckConstraint(
            "(state IN ('imported', 'undone')) = (imported_at IS NOT NULL)", name=op.f("ck_import_batch_imported_when")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'tried', 'running', 'imported', 'undone', 'failed')",
            name=op.f("ck_import_batch_state_code"),
        ),
        sa.CheckConstraint("good >= 0 AND good <= total AND done >= 0", name=op.f("ck_import_batch_counts")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_batch_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_import_batch_storage_key")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "export_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_export_request_decided_when")),
        sa.CheckConstraint(
            "(state = 'fetched') = (fetched_at IS NOT NULL)", name=op.f("ck_export_request_fetched_when")
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'fetched')) = (until IS NOT NULL)", name=op.f("ck_export_request_approved_until")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'refused', 'fetched')", name=op.f("ck_export_request_state_code")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_export_request_decided_by_another")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["ab_user.id"], name=op.f("fk_export_request_asked_by_id_ab_user")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["ab_user.id"], name=op.f("fk_export_request_decided_by_id_ab_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_export_request_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    with op.batch_alter_table("export_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_request_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_request_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=200), nullable=False),
        sa.Column("faults", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(faults IS NULL) <> (record_id IS NULL)", name=op.f("ck_import_row_faulty_or_made")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "row", name="uq_import_row_batch_row"),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_record", ["record_id"], unique=False)

    op.add_column("case", sa.Column("outside_number", sa.String(length=64), nullable=True))
    if op.get_bind().dialect.name == "sqlite":  # the table is not copied: it may hold a million rows
        op.execute(
            'ALTER TABLE "case" ADD COLUMN import_batch_id INTEGER '
            "CONSTRAINT fk_case_import_batch_id_import_batch REFERENCES import_batch (id)"
        )
    else:
        op.add_column("case", sa.Column("import_batch_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            "fk_case_import_batch_id_import_batch", "case", "import_batch", ["import_batch_id"], ["id"]
        )
    for name, columns, given in (
        ("ix_case_import_batch", ["import_batch_id"], sa.text("import_batch_id IS NOT NULL")),
        (
            "uq_case_organisation_outside_number",
            ["organisation_id", "outside_number"],
            sa.text("outside_number IS NOT NULL"),
        ),
    ):
        unique = name.startswith("uq_")
        op.create_index(name, "case", columns, unique=unique, sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    op.drop_index("uq_case_organisation_outside_number", table_name="case")
    op.drop_index("ix_case_import_batch", table_name="case")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_case_import_batch_id_import_batch", "case", type_="foreignkey")
    for column in ("import_batch_id", "outside_number"):
        op.execute(f'ALTER TABLE "case" DROP COLUMN {column}')
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_record")

    op.drop_table("import_row")
    with op.batch_alter_table("export_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_request_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_export_request_asked_by_id"))

    op.drop_table("export_request")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_organisation_id"))

    op.drop_table("import_batch")
    with op.batch_alter_table("exchange", schema=None) as batch_op:
        batch_op.drop_index("uq_exchange_parcel")
        batch_op.drop_index(batch_op.f("ix_exchange_organisation_id"))

    op.drop_table("exchange")
    with op.batch_alter_table("code_mapping", schema=None) as batch_op:
        batch_op.drop_index("ix_code_mapping_ours")

    op.drop_table("code_mapping")
    op.drop_table("partner")
