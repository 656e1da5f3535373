"""What a notice says, by its code; each room has a module of its own here and a line in ROOMS.

`data` of the notice fills the places. No case text and no personal data of parties in it.
"""

from typing import Any

from app.services.sentences import (
    alarm,
    booking,
    case,
    duty,
    export,
    follow_up,
    handling,
    outbox,
    outreach,
    reminder,
    reply,
    report,
    review,
    supervision,
)

ROOMS: dict[str, Any] = {
    "alarm": alarm,
    "booking": booking,
    "case": case,
    "duty": duty,
    "export": export,
    "reply": reply,
    "report": report,
    "follow_up": follow_up,
    "handling": handling,
    "reminder": reminder,
    "review": review,
    "outbox": outbox,
    "outreach": outreach,
    "supervision": supervision,
}
SENTENCES: dict[str, Any] = {code: said for room in ROOMS.values() for code, said in room.SENTENCES.items()}
ROOM_OF: dict[str, str] = {code: name for name, room in ROOMS.items() for code in room.SENTENCES}

if len(SENTENCES) != sum(len(room.SENTENCES) for room in ROOMS.values()):
    raise LookupError("two rooms say something under the same code of a notice")
