"""parameters: longer texts; SQLite keeps no lengths"""

import sqlalchemy as sa
from alembic import op

revision = "parameters2"
down_revision = "export2"
branch_labels = None
depends_on = None


def _length(length: int) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("parameter", "value", type_=sa.String(length), existing_nullable=False)


def upgrade() -> None:
    _length(1000)


def downgrade() -> None:
    op.execute("UPDATE parameter SET value = substr(value, 1, 200)")
    _length(200)
