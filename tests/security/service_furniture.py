"""Consultations in the open and sealed, events, pairs and hearings of every centre, for the world of the tests."""

from datetime import timedelta

from app.core import clock
from app.core.db import db
from app.models.adviser import LawFirm
from app.models.code_table import CodeItem
from app.models.consultation import Consultation, ConsultationKind, ConsultationResult
from app.models.hearing import Hearing, HearingKind, HearingOpinion, HearingParticipant, HearingState, HearingStep
from app.models.organisation import Level, Organisation
from app.models.outreach import FirmPair, OutreachEvent, OutreachState, OutreachStep
from app.services import private_notes
from security.cast import CANARIES

GIVERS = {"clerk": "adviser", "clerk.t1": "adviser.1", "clerk.t2": "expert.5"}
ABOUT = {"clerk": "city", "clerk.t1": "t1", "clerk.t2": "to_d1"}


class ServiceFurniture:
    """Puts the same legal service into three centres; mixed into World."""

    cases: dict[str, int]
    home: dict[str, int]
    users: dict[str, int]

    def _service(self) -> None:
        firm, at = (
            LawFirm(name="样例律师事务所", licence="31370786"),
            clock.now().replace(second=0, microsecond=0) - timedelta(days=40),
        )
        topic = db.session.query(CodeItem).first()
        db.session.add(firm)
        for place, user in enumerate(GIVERS):
            home, who = self.home[user], CANARIES[place]
            said = {"organisation_id": home, "at": at, "month": at.date().replace(day=1), "minutes": 30}
            open_ = {**said, "kind": ConsultationKind.legal, "result": ConsultationResult.answered, "summary": "借款"}
            for more in (
                {"consultant_id": self.users[GIVERS[user]], "visitor_name": who.name, "visitor_phone": who.phone},
                {"consultant_id": self.users["adviser.1"], "case_id": self.cases[ABOUT[user]]},
                {"consultant_id": self.users["adviser.1"], "case_id": self.cases["accuses_clerk.t1"]},
            ):
                db.session.add(Consultation(**open_, **more, topics=[topic]))
            for kind, writer in (
                (ConsultationKind.legal, "adviser.1"),
                (ConsultationKind.psychological, "counsellor.1"),
            ):
                sealed = Consultation(**said, kind=kind, secret=True, consultant_id=self.users[writer])
                db.session.add(sealed)
                db.session.flush()
                content = {"notes": f"{who.name} {who.phone}", "visitor_name": who.name}
                sealed.sealed = private_notes.seal(self.users[writer], f"consultation:{sealed.id}", content)
            self._out_there(home, firm)
            self._hearings(home, self.cases[ABOUT[user]])

    def _out_there(self, home: int, firm: LawFirm) -> None:
        event = OutreachEvent(
            organisation_id=home, title="法律进村", place="村民活动室", state=OutreachState.planned, firm=firm,
            starts_at=clock.now().replace(second=0, microsecond=0) + timedelta(days=3),
        )  # fmt: skip
        village = db.session.query(Organisation).filter_by(level=Level.village, parent_id=home).first()
        pair = FirmPair(organisation_id=village.id if village else home, firm=firm, since=clock.today())
        db.session.add_all((event, pair))
        db.session.flush()
        course = {"step": "plan_outreach", "to_state": "planned", "actor_name": "x", "data": {}}
        db.session.add(OutreachStep(event_id=event.id, seq=1, **course))

    def _hearings(self, home: int, case: int) -> None:
        held = {"organisation_id": home, "subject": "听证样例", "noticed_on": clock.today(), "minutes": "逐项发言"}
        for kind, about in ((HearingKind.decision, None), (HearingKind.case, case)):
            hearing = Hearing(
                **held,
                kind=kind,
                case_id=about,
                state=HearingState.held,
                held_at=clock.now().replace(second=0, microsecond=0) - timedelta(days=1),
            )
            hearing.participants = [HearingParticipant(name="村民代表")]
            hearing.opinions = [HearingOpinion(text="同意")]
            db.session.add(hearing)
            db.session.flush()
            if about is None:
                course = {"step": "call_decision", "to_state": "called", "actor_name": "x", "data": {}}
                db.session.add(HearingStep(hearing_id=hearing.id, seq=1, **course))
