"""The tree of organisations: city, towns, villages, and the departments that hang on city or town."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, code_text, flag, intpk, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import Stamped, Versioned


class Level(LabelledEnum):
    """Where an organisation stands in the tree."""

    city = "city", _l("City")
    township = "township", _l("Town or street")
    village = "village", _l("Village")
    department = "department", _l("Department")


class Organisation(Stamped, Versioned, Base):
    """A node of the tree; `path` is the materialised path `/1/4/9/`, `position` the same with each node's order."""

    __tablename__ = "organisation"
    __table_args__ = (
        enum_check("level", Level),
        CheckConstraint("path LIKE '/%/'", name="path_form"),
        CheckConstraint("(level = 'city') = (parent_id IS NULL)", name="only_city_is_root"),
        Index("ix_organisation_parent_level", "parent_id", "level"),
        Index("uq_organisation_paper_prefix", "paper_prefix", unique=True),
    )

    id: Mapped[intpk]
    parent_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("organisation.id"), info={"label": _l("Superior organisation")}
    )
    level: Mapped[Any] = enum_column(Level, info={"label": _l("Level")})
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[title_text] = mapped_column(index=True, info={"label": _l("Name")})
    short_name: Mapped[short_text | None] = mapped_column(info={"label": _l("Short name")})
    path: Mapped[title_text] = mapped_column(unique=True, info={"label": _l("Path"), "stamp": True})
    number_prefix: Mapped[code_text | None] = mapped_column(
        unique=True,
        info={"label": _l("Number prefix"), "help": _l("Case numbers of this centre begin with it, for example SQ.")},
    )
    paper_prefix: Mapped[code_text | None] = mapped_column(
        info={
            "label": _l("Prefix of papers"),
            "help": _l(
                "Numbers of official papers of this centre begin with it; without one, that of the city is used."
            ),
        },
    )
    phone: Mapped[code_text | None] = mapped_column(info={"label": _l("Telephone")})
    address: Mapped[title_text | None] = mapped_column(info={"label": _l("Address")})
    sort: Mapped[int] = mapped_column(default=0, info={"label": _l("Order"), "help": _l("0 puts a new entry last.")})
    position: Mapped[title_text] = mapped_column(
        default="", index=True, info={"label": _l("Place in the tree"), "stamp": True}
    )
    active: Mapped[flag] = mapped_column(default=True, info={"label": _lp("organisation", "Active")})
    demo: Mapped[flag] = mapped_column(
        default=False, info={"label": _l("Demo data"), "help": _l("An invented name; put the real one in its place.")}
    )

    parent: Mapped["Organisation | None"] = relationship(
        remote_side="Organisation.id", info={"label": _l("Superior organisation")}
    )

    @property
    def step(self) -> str:
        """Its own part of `position`, by which a list runs through the tree branch by branch."""
        rank = (Level.city, Level.department, Level.township, Level.village).index(Level(self.level))
        return f"{rank}{self.sort:06d}.{self.id:09d}/"

    @property
    def town_id(self) -> int | None:
        """The town it belongs to: the second node of its path, unless that is a city department."""
        nodes = [int(node) for node in self.path.strip("/").split("/")]
        if len(nodes) < 2 or (len(nodes) == 2 and self.level != Level.township):
            return None
        return nodes[1]

    def __repr__(self) -> str:
        return self.name
