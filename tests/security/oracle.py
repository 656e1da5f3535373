"""Who should see which row, by the words of domain §2, in plain Python; it never asks the program's row scope."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.db import Base
from app.models.organisation import Organisation
from security.oracle_data import DataOracle
from security.oracle_desk import DeskOracle
from security.oracle_rooms import RoomOracle
from security.oracle_service import ServiceOracle

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
NAMED = {"leader", "adviser", "counsellor"}
NOTHING = {"sysadmin", "security_auditor", "business_admin", "statistician", "expert"}  # no case
READS_HEARINGS = {"clerk", "centre_head", "supervisor"}
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


class Oracle(RoomOracle, DataOracle, ServiceOracle, DeskOracle):
    """All rows of all tables, read once, and one rule for each table."""

    subtree_roles = SUBTREE

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.learn_rooms()
        self.learn_data()
        self.learn_service()
        self.learn_desk()
        self.path = {row.id: row.path for row in self.rows("organisation")}
        self.case = {row.id: row for row in self.rows("case")}
        self.draft = {row.id: row.user_id for row in self.rows("draft")}
        self.expert = {row.id: row.organisation_id for row in self.rows("expert")}
        self.account_of_expert = {row.id: row.account_id for row in self.rows("expert")}
        self.seat = {row.id: row for row in self.rows("review_seat")}
        self.review = {row.id: row for row in self.rows("review")}
        self.ballot = {row.id: row for row in self.rows("ballot")}
        self.hearing = {row.id: row for row in self.rows("hearing")}
        self.paper = {row.id: row for row in self.rows("document")}
        self.given, self.named, self.accused = defaultdict(set), defaultdict(set), defaultdict(set)
        self.cases_of_person = defaultdict(set)
        for row in self.rows("referral"):
            if row.state.value != "ended":
                self.given[row.case_id].add(row.organisation_id)
        self.brought = {r.case_id: r.data["centre_id"] for r in self.rows("case_step") if r.step == "escalate"}
        for row in self.rows("case_member"):
            self.named[row.case_id].add(row.user_id)
        for row in self.rows("party"):
            self.accused[row.case_id].add(row.respondent_organisation_id)
            self.cases_of_person[row.person_id].add(row.case_id)
        for row in self.rows("representative"):
            self.cases_of_person[row.agent_id].add(row.case_id)
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
        """The heart of it: subtree or brought there, assigned, named; never who is complained of nor who is below."""
        if key is None:
            return False
        case = self.case[key]
        good = (
            (who.role in SUBTREE and self.inside(who, case.organisation_id))
            or (who.role in SUBTREE and self.inside(who, self.brought.get(key)))
            or (who.role in ASSIGNED and who.organisation in self.given[key])
            or (who.role in NAMED and who.user in self.named[key])
        )
        return good and not self.complained_of(who, key)

    def complained_of(self, who: Who, key: int) -> bool:
        """Whether a case accuses the own organisation or one above it (the city itself hides nothing)."""
        accused = self.accused[key] & (who.above - {next(iter(self._root()))})
        return self.case[key].kind.value == "accusation" and bool(accused)

    def _root(self) -> set[int]:
        return {key for key, path in self.path.items() if path.count("/") == 2}

    def shares(self, who: Who, organisation: int) -> bool:
        """Registers: the own subtree, and what the organisations above share with everybody."""
        return self.inside(who, organisation) or organisation in who.above

    def keeps_house(self, who: Who) -> bool:
        """Who looks after what belongs to the whole installation."""
        return who.role == "business_admin" and who.organisation in self._root()

    def holds_seat(self, who: Who, seat: Row) -> bool:
        """Invited to a review, or seated on it."""
        return self.account_of_expert.get(seat.expert_id) == who.user and seat.state.value in ("invited", "seated")

    def sees_review(self, who: Who, review: Row) -> bool:
        """Whoever sees the case, and the experts who are asked or sit; they do not see the case itself."""
        sits = any(self.holds_seat(who, seat) for seat in self.seat.values() if seat.review_id == review.id)
        return sits or self.sees_case(who, review.case_id)

    def opens_ballot(self, who: Who, ballot: Row) -> bool:
        """Sealed until the count: the own ballot, then all to those who see the review (domain §4)."""
        voter = self.account_of_expert.get(self.seat[ballot.seat_id].expert_id)
        review = self.review[ballot.review_id]
        counted = review.state.value in ("counting", "signing", "signed", "closed")
        return voter == who.user or (counted and self.sees_review(who, review))

    def sees_paper(self, who: Who, paper: Row) -> bool:
        """Of a case one sees, or the letter of a proposal one sees."""
        if paper.proposal_id is not None:
            return self.sees_proposal(who, self.proposal[paper.proposal_id])
        return self.sees_case(who, paper.case_id)

    def sees_hearing(self, who: Who, hearing: Row) -> bool:
        """On a case: who sees the case; before a decision: who reads hearings of the own subtree."""
        if hearing.case_id is not None:
            return self.sees_case(who, hearing.case_id)
        return who.role in READS_HEARINGS and self.inside(who, hearing.organisation_id)

    def colleagues(self, username: str) -> set[int]:
        """Accounts at or below the own organisation: who fills in a register may choose them by name."""
        who = self.who[username]
        return {row.id for row in self.rows("ab_user") if self.inside(who, row.organisation_id)}

    def stand_ins(self, username: str) -> set[int]:
        """Accounts on the rosters the account may read: whoever asks for a substitute may choose them by name."""
        who = self.who[username]
        return {row.id for row in self.rows("ab_user") if self.shares(who, row.organisation_id)}

    def rule(self, table: str) -> Callable[[Who, Row], bool]:
        """The rule of a table; a guarded table without one is a hole in the tests."""
        by_case = (
            *("party", "claim", "visit", "representative", "referral", "case_step", "deadline", "case_member"),
            *("signature", "reply", "reply_point", "acknowledgement", "service", "leader_reception", "conference"),
            *("mediation", "mediation_consent", "extension", "suspension", "follow_up", "rating", "rectification"),
            *("dossier", "recording", "review_applicant", "review_objection", "review_draw"),
            *("review_step", "paper_due"),
        )
        mine = (
            "draft",
            "list_preference",
            "idempotency_key",
            "notice",
            "login_session",
            "password_record",
            "recovery_code",
        )
        pools = ("expert", "legal_adviser", "room")
        rules: dict[str, Callable[[Who, Row], bool]] = {
            **dict.fromkeys(by_case, lambda who, row: self.sees_case(who, row.case_id)),
            **dict.fromkeys(mine, lambda who, row: row.user_id == who.user),
            **dict.fromkeys(pools, lambda who, row: self.shares(who, row.organisation_id)),
            **dict.fromkeys(
                ("expert_employment", "expert_kin"), lambda who, row: self.shares(who, self.expert[row.expert_id])
            ),
            **dict.fromkeys(("audit_entry", "audit_head", "login_attempt"), lambda who, row: who.role in READS_TRAIL),
            **dict.fromkeys(("role_request", "job"), lambda who, row: who.role in MANAGES_ACCOUNTS),
            "webhook": lambda who, row: self.keeps_house(who),
            "recount": lambda who, row: self.keeps_house(who),
            "deadline_move": lambda who, row: self.keeps_house(who) or self.sees_case(who, row.case_id),
            "outbox_message": lambda who, row: (
                not row.sealed
                and (self.keeps_house(who) or (row.case_id is not None and self.sees_case(who, row.case_id)))
            ),
            "reminder": lambda who, row: False,
            "report_delivery": lambda who, row: False,
            "report_subscription": lambda who, row: row.user_id == who.user,
            "public_hold": lambda who, row: False,
            "case_tally": lambda who, row: False,
            "review": self.sees_review,
            "review_seat": lambda who, row: self.holds_seat(who, row) or self.sees_case(who, row.case_id),
            "ballot": self.opens_ballot,
            "ballot_mark": lambda who, row: self.opens_ballot(who, self.ballot[row.ballot_id]),
            "hearing": self.sees_hearing,
            "document": self.sees_paper,
            "document_print": lambda who, row: self.sees_paper(who, self.paper[row.document_id]),
            **dict.fromkeys(
                ("hearing_participant", "hearing_opinion"),
                lambda who, row: self.sees_hearing(who, self.hearing[row.hearing_id]),
            ),
            "case": lambda who, row: self.sees_case(who, row.id),
            "person": lambda who, row: any(self.sees_case(who, key) for key in self.cases_of_person[row.id]),
            "attachment": lambda who, row: self.sees_case(who, row.case_id) or self.draft.get(row.draft_id) == who.user,
            "saved_view": lambda who, row: (
                row.user_id == who.user or (row.shared and row.organisation_id == who.organisation)
            ),
            "ab_user": lambda who, row: (
                row.id == who.user or (who.role in MANAGES_ACCOUNTS and self.inside(who, row.organisation_id))
            ),
            **self.room_rules(),
            **self.data_rules(),
            **self.service_rules(),
            **self.desk_rules(),
            Organisation.__tablename__: lambda who, row: self.inside(who, row.id),
        }
        return rules[table]

    def visible(self, username: str, table: str) -> set[tuple[Any, ...]]:
        """The primary keys of the rows that exist for an account."""
        who, rule, keys = self.who[username], self.rule(table), Base.metadata.tables[table].primary_key.columns.keys()
        return {tuple(getattr(row, key) for key in keys) for row in self.rows(table) if rule(who, row)}
