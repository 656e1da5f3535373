"""Envelopes out and in: sealed, in the codes of the other side, with a receipt for each record; lists compared."""

import json
from datetime import date
from typing import Any

import jsonschema
import pytest
from case_factory import Cases, category, id_number
from sqlalchemy import select

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.envelope import JSON_SCHEMA, Envelope, read_envelope, read_list, seal
from app.core.errors import PortalError
from app.models.case import Case, Channel
from app.models.exchange import MappedField, Partner
from app.services import exchange, partner
from app.services.exchange_file import envelope_book, envelope_json, receipt_json, receipt_line

TODAY = clock.today


@pytest.fixture
def province(actor: Any) -> Partner:
    """A neighbouring system whose codes differ."""
    admin = actor("business_admin")
    with acting(admin):
        made = partner.add_partner(admin, {"code": "PROVINCE", "name": "省平台"})
        for field, ours, theirs in ((MappedField.channel, "visit", "01"), (MappedField.state, "registered", "S1")):
            partner.add_mapping(admin, {"partner": made, "field": field, "ours": ours, "theirs": theirs})
        with pytest.raises(PortalError):
            partner.add_mapping(admin, {"partner": made, "field": MappedField.kind, "ours": "nonsense", "theirs": "9"})
    return made


def record(place: int, **changes: Any) -> dict[str, Any]:
    """What the province hands down."""
    return {
        "number": f"P-{place}",
        "channel": "01",
        "kind": "appeal",
        "category": category().code,
        "village": "370786001",
        "title": f"上级转办第{place}件",
        "facts": "来信反映道路积水",
        "claims": [{"text": "修路"}],
        "parties": [{"side": "petitioner", "name": "李四", "id_number": id_number(place), "address": "柳疃镇"}],
        **changes,
    }


def parcel(records: list[dict[str, Any]], batch: str = "B-1") -> Envelope:
    head = {"schema": "appeals-case", "version": "1.0", "batch_id": batch, "sender": "PROVINCE"}
    return read_envelope(json.dumps({**head, "sha256": seal(records), "records": records}).encode())


def test_what_leaves_is_sealed_masked_and_in_their_codes(actor: Any, province: Partner) -> None:
    Cases(actor).register()
    clerk = actor("clerk")
    with acting(clerk):
        sent, envelope = exchange.send(clerk, province, TODAY(), TODAY())
        content = envelope_json(envelope, province.code)
    data = json.loads(content)
    jsonschema.validate(data, JSON_SCHEMA)
    (first,) = data["records"]
    assert (first["channel"], first["state"], sent.records) == ("01", "S1", 1)
    assert first["parties"][0]["name"].endswith("*") or "*" in first["parties"][0]["name"]
    assert not {"id_number", "phone", "address"} & set(first["parties"][0]) and "facts" not in first
    assert read_envelope(content).sha256 == data["sha256"]
    book = read_envelope(envelope_book(envelope, province.code))
    assert [one["number"] for one in book.records] == [first["number"]]
    assert book.records[0]["claims"][0]["text"] == first["claims"][0]["text"]
    with pytest.raises(PortalError):
        read_envelope(content.replace(b"01", b"02", 1) if b'"01"' not in content else content.replace(b'"01"', b'"02"'))
    with acting(actor("centre_head")) as head, pytest.raises(PortalError):
        exchange.send(head, province, TODAY(), TODAY())  # looks on, sends nothing
    with acting(clerk), pytest.raises(PortalError):
        exchange.send(clerk, province, date(2026, 2, 1), date(2026, 1, 1))


def test_what_comes_in_is_registered_whole_with_a_receipt(actor: Any, province: Partner) -> None:
    clerk = actor("clerk")
    records = [record(1), record(2, category="不存在"), record(3, number=""), record(4, parties=[])]
    with acting(clerk):
        done = exchange.receive(clerk, parcel(records))
        assert [line["result"] for line in done.receipt] == ["accepted", "rejected", "rejected", "rejected"]
        assert all(line["reasons"] for line in done.receipt[1:])
        case = db.session.scalars(select(Case).where(Case.outside_number == "P-1")).one()
        assert case.number == done.receipt[0]["ours"] and case.channel is Channel.visit
        again = exchange.receive(clerk, parcel(records))
        assert again.id == done.id, "the same envelope, the same receipt"
        with pytest.raises(PortalError):
            exchange.receive(clerk, parcel([record(9)]))  # the same number of batch, another content
        mended = exchange.receive(clerk, parcel([record(1), record(2)], "B-2"))
        assert [line["result"] for line in mended.receipt] == ["known", "accepted"]
        assert json.loads(receipt_json(mended))["accepted"] == 1
    with system_scope("test"):
        assert len(db.session.scalars(select(Case).where(Case.outside_number == "P-1")).all()) == 1
    with acting(actor("centre_head")) as head, pytest.raises(PortalError):
        exchange.receive(head, parcel([record(7)], "B-3"))


def test_lists_are_held_against_each_other(actor: Any, province: Partner) -> None:
    factory, clerk = Cases(actor), actor("clerk")
    same, other, only_here = (factory.register(different_matter=True) for _one in range(3))
    listed = f"编号,状态\n{same.number},S1\n{other.number},closed\nX-1,S1\n".encode()
    with acting(clerk):
        found = exchange.compare(clerk, province, read_list(listed, "PROVINCE"), TODAY(), TODAY())
        said = {line["number"]: line["result"] for line in found.receipt}
    assert said == {other.number: "differs", only_here.number: "missing_there", "X-1": "missing_here"}
    assert (found.records, found.accepted, found.rejected) == (3, 1, 2)


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"not json",
        b"[" * 100_000,
        b"PK\x03\x04rest",
        b"",
        b'{"schema": "appeals-case", "version": "1.0", "batch_id": "S", "sender": "A", "records": [{"a": "\\ud800"}]}',
        b'{"schema": "appeals-case", "version": "\\ud800", "records": []}',
        json.dumps({"schema": "appeals-case", "version": "2.0", "records": []}).encode(),
        json.dumps(
            {"schema": "appeals-case", "version": "1.0", "batch_id": "../x", "sender": "A", "records": [1]}
        ).encode(),
    ],
)
def test_what_is_no_envelope_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(PortalError):
        read_envelope(content)


def test_a_receipt_tells_people_what_is_wrong_in_their_words(app: Any) -> None:
    line = {
        "reasons": ["parties-0-address: 请填写此项。", "claims-1-text: 太长。", "channel: 没有此项。", "编号不合规。"]
    }
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        said = receipt_line(line)
    assert said == "当事人 1 的地址：请填写此项；诉求点 2：太长；信访方式：没有此项；编号不合规。"
