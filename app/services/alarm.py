"""What the security auditors are told at once: mass reading, lists walked through, exports too large (security G5)."""

from typing import Any

from app.access import audit
from app.access.actor import Actor
from app.models.audit import AuditKind
from app.services.notice import holders_anywhere, tell_people

MASS_READING, MASS_LISTING, EXPORT_REFUSED = "access:mass-reading", "access:mass-listing", "access:export-refused"
# What the notice says, for each code of the trail.
NOTICES = {
    MASS_READING: "alarm_mass_reading",
    MASS_LISTING: "alarm_mass_listing",
    EXPORT_REFUSED: "alarm_export_refused",
}


def entry(actor: Actor, code: str, count: int, told: str) -> dict[str, Any]:
    """An alarm as an entry of the trail."""
    return {**audit.entry(actor, AuditKind.security, code, reason=told), "changes": {"records": count}}


def tell_auditors(actor: Actor, code: str, count: int) -> None:
    """A notice to everybody who reads the audit trail, within the transaction of the alarm."""
    data = {"by": actor.name, "organisation": actor.organisation_name or "", "count": count}
    link = f"/audit/list/?kind={AuditKind.security.value}&code={code}"
    tell_people(actor, NOTICES[code], holders_anywhere("read", "Audit"), data, link=link)
