"""What a party does with a reply: sign for it and say whether it satisfies, or apply for an expert review."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor, system_scope
from app.core.db import db, unit_of_work
from app.models.case import Case, CaseState
from app.models.reply import Acknowledgement
from app.models.review import Door
from app.models.signature import SignaturePurpose
from app.services import rights, signature
from app.services.case import Data, text_of
from app.services.course import carry_out, keep, take, told_after
from app.services.record import register_sentences
from app.services.review import file_review
from app.workflow.types import SAME

register_sentences(
    {"uq_acknowledgement_reply_party": ("party", _l("This party has signed for the reply already."))},
)


@unit_of_work
def acknowledge(actor: Actor, case_id: int, data: Data, version: int | None = None) -> Case:
    """A party signs for the reply and says whether he or she is satisfied; when the last one has, follow-up begins."""
    case, facts = take(actor, case_id, version, "acknowledge")
    reply, satisfied = facts.late.standing_reply, data.get("satisfied")
    party, signing = data.get("party"), data.get("signature")
    told = {"party": party.name if party is not None else None, "satisfied": satisfied}
    told |= signature.said_of(signing) if signing is not None else {}
    carry_out(
        actor, case, facts, "acknowledge", data, told=told | ({"reply": reply.number} if reply is not None else {})
    )
    assert party is not None and signing is not None  # the guards have seen to it
    with system_scope("a party of the matter, or of one merged into it"):
        signed = signature.keep(actor, case.id, signing, SignaturePurpose.acknowledgement, party=party)
        row: Any = Acknowledgement(
            case_id=case.id, reply_id=reply.id, party_id=party.id, satisfied=satisfied, signature_id=signed.id
        )
        db.session.add(row)
        rights.settle(case, party.id)
        rights.close_if_settled(actor, case)
    return keep(case)


@unit_of_work
def apply_review(actor: Actor, case_id: int, data: Data, version: int | None = None, door: Door = Door.desk) -> Case:
    """A party objects to answers of the reply, within its own days: experts of its choice review them."""
    reason = text_of(data, "reason")
    case, facts = take(actor, case_id, version, "apply_review", reason)
    party, claims = data.get("party"), list(data.get("claims") or ())
    to = CaseState.reviewing if case.state is CaseState.replied else SAME
    told = {
        "party": party.name if party is not None else None,
        "claims": [claim.number for claim in claims],
        "door": door.value,
    }
    step = carry_out(actor, case, facts, "apply_review", data, reason=reason, to=to, told=told)
    assert party is not None  # the guards have seen to it
    with told_after(step) as more, system_scope("a party of the matter, or of one merged into it"):
        rights.use(case, party.id)
        signing = data.get("signature")
        purpose = SignaturePurpose.application
        signed = signature.keep(actor, case.id, signing, purpose, party=party) if signing is not None else None
        more["review"] = file_review(actor, case, party, claims, reason or "", door, signed).number
    return keep(case)
