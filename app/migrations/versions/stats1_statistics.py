"""statistics: the tally of the cases, kept by the database"""

import sqlalchemy as sa
from alembic import op

revision = "stats1"
down_revision = "public2"
branch_labels = None
depends_on = None

DIMENSIONS = ("owner_town_id", "town_id", "category_id")
WATCHED = ("state", "resolved", "registered_at", *DIMENSIONS)
COUNTED = "{row}.state <> 'merged'"
COLUMNS = f"month, {', '.join(DIMENSIONS)}, cases, resolved, loose"
# The month in the centres' time (+08:00), as both engines keep a date.
MONTH = {
    "sqlite": "strftime('%Y-%m-01', {row}.registered_at, '+8 hours')",
    "postgresql": "date_trunc('month', {row}.registered_at AT TIME ZONE INTERVAL '+08:00')::date",
}


def _line(engine: str, row: str, sign: str) -> str:
    """One line of the tally for a row of `case`."""
    places = ", ".join(f"{row}.{name}" for name in DIMENSIONS)
    resolved = f"CASE WHEN {row}.resolved THEN {sign}1 ELSE 0 END"
    values = f"{MONTH[engine].format(row=row)}, {places}, {sign}1, {resolved}, {'1' if engine == 'sqlite' else 'TRUE'}"
    return f"INSERT INTO case_tally ({COLUMNS}) SELECT {values} WHERE {COUNTED.format(row=row)}"


def _differs(engine: str) -> str:
    unlike = "IS NOT" if engine == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"OLD.{name} {unlike} NEW.{name}" for name in WATCHED)


# name of the trigger → event, the lines it adds
EVENTS = {
    "case_tally_added": ("INSERT", "", (("NEW", ""),)),
    "case_tally_changed": (f"UPDATE OF {', '.join(WATCHED)}", "WHEN", (("OLD", "-"), ("NEW", ""))),
    "case_tally_gone": ("DELETE", "", (("OLD", "-"),)),
}


def _triggers(engine: str) -> None:
    for name, (event, when, rows) in EVENTS.items():
        lines = "; ".join(_line(engine, row, sign) for row, sign in rows)
        condition = f"WHEN ({_differs(engine)})" if when else ""
        if engine == "sqlite":
            op.execute(f'CREATE TRIGGER {name} AFTER {event} ON "case" {condition} BEGIN {lines}; END')
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lines}; RETURN NULL; END $$"
        )
        op.execute(f'CREATE TRIGGER {name} AFTER {event} ON "case" FOR EACH ROW {condition} EXECUTE FUNCTION {name}()')


def upgrade() -> None:
    engine = op.get_bind().dialect.name
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "case_tally",
        sa.Column("id", big, primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        *(sa.Column(name, big, nullable=name != "category_id") for name in DIMENSIONS),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Integer(), nullable=False),
        sa.Column("loose", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_case_tally_month",
        "case_tally",
        ["month", "category_id", "town_id", "owner_town_id", "cases", "resolved"],
    )
    op.create_index("ix_case_tally_loose", "case_tally", ["loose", "month"])
    month, places = MONTH[engine].format(row="c"), ", ".join(f"c.{name}" for name in DIMENSIONS)
    op.execute(
        f"INSERT INTO case_tally ({COLUMNS}) SELECT {month}, {places}, count(*), "
        f"sum(CASE WHEN c.resolved THEN 1 ELSE 0 END), {'0' if engine == 'sqlite' else 'FALSE'} "
        f'FROM "case" c WHERE {COUNTED.format(row="c")} GROUP BY {month}, {places}'
    )
    _triggers(engine)


def downgrade() -> None:
    engine = op.get_bind().dialect.name
    for name in EVENTS:
        op.execute(f"DROP TRIGGER {name}" + (' ON "case"' if engine == "postgresql" else ""))
        if engine == "postgresql":
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("case_tally")
