"""The pages of what leaves the house: texts that another person approves, webhooks with a secret, the outbox."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock
from app.core.clock import LOCAL
from app.core.db import db, work
from app.core.errors import NotAllowed
from app.models.outbox import MessageChannel, MessageState, OutboxMessage, SmsTemplate, Webhook
from app.services import outbox, sms_template
from tests.case_factory import Cases

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=LOCAL)


def template(code: str = "accepted") -> Any:
    return db.session.scalars(
        select(SmsTemplate).where(SmsTemplate.code == code).execution_options(populate_existing=True)
    ).one()


def post(browser: Any, path: str, **data: Any) -> Any:
    return browser.post(path, data={"csrf_token": browser.token, **data})


def version(browser: Any, path: str) -> str:
    page = browser.get(path).get_data(as_text=True)
    return re.search(r'name="row_version"[^>]*value="(\d+)"', page).group(1)


def change(browser: Any, pk: int, words: str) -> Any:
    path = f"/sms_template/edit/{pk}"
    data = {"row_version": version(browser, path), "name": "受理告知", "operator_code": "SMS_1", "text": words}
    return post(browser, path, **data)


# ---- texts


def test_a_changed_text_waits_for_another_person(session, login) -> None:
    admin, head = login("business_admin"), login("centre_head")
    pk = template().id
    assert change(admin, pk, "您的诉求{number}已受理。[电话{phone}。]").status_code == 302
    row = template()
    assert not row.approved and row.author_id and row.operator_code == "SMS_1"
    assert post(admin, f"/sms_template/action/approve/{pk}").status_code == 403
    assert "待审定" in head.get("/sms_template/list/").get_data(as_text=True)
    assert post(head, f"/sms_template/action/approve/{pk}").status_code == 302
    row = template()
    assert row.approved and row.approved_by_id != row.author_id
    assert post(head, f"/sms_template/action/approve/{pk}").status_code == 409


def test_who_wrote_it_cannot_approve_it(session, actor) -> None:
    admin = actor("business_admin")
    with acting(admin):
        sms_template.change_template(admin, template(), {"text": "您的诉求{number}已受理。"})
        with pytest.raises(NotAllowed):
            sms_template.approve_template(admin, template())


def test_saving_the_same_words_keeps_the_approval(session, actor) -> None:
    admin, row = actor("business_admin"), template()
    with acting(admin):
        sms_template.change_template(admin, row, {"text": row.text, "operator_code": "SMS_2"})
    assert template().approved and template().operator_code == "SMS_2"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("您好{name}，已受理。", "此处只能填入"),
        ("您的诉求{room}已受理。", "此处只能填入"),
        ("您的诉求{number.__class__}已受理。", "此处只能填入"),
        ("您的诉求{number!r}已受理。", "此处只能填入"),
        ("您的诉求{number:>99}已受理。", "此处只能填入"),
        ("您的诉求{}已受理。", "此处只能填入"),
        ("您的诉求{number已受理。", "花括号不配对"),
        ("您的诉求[已受理。", "方括号不配对"),
        ("请致电13800132207。", "不要直接写电话号码"),
        ("请致电0536-7212345。", "不要直接写电话号码"),
        ("", "必填"),
    ],
)
def test_a_text_that_would_break_is_refused(session, login, words, why) -> None:
    answer = change(login("business_admin"), template().id, words)
    assert answer.status_code == 422 and why in answer.get_data(as_text=True)
    assert template().approved


# ---- webhooks


@pytest.fixture
def allowed(app, monkeypatch):
    """One host may be told."""
    monkeypatch.setitem(app.config, "WEBHOOK_HOSTS", ["platform.example"])


def test_the_secret_is_shown_once(allowed, session, login) -> None:
    admin = login("business_admin")
    answer = post(
        admin, "/webhook/add", name="市平台", url="https://platform.example/hook", events="case.*", active="y"
    )
    page = answer.get_data(as_text=True)
    secret = re.search(r'id="webhook-secret">([^<]+)<', page).group(1)
    with system_scope("test"):
        row = db.session.scalars(select(Webhook)).one()
    assert row.secret == secret and len(secret) >= 40 and row.active
    stored = db.session.connection().execute(text("SELECT secret FROM webhook")).scalar_one()
    assert secret not in stored
    for path in (f"/webhook/show/{row.id}", "/webhook/list/", f"/webhook/edit/{row.id}"):
        assert secret not in admin.get(path).get_data(as_text=True)
    renewed = post(admin, f"/webhook/action/renew/{row.id}").get_data(as_text=True)
    assert secret not in renewed and re.search(r'id="webhook-secret">([^<]+)<', renewed)


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("https://elsewhere.example/", "*", "不在允许的名单内"),
        ("http://169.254.169.254/", "*", "不在允许的名单内"),
        ("javascript:alert(1)", "*", "不在允许的名单内"),
        ("https://platform.example@elsewhere.example/", "*", "不在允许的名单内"),
        ("https://platform.example/", "Case.*", "请填写事件名"),
        ("https://platform.example/", "<script>", "请填写事件名"),
    ],
)
def test_where_and_what_is_checked(allowed, session, login, url, events, field) -> None:
    answer = post(login("business_admin"), "/webhook/add", name="市平台", url=url, events=events)
    assert answer.status_code == 422 and field in answer.get_data(as_text=True)


def test_saving_lets_a_paused_webhook_go_on(allowed, session, login) -> None:
    with acting(SYSTEM), work():
        row = Webhook(name="市平台", url="https://platform.example/", secret="s", events="*", failures=20)
        row.paused_at = clock.now()
        session.add(row)
    admin, path = login("business_admin"), f"/webhook/edit/{row.id}"
    assert "暂停" in admin.get("/webhook/list/").get_data(as_text=True)
    said = {"name": "市平台", "url": "https://platform.example/", "events": "*", "active": "y"}
    assert post(admin, path, row_version=version(admin, path), **said).status_code == 302
    session.refresh(row)
    assert row.paused_at is None and row.failures == 0


def test_administrators_of_a_town_have_no_webhooks(session, login) -> None:
    assert login("clerk").get("/webhook/list/").status_code in (302, 403)


# ---- the outbox


@pytest.fixture
def sent(session, actor):
    """A case of a town with its text message."""
    village = db.session.connection().execute(
        text(
            "SELECT v.code FROM organisation v JOIN ab_user u ON u.organisation_id = v.parent_id "
            "WHERE u.username = 'clerk.t1' AND v.level = 'village' ORDER BY v.id LIMIT 1"
        )
    )
    with clock.standing_at(NOON):
        return Cases(actor).register("clerk.t1", village=village.scalar_one())


def only() -> Any:
    with system_scope("test"):
        statement = select(OutboxMessage).order_by(OutboxMessage.id).execution_options(populate_existing=True)
        return db.session.scalars(statement).first()


def test_numbers_are_masked_and_towns_see_their_own(sent, login) -> None:
    admin, own, other = login("business_admin"), login("clerk.t1"), login("clerk.t2")
    for browser in (admin, own):
        page = browser.get("/outbox/list/").get_data(as_text=True)
        assert "158****0001" in page and "15800000001" not in page and "登记告知" in page
    assert "158****0001" not in other.get("/outbox/list/").get_data(as_text=True)
    assert other.get(f"/outbox/show/{only().id}").status_code == 404
    assert f"/outbox/list/?case={sent.id}" in own.get(f"/case/show/{sent.id}").get_data(as_text=True)
    page = own.get(f"/outbox/list/?case={sent.id}").get_data(as_text=True)
    assert "158****0001" in page and "15800000001" not in own.get(f"/outbox/show/{only().id}").get_data(as_text=True)


def test_a_message_is_taken_back_or_tried_again_by_administrators(sent, login) -> None:
    admin, clerk, pk = login("business_admin"), login("clerk.t1"), only().id
    assert post(clerk, f"/outbox/action/take_back/{pk}").status_code == 403
    assert post(admin, f"/outbox/action/take_back/{pk}").status_code == 302
    assert only().state is MessageState.cancelled
    post(admin, f"/outbox/action/resend/{pk}")  # what was taken back does not come back
    assert only().state is MessageState.cancelled
    db.session.connection().execute(text("UPDATE outbox_message SET state = 'failed', tries = 8"))
    post(admin, f"/outbox/action/resend/{pk}")
    row = only()
    assert row.state is MessageState.waiting and row.tries == 0
    codes = db.session.connection().execute(text("SELECT code FROM audit_entry WHERE code LIKE 'outbox%' ORDER BY id"))
    assert list(codes.scalars()) == ["outbox_message:take_back", "outbox_message:retry"]


def test_an_event_is_sent_again_and_a_text_is_not(sent, session, login) -> None:
    with acting(SYSTEM), work():
        row = Webhook(name="市平台", url="https://platform.example/", secret="s", events="*")
        session.add(row)
        session.flush()
        told = outbox.put(MessageChannel.webhook, "case.accept", "k", {"id": "e1"}, webhook_id=row.id)
    admin = login("business_admin")
    post(admin, f"/outbox/action/replay/{told}")
    with system_scope("test"):
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.webhook_id == row.id)).all()
        assert len(rows) == 2 and {one.data["id"] for one in rows} == {"e1"} and len({one.uid for one in rows}) == 2
    before = session.connection().execute(text("SELECT count(*) FROM outbox_message")).scalar_one()
    post(admin, f"/outbox/action/replay/{only().id}")
    assert session.connection().execute(text("SELECT count(*) FROM outbox_message")).scalar_one() == before
    assert "case.accept" in admin.get(f"/webhook/show/{row.id}").get_data(as_text=True)


def test_the_console_tells_the_system_administrator_without_numbers(sent, login) -> None:
    page = login("sysadmin").get("/maintenance/outbox_message/").get_data(as_text=True)
    assert "registered" in page and "158" not in page and sent.number not in page
