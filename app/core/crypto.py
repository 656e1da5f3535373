"""Personal data at rest: the keyring, authenticated encryption of columns, and keyed hashes to find a person again."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32
SM4_MARK = ".sm4"
CIPHERS = ("aes-gcm", "sm4-gcm")


class CipherError(Exception):
    """Stored text cannot be read: the key is missing or wrong, or somebody changed the text."""


class KeyringError(Exception):
    """The keyring file is missing, unreadable, or open to others."""


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii")


_aes = lru_cache(maxsize=16)(AESGCM)


def _seal_aes(key: bytes, nonce: bytes, text: bytes, aad: bytes) -> bytes:
    return _aes(key).encrypt(nonce, text, aad)


def _open_aes(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    return _aes(key).decrypt(nonce, sealed, aad)


def _sm4_key(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(hmac.digest(key, b"sm4-gcm", hashlib.sha256)[:16])


def _seal_sm4(key: bytes, nonce: bytes, text: bytes, aad: bytes) -> bytes:
    machine = Cipher(_sm4_key(key), modes.GCM(nonce)).encryptor()
    machine.authenticate_additional_data(aad)
    return machine.update(text) + machine.finalize() + machine.tag


def _open_sm4(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    machine = Cipher(_sm4_key(key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
    machine.authenticate_additional_data(aad)
    return machine.update(sealed[:-TAG_BYTES]) + machine.finalize()


class Keyring:
    """The keys of one installation: a current one to write with, older ones to read with, one for the blind index."""

    def __init__(self, current: str, keys: dict[str, bytes], index: bytes, cipher: str = "aes-gcm") -> None:
        if cipher not in CIPHERS:
            raise KeyringError(f"unknown cipher {cipher!r}; choose one of {', '.join(CIPHERS)}")
        if current not in keys or any(len(key) != KEY_BYTES for key in (*keys.values(), index)):
            raise KeyringError(f"the keyring needs its current key and keys of {KEY_BYTES} bytes")
        self.current = current
        self.keys = keys
        self.index = index
        self.cipher = cipher
        self.path: Path | None = None

    @classmethod
    def fresh(cls, cipher: str = "aes-gcm") -> "Keyring":
        """A new ring with one random key, not yet kept anywhere."""
        return cls("k1", {"k1": secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES), cipher)

    @classmethod
    def load(cls, path: str | os.PathLike[str], cipher: str = "aes-gcm", create: bool = True) -> "Keyring":
        """The ring kept at `path`; made there on first use (one winner, however many processes start at once)."""
        place = Path(path)
        if create and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = cls.fresh(cipher)._write_beside(place)
            try:
                os.link(draft, place)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        ring = cls._read(place, cipher)
        ring.path = place
        return ring

    @classmethod
    def _read(cls, place: Path, cipher: str) -> "Keyring":
        try:
            if os.name == "posix" and place.stat().st_mode & 0o077:
                raise KeyringError(f"{place} can be read by others; run: chmod 600 {place}")
            data = json.loads(place.read_text("utf-8"))
            keys = {str(name): base64.urlsafe_b64decode(key) for name, key in data["keys"].items()}
            return cls(str(data["current"]), keys, base64.urlsafe_b64decode(data["index"]), cipher)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise KeyringError(f"{place} is not a readable keyring") from fault

    def _write_beside(self, place: Path) -> Path:
        """The ring in a complete file of mode 0600 next to `place`, ready to be moved there."""
        draft = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        content = {
            "current": self.current,
            "keys": {name: _b64(key) for name, key in self.keys.items()},
            "index": _b64(self.index),
        }
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(content, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        return draft

    def rotate(self) -> str:
        """Add a key and write with it from now on; everything written before stays readable. Returns its name."""
        self._refresh()
        name = f"k{1 + max((int(key[1:]) for key in self.keys if key[1:].isdecimal()), default=0)}"
        self.keys[name] = secrets.token_bytes(KEY_BYTES)
        self.current = name
        if self.path:
            self._write_beside(self.path).replace(self.path)
        return name

    def _refresh(self) -> None:
        """Take up keys that another process added to the file."""
        if self.path:
            kept = self._read(self.path, self.cipher)
            self.keys, self.current = kept.keys, kept.current

    def _key(self, name: str) -> bytes:
        if name not in self.keys:
            self._refresh()
        if name not in self.keys:
            raise CipherError("the key of this text is not in the keyring")
        return self.keys[name]

    def own(self, owner: str, stored: str = "") -> "Keyring":
        """The ring of one owner: keys derived from these, so that nobody else's text opens with them.

        `stored` is what shall be read: its key may have been added by another process meanwhile."""
        if stored:
            self._key(stored.partition(":")[0].removesuffix(SM4_MARK))
        derived = {name: hmac.digest(key, owner.encode("utf-8"), hashlib.sha256) for name, key in self.keys.items()}
        return Keyring(
            self.current, derived, hmac.digest(self.index, owner.encode("utf-8"), hashlib.sha256), self.cipher
        )

    def encrypt(self, text: str, aad: str) -> str:
        """`k1:<base64url>`, bound to its purpose (`aad`): a phone number cannot be pasted into another column."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        seal, mark = (_seal_sm4, SM4_MARK) if self.cipher == "sm4-gcm" else (_seal_aes, "")
        sealed = seal(self.keys[self.current], nonce, text.encode("utf-8"), aad.encode("utf-8"))
        return f"{self.current}{mark}:{_b64(nonce + sealed)}"

    def decrypt(self, stored: str, aad: str) -> str:
        """The text again, or CipherError; never garbage."""
        name, colon, body = stored.partition(":")
        if not colon:
            raise CipherError("this text was not encrypted by the portal")
        opener = _open_sm4 if name.endswith(SM4_MARK) else _open_aes
        key = self._key(name.removesuffix(SM4_MARK))
        try:
            raw = base64.b64decode(body.encode("ascii"), altchars=b"-_", validate=True)
            if len(raw) < NONCE_BYTES + TAG_BYTES:
                raise CipherError("the encrypted text is cut short")
            return opener(key, raw[:NONCE_BYTES], raw[NONCE_BYTES:], aad.encode("utf-8")).decode("utf-8")
        except (ValueError, InvalidTag) as fault:
            raise CipherError("the encrypted text was changed, or belongs to another key or column") from fault

    def is_current(self, stored: str) -> bool:
        """Whether the text was written with the present key and cipher (else it waits to be written anew)."""
        mark = SM4_MARK if self.cipher == "sm4-gcm" else ""
        return stored.startswith(f"{self.current}{mark}:")

    def blind_index(self, kind: str, value: str) -> str:
        """64 hex characters that find an equal value again and tell nothing without the key; one key per kind."""
        return hmac.digest(_own_key(self.index, kind), value.encode("utf-8"), "sha256").hex()


@lru_cache(maxsize=16)
def _own_key(index: bytes, kind: str) -> bytes:
    return hmac.digest(index, kind.encode("utf-8"), "sha256")


MAIN, NOTES = "main", "notes"  # personal data; what its writer alone reads
_rings: dict[str, Keyring | None] = {}


def use_keyring(ring: Keyring | None, purpose: str = MAIN) -> None:
    """Set a keyring of this process."""
    _rings[purpose] = ring


def keyring(purpose: str = MAIN) -> Keyring:
    """A keyring of this process; without one nothing personal can be read or written."""
    ring = _rings.get(purpose)
    if ring is None:
        raise KeyringError("no keyring was set; call use_keyring at start")
    return ring


def encrypt(text: str, aad: str) -> str:
    """Encrypt with the keyring of this process."""
    return keyring().encrypt(text, aad)


def decrypt(stored: str, aad: str) -> str:
    """Decrypt with the keyring of this process."""
    return keyring().decrypt(stored, aad)


def blind_index(kind: str, value: str) -> str:
    """The keyed hash of a value of one kind ("id_number", "phone"), to find equal values without reading them."""
    return keyring().blind_index(kind, value)


class EncryptedText(TypeDecorator[str]):
    """A text column that only its keyring can read; `aad` names the purpose, for example "person.phone"."""

    impl = Text
    cache_ok = True

    def __init__(self, aad: str) -> None:
        super().__init__()
        self.aad = aad

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else encrypt(value, self.aad)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else decrypt(value, self.aad)
