"""Several parties sign the same thing: each on the screen or before a witness, or all on a paper that is scanned."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.access.actor import Actor
from app.models.attachment import Attachment
from app.models.party import Party
from app.models.signature import Signature, SignatureKind, SignaturePurpose
from app.services import signature
from app.services.signature import Signing


def keep_all(
    actor: Actor,
    case_id: int,
    parties: Iterable[Party],
    rows: Iterable[Mapping[str, Any]],
    paper: Sequence[Attachment],
    purpose: SignaturePurpose,
) -> dict[int, Signature]:
    """The signatures of these parties, by party: what stands in its row, else the scanned paper."""
    given = {row["party"]: row.get("signature") for row in rows}
    kept = {}
    for party in parties:
        signing = given.get(party.id) or (Signing(SignatureKind.paper, scan=paper[0]) if paper else None)
        if signing is not None:
            kept[party.id] = signature.keep(actor, case_id, signing, purpose, party=party)
    return kept


def said_of(parties: Iterable[Party], kept: Mapping[int, Signature]) -> list[dict[str, Any]]:
    """Who signed and how, for the course."""
    return [{"party": party.name, **signature.said_of(kept[party.id])} for party in parties if party.id in kept]
