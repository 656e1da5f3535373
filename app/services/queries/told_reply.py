"""What the course tells of the reply: drafts and their approval, service, and what the parties said."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.text import listed
from app.models.document import DocumentKind
from app.models.service import ServiceWay
from app.models.signature import SignatureKind

Data = Mapping[str, Any]


def _version(data: Data) -> list[Any]:
    return [_l("Reply version %(number)s.", number=data["reply"])] if data.get("reply") else []


def _approved(data: Data) -> list[Any]:
    if not data.get("final"):
        return [*_version(data), _l("Checked for the organisation; the head of the centre decides next.")]
    number = data.get("document")
    return [*_version(data), *([_l("Approved, document number %(number)s.", number=number)] if number else [])]


def _served(data: Data) -> list[Any]:
    way, paper = ServiceWay.of(data.get("way")), DocumentKind.of(data.get("paper"))
    said = list(_version(data))
    if paper is not None:
        said.append(_l("Paper: %(name)s.", name=paper.label))
    if data.get("party"):
        said.append(_l("To: %(name)s.", name=data["party"]))
    if data.get("served_at"):
        at = clock.local(datetime.fromisoformat(data["served_at"]))
        said.append(_l("Received at %(when)s, %(way)s.", when=f"{at:%Y-%m-%d %H:%M}", way=way.label if way else ""))
    if data.get("receiver"):
        said.append(_l("Received by %(name)s.", name=data["receiver"]))
    if data.get("refused"):
        names = listed(data.get("witnesses"))
        said.append(_l("Refused to sign; witnesses: %(names)s.", names=names))
    return said


def _signed(data: Data) -> list[Any]:
    how = SignatureKind.of(data.get("signature"))
    said = [*_version(data), _l("Party: %(name)s.", name=data.get("party") or "")]
    said.append(_l("Says: satisfied.") if data.get("satisfied") else _l("Says: not satisfied."))
    if how is not None:
        said.append(how.label)
    if data.get("witness"):
        said.append(_l("Witness: %(name)s.", name=data["witness"]))
    return said


def _applied(data: Data) -> list[Any]:
    numbers = listed(data.get("claims"))
    said = [_l("Party: %(name)s.", name=data.get("party") or ""), _l("Objects to claim: %(numbers)s.", numbers=numbers)]
    return [*said, *([_l("Review %(number)s.", number=data["review"])] if data.get("review") else [])]


def _closed(data: Data) -> list[Any]:
    names = listed(data.get("lapsed"))
    return [_l("Did not apply in time, which is no word of satisfaction: %(names)s.", names=names)] if names else []


TOLD: dict[str, Callable[[Data], list[Any]]] = {
    "submit_reply": _version,
    "return_reply": _version,
    "approve_reply": _approved,
    "serve_reply": _served,
    "serve_notice": _served,
    "acknowledge": _signed,
    "apply_review": _applied,
    "close_window": _closed,
}
