"""What stands around the cases of the world: files, people named, registers of every centre."""

import hashlib
from datetime import date, time

from sqlalchemy import select

from app.access.actor import SYSTEM
from app.core import clock
from app.core.db import db
from app.models.account import LoginAttempt, RoleProfile, RoleRequest
from app.models.adviser import AdviserKind, LegalAdviser
from app.models.attachment import Attachment
from app.models.audit import Job, Notice
from app.models.case import Case
from app.models.deadline import Deadline
from app.models.document import DocumentKind, DocumentPrint, PrintForm
from app.models.expert import Expert, ExpertCategory, ExpertEmployment, ExpertKin, Kinship
from app.models.member import Capacity, CaseMember
from app.models.outbox import MessageChannel, OutboxMessage, Webhook
from app.models.party import Party, Representative, RepresentativeKind
from app.models.person import Person
from app.models.preference import Draft, IdempotencyKey, ListPreference, SavedView
from app.models.recount import DeadlineMove, Recount, RecountCause
from app.models.referral import Referral, ReferralKind, ReferralState
from app.models.room import Room, RoomKind
from app.models.roster import DutyKind, Shift
from app.services import document
from app.services.attachment import path_of
from app.services.person import hash_id, hash_phone, hash_tail
from security.cast import ACTORS, CANARIES, PDF, SECRETS


class Furniture:
    """Puts the same things into every organisation; mixed into World."""

    cases: dict[str, int]
    home: dict[str, int]
    users: dict[str, int]

    def _around(self) -> None:
        add = db.session.add
        named = (
            ("city", "leader.1", Capacity.leader),
            ("t1", "adviser.1", Capacity.adviser),
            ("city", "counsellor.1", Capacity.counsellor),
            ("to_d1", "leader.1", Capacity.leader),
            ("accuses_clerk.t1", "adviser.1", Capacity.adviser),
            ("accuses_handler.d1", "leader.2", Capacity.leader),
        )
        for case, user, capacity in named:
            add(CaseMember(case_id=self.cases[case], user_id=self.users[user], capacity=capacity))
        for row in db.session.scalars(select(Referral).where(Referral.case_id == self.cases["ended"])):
            row.state = ReferralState.ended
        add(
            Referral(
                case_id=self.cases["accuses_handler.d1"],
                organisation_id=self.home["handler.d1"],
                kind=ReferralKind.co,
                due_on=date(2026, 12, 1),
            )
        )
        add(
            Referral(
                case_id=self.cases["accuses_handler.d1"],
                organisation_id=self.home["handler.d2"],
                kind=ReferralKind.lead,
                due_on=date(2026, 12, 1),
            )
        )
        counted = Recount(cause=RecountCause.calendar, subject="2027", moved=1)
        for name, case in self.cases.items():
            running = db.session.scalars(select(Deadline).where(Deadline.case_id == case).order_by(Deadline.id)).first()
            if running is not None:
                days = {"before_on": running.due_on, "after_on": running.due_on, "code": running.code}
                add(DeadlineMove(recount=counted, deadline_id=running.id, case_id=case, number=name, **days))
            draft = Draft(
                user_id=self.users[ACTORS[case % len(ACTORS)]], form="case", title=name, content='{"fields": []}'
            )
            add(draft)
            db.session.flush()
            party = db.session.scalars(select(Party).where(Party.case_id == case).order_by(Party.id)).first()
            assert party
            add(Representative(case_id=case, party_id=party.id, kind=RepresentativeKind.representative))
            agent = Person(organisation_id=self.home["clerk"], name=f"代理人{case}", phone=CANARIES[0].phone)
            agent.phone_hash, agent.phone_tail_hash = hash_phone(CANARIES[0].phone), hash_tail(CANARIES[0].phone)
            add(Representative(case_id=case, party_id=party.id, kind=RepresentativeKind.agent, agent=agent))
            add(self._file(name, case_id=case))
            paper = document.issue(SYSTEM, db.session.get_one(Case, case), DocumentKind.service_return)
            add(DocumentPrint(document_id=paper.id, form=PrintForm.print, user_name="x"))
            add(self._file(f"draft of {name}", draft_id=draft.id))
            add(
                Notice(
                    user_id=self.users[ACTORS[(case * 3) % len(ACTORS)]], case_id=case, code="case:registered", data={}
                )
            )
        for place, user in enumerate(ACTORS):
            key = self.users[user]
            add(ListPreference(user_id=key, view=f"/test{place}"))
            add(IdempotencyKey(user_id=key, key=f"test-{place}", answer="{}"))
            add(
                SavedView(
                    user_id=key,
                    organisation_id=self.home[user],
                    view="/test",
                    name="x",
                    query="a=1",
                    shared=bool(place % 2),
                )
            )

    def _file(self, name: str, **owner: int) -> Attachment:
        key = hashlib.sha256(name.encode()).hexdigest()[:40]
        path = path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PDF)
        return Attachment(
            name=f"{name}.pdf",
            mime="application/pdf",
            size=len(PDF),
            storage_key=key,
            sha256=hashlib.sha256(PDF).hexdigest(),
            **owner,
        )

    def _registers(self) -> None:
        add = db.session.add
        person = CANARIES[0]
        for place, user in enumerate(("clerk", "clerk.t1", "clerk.t2", "village_officer.1", "handler.d1")):
            home = self.home[user]
            expert = Expert(
                organisation_id=home,
                name=f"专家{place}",
                category=ExpertCategory.scholar,
                phone=CANARIES[place].phone,
                appointed_from=date(2025, 1, 1),
                appointed_until=date(2027, 1, 1),
                village_id=self.home["village_officer.1"],
            )
            adviser = LegalAdviser(
                organisation_id=home,
                name=f"律师{place}",
                kind=AdviserKind.law_scholar,
                phone=CANARIES[place].phone,
                appointed_from=date(2025, 1, 1),
                appointed_until=date(2027, 1, 1),
            )
            room = Room(
                organisation_id=home,
                name=f"样例室{place}",
                kind=RoomKind.open,
                capacity=4,
                opens_at=time(8),
                closes_at=time(18),
            )
            add_all = (expert, adviser, room)
            db.session.add_all(add_all)
            db.session.flush()
            add(
                ExpertEmployment(
                    expert_id=expert.id, employer_id=home, employer_name=f"单位{place}", since=date(2020, 1, 1)
                )
            )
            add(
                ExpertKin(
                    expert_id=expert.id,
                    kinship=Kinship.child,
                    name=f"亲属{place}",
                    id_number_hash=hash_id(person.id_number),
                )
            )
            add(
                Shift(
                    organisation_id=home,
                    kind=DutyKind.clerk,
                    on=clock.today(),
                    starts_at=time(8),
                    ends_at=time(9),
                    account_id=self.users[user],
                    room_id=room.id,
                )
            )
        profile = db.session.scalars(select(RoleProfile).where(RoleProfile.code == "business_admin")).one()
        add(RoleRequest(user_id=self.users["clerk"], role_id=profile.role_id, asked_by_id=self.users["sysadmin"]))
        add(Job(kind="test", key="test", data={}))
        hook = Webhook(name="样例平台", url="https://platform.example/hook", secret=SECRETS[0], events="case.*")
        add(hook)
        db.session.flush()
        for name, case in self.cases.items():
            texting = {"channel": MessageChannel.sms, "code": "accepted", "recipient": CANARIES[case % 5].phone}
            add(OutboxMessage(uid=f"sms-{case}", key=f"sms-{name}", case_id=case, text="已受理", **texting))
            telling = {"channel": MessageChannel.webhook, "code": "case.accept", "webhook_id": hook.id}
            add(OutboxMessage(uid=f"hook-{case}", key=f"hook-{name}", case_id=case, **telling))
        texting = {"channel": MessageChannel.sms, "code": "booking_confirmed", "recipient": CANARIES[0].phone}
        add(OutboxMessage(uid="sms-sealed", key="sms-sealed", text="已确认", sealed=True, **texting))
        add(OutboxMessage(uid="sms-booking", key="sms-booking", text="已确认", **texting))
        add(LoginAttempt(username_hash="0" * 64, success=False))
