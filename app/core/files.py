"""Files from outside: a harmless name, a type told by the content, and nothing that runs (security C4, C5)."""

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import Invalid, WrongType
from app.core.late import late
from app.core.text import listed

pillow, pillow_ops = late("PIL.Image"), late("PIL.ImageOps")

NAME_LENGTH = 120
STEM_DEFAULT = "attachment"
PIXELS_MOST = 60_000_000
UNPACKED_MOST = 100 * 2**20
ENTRIES_MOST = 3000
RATIO_MOST = 250
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_PDF_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
_OFFICE_ACTIVE = re.compile(r"vbaproject|vbadata|activex|oleobject|\.(?:bin|exe|dll|js|vbs|scr|bat|cmd|ps1)$", re.I)
_PRINTER = re.compile(r"printersettings\d*\.bin$", re.I)
_XML_ACTIVE = (b"<!DOCTYPE", b"<!ENTITY", b"DDEAUTO", b"macroEnabled")
_EXTERNAL = re.compile(rb'(?:attachedTemplate|oleObject|frame|subDocument)"[^>]*TargetMode="External"', re.S)


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its name as shown, its type, and the bytes to keep (pictures without their metadata)."""

    name: str
    mime: str
    data: bytes


def safe_name(raw: str | None) -> str:
    """The file's own name without path, control and direction-changing characters, at most 120 long."""
    name = unicodedata.normalize("NFC", raw or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", re.sub(r"\s+", " ", name)).strip(" .") if name.strip(" .") else ""
    if name and raw and "." in raw and "." not in name:
        name = f"{STEM_DEFAULT}.{name}"
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:NAME_LENGTH] or STEM_DEFAULT
    return f"{(stem or STEM_DEFAULT)[: NAME_LENGTH - len(extension[:10]) - 1]}.{extension[:10]}"


def _refuse(sentence: Any) -> None:
    raise Invalid(errors={"file": [sentence]})


def _pdf(data: bytes) -> bytes:
    if b"%%EOF" not in data[-2048:]:
        _refuse(_l("This PDF is incomplete. Please save or scan it again."))
    if any(mark in data for mark in _PDF_ACTIVE):
        _refuse(_l("This PDF holds a program or another file inside. Please print it to a new PDF and send that."))
    return data


def _picture(kind: str) -> Callable[[bytes], bytes]:
    def clean(data: bytes) -> bytes:
        """The picture drawn anew: turned upright, without position, camera and anything appended."""
        try:
            with warnings.catch_warnings(), pillow.open(io.BytesIO(data), formats=[kind]) as picture:
                warnings.simplefilter("ignore")
                if picture.width * picture.height > PIXELS_MOST:
                    _refuse(_l("The picture is too large: at most 60 million dots."))
                upright = pillow_ops.exif_transpose(picture)
                return _drawn(upright, kind, picture.info.get("icc_profile"))
        except pillow.DecompressionBombError:
            _refuse(_l("The picture is too large: at most 60 million dots."))
        except (OSError, ValueError, SyntaxError, EOFError, pillow.DecompressionBombWarning):
            _refuse(_l("This picture is damaged and cannot be shown. Please take or scan it again."))
        return b""

    return clean


def _drawn(picture: Any, kind: str, colours: bytes | None) -> bytes:
    if kind == "JPEG" and picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    if kind == "PNG" and picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"):
        picture = picture.convert("RGBA")
    out, fresh = io.BytesIO(), pillow.frombytes(picture.mode, picture.size, picture.tobytes())
    if picture.mode == "P":
        fresh.putpalette(picture.palette.getdata()[1], picture.palette.mode)
    options: dict[str, Any] = {"quality": 90, "optimize": True} if kind == "JPEG" else {}
    fresh.save(out, kind, icc_profile=colours if kind == "JPEG" else None, **options)
    return out.getvalue()


def _office(main: str) -> Callable[[bytes], bytes]:
    def check(data: bytes) -> bytes:
        """A Word or Excel file of the new kind, without macros, embedded objects, remote parts or bombs."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _check_archive(archive, main)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
            _refuse(_l("This file is damaged or locked by a password. Please save it again without one."))
        return data

    return check


def _check_archive(archive: zipfile.ZipFile, main: str) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if main not in names or "[Content_Types].xml" not in names:
        _refuse(_l("The content of this file does not fit its name."))
    if any(_OFFICE_ACTIVE.search(name) and not _PRINTER.search(name) for name in names):
        _refuse(_l("This file holds macros or embedded objects. Please save it without them, or as PDF."))
    packed = max(sum(entry.compress_size for entry in entries), 1)
    said = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_MOST or said > UNPACKED_MOST or (said > 2**20 and said / packed > RATIO_MOST):
        _refuse(_l("This file unpacks to far more than it seems. It is not accepted."))
    room = UNPACKED_MOST
    for entry in entries:
        if ".." in entry.filename.split("/") or entry.filename.startswith("/") or entry.flag_bits & 1:
            raise zipfile.BadZipFile
        room -= _check_entry(archive, entry, room)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> int:
    """Read one part through without keeping it; its true size counts, whatever the header says."""
    size, tail = 0, b""
    is_text = entry.filename.endswith((".xml", ".rels"))
    with archive.open(entry) as part:
        while block := part.read(2**18):
            size += len(block)
            if size > room:
                _refuse(_l("This file unpacks to far more than it seems. It is not accepted."))
            if is_text:
                seen = tail + block
                if any(mark in seen for mark in _XML_ACTIVE) or _EXTERNAL.search(seen):
                    _refuse(_l("This file holds macros or embedded objects. Please save it without them, or as PDF."))
                tail = block[-300:]
    return size


def _text(data: bytes) -> bytes:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text):
            return text.encode("utf-8")
        break  # it was this encoding, and holds what no text holds
    _refuse(_l("This is not a plain text file."))
    return b""


def _video(data: bytes) -> bytes:
    """Recordings keep their bytes; the position some telephones write into them is blanked."""
    clean, place = bytearray(data), data.find(b"\xa9xyz")
    while place >= 0:
        size = int.from_bytes(data[place + 4 : place + 6], "big")
        if size <= 64:
            text = clean[place + 8 : place + 8 + size]
            clean[place + 8 : place + 8 + size] = re.sub(rb"[0-9]", b"0", bytes(text))
        place = data.find(b"\xa9xyz", place + 4)
    return bytes(clean)


def _same(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class _Kind:
    mime: str
    starts: Callable[[bytes], bool]
    clean: Callable[[bytes], bytes]
    plain: bool = True  # a zip archive inside or behind it is a trick


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(marks)


def _is_mp3(data: bytes) -> bool:
    return data.startswith(b"ID3") or (len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2)


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_JPEG = _Kind("image/jpeg", _begins(b"\xff\xd8\xff"), _picture("JPEG"), plain=False)
KINDS: dict[str, _Kind] = {
    "pdf": _Kind("application/pdf", _begins(b"%PDF-"), _pdf),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": _Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n"), _picture("PNG"), plain=False),
    "docx": _Kind(f"{_OPEN_XML}wordprocessingml.document", _begins(b"PK\x03\x04"), _office("word/document.xml"), False),
    "xlsx": _Kind(f"{_OPEN_XML}spreadsheetml.sheet", _begins(b"PK\x03\x04"), _office("xl/workbook.xml"), False),
    "txt": _Kind("text/plain", lambda data: True, _text),
    "mp3": _Kind("audio/mpeg", _is_mp3, _same),
    "mp4": _Kind("video/mp4", lambda data: data[4:8] == b"ftyp", _video),
}
ACCEPT = ",".join(f".{extension}" for extension in KINDS)
INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})


def check_file(raw_name: str | None, data: bytes) -> Checked:
    """A file that may be kept, or Invalid / WrongType with what is wrong and what to do instead."""
    name = safe_name(raw_name)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    kind = KINDS.get(extension)
    if kind is None:
        raise WrongType(
            _l(
                "Files of the kind “%(kind)s” are not accepted. Accepted: %(accepted)s.",
                kind=extension or "-",
                accepted=listed(KINDS),
            )
        )
    if not data:
        _refuse(_l("The file is empty."))
    if not kind.starts(data):
        raise WrongType(_l("The content of this file does not fit its name."))
    if kind.plain and zipfile.is_zipfile(io.BytesIO(data)):
        raise WrongType(_l("The content of this file does not fit its name."))
    return Checked(name, kind.mime, kind.clean(data))
