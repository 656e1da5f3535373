"""reports sent to the inbox, each period once"""

import sqlalchemy as sa
from alembic import op

revision = "report2"
down_revision = "roster2"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_subscription",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("changed_by_id", BIG, nullable=True),
        sa.CheckConstraint("rhythm IN ('weekly', 'monthly')", name=op.f("ck_report_subscription_rhythm_code")),
        sa.CheckConstraint("form IN ('page', 'paper')", name=op.f("ck_report_subscription_form_code")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_report_subscription_user_id_ab_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_report_subscription_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_subscription")),
        sa.UniqueConstraint("user_id", "rhythm", "organisation_id", "form", name="uq_report_subscription_once"),
    )
    op.create_index(op.f("ix_report_subscription_organisation_id"), "report_subscription", ["organisation_id"])
    op.create_table(
        "report_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_report_delivery_period_in_order")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["report_subscription.id"],
            name=op.f("fk_report_delivery_subscription_id_report_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        sa.UniqueConstraint("subscription_id", "since", name="uq_report_delivery_period"),
    )


def downgrade() -> None:
    op.drop_table("report_delivery")
    op.drop_table("report_subscription")
