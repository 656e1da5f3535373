"""Cases for tests, made through the same doors as real ones, and led through the flow step by step."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select, text

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.models.code_table import Category, CodeItem, CodeTable
from app.models.document import DocumentKind
from app.models.organisation import Organisation
from app.models.party import ClaimResult
from app.models.service import PaperDue, ServiceWay
from app.models.signature import SignatureKind
from app.services import attachment, referral, reply, service
from app.services import case as intake
from app.services.registration import register_case
from app.services.signature import Signing

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
WITNESSED = Signing(SignatureKind.witness, witness="见证人甲")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(place: int) -> str:
    """A well-formed ID number."""
    stem = f"3707861980{1 + place % 12:02d}{1 + place % 28:02d}{place % 999:03d}"
    return stem + "10X98765432"[sum(int(d) * w for d, w in zip(stem, WEIGHTS, strict=True)) % 11]


def organisation_of(username: str) -> Organisation:
    """The organisation of a demo account."""
    with system_scope("test"):
        key = db.session.execute(
            text("SELECT organisation_id FROM ab_user WHERE username = :name"), {"name": username}
        ).scalar_one()
        return db.session.get_one(Organisation, key)


def code_item(table: str) -> CodeItem:
    """The first item of a code table."""
    return db.session.scalars(
        select(CodeItem).join(CodeTable).where(CodeTable.code == table).order_by(CodeItem.sort, CodeItem.id)
    ).first()


def category(place: int = 0) -> Category:
    """A category that cases may have."""
    leaves = select(Category).where(Category.leaf.is_(True)).order_by(Category.id)
    return db.session.scalars(leaves.offset(place)).first()


class Cases:
    """Registers cases and carries out steps as the demo accounts."""

    def __init__(self, actor: Callable[[str], Any]) -> None:
        self.actor, self.made = actor, 0

    def body(self, **more: Any) -> dict[str, Any]:
        """What is said of a new case."""
        self.made += 1
        place = self.made
        village = db.session.execute(
            text("SELECT code FROM organisation WHERE level = 'village' ORDER BY id LIMIT 1")
        ).scalar_one()
        return {
            "channel": "visit",
            "kind": "appeal",
            "category": category().code,
            "title": f"村道占地未补偿 {place}",
            "facts": "二〇二五年修路占用围墙外空地，至今没有补偿。",
            "claims": [{"text": "支付补偿款"}, {"text": "书面说明原因"}],
            "parties": [
                {
                    "side": "petitioner",
                    "name": "于秀兰",
                    "id_type": "id_card",
                    "id_number": id_number(place),
                    "phone": f"1580000{place:04d}",
                    "address": "山东省昌邑市柳疃镇西付村12号",
                }
            ],
            "village": village,
            "head_count": 1,
            "occurred_on": "2025-06-01",
            **more,
        }

    def register(self, who: str = "clerk", **more: Any) -> Any:
        """A registered case."""
        actor = self.actor(who)
        with acting(actor):
            return register_case(actor, self.body(**more)).case

    def do(self, who: str, verb: Callable[..., Any], case: Any, version: int | None = None, **data: Any) -> Any:
        """Carry a step out as a demo account."""
        actor = self.actor(who)
        with acting(actor):
            return verb(actor, case.id, data, version)

    def accepted(self, **more: Any) -> Any:
        """An accepted case."""
        return self.do("dispatcher", intake.accept, self.register(**more))

    def assigned(self, lead: str = "handler.d1", co: tuple[str, ...] = (), due: date | None = None, **more: Any) -> Any:
        """A case referred to the organisations of these accounts."""
        return self.do(
            "dispatcher",
            referral.assign,
            self.accepted(**more),
            lead=organisation_of(lead),
            co=[organisation_of(name) for name in co],
            lead_due_on=due,
        )

    def handling(self, **more: Any) -> Any:
        """A case that its lead organisation has signed for."""
        return self.do("handler.d1", referral.sign_for, self.assigned(**more))

    def objected(self, **more: Any) -> Any:
        """A case its lead organisation objects to."""
        return self.do(
            "unit_head.d1",
            referral.object_to,
            self.assigned(**more),
            reason="不属于本单位职权",
            proposed=organisation_of("handler.d2"),
        )

    def declining(self, **more: Any) -> Any:
        """A case proposed to be declined."""
        return self.do(
            "dispatcher", intake.decline, self.register(**more), reason="正在诉讼", ground=code_item("decline_reason")
        )

    # ---- the reply

    def evidence(self, case: Any, who: str = "handler.d1", name: str = "现场照片.pdf") -> Any:
        """A file of the case."""
        actor = self.actor(who)
        with acting(actor):
            return attachment.attach(actor, case, name, io.BytesIO(PDF))

    def draft(self, case: Any, **more: Any) -> dict[str, Any]:
        """A reply that answers every claim."""
        with system_scope("test"):
            numbers = [claim.number for claim in case.claims]
        answers = [
            {"claim": n, "result": ClaimResult.supported, "resolved": True, "text": f"第{n}项予以支持。"}
            for n in numbers
        ]
        return {
            "findings": "经现场丈量，占用面积38.6平方米。",
            "basis": "《土地管理法》第四十八条",
            "answers": answers,
            "evidence": [self.evidence(case)],
            **more,
        }

    def submit(self, case: Any, **more: Any) -> Any:
        """The drafted reply goes to the check."""
        return self.do("handler.d1", reply.submit_reply, case, **self.draft(case, **more))

    def approve(self, case: Any) -> Any:
        """Checked by the organisation, approved by the centre."""
        self.do("unit_head.d1", reply.approve_reply, case)
        return self.do("centre_head", reply.approve_reply, case)

    def approved(self, **more: Any) -> Any:
        """A case whose reply waits to be served."""
        return self.approve(self.submit(self.handling(**more)))

    def serve_notices(self, case: Any) -> Any:
        """Every notice that waits reaches its party across the desk."""
        with system_scope("test"):
            waiting = select(PaperDue).where(PaperDue.case_id == case.id, PaperDue.service_id.is_(None))
            rows = [(row.party, DocumentKind(row.paper)) for row in db.session.scalars(waiting.order_by(PaperDue.id))]
        for party, paper in rows:
            given = {"way": ServiceWay.handed, "served_at": clock.now(), "signature": WITNESSED}
            self.do("clerk", service.serve_notice, case, party=party, paper=paper, **given)
        return case

    def serve(self, case: Any, party: Any, who: str = "clerk", **more: Any) -> Any:
        """The reply reaches a party across the desk."""
        given = {"party": party, "way": ServiceWay.handed, "served_at": clock.now(), "signature": WITNESSED, **more}
        return self.do(who, service.serve_reply, case, **given)

    def replied(self, **more: Any) -> Any:
        """A case whose reply every petitioner has."""
        case = self.approved(**more)
        for party in self.petitioners(case):
            self.serve(case, party)
        return case

    def petitioners(self, case: Any) -> list[Any]:
        """The petitioners of a case."""
        with system_scope("test"):
            return [party for party in case.parties if party.side == "petitioner"]
