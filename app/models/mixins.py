"""What many tables share: stamps, optimistic version, owning organisation."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core import clock
from app.core.db import BigId, UtcDateTime


class Stamped:
    """When and by whom; the audit listener fills the accounts in."""

    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, info={"label": _l("Created at"), "stamp": True}
    )
    changed_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=clock.now, onupdate=clock.now, info={"label": _l("Changed at"), "stamp": True}
    )
    created_by_id: Mapped[int | None] = mapped_column(BigId, info={"label": _l("Created by"), "stamp": True})
    changed_by_id: Mapped[int | None] = mapped_column(BigId, info={"label": _l("Changed by"), "stamp": True})


class Versioned:
    """An optimistic version: the second of two writers is told, never overwritten."""

    version: Mapped[int] = mapped_column(default=1, info={"label": _l("Version"), "stamp": True})

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def _own_index(cls: Any, column: str) -> bool:
    """Whether a key needs an index of its own: not when another one of the table begins with it."""
    return column not in getattr(cls, "__indexed__", ())


class OrgOwned:
    """Belongs to an organisation; seen by those whose subtree holds it."""

    @declared_attr
    def organisation_id(cls) -> Mapped[int]:
        return mapped_column(
            BigId,
            ForeignKey("organisation.id"),
            index=_own_index(cls, "organisation_id"),
            info={"label": _l("Organisation")},
        )

    @declared_attr
    def organisation(cls) -> Mapped[Any]:
        table: Any = cls
        return relationship("Organisation", foreign_keys=[table.organisation_id], info={"label": _l("Organisation")})


class CaseOwned:
    """Belongs to a case; seen by those who see the case."""

    @declared_attr
    def case_id(cls) -> Mapped[int]:
        return mapped_column(BigId, ForeignKey("case.id"), index=_own_index(cls, "case_id"), info={"label": _l("Case")})
