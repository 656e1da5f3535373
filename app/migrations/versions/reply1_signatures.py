"""reply: the scan a signature stands on"""

import sqlalchemy as sa
from alembic import op

revision = "reply1"
down_revision = "booking01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_signature_attachment_id_attachment"), "attachment", ["attachment_id"], ["id"])
        batch_op.create_check_constraint(batch_op.f("ck_signature_scan_is_kept"), "kind NOT IN ('thumb', 'paper') OR attachment_id IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_signature_scan_is_kept"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_signature_attachment_id_attachment"), type_="foreignkey")
        batch_op.drop_column("attachment_id")
