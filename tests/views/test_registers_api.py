"""The registers by REST: the same rows, masks, verbs and refusals as the screens."""

import pytest
from sqlalchemy import select

from app.access.actor import SYSTEM, acting
from app.core.db import db
from app.models.expert import Expert
from seed.load_registers import load_registers
from tests.conftest import PASSWORD
from tests.services.people import id_number
from tests.services.registers import CITY, T1, org


@pytest.fixture
def filled(session):
    with acting(SYSTEM):
        load_registers()


def expert_named(name):
    with acting(SYSTEM):
        return db.session.scalars(select(Expert).where(Expert.name == name)).one()


@pytest.fixture
def program(app, bound):
    """`program("clerk")` gives a caller of the REST resources with that account's token."""

    def sign_in(user):
        caller = app.test_client()
        token = caller.post("/api/v1/security/login", json={"username": user, "password": PASSWORD}).json[
            "access_token"
        ]

        def call(method, path, **kw):
            return caller.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **kw)

        return call

    return sign_in


def test_rest_lists_masked_within_the_row_scope(filled, program):
    call = program("clerk.t1")
    found = call("GET", "/expert/").json
    assert found["count"] == 8 and "154****9101" in {row["phone"] for row in found["result"]}
    assert "15400009101" not in str(found) and "hash" not in str(found)
    other = expert_named("陈德福").id
    assert call("GET", f"/expert/{other}").status_code == 404
    for noun in ("adviser", "room"):
        assert call("GET", f"/{noun}/").status_code == 200
    for noun in ("category", "organisation"):
        assert call("GET", f"/{noun}/").status_code == 403
    assert call("POST", "/expert/", json={}).status_code == 403


def test_rest_writes_by_the_same_verbs(filled, program):
    call = program("business_admin")
    given = {
        "name": "郝学文",
        "category": "scholar",
        "organisation": org(CITY).id,
        "phone": "13900007777",
        "appointed_from": "2026-01-01",
        "appointed_until": "2027-12-31",
        "id_number": id_number(3),
    }
    made = call("POST", "/expert/", json=given)
    assert made.status_code == 201, made.json
    assert made.json["result"]["phone"] == "139****7777" and id_number(3) not in str(made.json)
    bad = call("POST", "/expert/", json={**given, "appointed_until": "2025-01-01"})
    assert bad.status_code == 422 and list(bad.json["errors"]) == ["appointed_until"]
    key, version = made.json["id"], made.json["result"]["version"]
    assert call("PUT", f"/expert/{key}", json={"name": "郝学武", "version": version}).status_code == 200
    assert call("PUT", f"/expert/{key}", json={"name": "郝学全", "version": version}).status_code == 409
    assert call("DELETE", f"/expert/{key}").status_code == 200
    leaf = call("POST", "/category/", json={"name": "新类", "code": "C0199"})
    assert leaf.status_code == 201 and leaf.json["result"]["leaf"] is True
    room = {"name": "新室", "organisation": org(CITY).id, "capacity": 4, "opens_at": "09:00", "closes_at": "08:00"}
    assert list(call("POST", "/room/", json=room).json["errors"]) == ["closes_at"]
    assert call("POST", "/room/", json={**room, "closes_at": "17:00"}).status_code == 201


def test_rest_keeps_the_tree(program, session):
    call = program("sysadmin")
    given = {"name": "新村", "code": "X77", "level": "village", "parent": org(CITY).id}
    assert list(call("POST", "/organisation/", json=given).json["errors"]) == ["parent"]
    made = call("POST", "/organisation/", json={**given, "parent": org(T1).id})
    assert made.status_code == 201 and made.json["result"]["level"] in ("village", {"id": "village"})
    assert call("GET", "/organisation/?q=(page_size:100)").json["count"] == 774
    assert program("business_admin")("GET", "/organisation/").status_code == 403
