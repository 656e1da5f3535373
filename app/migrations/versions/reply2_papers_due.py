"""reply: written notices that wait to be served"""

import sqlalchemy as sa
from alembic import op

revision = "reply2"
down_revision = "handling1"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "paper_due",
        sa.Column("id", KEY, nullable=False),
        sa.Column("paper", sa.String(length=32), nullable=False),
        sa.Column("party_id", KEY, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_id", KEY, nullable=True),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", KEY, nullable=True),
        sa.Column("changed_by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_paper_due_case_id_case")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_paper_due_party_id_party")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_paper_due_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_due")),
        sa.UniqueConstraint("service_id", name=op.f("uq_paper_due_service_id")),
    )
    with op.batch_alter_table("paper_due", schema=None) as batch_op:
        batch_op.create_index("ix_paper_due_case", ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_due_party_id"), ["party_id"], unique=False)
        batch_op.create_index(
            "uq_paper_due_waiting",
            ["case_id", "party_id", "paper"],
            unique=True,
            sqlite_where=sa.text("service_id IS NULL"),
            postgresql_where=sa.text("service_id IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("paper_due")
