"""Two at the same moment: one checks, approves, serves or signs; the other is told, and nothing happens twice."""

import contextvars
import io
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from app.access.actor import acting, system_scope
from app.access.load import account_row, actor_of
from app.core import clock
from app.core.db import db
from app.core.errors import PortalError
from app.models.case import Case, CaseState
from app.models.deadline import Deadline
from app.models.document import Document, DocumentKind
from app.models.party import Party
from app.models.reply import Acknowledgement, Reply, ReplyState
from app.models.service import Service, ServiceWay
from app.models.step import CaseStep
from app.services import acknowledgement, attachment, reply, service
from tests.case_factory import PDF, WITNESSED, Cases, id_number
from tests.services.test_document_race import own  # noqa: F401 - a database of its own


def actor(name: str) -> Any:
    key = db.session.execute(text("SELECT id FROM ab_user WHERE username = :name"), {"name": name}).scalar_one()
    return actor_of(account_row(key), "127.0.0.1")


def at_once(portal: Flask, *works: Callable[[], Any]) -> list[str]:
    """Carry these out at the same moment; what became of each: done, or the kind of refusal."""
    gate, ends = threading.Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        with portal.app_context():
            gate.wait()
            try:
                work()
                ends.append("done")
            except PortalError as refusal:
                ends.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=contextvars.Context().run, args=(run, work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def does(who: str, verb: Callable[..., Any], case_id: int, given: Callable[[], dict[str, Any]] = dict) -> Any:
    def work() -> None:
        one = actor(who)
        with acting(one):
            verb(one, case_id, given(), None)

    return work


def counted(model: Any, *conditions: Any) -> int:
    with system_scope("test"):
        return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_two_at_once(own: Flask) -> None:  # noqa: F811 - the fixture
    with own.app_context():
        cases = Cases(actor)
        person = {"side": "petitioner", "id_type": "id_card", "address": "昌邑市柳疃镇"}
        parties = [
            {**person, "name": name, "id_number": id_number(n), "phone": f"1580005{n:04d}"}
            for n, name in ((95, "于秀兰"), (96, "栾𠮷明"))
        ]
        case = cases.submit(cases.handling(parties=parties, head_count=2))
        key, keys = case.id, [party.id for party in cases.petitioners(case)]
        db.session.remove()

    check = does("unit_head.d1", reply.approve_reply, key)
    assert at_once(own, check, check) == ["NotAllowed", "done"]
    approve = does("centre_head", reply.approve_reply, key)
    back = does("centre_head", reply.return_reply, key, lambda: {"reason": "再核"})
    ends = at_once(own, approve, back, approve)
    assert ends.count("done") == 1, ends
    with own.app_context(), system_scope("test"):
        case = db.session.get_one(Case, key)
        if case.state is CaseState.handling:  # the return was faster: the next version is approved
            cases = Cases(actor)
            handler = actor("handler.d1")
            with acting(handler):
                file = attachment.attach(handler, case, "照片.pdf", io.BytesIO(PDF))
            cases.approve(cases.submit(case, evidence=[file]))
        assert counted(Reply, Reply.case_id == key, Reply.state == ReplyState.approved) == 1
        assert counted(Document, Document.case_id == key, Document.kind == DocumentKind.reply) == 1
        db.session.remove()

    def served(party: int) -> Callable[[], dict[str, Any]]:
        def given() -> dict[str, Any]:
            with system_scope("test"):
                row = db.session.get_one(Party, party)
            return {"party": row, "way": ServiceWay.handed, "served_at": clock.now(), "signature": WITNESSED}

        return given

    once = does("clerk", service.serve_reply, key, served(keys[0]))
    ends = at_once(own, once, once, does("handler.d1", service.serve_reply, key, served(keys[1])))
    assert ends.count("done") == 2, ends
    with own.app_context(), system_scope("test"):
        assert counted(Service, Service.case_id == key) == 2
        assert counted(Deadline, Deadline.case_id == key, Deadline.code == "D-REV5") == 2
        assert db.session.get_one(Case, key).state is CaseState.replied
        db.session.remove()

    def signed(party: int) -> Callable[[], dict[str, Any]]:
        def given() -> dict[str, Any]:
            with system_scope("test"):
                row = db.session.get_one(Party, party)
            return {"party": row, "satisfied": True, "signature": WITNESSED}

        return given

    signs = [does("clerk", acknowledgement.acknowledge, key, signed(party)) for party in (*keys, *keys)]
    ends = at_once(own, *signs)
    assert ends.count("done") == 2, ends
    with own.app_context(), system_scope("test"):
        assert counted(Acknowledgement, Acknowledgement.case_id == key) == 2
        assert counted(CaseStep, CaseStep.case_id == key, CaseStep.step == "close_window") == 1
        assert db.session.get_one(Case, key).state is CaseState.follow_up_due
        steps = db.session.scalars(select(CaseStep.seq).where(CaseStep.case_id == key).order_by(CaseStep.seq)).all()
        assert list(steps) == list(range(1, len(steps) + 1))
