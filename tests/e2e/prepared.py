"""Cases of a served program, led by the services to where a walk begins; prints their numbers and keys as JSON.

python -m tests.e2e.prepared INSTANCE [HANDLED]

With HANDLED, only so many matters that a department handles. Where INSTANCE/clock says another day, it is that day."""

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
from tests.e2e.served import clock_of

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


def handled(cases: Cases, count: int) -> list[int]:
    """Matters that a department handles, by number."""
    return [cases.handling(title=f"供暖管道漏水未修 {place}").id for place in range(1, count + 1)]


def main(folder: Path, count: int) -> Any:
    """Make them, and say which."""
    settings: dict[str, Any] = {"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'portal.db'}"}
    if (folder / "clock").exists():
        settings["CLOCK"] = lambda: clock_of(folder / "clock")
    portal = create_app(settings)
    with portal.app_context():
        made = Cases(actor)
        made.made = 900
        if count:
            return handled(made, count)
        return {"answered": opened(answered(made)), "choosing": opened(choosing(made))}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0)))
