"""Delivery: each message arrives once, whatever dies in between; waits grow; at the end somebody is told."""

import hashlib
import hmac
import json
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import dedent
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access.actor import SYSTEM, acting, system_scope
from app.core import clock, outward
from app.core.clock import LOCAL
from app.core.db import db, work
from app.models.audit import Notice
from app.models.outbox import MessageChannel, MessageState, OutboxMessage, SmsTemplate, Webhook
from app.services import delivery, outbox, parameter
from app.services.sms_backend import FileBackend, HttpBackend
from tests.receiver import receiving

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=LOCAL)
_table = OutboxMessage.__table__


class Watch:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = NOON

    def later(self, **much: int) -> None:
        """Time passes."""
        self.now += timedelta(**much)


@pytest.fixture
def watch():
    """Noon, until the test says otherwise."""
    made = Watch()
    clock.use_clock(lambda: made.now)
    yield made
    clock.use_clock(None)


@pytest.fixture
def file(app, session, watch, tmp_path, monkeypatch):
    """Messages go into a file of the test; gives what stands in it."""
    backend = FileBackend(tmp_path / "sms.jsonl")
    monkeypatch.setitem(app.extensions, "portal_sms", backend)
    return lambda: [json.loads(line) for line in backend.path.read_text("utf-8").splitlines()]


@pytest.fixture
def receiver(app, session, watch, monkeypatch):
    """A neighbouring system on this machine, which may be told."""
    with receiving() as made:
        monkeypatch.setitem(app.config, "WEBHOOK_HOSTS", [f"127.0.0.1:{made.port}"])
        monkeypatch.setitem(app.config, "WEBHOOK_LOCAL", True)
        yield made


def text(place: int = 1, code: str = "accepted") -> int:
    with acting(SYSTEM), work():
        number = outbox.put(
            MessageChannel.sms,
            code,
            f"test:{place}",
            {"number": f"SQ-2026-{place:06d}"},
            recipient=f"1380013{place:04d}",
            text=f"您的诉求 SQ-2026-{place:06d} 已受理。",
        )
    assert number is not None
    return number


def hook(url: str, **more: Any) -> Webhook:
    with acting(SYSTEM), work():
        row = Webhook(name=f"市平台 {url}"[:64], url=url, secret="k" * 43, events="*", **more)
        db.session.add(row)
        db.session.flush()
    return row


def event(row: Webhook, place: int = 1) -> int:
    with acting(SYSTEM), work():
        body = {"id": f"event{place}", "event": "case.accept", "at": NOON.isoformat(), "data": {"id": place}}
        number = outbox.put(MessageChannel.webhook, "case.accept", f"test:hook:{place}", body, webhook_id=row.id)
    assert number is not None
    return number


def deliver() -> int:
    with acting(SYSTEM):
        return delivery.deliver()


def row_of(number: int) -> Any:
    return db.session.connection().execute(select(_table).where(_table.c.id == number)).one()


def notices(code: str) -> list[Any]:
    with system_scope("test"):
        return list(db.session.scalars(select(Notice).where(Notice.code == code)))


def test_a_message_arrives_once_and_has_a_receipt(file) -> None:
    numbers = [text(place) for place in range(1, 6)]
    assert deliver() == 5 and deliver() == 0
    rows = [row_of(number) for number in numbers]
    assert [line["id"] for line in file()] == [row.uid for row in rows]
    assert {row.state for row in rows} == {MessageState.sent} and all(row.sent_at == NOON for row in rows)
    assert rows[0].receipt == f"file:{rows[0].uid}" and rows[0].tries == 1 and rows[0].lease is None
    assert file()[0]["phone"] == "13800130001" and file()[0]["template"] == "accepted"


def test_a_runner_that_dies_after_sending_sends_nothing_twice(file, watch, monkeypatch) -> None:
    number = text()
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_arrived", lambda *_said: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            deliver()
    assert len(file()) == 1 and row_of(number).state is MessageState.sending
    watch.later(minutes=4)
    assert deliver() == 0  # the lease still holds
    watch.later(minutes=2)
    assert deliver() == 1 and len(file()) == 1
    assert row_of(number).state is MessageState.sent and row_of(number).tries == 2


def test_half_a_line_of_a_killed_writer_is_taken_away(file, app) -> None:
    text(1)
    deliver()
    path = app.extensions["portal_sms"].path
    number = text(2)
    with path.open("a", encoding="utf-8") as half:
        half.write('{"id": "' + row_of(number).uid + '", "phone": "138')
    assert deliver() == 1
    assert [line["phone"] for line in file()] == ["13800130001", "13800130002"]


def test_who_lost_the_lease_writes_nothing_down(file, watch) -> None:
    number = text()
    with acting(SYSTEM), system_scope("test"):
        slow = delivery.lease(set())
        watch.later(minutes=6)
        fast = delivery.lease(set())
        assert slow.lease != fast.lease and slow.uid == fast.uid
        delivery._arrived(slow, "late")
        assert row_of(number).state is MessageState.sending
        delivery._arrived(fast, "in time")
    assert row_of(number).receipt == "in time"


def test_waits_grow_and_the_last_failure_is_told_once(app, session, watch, monkeypatch) -> None:
    class Dead:
        def send(self, _sms: Any) -> str:
            raise delivery.Undelivered("the gateway answered 503", reached=True)

    monkeypatch.setitem(app.extensions, "portal_sms", Dead())
    monkeypatch.setattr(delivery, "quiet_until", lambda _now: None)
    numbers = [text(1), text(2)]
    waits, most = [], parameter.number("outbox_tries")
    for _try in range(most):
        assert deliver() == 0
        waits.append((row_of(numbers[0]).next_at - watch.now).total_seconds())
        watch.now = max(row_of(number).next_at for number in numbers) + timedelta(seconds=1)
    rows = [row_of(number) for number in numbers]
    assert {(row.state, row.error, row.tries) for row in rows} == {
        (MessageState.failed, "the gateway answered 503", most)
    }
    least = [min(30 * 3**place, 6 * 3600) for place in range(most - 1)]
    assert all(low <= wait <= low + 15 for low, wait in zip(least, waits, strict=False))
    told = notices("outbox_failed")
    assert told and len({one.user_id for one in told}) == len(told)  # each administrator once, for both messages
    assert told[0].data == {"code": "accepted", "tries": most}
    assert deliver() == 0


def test_a_pass_leaves_a_gateway_alone_that_does_not_answer(app, session, watch, monkeypatch) -> None:
    tried = []

    class Dead:
        def send(self, sms: Any) -> str:
            tried.append(sms.uid)
            raise delivery.Undelivered("no answer")

    monkeypatch.setitem(app.extensions, "portal_sms", Dead())
    others = [text(place) for place in range(1, 6)]
    deliver()
    assert len(tried) == 1 and [row_of(n).tries for n in others] == [1, 0, 0, 0, 0]


@contextmanager
def slow_host(drips: bool):
    """A host that takes a call and never answers; or answers without end, a byte at a time."""
    closed = threading.Event()

    def talk(line: socket.socket) -> None:
        with line, suppress(OSError):
            if drips:
                line.sendall(b"HTTP/1.1 200 OK\r\nX-Wait: ")
            while not closed.wait(0.02):
                if drips:
                    line.sendall(b".")

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(door.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=listen, daemon=True).start()
        yield door.getsockname()[1]
        closed.set()
        door.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("drips", [False, True])
@pytest.mark.parametrize("channel", ["webhook", "sms"])
def test_a_slow_host_holds_up_neither_the_runner_nor_others(app, receiver, monkeypatch, drips, channel) -> None:
    monkeypatch.setattr(outward, "TIMEOUT", {"connect": 0.3, "read": 0.3, "total": 0.6})
    with slow_host(drips) as port:
        monkeypatch.setitem(app.config, "WEBHOOK_HOSTS", [f"127.0.0.1:{port}", f"127.0.0.1:{receiver.port}"])
        address = f"http://127.0.0.1:{port}/"
        if channel == "webhook":
            slow = hook(address)
            stuck = [event(slow, 1), event(slow, 2)]
        else:
            gateway(app, receiver, monkeypatch, SMS_URL=address)
            stuck = [text(1), text(2)]
        good = hook(receiver.url)
        well = [event(good, place) for place in (3, 4)]
        began = monotonic()
        assert deliver() == len(well)
        taken = monotonic() - began
    rows = [row_of(number) for number in stuck]
    assert {row_of(number).state for number in well} == {MessageState.sent}
    assert [row.tries for row in rows] == [1, 0] and "no answer" in rows[0].error  # one try, then it is left alone
    assert taken < 10, taken  # a hundred times less than the drip would last


def test_nothing_leaves_by_night(file, watch) -> None:
    text()
    watch.now = NOON.replace(hour=23)
    assert deliver() == 0
    watch.now = NOON.replace(hour=8) + timedelta(days=1)
    assert deliver() == 1


def test_a_text_that_waited_for_days_is_not_sent(file, watch) -> None:
    number = text()
    watch.later(days=4)
    assert deliver() == 0 and row_of(number).state is MessageState.cancelled


def test_a_text_no_longer_approved_does_not_leave(file, session) -> None:
    number = text()
    with acting(SYSTEM), work():
        session.scalars(select(SmsTemplate).where(SmsTemplate.code == "accepted")).one().approved = False
    assert deliver() == 0 and row_of(number).state is MessageState.failed


def test_a_message_that_kills_its_runners_is_given_up(file) -> None:
    number = text()
    tries = parameter.number("outbox_tries")
    db.session.connection().execute(update(_table).where(_table.c.id == number).values(tries=tries))
    assert deliver() == 0 and row_of(number).state is MessageState.failed


# ---- webhooks


def test_a_receiver_can_check_who_speaks(receiver, watch) -> None:
    number = event(hook(receiver.url))
    assert deliver() == 1
    call = receiver.calls[0]
    headers = call["headers"]
    said = hmac.new(b"k" * 43, f"{headers['X-Portal-Timestamp']}.".encode() + call["body"], hashlib.sha256)
    assert headers["X-Portal-Signature"] == f"sha256={said.hexdigest()}"
    assert int(headers["X-Portal-Timestamp"]) == int(NOON.timestamp())
    assert headers["Idempotency-Key"] == headers["X-Portal-Delivery"] == row_of(number).uid
    assert headers["X-Portal-Event"] == "case.accept" and call["path"] == "/hook?of=portal"
    assert json.loads(call["body"]) == row_of(number).data


def test_the_example_of_the_docs_knows_what_is_genuine(receiver, watch) -> None:
    event(hook(receiver.url))
    assert deliver() == 1
    call, place = receiver.calls[0], Path(__file__).parents[2] / "docs" / "rest.md"
    lines = place.read_text("utf-8").split("    import hashlib, hmac, time")[1].split("\n\nAnswer 2xx")[0]
    told: dict[str, Any] = {"time": SimpleNamespace(time=lambda: watch.now.timestamp() + 100)}
    exec(dedent("    import hashlib, hmac" + lines), told)
    secret, headers, body = "k" * 43, call["headers"], call["body"]
    assert told["genuine"](secret, headers, body)
    assert not told["genuine"]("k" * 42, headers, body) and not told["genuine"](secret, headers, body + b" ")
    watch.later(minutes=10)
    assert not told["genuine"](secret, headers, body)


def test_a_repeat_bears_the_same_key_and_is_dropped(receiver, watch, monkeypatch) -> None:
    event(hook(receiver.url))
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_arrived", lambda *_said: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            deliver()
    watch.later(minutes=6)
    assert deliver() == 1
    assert len(receiver.calls) == 2 and len(receiver.kept) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_anything_but_success_is_tried_again_and_no_redirect_is_followed(receiver, watch, status) -> None:
    receiver.say(status, Location=f"http://127.0.0.1:{receiver.port}/elsewhere")
    number = event(hook(receiver.url))
    assert deliver() == 0 and len(receiver.calls) == 1
    assert row_of(number).state is MessageState.waiting and str(status) in row_of(number).error
    watch.later(minutes=1)
    assert deliver() == 1 and [call["path"] for call in receiver.calls] == ["/hook?of=portal"] * 2


def test_a_receiver_that_is_gone_is_not_asked_again(receiver) -> None:
    receiver.say(410)
    number = event(hook(receiver.url))
    assert deliver() == 0 and row_of(number).state is MessageState.failed


def test_many_failures_pause_a_webhook_and_saving_it_lets_it_go_on(receiver, watch, session, actor) -> None:
    row = hook(receiver.url)
    most = parameter.number("webhook_failures")
    for place in range(most):
        receiver.say(500)
        event(row, place)
    deliver()
    session.refresh(row)
    assert row.failures == most and row.paused_at == NOON
    assert {(one.data["name"], one.data["count"]) for one in notices("webhook_paused")} == {(row.name, most)}
    watch.later(hours=12)
    watch.now = watch.now + timedelta(hours=12)
    assert deliver() == 0  # nothing goes to a paused one
    admin = actor("business_admin")
    with acting(admin):
        delivery.webhook.change_webhook(admin, row, {"url": receiver.url, "events": "case.*"})
    assert deliver() == most
    session.refresh(row)
    assert row.failures == 0


def test_replay_is_a_delivery_of_its_own_with_the_same_event(receiver, actor) -> None:
    number = event(hook(receiver.url))
    deliver()
    admin = actor("business_admin")
    with acting(admin), system_scope("test"):
        again = delivery.webhook.replay(admin, db.session.get_one(OutboxMessage, number))
    assert deliver() == 1 and again != number
    first, second = (json.loads(call["body"]) for call in receiver.calls)
    assert first == second and len(receiver.kept) == 2


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://127.0.0.1:{port}/", ["platform.example"]),
        ("http://localhost:{port}/", ["localhost:{port}"]),
        ("http://127.0.0.1:{port}/", ["127.0.0.1:{port}"]),
        ("http://[::1]:{port}/", ["*"]),
        ("http://0.0.0.0:{port}/", ["0.0.0.0:{port}"]),
        ("http://169.254.169.254/latest/meta-data/", ["169.254.169.254"]),
        ("http://100.100.100.200/latest/meta-data/", ["100.100.100.200"]),
        ("http://[::ffff:127.0.0.1]:{port}/", ["*"]),
        ("http://2130706433:{port}/", ["2130706433:{port}"]),
        ("http://user:word@127.0.0.1:{port}/", ["*"]),
        ("ftp://127.0.0.1:{port}/", ["*"]),
    ],
)
def test_no_message_goes_to_this_machine_or_an_unlisted_host(receiver, app, monkeypatch, url, hosts) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_LOCAL", False)
    monkeypatch.setitem(app.config, "WEBHOOK_HOSTS", [one.format(port=receiver.port) for one in hosts])
    number = event(hook(url.format(port=receiver.port)))
    assert deliver() == 0 and receiver.calls == []
    assert row_of(number).state in (MessageState.failed, MessageState.waiting) and row_of(number).error


# ---- the gateway by HTTP


def gateway(app, receiver, monkeypatch, **more: Any) -> None:
    conf = {
        **app.config,
        "SMS_URL": receiver.url,
        "SMS_LOCAL": True,
        "SMS_ACCOUNT": "cy01",
        "SMS_SECRET": "秘钥",
        **more,
    }
    monkeypatch.setitem(app.extensions, "portal_sms", HttpBackend(conf))


def test_a_gateway_gets_json_with_its_signature(app, receiver, monkeypatch) -> None:
    gateway(app, receiver, monkeypatch, SMS_SIGN="md5", SMS_SUCCESS="code=0", SMS_RECEIPT="data.id")
    number = text()
    assert deliver() == 1 and row_of(number).receipt == "R-1"
    call = receiver.calls[0]
    said = json.loads(call["body"])
    assert said["phone"] == "13800130001" and said["params"] == {"number": "SQ-2026-000001"}
    signed = f"cy01{int(NOON.timestamp())}13800130001{said['text']}秘钥"
    assert said["sign"] == hashlib.md5(signed.encode()).hexdigest()
    assert call["headers"]["Idempotency-Key"] == said["id"] == row_of(number).uid


def test_a_gateway_may_want_a_form_and_a_header(app, receiver, monkeypatch) -> None:
    gateway(
        app,
        receiver,
        monkeypatch,
        SMS_FORMAT="form",
        SMS_BODY='{"mobile": "{phone}", "tpl": "{template}", "vars": "{params}", "secret": "{secret}"}',
        SMS_HEADERS='{"X-Sign": "v1 {signature}", "X-Account": "{account}"}',
        SMS_SIGN="hmac-sm3",
        SMS_SIGN_TEXT="{timestamp}{body}",
    )
    text()
    assert deliver() == 1
    call = receiver.calls[0]
    assert call["body"].startswith(b"mobile=13800130001&tpl=accepted&vars=%7B%22number%22")
    assert call["body"].endswith(b"secret=%7Bsecret%7D")  # the secret itself never leaves
    assert len(call["headers"]["X-Sign"]) == 3 + 64 and call["headers"]["X-Account"] == "cy01"


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b'{"code": 17, "message": "busy"}', MessageState.waiting),
        (200, b"<html>", MessageState.waiting),
        (500, b"{}", MessageState.waiting),
        (401, b"{}", MessageState.waiting),
        (422, b"{}", MessageState.failed),
    ],
)
def test_what_a_gateway_says_decides(app, receiver, monkeypatch, status, body, state) -> None:
    gateway(app, receiver, monkeypatch, SMS_SUCCESS="code=0")
    receiver.say(status, body)
    number = text()
    assert deliver() == 0 and row_of(number).state is state


def test_sm3_is_the_standards(app, receiver, monkeypatch) -> None:
    gateway(app, receiver, monkeypatch, SMS_SIGN="sm3", SMS_SIGN_TEXT="abc")
    text()
    deliver()
    # GB/T 32905-2016, example 1
    wanted = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert json.loads(receiver.calls[0]["body"])["sign"] == wanted
