"""Who should see which row, by the words of domain §2, in plain Python; it never asks the program's row scope."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.db import Base
from app.models.organisation import Organisation

# Domain §2, "Rows", role by role.
SUBTREE = {
    "clerk",
    "dispatcher",
    "centre_head",
    "review_secretary",
    "follow_up_clerk",
    "supervisor",
    "archivist",
    "village_officer",
}
ASSIGNED = {"handler", "unit_head"}
NAMED = {"leader", "expert", "adviser", "counsellor"}
NOTHING = {"sysadmin", "security_auditor", "business_admin", "statistician"}
MANAGES_ACCOUNTS, READS_TRAIL = {"sysadmin"}, {"security_auditor"}

Row = Any


@dataclass(frozen=True)
class Who:
    """An account as the oracle sees it."""

    user: int
    organisation: int
    path: str
    role: str

    @property
    def above(self) -> set[int]:
        """The own organisation and those above it."""
        return {int(node) for node in self.path.strip("/").split("/")}


class Oracle:
    """All rows of all tables, read once, and one rule for each table."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.path = {row.id: row.path for row in self.rows("organisation")}
        self.case = {row.id: row for row in self.rows("case")}
        self.draft = {row.id: row.user_id for row in self.rows("draft")}
        self.expert = {row.id: row.organisation_id for row in self.rows("expert")}
        self.given, self.named, self.accused = defaultdict(set), defaultdict(set), defaultdict(set)
        self.cases_of_person = defaultdict(set)
        for row in self.rows("referral"):
            if row.state.value != "ended":
                self.given[row.case_id].add(row.organisation_id)
        for row in self.rows("case_member"):
            self.named[row.case_id].add(row.user_id)
        for row in self.rows("party"):
            self.accused[row.case_id].add(row.respondent_organisation_id)
            self.cases_of_person[row.person_id].add(row.case_id)
        users, self.who = {row.id: row for row in self.rows("ab_user")}, {}
        codes = {row.role_id: row.code for row in self.rows("role_profile")}
        for row in connection.execute(select(Base.metadata.tables["ab_user_role"])):
            user = users[row.user_id]
            if user.organisation_id:
                self.who[user.username] = Who(
                    user.id, user.organisation_id, self.path[user.organisation_id], codes[row.role_id]
                )

    def rows(self, table: str) -> list[Row]:
        """Every row of a table."""
        return list(self.connection.execute(select(Base.metadata.tables[table])))

    @staticmethod
    def model(table: str) -> Any:
        """The model of a table."""
        return next(
            m.class_ for m in Base.registry.mappers if m.local_table is not None and m.local_table.name == table
        )

    def inside(self, who: Who, organisation: int | None) -> bool:
        """Whether an organisation lies in the subtree of the account's."""
        return organisation is not None and self.path[organisation].startswith(who.path)

    def sees_case(self, who: Who, key: int | None) -> bool:
        """The heart of it: subtree, assigned, named; never the organisation complained of nor what is below it."""
        if key is None:
            return False
        case = self.case[key]
        good = (
            (who.role in SUBTREE and self.inside(who, case.organisation_id))
            or (who.role in ASSIGNED and who.organisation in self.given[key])
            or (who.role in NAMED and who.user in self.named[key])
        )
        complained = case.kind.value == "accusation" and self.accused[key] & (who.above - {next(iter(self._root()))})
        return good and not complained

    def _root(self) -> set[int]:
        return {key for key, path in self.path.items() if path.count("/") == 2}

    def shares(self, who: Who, organisation: int) -> bool:
        """Registers: the own subtree, and what the organisations above share with everybody."""
        return self.inside(who, organisation) or organisation in who.above

    def colleagues(self, username: str) -> set[int]:
        """Accounts at or below the own organisation: who fills in a register may choose them by name."""
        who = self.who[username]
        return {row.id for row in self.rows("ab_user") if self.inside(who, row.organisation_id)}

    def rule(self, table: str) -> Callable[[Who, Row], bool]:
        """The rule of a table; a guarded table without one is a hole in the tests."""
        by_case = ("party", "claim", "visit", "representative", "referral", "case_step", "deadline", "case_member")
        mine = (
            "draft",
            "list_preference",
            "idempotency_key",
            "notice",
            "login_session",
            "password_record",
            "recovery_code",
        )
        pools = ("expert", "legal_adviser", "room", "shift")
        rules: dict[str, Callable[[Who, Row], bool]] = {
            **dict.fromkeys(by_case, lambda who, row: self.sees_case(who, row.case_id)),
            **dict.fromkeys(mine, lambda who, row: row.user_id == who.user),
            **dict.fromkeys(pools, lambda who, row: self.shares(who, row.organisation_id)),
            **dict.fromkeys(
                ("expert_employment", "expert_kin"), lambda who, row: self.shares(who, self.expert[row.expert_id])
            ),
            **dict.fromkeys(("audit_entry", "audit_head", "login_attempt"), lambda who, row: who.role in READS_TRAIL),
            **dict.fromkeys(("role_request", "job"), lambda who, row: who.role in MANAGES_ACCOUNTS),
            "case": lambda who, row: self.sees_case(who, row.id),
            "person": lambda who, row: any(self.sees_case(who, key) for key in self.cases_of_person[row.id]),
            "attachment": lambda who, row: self.sees_case(who, row.case_id) or self.draft.get(row.draft_id) == who.user,
            "saved_view": lambda who, row: (
                row.user_id == who.user or (row.shared and row.organisation_id == who.organisation)
            ),
            "ab_user": lambda who, row: (
                row.id == who.user or (who.role in MANAGES_ACCOUNTS and self.inside(who, row.organisation_id))
            ),
            Organisation.__tablename__: lambda who, row: self.inside(who, row.id),
        }
        return rules[table]

    def visible(self, username: str, table: str) -> set[tuple[Any, ...]]:
        """The primary keys of the rows that exist for an account."""
        who, rule, keys = self.who[username], self.rule(table), Base.metadata.tables[table].primary_key.columns.keys()
        return {tuple(getattr(row, key) for key in keys) for row in self.rows(table) if rule(who, row)}
