"""Encryption of personal data: round trip, tampering, rotation, file mode, blind index."""

import base64
import json
import os
import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text

from app.core.crypto import (
    CIPHERS,
    CipherError,
    EncryptedText,
    Keyring,
    KeyringError,
    blind_index,
    decrypt,
    encrypt,
    keyring,
    use_keyring,
)

RINGS = {cipher: Keyring.fresh(cipher) for cipher in CIPHERS}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def ring():
    """A ring set for the process, and the former one put back."""
    try:
        former = keyring()
    except KeyringError:
        former = None
    ring = Keyring.fresh()
    use_keyring(ring)
    yield ring
    use_keyring(former)


@pytest.mark.parametrize("cipher", CIPHERS)
@given(value=TEXT)
def test_round_trip(cipher, value):
    ring = RINGS[cipher]
    stored = ring.encrypt(value, "person.phone")
    assert re.fullmatch(r"k1(\.sm4)?:[A-Za-z0-9_=-]+", stored)
    assert (".sm4:" in stored) == (cipher == "sm4-gcm")
    assert ring.decrypt(stored, "person.phone") == value
    assert ring.encrypt(value, "person.phone") != stored


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_flipped_bit_is_noticed(cipher):
    ring = RINGS[cipher]
    head, _, body = ring.encrypt("13812342207", "person.phone").partition(":")
    raw = bytearray(base64.urlsafe_b64decode(body))
    for place in range(len(raw)):
        raw[place] ^= 1
        with pytest.raises(CipherError):
            ring.decrypt(f"{head}:{base64.urlsafe_b64encode(raw).decode()}", "person.phone")
        raw[place] ^= 1


@pytest.mark.parametrize("stored", ["", "plain", "k1:", "k1:****", "k1:AAAA", "k1:全角", "k9:AAAA", "k1:QUFBQQ"])
@pytest.mark.parametrize("cipher", CIPHERS)
def test_garbage_is_refused(cipher, stored):
    with pytest.raises(CipherError):
        RINGS[cipher].decrypt(stored, "person.phone")


def test_other_purpose_other_key_other_cipher_are_refused():
    ring = RINGS["aes-gcm"]
    stored = ring.encrypt("a", "person.phone")
    for reader, value, aad in (
        (ring, stored, "person.address"),
        (Keyring.fresh(), stored, "person.phone"),
        (ring, stored.replace("k1:", "k1.sm4:"), "person.phone"),
    ):
        with pytest.raises(CipherError):
            reader.decrypt(value, aad)


def test_either_cipher_reads_what_the_other_wrote(tmp_path):
    old = Keyring.load(tmp_path / "keys.json")
    stored = old.encrypt("张三", "x")
    new = Keyring.load(tmp_path / "keys.json", cipher="sm4-gcm")
    assert new.decrypt(stored, "x") == "张三"
    assert old.is_current(stored) and not new.is_current(stored)
    assert new.is_current(new.encrypt("a", "x"))


def test_file_is_made_once_with_mode_0600_and_read_again(tmp_path):
    path = tmp_path / "deep" / "keys.json"
    first = Keyring.load(path)
    assert path.stat().st_mode & 0o777 == 0o600
    data = json.loads(path.read_text())
    assert set(data) == {"current", "keys", "index"} and data["current"] == "k1" and set(data["keys"]) == {"k1"}
    again = Keyring.load(str(path))
    assert again.decrypt(first.encrypt("a", "x"), "x") == "a"
    assert again.blind_index("phone", "1") == first.blind_index("phone", "1")
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_many_processes_at_once_agree_on_one_ring(tmp_path):
    rings, gate = [], threading.Barrier(8)

    def start():
        gate.wait()
        rings.append(Keyring.load(tmp_path / "keys.json"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len({ring.blind_index("a", "b") for ring in rings}) == 1 and len(rings) == 8


def test_the_slower_starter_takes_the_ring_of_the_faster(tmp_path, monkeypatch):
    path = tmp_path / "keys.json"
    winner = Keyring.load(path)
    monkeypatch.setattr(type(path), "exists", lambda self: False)
    assert Keyring.load(path).index == winner.index
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.skipif(os.name != "posix", reason="file modes exist on POSIX only")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o666])
def test_a_file_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "keys.json"
    Keyring.load(path)
    path.chmod(mode)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.load(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"current":"k1","keys":[],"index":""}',
                                     '{"current":"k1","keys":{"k1":"AAAA"},"index":"AAAA"}',
                                     '{"current":"k2","keys":{},"index":"AAAA"}'])  # fmt: skip
def test_a_broken_file_is_refused(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyringError):
        Keyring.load(path)


def test_missing_file_and_unknown_cipher(tmp_path):
    with pytest.raises(KeyringError):
        Keyring.load(tmp_path / "none.json", create=False)
    with pytest.raises(KeyringError, match="aes-gcm, sm4-gcm"):
        Keyring.fresh("rot13")


def test_rotation_keeps_the_old_readable_here_and_elsewhere(tmp_path):
    path = tmp_path / "keys.json"
    ring, elsewhere = Keyring.load(path), Keyring.load(path)
    old = ring.encrypt("old", "x")
    assert ring.rotate() == "k2"
    new = ring.encrypt("new", "x")
    assert new.startswith("k2:") and not ring.is_current(old) and ring.is_current(new)
    assert ring.decrypt(old, "x") == "old"
    assert elsewhere.decrypt(new, "x") == "new"
    assert elsewhere.rotate() == "k3"
    assert set(json.loads(path.read_text())["keys"]) == {"k1", "k2", "k3"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_rotation_without_a_file():
    ring = Keyring.fresh()
    ring.keys["spare"] = b"0" * 32
    assert ring.rotate() == "k2" and ring.encrypt("a", "x").startswith("k2:")


@given(a=TEXT, b=TEXT)
def test_blind_index(a, b):
    ring = RINGS["aes-gcm"]
    assert re.fullmatch("[0-9a-f]{64}", ring.blind_index("phone", a))
    assert (ring.blind_index("phone", a) == ring.blind_index("phone", b)) == (a == b)
    assert ring.blind_index("phone", a) != ring.blind_index("id_number", a)
    assert ring.blind_index("phone", a) != RINGS["sm4-gcm"].blind_index("phone", a)


def test_the_process_ring(ring):
    assert decrypt(encrypt("a", "x"), "x") == "a"
    assert blind_index("phone", "1") == ring.blind_index("phone", "1")
    use_keyring(None)
    with pytest.raises(KeyringError, match="use_keyring"):
        encrypt("a", "x")


def test_a_column_keeps_cipher_text_only(ring):
    table = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("phone", EncryptedText("t.phone")))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"phone": "13812342207"}, {"phone": None}, {"phone": ""}])
        raw = connection.execute(text("select phone from t order by id")).scalars().all()
        assert raw[0].startswith("k1:") and "2207" not in raw[0] and raw[1] is None and raw[2].startswith("k1:")
        assert connection.execute(select(table.c.phone).order_by(table.c.id)).scalars().all() == [
            "13812342207",
            None,
            "",
        ]
        connection.execute(text("update t set phone = 'k1:AAAA' where id = 1"))
        with pytest.raises(CipherError):
            connection.execute(select(table.c.phone)).scalars().all()
    engine.dispose()
