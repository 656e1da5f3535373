"""People named on a case: leaders bound to it, advisers and counsellors consulted; an expert's door is the seat."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime, intpk
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import CaseOwned


class Capacity(LabelledEnum):
    """In what capacity a person is named."""

    leader = "leader", _l("Reception leader")
    adviser = "adviser", _l("Legal adviser")
    counsellor = "counsellor", _l("Counsellor")
    mediator = "mediator", _l("Mediator")


class CaseMember(CaseOwned, Base):
    """One person named on one case; it opens that case to him or her, and nothing else."""

    __tablename__ = "case_member"
    __table_args__ = (
        enum_check("capacity", Capacity),
        UniqueConstraint("case_id", "user_id", "capacity", name="uq_case_member"),
        Index("ix_case_member_user", "user_id", "case_id"),
    )

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"))
    capacity: Mapped[Any] = enum_column(Capacity)
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
