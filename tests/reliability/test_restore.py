"""E5: a backup made while people write, put into an empty installation: whole, the same, and one can sign in."""

import hashlib
import json
import shutil
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

from app.core.store import path_of
from reliability.callers import Desk, Program
from reliability.conftest import Store
from reliability.matters import body, register
from reliability.server import Portal, number
from reliability.test_disk_full import PDF, upload
from reliability.truth import Truth

CASES = number(10, 200)  # before the backup; writers go on during it
FILES = number(2, 20)


class Writers:
    """Four clerks who register until told to stop; when each was asked for and acknowledged."""

    def __init__(self, portal: Portal) -> None:
        self.stop, self.done, self.refused = threading.Event(), list[tuple[float, float, int]](), list[Any]()
        names = ("clerk", "clerk.t1", "clerk", "clerk.t1")
        self.threads = [threading.Thread(target=self._write, args=(Program(portal, n), p)) for p, n in enumerate(names)]
        for thread in self.threads:
            thread.start()

    def _write(self, clerk: Program, place: int) -> None:
        turn = 0
        while not self.stop.is_set():
            asked = time.monotonic()
            answer = clerk.call("POST", "/case/", body(f"备份期间 {place}-{turn}"))
            if answer.status == 201:
                self.done.append((asked, time.monotonic(), answer.json["id"]))
            else:
                self.refused.append((answer.status, answer.text[:200]))
            turn += 1

    def end(self) -> None:
        """Tell them to stop, and wait."""
        self.stop.set()
        for thread in self.threads:
            thread.join(60)


def manifest_of(path: Path) -> dict[str, Any]:
    """What the backup says of itself."""
    with tarfile.open(path) as archive:
        inner = archive.extractfile("manifest.json")
        assert inner is not None
        return dict(json.load(inner))


def test_a_drill(portal: Portal, store: Store, tmp_path: Path) -> None:
    clerk, desk = Program(portal, "clerk"), Desk(portal, "clerk")
    before = [register(clerk, f"备份之前 {place}")["id"] for place in range(CASES)]
    for place in range(FILES):
        assert upload(desk, before[place]).status in (200, 302)
    writers, path = Writers(portal), tmp_path / "nightly.tar.gz"
    time.sleep(0.5)
    began = time.monotonic()
    made = portal.command("backup", "create", str(path))
    ended = time.monotonic()
    time.sleep(0.3)
    writers.end()
    assert "rows" in made.stdout and path.stat().st_mode & 0o777 == 0o600
    assert not [r for r in writers.refused if r[0] not in (503,)], writers.refused[:3]
    assert [key for _asked, told, key in writers.done if began < told < ended], "they did write meanwhile"

    empty = Portal(tmp_path / "empty", store.url(tmp_path / "empty"))
    empty.instance.mkdir()
    for name in ("keys.json", "note_keys.json"):  # kept apart from the backups, as the manual says
        shutil.copy2(portal.instance / name, empty.instance)
    drill = time.monotonic()
    restored = empty.command("backup", "restore", str(path))
    took = time.monotonic() - drill
    assert "restored" in restored.stdout
    truth, manifest = Truth(empty), manifest_of(path)

    held = {row.id for row in truth.rows('SELECT id FROM "case"')}
    assert set(before) <= held, "a case from before the backup is missing"
    assert {key for _asked, told, key in writers.done if told < began} <= held
    assert not {key for asked, _told, key in writers.done if asked > ended} & held, "nothing from after the snapshot"
    counted = {table: truth.one(f'SELECT count(*) FROM "{table}"') for table in manifest["rows"]}
    counted["audit_entry"] -= 1  # that it was restored
    assert counted == manifest["rows"], "the manifest tells of the snapshot, not of what was written meanwhile"
    truth.check()

    files = truth.rows("SELECT storage_key, sha256, size FROM attachment")
    assert len(files) == FILES
    for row in files:
        data = path_of(empty.instance / "attachments", row.storage_key).read_bytes()
        assert (
            (hashlib.sha256(data).hexdigest(), len(data))
            == (row.sha256, row.size)
            == (
                hashlib.sha256(PDF).hexdigest(),
                len(PDF),
            )
        )

    empty.start()
    try:
        again = Desk(empty, "clerk")
        page = again.get(f"/case/show/{before[0]}").text
        assert "备份之前 0" in page and "现场照片.pdf" in page
        assert register(Program(empty, "clerk"), "恢复之后照常登记")["number"]
        Truth(empty).check()
    finally:
        empty.stop()
    print(f"drill: {len(held)} cases, {took:.1f} s to restore")


def test_the_same_rows_to_the_last_byte(portal: Portal, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "quiet.tar.gz"
    portal.command("backup", "create", str(path))
    whole = Truth(portal).prints()
    empty = Portal(tmp_path / "empty", store.url(tmp_path / "empty"))
    empty.instance.mkdir()
    for name in ("keys.json", "note_keys.json"):
        shutil.copy2(portal.instance / name, empty.instance)
    empty.command("backup", "restore", str(path))
    found, trail = Truth(empty).prints(), ("audit_entry", "audit_head")
    assert {k: v for k, v in found.items() if k not in trail} == {k: v for k, v in whole.items() if k not in trail}
    assert found["audit_entry"][0] == whole["audit_entry"][0] + 1, "one link more: that time was turned back here"
    assert Truth(empty).one("SELECT code FROM audit_entry ORDER BY id DESC LIMIT 1") == "backup:restored"
    Truth(empty).check()
