"""What the course tells of handling: receptions, conferences, mediations, hearings, time, endings."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.text import listed
from app.models.mediation import Confirmation
from app.models.party import ClaimResult
from app.models.service import ServiceWay
from app.models.signature import SignatureKind

Data = Mapping[str, Any]


def _when(text: str) -> str:
    return f"{clock.local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def _moved(data: Data) -> list[Any]:
    return [
        _l("%(name)s: %(before)s → %(after)s.", name=move["name"], before=move["before"], after=move["after"])
        for move in data.get("moved") or ()
        if move["before"] != move["after"]
    ]


def _signed(data: Data) -> list[Any]:
    said = []
    for row in data.get("signed") or ():
        how = SignatureKind.of(row.get("signature"))
        words = [row.get("party"), how.label if how else None, row.get("witness")]
        said.append(_l("Signed: %(who)s.", who=" · ".join(str(word) for word in words if word)))
    return said


def _presented(data: Data) -> list[Any]:
    return [_l("To %(leader)s, shift %(shift)s.", leader=data.get("leader", ""), shift=data.get("shift", ""))]


def _received(data: Data) -> list[Any]:
    said = [_l("Received at %(when)s.", when=_when(data["at"]))] if data.get("at") else []
    if data.get("head_count"):
        said.append(_l("%(count)s persons came.", count=data["head_count"]))
    if data.get("video"):
        said.append(_l("By video."))
    if data.get("said"):
        said.append(_l("The parties said: %(what)s", what=data["said"]))
    if data.get("settled"):
        said.append(_l("The parties agreed at once."))
    return said


def _conferred(data: Data) -> list[Any]:
    said = [_l("Met: %(names)s.", names=listed(data.get("organisations") or ()))]
    if data.get("at"):
        said.append(_l("Held at %(when)s.", when=_when(data["at"])))
    said.append(_l("A solution was found.") if data.get("solved") else _l("No solution was found."))
    return said


def _mediated(data: Data) -> list[Any]:
    refused = data.get("refused") or ()
    if refused:
        return [_l("Not consented to by: %(names)s. The mediation ended with that.", names=listed(refused))]
    return [_l("Every side consents.")]


def _concluded(data: Data) -> list[Any]:
    if not data.get("agreed"):
        return [_l("No agreement was reached; the days go on.")]
    said = [_l("Agreement: %(what)s", what=data.get("agreement") or "")]
    return [*said, *([_l("In force from %(day)s.", day=data["effective_on"])] if data.get("effective_on") else [])]


def _confirmed(data: Data) -> list[Any]:
    word = Confirmation.of(data.get("confirmation"))
    return [_l("%(word)s on %(day)s.", word=word.label if word else "", day=data.get("on") or "")]


def _called(data: Data) -> list[Any]:
    said = [_l("Subject: %(what)s.", what=data.get("subject") or "")]
    if data.get("held_at"):
        said.append(_l("On %(when)s, %(place)s.", when=_when(data["held_at"]), place=data.get("place") or ""))
    if data.get("put_off"):
        said.append(_l("The hearing called before is put off by this one."))
    for row in data.get("told") or ():
        way = ServiceWay.of(row.get("way"))
        said.append(_l("Told: %(name)s, %(way)s.", name=row.get("party", ""), way=way.label if way else ""))
    return said


def _heard(data: Data) -> list[Any]:
    return [
        _l(
            "%(people)s took part (%(how)s); %(opinions)s opinions, %(adopted)s adopted.",
            people=data.get("participants", 0),
            how=data.get("chosen_how") or "",
            opinions=data.get("opinions", 0),
            adopted=data.get("adopted", 0),
        )
    ]


def _asked_for(data: Data) -> list[Any]:
    said = [_l("%(days)s days, due on %(day)s so far.", days=data.get("days", ""), day=data.get("due_on") or "")]
    return [*said, *([_l("Ground: %(what)s.", what=data["ground"])] if data.get("ground") else [])]


def _granted(data: Data) -> list[Any]:
    said = [
        _l(
            "%(days)s days: %(before)s → %(after)s.",
            days=data.get("days", ""),
            before=data.get("before", ""),
            after=data.get("after", ""),
        )
    ]
    if data.get("document_number"):
        said.append(_l("Document number %(number)s; a written notice is to be served.", number=data["document_number"]))
    return said


def _suspended(data: Data) -> list[Any]:
    said = [_l("Ground: %(what)s.", what=data.get("ground") or "")]
    said.append(
        _l(
            "Stands still from %(first)s, runs on from %(last)s.",
            first=data.get("from_on") or "",
            last=data.get("until_on") or "",
        )
    )
    return [*said, *_moved(data)]


def _resumed(data: Data) -> list[Any]:
    said = [_l("By itself, on the day that was named.")] if data.get("by_itself") else []
    if data.get("resumed_on"):
        said.append(_l("The days run on from %(day)s.", day=data["resumed_on"]))
    return [*said, *_moved(data)]


def _split(data: Data) -> list[Any]:
    said = [_l("New matter: %(number)s.", number=data.get("number", ""))]
    return [*said, *(_l("Goes there: %(claim)s", claim=text) for text in data.get("claims") or ())]


def _settled(data: Data) -> list[Any]:
    said = []
    for row in data.get("claims") or ():
        result = ClaimResult.of(row.get("result"))
        resolved = _l("resolved") if row.get("resolved") else _l("not resolved")
        said.append(
            _l(
                "Claim %(number)s: %(result)s, %(resolved)s.",
                number=row.get("number"),
                result=result.label if result else "",
                resolved=resolved,
            )
        )
    return [*said, *_signed(data)]


TOLD: dict[str, Callable[[Data], list[Any]]] = {
    "present_to_leader": _presented,
    "receive_by_leader": _received,
    "confer": _conferred,
    "escalate": lambda d: [_l("To %(name)s.", name=d.get("centre", ""))],
    "mediate": _mediated,
    "conclude_mediation": _concluded,
    "confirm_agreement": _confirmed,
    "call_hearing": _called,
    "hold_hearing": _heard,
    "request_extension": _asked_for,
    "approve_extension": _granted,
    "suspend": _suspended,
    "resume": _resumed,
    "settle_on_spot": _settled,
    "split": _split,
    "split_off": lambda d: [_l("Split off from %(number)s.", number=d.get("number", ""))],
    "withdraw": _signed,
}
