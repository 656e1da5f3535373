"""Write docs/indicators.md from the table of indicators: `python -m tests.services.write_indicators`."""

from pathlib import Path
from typing import Any

from sqlalchemy import Date, literal_column, select
from sqlalchemy.sql import visitors

from app.models.case import Case
from app.services.queries.indicators import GROUPS, INDICATORS, SOURCES, Source

TEXT = literal_column(":today")
PLACE = Path(__file__).parents[2] / "docs" / "indicators.md"
HEAD = """# Indicators

What the statistics count. The table is `app/services/queries/indicators.py`; this page is written from it by
`python -m tests.services.write_indicators`, and a test fails when the two differ. Every indicator can be narrowed to a
period, a centre (with what is below it), a category, a channel and a department, and is shown beside the period before
and the same days of the year before. A satisfaction never stands without its response rate. `:today` is the local day.

"""


def _named(part: Any, **_said: Any) -> Any:
    return TEXT if getattr(part, "key", "") == "today" else None


def sql(term: Any, source: Source) -> str:
    """A condition on the rows of a source as SQL, its values written out."""
    tables = Case.__table__ if source.table is Case.__table__ or not source.of_case else _with_case(source.table)
    said = select(literal_column("1")).select_from(source.table if not source.of_case else tables).where(term)
    whole = visitors.replacement_traverse(said, {}, _named).compile(compile_kwargs={"literal_binds": True})
    return " ".join(str(whole).split()).split("WHERE ", 1)[1]


def _with_case(table: Any) -> Any:
    return table.join(Case.__table__, Case.__table__.c.id == table.c.case_id)


def basis(source: Source) -> str:
    """The column of the basis date."""
    columns = source.date if isinstance(source.date, tuple) else (source.date,)
    marks = ["" if isinstance(one.type, Date) else " (local day)" for one in columns]
    return " and ".join(f"`{one.table.name}.{one.name}`{mark}" for one, mark in zip(columns, marks, strict=True))


def text() -> str:
    """The whole page."""
    lines = [
        HEAD,
        "## What is counted\n\n| source | rows | basis date | rows that count | left out |\n|---|---|---|---|---|\n",
    ]
    for source in SOURCES:
        only = f"`{sql(source.only, source)}`" if source.only is not None else "all"
        where = f"{source.basis} · {basis(source)}" if not source.now else str(source.basis)
        lines.append(f"| {source.name} | {source.label} | {where} | {only} | {source.exclusions or '–'} |\n")
    for group, label in GROUPS.items():
        lines.append(f"\n## {label}\n\n")
        for one in (one for one in INDICATORS if one.group == group):
            lines.append(f"### {one.label} · `{one.code}`\n\n{one.words} Source: {one.source.name}. Unit: {one.unit}. ")
            lines.append(f"Version {one.version}.")
            if one.exclusions:
                lines.append(f" {one.exclusions}")
            if one.response:
                lines.append(f" Stands only beside `{one.response}`.")
            lines.append("\n")
            parts = []
            if one.sums is not None:
                parts.append(f"sum of `{one.sums.table.name}.{one.sums.name}`")
            if one.percent is not None:
                parts.append(f"percentile {one.percent} of closing − registration, by nearest rank")
            if one.part is not None:
                parts.append(f"counted: `{sql(one.part, one.source)}`")
            if one.whole is not None:
                parts.append(f"of: `{sql(one.whole, one.source)}`")
            lines.append("\n" + "\n".join(f"- {part}" for part in parts) + "\n\n" if parts else "\n")
    return "".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
