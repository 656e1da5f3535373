"""Cases of a served program, led by the services to where a walk begins; prints their numbers and keys as JSON.

python -m tests.e2e.prepared INSTANCE"""

import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from app import create_app
from app.access.actor import Actor, system_scope
from app.access.load import account_row, actor_of
from app.core.db import db
from app.models.review import Review
from app.services import acknowledgement, review
from app.services.registration import hash_of_code
from tests.case_factory import WITNESSED, Cases

CODE = "ABCDEFGH"


def actor(username: str) -> Actor:
    """A demo account."""
    found = text("SELECT id FROM ab_user WHERE username = :name")
    return actor_of(account_row(db.session.execute(found, {"name": username}).scalar_one()), "127.0.0.1")


def opened(case: Any) -> dict[str, Any]:
    """The case under a secret code that is known."""
    given = {"hash": hash_of_code(case.number, CODE), "id": case.id}
    db.session.execute(text('UPDATE "case" SET receipt_hash = :hash WHERE id = :id'), given)
    db.session.commit()
    return {"id": case.id, "number": case.number, "code": CODE}


def answered(cases: Cases) -> Any:
    """A reply that its party has just received."""
    return cases.replied(title="村道占地未补偿 待申请")


def choosing(cases: Cases) -> Any:
    """An application that was accepted: the party picks."""
    case = cases.replied(title="村道占地未补偿 待选专家")
    with system_scope("prepared for a walk"):
        said = {"party": case.parties[0], "claims": case.claims[:1], "reason": "面积丈量有误"}
    cases.do("clerk", acknowledgement.apply_review, case, **said, signature=WITNESSED)
    with system_scope("prepared for a walk"):
        filed = db.session.scalars(select(Review).where(Review.case_id == case.id)).one()
    cases.do("review_secretary", review.accept_review, filed)
    return case


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    portal = create_app({"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'portal.db'}"})
    with portal.app_context():
        made = Cases(actor)
        made.made = 900
        print(json.dumps({"answered": opened(answered(made)), "choosing": opened(choosing(made))}))
