"""Consultations: who records which, what a booking says already, and that a counselling exists for its writer alone."""

import json
from datetime import datetime, timedelta

import pytest
from booking_factory import Bookings, user_id
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.crypto import NOTES, Keyring, keyring, use_keyring
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models.adviser import AdviserKind, LegalAdviser
from app.models.audit import AuditEntry
from app.models.booking import Booking, Purpose
from app.models.code_table import CodeItem, CodeTable
from app.models.consultation import Consultation, ConsultationKind, ConsultationResult
from app.models.member import Capacity, CaseMember
from app.services import booking_steps as steps
from app.services import consultation as service
from app.services.consultation_rules import can_record, prefilled
from tests.case_factory import Cases
from tests.conftest import PASSWORD

WHO, PHONE, NOTE = "孟晓棠", "13912345678", "失眠三月，自述与丈夫争吵"
TOLD = (WHO, PHONE, NOTE, "失眠", "孟*")
WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=clock.LOCAL)


@pytest.fixture
def now(session):
    with clock.standing_at(WEDNESDAY):
        yield


@pytest.fixture
def give(actor, now):
    """`give("adviser.1", …)`: record a consultation as that account."""

    def record(who, **more):
        given = {"at": WEDNESDAY - timedelta(hours=1), "minutes": 30, "head_count": 1, "summary": "借款没有借条怎么办"}
        person = actor(who)
        with acting(person):
            return service.record_consultation(person, {**given, **more})

    return record


@pytest.fixture
def topics(session):
    with system_scope("test"):
        found = select(CodeItem).join(CodeTable).where(CodeTable.code == "consultation_topic")
        return {item.code: item for item in db.session.scalars(found)}


@pytest.fixture
def secret(give, topics):
    return give(
        "counsellor.1", summary=None, visitor_name=WHO, visitor_phone=PHONE, notes=NOTE, topics=[topics["emotion"]]
    )


@pytest.fixture
def adviser(session, actor):
    """A legal adviser with the account adviser.1, and one without an account."""
    with system_scope("test"), acting(SYSTEM):
        made = [
            LegalAdviser(
                organisation_id=actor("clerk").organisation_id,
                name=name,
                kind=AdviserKind.law_scholar,
                appointed_from=clock.today() - timedelta(days=400),
                appointed_until=clock.today() + timedelta(days=400),
                account_id=account,
            )
            for name, account in (("孙明律", user_id("adviser.1")), ("常守正", None))
        ]
        db.session.add_all(made)
        db.session.commit()
    return made


def read(actor, who, record):
    person = actor(who)
    with acting(person):
        found = db.session.scalar(select(Consultation).where(Consultation.id == record.id))
        if found is None:
            raise NotFound()
        return service.content_of(person, found)


def said(value):
    return json.dumps(value, ensure_ascii=False, default=str)


def silent(value):
    text_ = value if isinstance(value, str) else said(value)
    for word in TOLD:
        assert word not in text_, text_[max(0, text_.find(word) - 200) : text_.find(word) + 200]


# ---- who records which


def test_an_adviser_records_the_own_ones_and_the_desk_those_of_the_advisers(give, adviser, actor):
    own = give("adviser.1", result=ConsultationResult.answered)
    assert (own.kind, own.consultant_id, own.adviser.name) == (ConsultationKind.legal, user_id("adviser.1"), "孙明律")
    assert own.month.isoformat() == "2026-11-01" and not own.secret
    desk = give("clerk", adviser=adviser[1])
    assert desk.consultant_id is None and desk.organisation_id == actor("clerk").organisation_id
    assert give("clerk", adviser=adviser[0]).consultant_id == user_id("adviser.1")


@pytest.mark.parametrize(
    ("who", "more", "field"),
    [
        ("clerk", {}, "adviser"),
        ("clerk", {"kind": ConsultationKind.psychological}, "kind"),
        ("adviser.1", {"kind": ConsultationKind.psychological}, "kind"),
        ("counsellor.1", {"kind": ConsultationKind.legal}, "kind"),
        ("adviser.1", {"at": WEDNESDAY + timedelta(minutes=1)}, "at"),
        ("adviser.1", {"minutes": 601}, "minutes"),
        ("adviser.1", {"head_count": 0}, "head_count"),
        ("adviser.1", {"summary": None}, "summary"),
        ("adviser.1", {"visitor_phone": "12"}, "visitor_phone"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(give, who, more, field):
    with pytest.raises(Invalid) as refusal:
        give(who, **more)
    assert field in refusal.value.errors


def test_who_may_not_record_is_refused(give):
    for who in ("centre_head", "supervisor", "business_admin", "statistician", "handler.d1"):
        with pytest.raises(NotAllowed):
            give(who)


def test_an_adviser_consulted_on_a_matter_is_named_on_it(give, adviser, actor, session, app):
    with app.test_request_context("/"):
        case = Cases(actor).register()
    give("clerk", adviser=adviser[0], case=case)
    with system_scope("test"):
        (member,) = session.scalars(select(CaseMember).where(CaseMember.case_id == case.id))
    assert (member.user_id, member.capacity) == (user_id("adviser.1"), Capacity.adviser)
    give("clerk", adviser=adviser[0], case=case)  # twice is once


# ---- from a booking


@pytest.fixture
def came(actor, now):
    """A booking that was held: `came(purpose, "adviser.1")`."""
    bookings = Bookings(actor)

    def held(purpose, person, room, **more):
        booking = bookings.book(room, 9, 10, purpose=purpose, people=[person], people_count=2, **more)
        with clock.standing_at(WEDNESDAY + timedelta(hours=1)):
            bookings.do("clerk", steps.check_in, booking)
        with clock.standing_at(WEDNESDAY + timedelta(hours=1, minutes=50)):
            bookings.do("clerk", steps.finish, booking)
        return booking

    return held


def test_a_finished_booking_fills_the_consultation_in(came, actor, adviser, session):
    booking = came(Purpose.legal_consultation, "adviser.1", "法律服务室", title="借款纠纷", contact_name=WHO)
    with clock.standing_at(WEDNESDAY + timedelta(hours=3)):
        person = actor("adviser.1")
        with acting(person):
            row = session.scalars(select(Booking).where(Booking.id == booking.id)).one()
            assert can_record(person, row)
            given = prefilled(person, row)
            assert (given["minutes"], given["head_count"], given["summary"]) == (51, 2, "借款纠纷")
            del given["visitor_name"]  # the form shows a mask, and an empty box
            record = service.record_consultation(person, given)
            assert record.visitor_name == WHO and record.booking_id == booking.id and not can_record(person, row)
            with pytest.raises(Invalid, match=r"登记过|on file"):
                service.record_consultation(person, given)
        stranger = actor("adviser.2")
        with acting(stranger), pytest.raises(Invalid) as refusal:
            service.record_consultation(stranger, given)
        assert "booking" in refusal.value.errors
        clerk = actor("clerk")
        with acting(clerk):
            assert not can_record(clerk, session.scalars(select(Booking).where(Booking.id == booking.id)).one())


def test_the_desk_that_booked_a_counselling_neither_records_it_nor_learns_that_it_was(came, actor, session):
    booking = came(Purpose.counselling, "counsellor.1", "心理咨询室", contact_name=WHO, contact_phone=PHONE)
    clerk, counsellor = actor("clerk"), actor("counsellor.1")
    later = WEDNESDAY + timedelta(hours=3)

    def refused():
        with acting(clerk), pytest.raises(Invalid) as refusal:
            row = session.scalars(select(Booking).where(Booking.id == booking.id)).one()
            assert not can_record(clerk, row)
            service.record_consultation(clerk, {"at": later, "minutes": 30, "head_count": 1, "booking": row})
        return refusal.value.errors

    with clock.standing_at(later):
        before = refused()
        with acting(counsellor):
            row = session.scalars(select(Booking).where(Booking.id == booking.id)).one()
            record = service.record_consultation(counsellor, {**prefilled(counsellor, row), "notes": NOTE})
            assert service.content_of(counsellor, record)["visitor_name"] == WHO
        assert said(refused()) == said(before)


def test_that_an_open_booking_led_to_a_confidential_consultation_is_the_writers_to_know(came, actor, adviser, session):
    booking = came(Purpose.legal_consultation, "adviser.1", "法律服务室", title="离婚财产")
    person = actor("adviser.1")
    with clock.standing_at(WEDNESDAY + timedelta(hours=3)), acting(person):
        row = session.scalars(select(Booking).where(Booking.id == booking.id)).one()
        record = service.record_consultation(person, {**prefilled(person, row), "secret": True, "notes": NOTE})
        assert record.booking_id is None and service.content_of(person, record)["booking"] == booking.number
    clerk = actor("clerk")
    with clock.standing_at(WEDNESDAY + timedelta(hours=3)), acting(clerk):
        row = session.scalars(select(Booking).where(Booking.id == booking.id)).one()
        given = {**prefilled(clerk, row), "adviser": adviser[0]}
        assert service.record_consultation(clerk, given).booking_id == booking.id  # no clash tells


# ---- the writer alone


def test_a_counselling_exists_for_its_writer_alone(secret, actor, session):
    names = session.connection().execute(text("SELECT username FROM ab_user ORDER BY id")).scalars().all()
    seen = set()
    for name in names:
        with acting(actor(name)):
            if session.scalar(select(Consultation.id).where(Consultation.id == secret.id)) is not None:
                seen.add(name)
    assert seen == {"counsellor.1"}
    content = read(actor, "counsellor.1", secret)
    assert (content["notes"], content["visitor_name"], content["visitor_phone"]) == (NOTE, WHO, PHONE)


def test_nothing_of_it_is_readable_in_the_database(secret, session):
    for row in session.connection().execute(text("SELECT * FROM consultation")).mappings():
        silent({name: str(value) for name, value in row.items()})
    assert session.connection().execute(text("SELECT count(*) FROM consultation_topic")).scalar_one() == 0


def test_the_database_refuses_a_counselling_in_the_open(secret, session):
    for wrong, rule in (("secret = false", "counselling_secret"), ("summary = 'x'", "secret_tells_nothing")):
        with pytest.raises(IntegrityError, match=rule), session.begin_nested():
            session.connection().execute(text(f"UPDATE consultation SET {wrong} WHERE id = {secret.id}"))


def test_a_row_given_to_another_account_in_the_database_does_not_open(secret, actor, session):
    """Whoever may write to the tables gives the row to an own account, or copies the text into an own row: neither
    opens, for the key is the writer's and the text is bound to its record."""
    text_of = session.connection().execute(text(f"SELECT sealed FROM consultation WHERE id = {secret.id}")).scalar_one()
    thief = user_id("counsellor.2")
    update = f"UPDATE consultation SET consultant_id = {thief} WHERE id = {secret.id}"
    session.connection().execute(text(update))
    session.expire_all()
    with pytest.raises(Conflict, match=r"密钥|key"):
        read(actor, "counsellor.2", secret)
    session.connection().execute(text(update.replace(str(thief), str(user_id("counsellor.1")), 1)))
    other = actor("counsellor.1")
    with acting(other):
        given = {"at": WEDNESDAY - timedelta(hours=2), "minutes": 30, "head_count": 1}
        mine = service.record_consultation(other, {**given, "notes": "x"})
    session.connection().execute(text("UPDATE consultation SET sealed = :sealed WHERE id = :id"),
                                 {"sealed": text_of, "id": mine.id})  # fmt: skip
    session.expire_all()
    with pytest.raises(Conflict):
        read(actor, "counsellor.1", mine)


def test_neither_the_system_nor_a_job_opens_it(secret):
    with acting(SYSTEM), system_scope("test"), pytest.raises(NotFound):
        service.content_of(SYSTEM, secret)


def test_the_keys_of_the_personal_data_do_not_open_it(secret, actor, session):
    """The keyring of everything else (keys.json) is of no use; the one of the notes is its own."""
    own = keyring(NOTES)
    try:
        use_keyring(keyring(), NOTES)
        with pytest.raises(Conflict):
            read(actor, "counsellor.1", secret)
    finally:
        use_keyring(own, NOTES)


def test_old_notes_open_after_the_key_was_changed_also_by_another_process(secret, actor, tmp_path, give, session):
    own = keyring(NOTES)
    ring = Keyring.load(tmp_path / "note_keys.json")
    try:
        use_keyring(ring, NOTES)
        first = give("counsellor.1", summary=None, notes="旧钥匙")
        Keyring.load(tmp_path / "note_keys.json").rotate()  # another process
        ring.rotate()
        second = give("counsellor.1", summary=None, notes="新钥匙")
        assert first.sealed.startswith("k1:") and second.sealed.startswith("k3:")
        use_keyring(Keyring.load(tmp_path / "note_keys.json"), NOTES)
        session.expire_all()
        assert read(actor, "counsellor.1", first)["notes"] == "旧钥匙"
        assert read(actor, "counsellor.1", second)["notes"] == "新钥匙"
    finally:
        use_keyring(own, NOTES)


def test_the_trail_keeps_that_it_was_changed_never_what(secret, actor, session, topics):
    person = actor("counsellor.1")
    with acting(person):
        service.change_consultation(person, secret, {"notes": f"{NOTE}，二次", "topics": [topics["relations"]]})
    with system_scope("test"):
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "consultation")).all()
        assert len(entries) >= 2
        for entry in entries:
            silent(entry.changes)
            assert entry.subject in ("心理咨询", "Psychological counselling") and "2026" not in said(entry.changes)
            assert all(set(pair) <= {None, "***"} for key, pair in entry.changes.items() if key in ("at", "booking_id"))


def test_an_adviser_seals_and_opens_again(give, actor, session, topics):
    record = give("adviser.1", visitor_name=WHO, advice="先收集证据", topics=[topics["debt"]], notes=NOTE)
    assert record.summary and not record.secret
    person = actor("adviser.1")
    with acting(person):
        service.change_consultation(person, record, {"secret": True})
        assert (record.summary, record.advice, record.visitor_name, list(record.topics)) == (None, None, None, [])
        content = service.content_of(person, record)
        assert (content["advice"], content["notes"], content["visitor_name"]) == ("先收集证据", NOTE, WHO)
    clerk = actor("clerk")
    with acting(clerk):
        assert session.scalar(select(Consultation.id).where(Consultation.id == record.id)) is None
    with acting(person):
        service.change_consultation(person, record, {"secret": False})
        assert (record.advice, [item.code for item in record.topics]) == ("先收集证据", ["debt"])
        assert service.content_of(person, record) == {"notes": NOTE}
    with system_scope("test"):
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "consultation")):
            assert NOTE not in said(entry.changes)


def test_the_desk_neither_seals_nor_writes_private_notes(give, adviser, actor):
    for more, field in (({"secret": True}, "secret"), ({"notes": "x"}, "notes")):
        with pytest.raises(Invalid) as refusal:
            give("clerk", adviser=adviser[0], **more)
        assert field in refusal.value.errors
    record = give("clerk", adviser=adviser[0])
    other = actor("adviser.2")
    with acting(other), pytest.raises(NotAllowed):
        service.change_consultation(other, record, {"advice": "x"})


def test_private_notes_of_an_open_consultation_are_the_writers_alone(give, actor, adviser):
    record = give("adviser.1", notes=NOTE)
    assert read(actor, "adviser.1", record) == {"notes": NOTE}
    clerk = actor("clerk")
    with acting(clerk):
        with pytest.raises(NotFound):
            service.content_of(clerk, record)
        service.change_consultation(clerk, record, {"advice": "补充"})
    assert read(actor, "adviser.1", record) == {"notes": NOTE}  # correcting the rest leaves them as they are


# ---- by the browser and by REST


@pytest.fixture
def doors(secret, login):
    """`doors("centre_head")`: what that person gets where a consultation may show."""

    def of(who):
        browser = login(who)
        places = (
            "/consultation/list/",
            f"/consultation/list/?q={WHO}",
            "/consultation/list/?tab=mine",
            f"/consultation/show/{secret.id}",
            f"/consultation/edit/{secret.id}",
            f"/search/?q={WHO}",
            "/adviser_desk/",
            "/room/calendar?date=2026-11-25",
            "/notice/list/",
            "/",
            "/audit/list/",
        )
        pages = {place: browser.get(place) for place in places}
        pages["export"] = browser.post("/consultation/export", data={"form": "csv", "csrf_token": browser.token})
        pages["reveal"] = browser.post(
            f"/consultation/reveal/{secret.id}/visitor_name",
            data={"reason": "需要核实身份", "csrf_token": browser.token},
        )
        return {place: (page.status_code, page.get_data(as_text=True)) for place, page in pages.items()}

    return of


@pytest.mark.parametrize("who", ["clerk", "centre_head", "supervisor", "counsellor.2", "adviser.1", "sysadmin"])
def test_no_door_tells_anybody_else(doors, secret, who):
    for place, (status, page) in doors(who).items():
        assert f"={WHO}" in place or WHO not in page, place
        assert NOTE not in page and PHONE not in page, place
        assert f'href="/consultation/show/{secret.id}' not in page, place
        if f"/{secret.id}" in place or place == "reveal":
            assert status in (403, 404), (place, status)


def test_the_auditor_learns_neither_who_nor_what_nor_when(secret, login):
    page = login("security_auditor").get("/audit/list/")
    assert page.status_code == 200
    silent(page.get_data(as_text=True))


def test_its_writer_reads_it_on_the_page_and_corrects_it(doors, secret, login, actor):
    pages = doors("counsellor.1")
    assert (
        NOTE in pages[f"/consultation/show/{secret.id}"][1]
        and f"/consultation/show/{secret.id}" in pages["/"][1] + (pages["/adviser_desk/"][1])
    )
    assert NOTE not in pages["export"][1] and WHO not in pages["export"][1]
    browser = login("counsellor.1")
    form = browser.get(f"/consultation/edit/{secret.id}").get_data(as_text=True)
    assert NOTE in form and WHO not in form  # the name stays behind its mask
    data = {"csrf_token": browser.token, "row_version": str(secret.version), "at": "2026-11-25 07:00", "minutes": "40"}
    answer = browser.post(f"/consultation/edit/{secret.id}", data={**data, "head_count": "1", "notes": "已结束"})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:800]
    db.session.expire_all()
    content = read(actor, "counsellor.1", secret)
    assert (content["notes"], content["visitor_name"]) == ("已结束", WHO)


@pytest.fixture
def rest(app, bound, secret):
    def call(who, method, path, **json_):
        browser = app.test_client()
        credentials = {"username": who, "password": PASSWORD, "provider": "db", "refresh": False}
        token = browser.post("/api/v1/security/login", json=credentials).get_json()["access_token"]
        more = {"json": json_} if method != "GET" else {}
        return browser.open(
            f"/api/v1/consultation/{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **more
        )

    return call


def test_by_rest_it_is_there_for_its_writer_alone(rest, secret):
    own = rest("counsellor.1", "GET", f"{secret.id}/notes").get_json()["result"]
    assert own["notes"] == NOTE and own["visitor_name"] == WHO
    assert secret.id in rest("counsellor.1", "GET", "").get_json()["ids"]
    for who in ("clerk", "centre_head", "counsellor.2"):
        listed = rest(who, "GET", "").get_json()
        assert secret.id not in listed["ids"] and listed["count"] == 0
        for path in (f"{secret.id}", f"{secret.id}/notes"):
            assert rest(who, "GET", path).status_code == 404
        assert rest(who, "PUT", f"{secret.id}", version=secret.version, minutes=5).status_code in (403, 404)


def test_a_program_records_for_its_caller(rest, secret, now):
    sent = {"at": "2026-11-25T07:30:00+08:00", "minutes": 20, "head_count": 1, "notes": "程序登记"}
    made = rest("counsellor.2", "POST", "", **sent)
    assert made.status_code == 201, made.get_json()
    assert rest("counsellor.2", "GET", f"{made.get_json()['id']}/notes").get_json()["result"] == {"notes": "程序登记"}
    assert rest("counsellor.2", "POST", "", **{**sent, "kind": "legal"}).status_code == 422
