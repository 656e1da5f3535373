"""Who tries, and whose data must never be seen raw."""

from typing import Any

from case_factory import id_number

from app.services.person import hash_id, hash_phone, hash_tail

# Who tries: every role, and the same role in another town, department or village.
CITY = (
    "sysadmin",
    "security_auditor",
    "business_admin",
    "clerk",
    "dispatcher",
    "centre_head",
    "review_secretary",
    "follow_up_clerk",
    "supervisor",
    "archivist",
    "statistician",
    "handler",
    "unit_head",
    "leader",
    "expert",
    "adviser",
    "counsellor",
    "village_officer",
)
ELSEWHERE = (
    "clerk.t1",
    "clerk.t2",
    "dispatcher.t1",
    "supervisor.t1",
    "centre_head.t2",
    "handler.d1",
    "handler.d2",
    "unit_head.d1",
    "leader.1",
    "leader.2",
    "expert.1",
    "expert.5",
    "adviser.1",
    "counsellor.1",
    "village_officer.1",
)
MADE = ("business_admin.t1", "sysadmin.t1")  # not among the demo accounts: administrators of one town
ACTORS = (*CITY, *ELSEWHERE, *MADE)
PASSWORD = "A-word-of-the-tests-1"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class Canary:
    """One person's data that must never be seen raw."""

    def __init__(self, place: int) -> None:
        self.name = f"于秀{'甲乙丙丁戊己庚辛壬癸'[place % 10]}"
        self.id_number = id_number(100 + place)
        self.phone = f"1597{place:03d}{(place * 7919) % 10000:04d}"
        self.address = f"山东省昌邑市柳疃镇西付村{place}号金丝雀院"

    @property
    def party(self) -> dict[str, Any]:
        """As a petitioner of an intake."""
        return {
            "side": "petitioner",
            "name": self.name,
            "id_type": "id_card",
            "id_number": self.id_number,
            "phone": self.phone,
            "address": self.address,
        }

    @property
    def raw(self) -> tuple[str, str, str]:
        """What no page may hold."""
        return self.id_number, self.phone, self.address


CANARIES = [Canary(place) for place in range(20)]


SECRETS = tuple(value for canary in CANARIES for value in canary.raw)


def hashes() -> list[str]:
    """The keyed hashes of the canaries, which no page may hold either."""
    return [made for one in CANARIES for made in (hash_id(one.id_number), hash_phone(one.phone), hash_tail(one.phone))]
