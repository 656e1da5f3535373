"""excel: the one step that an import writes can go again with the case it made; every other step stays for ever"""

from alembic import op

revision = "excel2"
down_revision = "scope1"
branch_labels = None
depends_on = None

DROP = {"sqlite": "DROP TRIGGER case_step_no_delete", "postgresql": "DROP TRIGGER case_step_no_delete ON case_step"}
MAKE = {
    "sqlite": "CREATE TRIGGER case_step_no_delete BEFORE DELETE ON case_step {when} "
    "BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: step_append_only'); END",
    "postgresql": "CREATE TRIGGER case_step_no_delete BEFORE DELETE ON case_step FOR EACH ROW {when} "
    "EXECUTE FUNCTION append_only('step_append_only')",
}


def _guard(when: str) -> None:
    engine = op.get_bind().dialect.name
    op.execute(DROP[engine])
    op.execute(MAKE[engine].format(when=when))


def upgrade() -> None:
    _guard("WHEN (OLD.step <> 'bring_in')")


def downgrade() -> None:
    _guard("")
