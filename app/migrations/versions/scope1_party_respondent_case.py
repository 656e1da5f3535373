"""scope: whether a case is against an organisation is found by the two together"""

from alembic import op

revision = "scope1"
down_revision = "public1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_party_respondent_case", "party", ["respondent_organisation_id", "case_id"])
    op.drop_index("ix_party_respondent_organisation_id", "party")


def downgrade() -> None:
    op.create_index("ix_party_respondent_organisation_id", "party", ["respondent_organisation_id"])
    op.drop_index("ix_party_respondent_case", "party")
