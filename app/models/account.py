"""Accounts, the shipped face of roles, sign-in sessions, password history."""

from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.crypto import EncryptedText
from app.core.db import Base, BigId, UtcDateTime, code_text, flag, hash_text, intpk, moment, short_text, title_text
from app.core.labels import LabelledEnum, enum_check, enum_column
from app.models.mixins import Stamped, Versioned
from app.models.organisation import Organisation


class RowScope(LabelledEnum):
    """Which cases a role sees; an account sees the union over its roles."""

    none = "none", _l("No cases")
    named = "named", _l("Only cases where he or she is named")
    assigned = "assigned", _l("Cases assigned to the own organisation")
    own = "own", _l("Cases of the own organisation only")
    subtree = "subtree", _l("Own organisation and all below it")


class Account(User):
    """A person's account: the framework's user with organisation, post and the marks of security."""

    __tablename__ = "ab_user"
    __table_args__ = {"extend_existing": True}

    organisation_id: Mapped[int | None] = mapped_column(
        BigId,
        ForeignKey("organisation.id", name="fk_ab_user_organisation_id_organisation"),
        index=True,
        info={"label": _l("Organisation")},
    )
    post: Mapped[str | None] = mapped_column(String(64), info={"label": _l("Post")})
    mobile: Mapped[str | None] = mapped_column(
        EncryptedText("account.mobile"), info={"label": _l("Mobile phone"), "mask": "phone"}
    )
    session_epoch: Mapped[int] = mapped_column(Integer, default=0, server_default="0", info={"stamp": True})
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1", info={"stamp": True})
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("account.totp"), info={"secret": True})
    totp_last_step: Mapped[int | None] = mapped_column(Integer, info={"stamp": True})
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"stamp": True})
    must_change_password: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default="0", info={"label": _l("Must change the password at next login")}
    )
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Locked until")})
    demo: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0", info={"stamp": True})
    preferences: Mapped[dict[str, Any] | None] = mapped_column(JSON, info={"stamp": True})

    organisation: Mapped[Organisation | None] = relationship(
        foreign_keys=[organisation_id], info={"label": _l("Organisation"), "required": True}
    )

    __mapper_args__ = {"version_id_col": version}

    def get_full_name(self) -> str:
        """The whole name, the Chinese way: one field."""
        return self.first_name

    def __repr__(self) -> str:
        return self.first_name


# The framework's columns say here what they are called, and which are nobody's business.
for _name, _info in {
    "first_name": {"label": _l("Full name")},
    "last_name": {"stamp": True},
    "email": {"stamp": True},
    "username": {"label": _l("User name"), "help": _l("Small letters, digits, dots and dashes; for signing in.")},
    "password": {"label": _l("Password"), "secret": True},
    "active": {"label": _lp("account", "In use")},
}.items():
    User.__table__.c[_name].info.update(_info)


class RoleProfile(Stamped, Versioned, Base):
    """What people see of a role: its names, which rows it opens, and whether we ship it."""

    __tablename__ = "role_profile"
    __table_args__ = (enum_check("row_scope", RowScope),)

    role_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[code_text] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[short_text] = mapped_column(info={"label": _l("Name")})
    name_en: Mapped[short_text] = mapped_column(info={"label": _l("English name")})
    description: Mapped[title_text | None] = mapped_column(info={"label": _l("Description")})
    row_scope: Mapped[Any] = enum_column(RowScope, default=RowScope.none, info={"label": _l("Sees which cases")})
    exclusive: Mapped[flag] = mapped_column(
        default=False,
        info={
            "label": _l("Exclusive"),
            "help": _l("An account holds at most one exclusive role (three-officer rule)."),
        },
    )
    administrative: Mapped[flag] = mapped_column(
        default=False, info={"label": _l("Administrative"), "help": _l("Needs a second factor in production.")}
    )
    shipped: Mapped[flag] = mapped_column(default=False, info={"label": _l("Shipped"), "stamp": True})
    shipped_as: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, info={"label": _l("Last shipped as"), "stamp": True}
    )

    role: Mapped[Role] = relationship()

    def __repr__(self) -> str:
        return self.name


class RequestState(LabelledEnum):
    """Where a wish for a sensitive role stands."""

    open = "open", _l("Waits for a second administrator"), "soon"
    confirmed = "confirmed", _l("Confirmed"), "ok"
    refused = "refused", _l("Turned down"), "late"
    withdrawn = "withdrawn", _l("Taken back"), "plain"


class RoleRequest(Stamped, Versioned, Base):
    """One administrator asks that an account gets an administrative role; another one confirms (two-person rule)."""

    __tablename__ = "role_request"
    __table_args__ = (
        enum_check("state", RequestState),
        CheckConstraint(
            "decided_by_id IS NULL OR state = 'withdrawn' OR decided_by_id <> asked_by_id", name="second_person"
        ),
        CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        Index(
            "uq_role_request_open",
            "user_id",
            "role_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    role_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_role.id", ondelete="CASCADE"))
    state: Mapped[Any] = enum_column(RequestState, default=RequestState.open, info={"label": _l("State")})
    asked_by_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id"))
    asked_at: Mapped[moment] = mapped_column(default=clock.now, info={"label": _l("Asked at")})
    decided_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info={"label": _l("Decided at")})

    user: Mapped[Account] = relationship(foreign_keys=[user_id], info={"label": _l("Account")})
    role: Mapped[Role] = relationship(foreign_keys=[role_id], info={"label": _l("Role")})
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id], info={"label": _l("Asked by")})
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id], info={"label": _l("Decided by")})

    def __repr__(self) -> str:
        return f"{self.user} · {self.role}"


class SecurityState(Base):
    """One row: the epoch of rights; it rises with every change of a role, so that caches fall at once."""

    __tablename__ = "security_state"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[intpk]
    epoch: Mapped[int] = mapped_column(default=1)


class LoginSession(Base):
    """One sign-in on one device; ended by logout, password or role change, disabling, or age."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_user_ended", "user_id", "ended_at"),)

    id: Mapped[intpk]
    token_hash: Mapped[hash_text] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"))
    epoch: Mapped[int]
    started_at: Mapped[moment] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[code_text | None]
    address: Mapped[short_text | None]
    agent: Mapped[title_text | None]


class PasswordRecord(Base):
    """A former password's hash, so that it is not taken again."""

    __tablename__ = "password_record"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    password: Mapped[str] = mapped_column(String(256))
    at: Mapped[moment] = mapped_column(default=clock.now)


class RecoveryCode(Base):
    """A one-time code that replaces the second factor when the device is lost."""

    __tablename__ = "recovery_code"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[hash_text]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginAttempt(Base):
    """A failed or successful try to sign in; feeds lock-out and the alarm."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_username_at", "username_hash", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: Mapped[intpk]
    username_hash: Mapped[hash_text]
    address: Mapped[short_text | None]
    success: Mapped[flag]
    at: Mapped[moment] = mapped_column(default=clock.now)
    note: Mapped[str | None] = mapped_column(Text)
