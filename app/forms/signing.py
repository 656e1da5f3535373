"""Fields for what a party signs and what is kept as evidence; both may take files on the same page.

    signature = f.SignatureField(_l("Signature"), validators=[f.Required()])          data: services.signature.Signing
    evidence = f.EvidenceField(_l("Evidence"), validators=[f.Required()])             data: list[Attachment]

Within rows a signature is drawn or witnessed; scans belong to a field of the form itself.
JSON: {"kind": "touch", "strokes": [[{"x": 1, "y": 2}, …], …], "image": "data:image/png;base64,…"},
{"kind": "witness", "witness": "…"}, {"kind": "paper" | "thumb", "attachment": id}; evidence: ids of files of the case.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import false
from wtforms import Field

from app.core.errors import Invalid
from app.core.text import clean_line
from app.forms.selects import MultiRemoteSelect
from app.models.attachment import Attachment
from app.models.signature import SignatureKind
from app.services import signature
from app.services.attachment import COUNT_MOST
from app.services.queries.case_choices import files_of
from app.services.queries.choices import Chooser, parse_key
from app.services.signature import Signing

PARTS = ("kind", "strokes", "image", "scan", "witness", "device")
SCANS = (SignatureKind.thumb, SignatureKind.paper)
WITNESS_MOST, DEVICE_MOST = 64, 200
NO_FILES = Chooser(Attachment, lambda statement: statement.where(false()))


class CaseFiles(ABC):
    """A field that points at files of the case, and takes new ones on the same page."""

    name: str
    process_errors: list[Any]
    files: Chooser

    @property
    def upload_name(self) -> str:
        """The name of its file box."""
        return f"{self.name}-upload"

    def take_case(self, case_id: int) -> None:
        """Offer the files of this case only."""
        self.files = files_of(case_id)

    @abstractmethod
    def add_file(self, row: Attachment) -> None:
        """Choose a file that came with the form."""

    def refuse_file(self, sentence: str) -> None:
        """Say at the field why a file was not taken."""
        self.process_errors.append(sentence)


class EvidenceField(CaseFiles, MultiRemoteSelect):
    """Files of the case that prove something."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, chooser=NO_FILES, **kw)

    def take_case(self, case_id: int) -> None:
        """Offer the files of this case only."""
        self.chooser = files_of(case_id)

    def add_file(self, row: Attachment) -> None:
        """Choose a file that came with the form."""
        self.data = [*(self.data or ()), row]


class SignatureField(CaseFiles, Field):
    """A signature on the screen, a scan, or a witness; `kinds` limits the ways."""

    def __init__(self, *args: Any, kinds: Sequence[SignatureKind] = tuple(SignatureKind), **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.kinds = tuple(kinds)
        self.sent: dict[str, str] = {}
        self.files = NO_FILES

    @property
    def scans(self) -> bool:
        """Whether one of its ways needs a scan."""
        return any(kind in SCANS for kind in self.kinds)

    def listed(self) -> list[tuple[int, str, bool]]:
        """The files of the case that may be the scan."""
        chosen = parse_key(self.sent.get("scan", ""))
        return [(key, label, key == chosen) for key, label in self.files.few(COUNT_MOST) or ()]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the parts of the signature; what cannot be read is said at the field."""
        self.process_errors, self.data = [], None
        if formdata is None:
            return
        self.sent = {part: str(formdata.get(f"{self.name}-{part}") or "").strip() for part in PARTS}
        try:
            self.data = self._read()
        except Invalid as refusal:
            self.process_errors.append(str(next((s for said in refusal.errors.values() for s in said), refusal)))
        except ValueError as fault:
            self.process_errors.append(str(fault))

    def _read(self) -> Signing | None:
        kind = SignatureKind.of(self.sent["kind"])
        if kind is None or kind not in self.kinds:
            if self.sent["kind"]:
                raise ValueError(_("Please choose one of the list."))
            return None
        device = clean_line(self.sent["device"][:DEVICE_MOST], most=DEVICE_MOST) or None
        if kind is SignatureKind.touch:
            return self._drawn(device)
        if kind is SignatureKind.witness:
            return Signing(kind, witness=self._witness(), device=device)
        return self._scanned(kind, device)

    def _drawn(self, device: str | None) -> Signing | None:
        text = self.sent["strokes"]
        if not text:
            return None
        if len(text) > signature.TEXT_MOST:
            raise Invalid(signature.TOO_LONG)
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raise Invalid(signature.UNREADABLE) from None
        strokes, image = signature.read_strokes(raw), self.sent["image"]
        picture = signature.read_image(image) if image else signature.drawn(strokes)
        return Signing(SignatureKind.touch, strokes, picture, device=device)

    def _witness(self) -> str:
        name = clean_line(self.sent["witness"], most=WITNESS_MOST)
        if not name:
            raise ValueError(_("Please name the witness."))
        return name

    def _scanned(self, kind: Any, device: str | None) -> Signing | None:
        key = parse_key(self.sent["scan"])
        scan = self.files.find([key]).get(key) if key is not None else None
        if scan is None and self.sent["scan"]:
            raise ValueError(_("Please choose one of the list."))
        return self._with_scan(kind, scan, device) if scan is not None else None

    @staticmethod
    def _with_scan(kind: Any, scan: Attachment, device: str | None) -> Signing:
        if scan.look is None:
            raise ValueError(_("The scan must be a picture or a PDF."))
        return Signing(kind, scan=scan, device=device)

    def add_file(self, row: Attachment) -> None:
        """A scan that came with the form."""
        kind = SignatureKind.of(self.sent.get("kind", ""))
        if kind in SCANS and kind in self.kinds:
            self.sent["scan"] = str(row.id)
            try:
                self.data = self._with_scan(kind, row, None)
            except ValueError as fault:
                self.process_errors.append(str(fault))

    # ---- JSON

    def json_schema(self) -> dict[str, Any]:
        """What a program sends."""
        point = {"type": "object", "required": ["x", "y"], "properties": {n: {"type": "number"} for n in _POINT}}
        return {
            "type": "object",
            "required": ["kind"],
            "additionalProperties": False,
            "properties": {
                "kind": {"type": "string", "enum": [kind.value for kind in self.kinds]},
                "strokes": {"type": "array", "items": {"type": "array", "items": point}},
                "image": {"type": "string", "description": f"{signature.IMAGE_START}…"},
                "attachment": {"type": "integer", "description": "id of the scan, a file of the case"},
                "witness": {"type": "string", "maxLength": WITNESS_MOST},
                "device": {"type": "string", "maxLength": DEVICE_MOST},
            },
        }

    def pairs(self, name: str, value: Any) -> list[tuple[str, str]]:
        """What a program sent, as a browser sends it under `name`."""
        known = {**{part: part for part in PARTS if part != "scan"}, "attachment": "scan"}
        if not isinstance(value, Mapping) or any(part not in known for part in value):
            raise Invalid(errors={name: [_l("This value cannot be read.")]})
        found = []
        for part, said in value.items():
            if part == "strokes":
                found.append((f"{name}-strokes", json.dumps(said)))
            elif isinstance(said, str) or (part == "attachment" and type(said) is int):
                found.append((f"{name}-{known[part]}", str(said)))
            elif said is not None:
                raise Invalid(errors={name: [_l("This value cannot be read.")]})
        return found


_POINT = ("x", "y", "time", "pressure")
