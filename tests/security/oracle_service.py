"""Who should see which consultation, event, pair and step of a hearing, by the words of domain §2 and §6."""

from typing import Any

READS_CONSULTATIONS = {"clerk", "centre_head", "supervisor"}


class ServiceOracle:
    """The rules of the legal service; mixed into Oracle."""

    def learn_service(self: Any) -> None:
        """Read what the rules look at."""
        self.event = {row.id: row for row in self.rows("outreach_event")}

    def sees_consultation(self: Any, who: Any, row: Any) -> bool:
        """Who gave it; others never a confidential one; else the centre, unless it is about a case not theirs."""
        if row.consultant_id == who.user:
            return True
        at_home = who.role in READS_CONSULTATIONS and self.inside(who, row.organisation_id)
        return at_home and not row.secret and (row.case_id is None or self.sees_case(who, row.case_id))

    def service_rules(self: Any) -> dict[str, Any]:
        """One rule for each table of the legal service."""
        return {
            "consultation": self.sees_consultation,
            "outreach_event": lambda who, row: self.shares(who, row.organisation_id),
            "outreach_step": lambda who, row: self.shares(who, self.event[row.event_id].organisation_id),
            "firm_pair": lambda who, row: self.shares(who, row.organisation_id),
            "hearing_step": lambda who, row: self.sees_hearing(who, self.hearing[row.hearing_id]),
        }
