"""What no model can say: the search table of each engine, and the trigger that keeps the three officers apart."""

from alembic import op
from sqlalchemy import text

SQLITE = (
    "CREATE VIRTUAL TABLE case_search USING fts5(tokens, detail='none', tokenize=\"unicode61 remove_diacritics 0\")",
    """CREATE TRIGGER ab_user_role_three_officers BEFORE INSERT ON ab_user_role
       WHEN EXISTS (SELECT 1 FROM role_profile WHERE role_id = NEW.role_id AND exclusive)
        AND EXISTS (SELECT 1 FROM ab_user_role r JOIN role_profile p ON p.role_id = r.role_id
                    WHERE r.user_id = NEW.user_id AND p.exclusive AND r.role_id <> NEW.role_id)
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: three_officers'); END""",
    """CREATE TRIGGER role_profile_three_officers BEFORE UPDATE OF exclusive ON role_profile
       WHEN NEW.exclusive AND NOT OLD.exclusive
        AND EXISTS (SELECT 1 FROM ab_user_role a JOIN ab_user_role b ON a.user_id = b.user_id AND a.role_id <> b.role_id
                    JOIN role_profile p ON p.role_id = b.role_id AND p.exclusive WHERE a.role_id = NEW.role_id)
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: three_officers'); END""",
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: audit_append_only'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: audit_append_only'); END""",
    """CREATE TRIGGER case_step_no_update BEFORE UPDATE ON case_step WHEN NEW.actor_id IS OLD.actor_id
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: step_append_only'); END""",
    """CREATE TRIGGER case_step_no_delete BEFORE DELETE ON case_step
       BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: step_append_only'); END""",
)
POSTGRESQL = (
    "CREATE TABLE case_search (case_id bigint PRIMARY KEY, tokens text[] NOT NULL)",
    "CREATE INDEX ix_case_search_tokens ON case_search USING gin (tokens)",
    """CREATE FUNCTION three_officers() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF EXISTS (SELECT 1 FROM role_profile WHERE role_id = NEW.role_id AND exclusive)
            AND EXISTS (SELECT 1 FROM ab_user_role r JOIN role_profile p ON p.role_id = r.role_id
                        WHERE r.user_id = NEW.user_id AND p.exclusive AND r.role_id <> NEW.role_id) THEN
           RAISE EXCEPTION 'three_officers' USING ERRCODE = 'check_violation', CONSTRAINT = 'three_officers';
         END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER ab_user_role_three_officers BEFORE INSERT OR UPDATE ON ab_user_role "
    "FOR EACH ROW EXECUTE FUNCTION three_officers()",
    """CREATE FUNCTION three_officers_profile() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.exclusive AND NOT OLD.exclusive AND EXISTS (
              SELECT 1 FROM ab_user_role a JOIN ab_user_role b ON a.user_id = b.user_id AND a.role_id <> b.role_id
              JOIN role_profile p ON p.role_id = b.role_id AND p.exclusive WHERE a.role_id = NEW.role_id) THEN
           RAISE EXCEPTION 'three_officers' USING ERRCODE = 'check_violation', CONSTRAINT = 'three_officers';
         END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER role_profile_three_officers BEFORE UPDATE ON role_profile "
    "FOR EACH ROW EXECUTE FUNCTION three_officers_profile()",
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         RAISE EXCEPTION 'append only' USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
       END $$""",
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION append_only('audit_append_only')",
    "CREATE TRIGGER case_step_no_update BEFORE UPDATE ON case_step FOR EACH ROW "
    "WHEN (NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id) EXECUTE FUNCTION append_only('step_append_only')",
    "CREATE TRIGGER case_step_no_delete BEFORE DELETE ON case_step "
    "FOR EACH ROW EXECUTE FUNCTION append_only('step_append_only')",
)


def upgrade() -> None:
    """Make them."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(text(statement.replace(":", "\\:")))
    op.execute("INSERT INTO security_state (id, epoch) VALUES (1, 1)")
    op.execute(text("INSERT INTO audit_head (id, last_id, hash) VALUES (1, 0, :start)").bindparams(start="0" * 64))
