"""reply: a party signs for its application for a review"""

from alembic import op

revision = "reply3"
down_revision = "review1"
branch_labels = None
depends_on = None

BEFORE = (
    "settlement",
    "service",
    "acknowledgement",
    "mediation",
    "withdrawal",
    "choice",
    "declaration",
    "opinion",
    "minutes",
)


def _check(codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_signature_purpose_code"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_signature_purpose_code"), f"purpose IN ({listed})")


def upgrade() -> None:
    _check((*BEFORE[:3], "application", *BEFORE[3:]))


def downgrade() -> None:
    _check(BEFORE)
