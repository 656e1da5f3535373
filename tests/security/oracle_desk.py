"""Who should see which supervision order and which proposal, in plain Python."""

from typing import Any

WATCHES = {"supervisor", "centre_head"}
HEARS = {"unit_head", "handler", "dispatcher"}


class DeskOracle:
    """The rules of the supervision desk; mixed into Oracle."""

    def learn_desk(self: Any) -> None:
        """Read what the rules look at."""
        self.order = {row.id: row for row in self.rows("supervision")}
        self.proposal = {row.id: row for row in self.rows("proposal")}

    def sees_order(self: Any, who: Any, row: Any) -> bool:
        """On a case one sees: everything for who watches; for the others the letters that went to their own office."""
        mine = who.role in HEARS and row.organisation_id == who.organisation and row.ordered_at is not None
        return (who.role in WATCHES or mine) and self.sees_case(who, row.case_id)

    def sees_proposal(self: Any, who: Any, row: Any) -> bool:
        """Of the own subtree, and about no case that one must not see."""
        about = row.case_id is None or self.sees_case(who, row.case_id)
        return who.role in WATCHES and self.inside(who, row.organisation_id) and about

    def desk_rules(self: Any) -> dict[str, Any]:
        """One rule for each table of the desk."""
        return {
            "supervision": self.sees_order,
            "supervision_step": lambda who, row: self.sees_order(who, self.order[row.supervision_id]),
            "proposal": self.sees_proposal,
            "proposal_step": lambda who, row: self.sees_proposal(who, self.proposal[row.proposal_id]),
        }
