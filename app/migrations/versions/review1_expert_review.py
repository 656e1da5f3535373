"""expert review: material, photos, and what the database itself keeps of a vote"""

import sqlalchemy as sa
from alembic import op

revision = "review1"
down_revision = "messages3"
branch_labels = None
depends_on = None

STATES = ("listed", "invited", "seated", "declined", "expired", "voided", "released")
# A vote is cast while ballots are open, by a seat that is taken, in the round that runs; then it stands. Only its being
# void is added, once. What was done stands, too.
SQLITE = (
    """CREATE TRIGGER ballot_only_while_open BEFORE INSERT ON ballot
       WHEN NOT EXISTS (SELECT 1 FROM review r JOIN review_seat s ON s.review_id = r.id
                        WHERE r.id = NEW.review_id AND s.id = NEW.seat_id AND r.state = 'balloting'
                          AND s.state = 'seated' AND r.ballot_round = NEW.round)
         OR NEW.voided_at IS NOT NULL
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_open'); END""",
    """CREATE TRIGGER ballot_no_update BEFORE UPDATE ON ballot
       WHEN OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL OR NEW.id <> OLD.id OR NEW.review_id <> OLD.review_id
         OR NEW.seat_id <> OLD.seat_id OR NEW.round <> OLD.round OR NEW.cast_at <> OLD.cast_at
         OR NEW.case_id <> OLD.case_id
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_sealed'); END""",
    """CREATE TRIGGER ballot_no_delete BEFORE DELETE ON ballot
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_sealed'); END""",
    """CREATE TRIGGER ballot_mark_only_while_open BEFORE INSERT ON ballot_mark
       WHEN NOT EXISTS (SELECT 1 FROM ballot b JOIN review r ON r.id = b.review_id
                        WHERE b.id = NEW.ballot_id AND b.voided_at IS NULL AND r.state = 'balloting'
                          AND r.ballot_round = b.round)
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_open'); END""",
    """CREATE TRIGGER ballot_mark_no_update BEFORE UPDATE ON ballot_mark
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_sealed'); END""",
    """CREATE TRIGGER ballot_mark_no_delete BEFORE DELETE ON ballot_mark
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ballot_sealed'); END""",
    """CREATE TRIGGER review_step_no_update BEFORE UPDATE ON review_step WHEN NEW.actor_id IS OLD.actor_id
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: step_append_only'); END""",
    """CREATE TRIGGER review_step_no_delete BEFORE DELETE ON review_step
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: step_append_only'); END""",
    """CREATE TRIGGER review_draw_no_update BEFORE UPDATE ON review_draw
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: draw_stands'); END""",
    """CREATE TRIGGER review_draw_no_delete BEFORE DELETE ON review_draw
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: draw_stands'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION ballot_open() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.voided_at IS NOT NULL OR NOT EXISTS (
              SELECT 1 FROM review r JOIN review_seat s ON s.review_id = r.id
              WHERE r.id = NEW.review_id AND s.id = NEW.seat_id AND r.state = 'balloting'
                AND s.state = 'seated' AND r.ballot_round = NEW.round) THEN
           RAISE EXCEPTION 'ballot_open' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_open';
         END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER ballot_only_while_open BEFORE INSERT ON ballot FOR EACH ROW EXECUTE FUNCTION ballot_open()",
    """CREATE TRIGGER ballot_no_update BEFORE UPDATE ON ballot FOR EACH ROW
       WHEN (OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL OR NEW.id <> OLD.id OR NEW.review_id <> OLD.review_id
         OR NEW.seat_id <> OLD.seat_id OR NEW.round <> OLD.round OR NEW.cast_at <> OLD.cast_at
         OR NEW.case_id <> OLD.case_id)
       EXECUTE FUNCTION append_only('ballot_sealed')""",
    "CREATE TRIGGER ballot_no_delete BEFORE DELETE ON ballot FOR EACH ROW EXECUTE FUNCTION append_only('ballot_sealed')",
    """CREATE FUNCTION ballot_mark_open() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NOT EXISTS (
              SELECT 1 FROM ballot b JOIN review r ON r.id = b.review_id
              WHERE b.id = NEW.ballot_id AND b.voided_at IS NULL AND r.state = 'balloting'
                AND r.ballot_round = b.round) THEN
           RAISE EXCEPTION 'ballot_open' USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_open';
         END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER ballot_mark_only_while_open BEFORE INSERT ON ballot_mark "
    "FOR EACH ROW EXECUTE FUNCTION ballot_mark_open()",
    "CREATE TRIGGER ballot_mark_stands BEFORE UPDATE OR DELETE ON ballot_mark "
    "FOR EACH ROW EXECUTE FUNCTION append_only('ballot_sealed')",
    "CREATE TRIGGER review_step_no_update BEFORE UPDATE ON review_step FOR EACH ROW "
    "WHEN (NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id) EXECUTE FUNCTION append_only('step_append_only')",
    "CREATE TRIGGER review_step_no_delete BEFORE DELETE ON review_step "
    "FOR EACH ROW EXECUTE FUNCTION append_only('step_append_only')",
    "CREATE TRIGGER review_draw_stands BEFORE UPDATE OR DELETE ON review_draw "
    "FOR EACH ROW EXECUTE FUNCTION append_only('draw_stands')",
)


def upgrade() -> None:
    op.add_column("expert", sa.Column("photo_key", sa.String(length=80), nullable=True))
    op.create_index("uq_expert_photo", "expert", ["photo_key"], unique=True)
    op.add_column("review", sa.Column("hidden_words", sa.String(length=2000), nullable=True))
    op.add_column("review", sa.Column("material", sa.Text(), nullable=True))
    codes = ", ".join(f"'{state}'" for state in (*STATES[:-1], "replaced", STATES[-1]))
    with op.batch_alter_table("review_seat", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_review_seat_state_code"), type_="check")
        batch_op.drop_constraint(op.f("ck_review_seat_gone_has_reason"), type_="check")
        batch_op.create_check_constraint(op.f("ck_review_seat_state_code"), f"state IN ({codes})")
        batch_op.create_check_constraint(
            op.f("ck_review_seat_gone_has_reason"),
            "state NOT IN ('declined', 'voided', 'replaced') OR reason IS NOT NULL",
        )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", "\\:")))
