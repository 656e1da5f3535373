"""What statistics keep: the tally of the cases, written by the database itself."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, count, flag, intpk


class CaseTally(Base):
    """Cases by month of registration, centre's town, town and category. Triggers add a line for each change of a case,
    a job adds the lines up: their sum equals a count of the cases at any moment, and no writer waits for another."""

    __tablename__ = "case_tally"
    __table_args__ = (
        Index("ix_case_tally_month", "month", "category_id", "town_id", "owner_town_id", "cases", "resolved"),
        Index("ix_case_tally_loose", "loose", "month"),
    )

    id: Mapped[intpk]
    month: Mapped[date]
    owner_town_id: Mapped[int | None] = mapped_column(BigId)
    town_id: Mapped[int | None] = mapped_column(BigId)
    category_id: Mapped[int] = mapped_column(BigId)
    cases: Mapped[count]
    resolved: Mapped[count]
    loose: Mapped[flag] = mapped_column(default=True)  # not added up yet
