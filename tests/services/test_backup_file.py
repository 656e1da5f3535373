"""What is restored must be a backup: an archive that points elsewhere is refused before anything is touched."""

import io
import tarfile
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.services import backup


def archive_of(path: Path, *members: tarfile.TarInfo) -> Path:
    """An archive with these members, each file holding one word."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            member.size = 3 if member.isfile() else 0
            archive.addfile(member, io.BytesIO(b"out") if member.isfile() else None)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """One entry of an archive."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize(
    "entry",
    [
        member("../outside"),
        member("attachments/../../outside"),
        member("/outside-of-the-portal"),
        member("database", tarfile.SYMTYPE, "/etc/passwd"),
        member("database", tarfile.LNKTYPE, "../outside"),
        member("database", tarfile.FIFOTYPE),
    ],
    ids=["up", "up-again", "absolute", "link", "hard-link", "pipe"],
)
def test_nothing_is_written_outside(app, session, tmp_path, entry):
    path = archive_of(tmp_path / "strange.tar.gz", entry)
    with pytest.raises(Invalid):
        backup.restore(path)
    assert not (Path(app.config["INSTANCE"]) / "outside").exists()
    assert not Path("/outside-of-the-portal").exists()


def test_a_damaged_archive_is_no_backup(session, tmp_path):
    path = tmp_path / "torn.tar.gz"
    path.write_bytes(archive_of(tmp_path / "whole.tar.gz", member("database")).read_bytes()[:40])
    with pytest.raises(Invalid):
        backup.restore(path)
