"""Signatures: drawn on a screen, on a scanned paper, or the word of a witness; checked, and kept for good."""

import base64
import binascii
import hashlib
import io
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock, store
from app.core.db import db
from app.core.errors import Invalid, PortalError
from app.core.files import check_file
from app.core.late import late
from app.models.attachment import Attachment
from app.models.party import Party
from app.models.signature import Signature, SignatureKind, SignaturePurpose
from app.services.attachment import folder

pillow, pillow_draw = late("PIL.Image"), late("PIL.ImageDraw")

STROKES_MOST, POINTS_MOST, TEXT_MOST = 300, 8_000, 400_000
IMAGE_BYTES_MOST, IMAGE_DOTS_MOST = 300_000, 4_000_000
FARTHEST, LEAST_EXTENT = 10_000, 10
IMAGE_START = "data:image/png;base64,"
DRAWN_WIDTH, MARGIN, PEN = 800, 12, 3
UNREADABLE = _l("The signature cannot be read. Please sign again.")
TOO_LONG = _l("The signature is too large. Please clear it and sign again.")

Strokes = list[list[list[float]]]


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature as it was given in a form: checked, not yet kept."""

    kind: Any
    strokes: Strokes | None = None
    image: bytes | None = None
    scan: Attachment | None = None
    witness: str | None = None
    device: str | None = None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid(UNREADABLE)
    return round(float(value), 1)


def _point(raw: Any, start: float) -> list[float]:
    """x, y, milliseconds since the first point, pressure."""
    x, y = _number(raw.get("x")), _number(raw.get("y"))
    if not (-FARTHEST <= x <= FARTHEST and -FARTHEST <= y <= FARTHEST):
        raise Invalid(UNREADABLE)
    return [x, y, max(round(_number(raw.get("time", start)) - start), 0), round(_number(raw.get("pressure", 0)), 2)]


def read_strokes(raw: Any) -> Strokes:
    """The strokes of a pad: a list of lists of points, or of {"points": […]}, each {"x", "y", "time", "pressure"}."""
    if not isinstance(raw, list):
        raise Invalid(UNREADABLE)
    parts: list[Any] = [
        stroke.get("points") if isinstance(stroke, Mapping) else stroke for stroke in raw[: STROKES_MOST + 1]
    ]
    if not all(isinstance(part, list) and all(isinstance(point, Mapping) for point in part) for part in parts):
        raise Invalid(UNREADABLE)
    points = [point for part in parts for point in part]
    if len(parts) > STROKES_MOST or len(points) > POINTS_MOST:
        raise Invalid(TOO_LONG)
    start = _number(points[0].get("time", 0)) if points else 0
    strokes = [[_point(point, start) for point in part] for part in parts if part]
    if _extent(strokes) < LEAST_EXTENT:
        raise Invalid(_l("There is no signature yet. Please sign with finger, pen or mouse."))
    return strokes


def _sides(strokes: Strokes) -> tuple[float, float, float, float]:
    across = [point[0] for stroke in strokes for point in stroke] or [0]
    down = [point[1] for stroke in strokes for point in stroke] or [0]
    return min(across), min(down), max(across), max(down)


def _extent(strokes: Strokes) -> float:
    left, top, right, bottom = _sides(strokes)
    return max(right - left, bottom - top)


def read_image(text: str) -> bytes:
    """The picture of a pad out of its data address: a small PNG, drawn anew."""
    if not text.startswith(IMAGE_START):
        raise Invalid(UNREADABLE)
    if len(text) > IMAGE_BYTES_MOST * 4 // 3 + len(IMAGE_START):
        raise Invalid(TOO_LONG)
    try:
        data = base64.b64decode(text[len(IMAGE_START) :].encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(UNREADABLE) from None
    if len(data) < 24:
        raise Invalid(UNREADABLE)
    across, down = struct.unpack(">II", data[16:24])
    if across * down > IMAGE_DOTS_MOST:
        raise Invalid(TOO_LONG)
    try:
        return check_file("signature.png", data).data
    except PortalError:
        raise Invalid(UNREADABLE) from None


def drawn(strokes: Strokes) -> bytes:
    """The picture of strokes, for a program that sends no picture of its own."""
    left, top, _right, _bottom = _sides(strokes)
    scale = DRAWN_WIDTH / _extent(strokes)

    def place(point: list[float]) -> tuple[float, float]:
        return (point[0] - left) * scale + MARGIN, (point[1] - top) * scale + MARGIN

    across, down = place([*_sides(strokes)[2:]])
    picture = pillow.new("L", (round(across) + MARGIN, round(down) + MARGIN), 255)
    pen = pillow_draw.Draw(picture)
    for stroke in strokes:
        pen.line([place(point) for point in stroke], fill=0, width=PEN, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def keep(
    actor: Actor, case_id: int, signing: Signing, purpose: SignaturePurpose, *, party: Party | None = None
) -> Signature:
    """Keep a signature of a party, or of the actor, within the transaction of the step that asked for it.

    The picture is written before its row; a picture whose row never came is swept away by the job."""
    signer = party.name if party is not None else actor.name
    if signing.kind is SignatureKind.witness and signing.witness == signer:
        raise Invalid(errors={"signature": [_l("Nobody witnesses the own signature. Please name another person.")]})
    scan, image = signing.scan, signing.image
    row = Signature(
        case_id=case_id,
        kind=signing.kind,
        purpose=purpose,
        party_id=party.id if party is not None else None,
        user_id=actor.user_id if party is None else None,
        signer=signer,
        strokes=json.dumps(signing.strokes, separators=(",", ":")) if signing.strokes else None,
        storage_key=store.write(folder(), image) if image else None,
        attachment_id=scan.id if scan is not None else None,
        sha256=hashlib.sha256(image).hexdigest() if image else scan.sha256 if scan is not None else None,
        device=signing.device,
        witness=signing.witness,
        at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def picture_of(row: Signature) -> bytes | None:
    """The bytes of a signature drawn on a screen, for papers; None for the other kinds."""
    if row.storage_key is None:
        return None
    return store.path_of(folder(), row.storage_key).read_bytes()


def said_of(signing: Signing) -> dict[str, Any]:
    """How somebody signed, in plain values, for the course of a case."""
    said = {"signature": signing.kind.value}
    return said | {"witness": signing.witness} if signing.witness else said
