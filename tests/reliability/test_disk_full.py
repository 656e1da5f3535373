"""E2: the disk is full. A clear sentence, no half row, no orphan file; and it heals by itself when there is room."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reliability.callers import Desk, Program
from reliability.conftest import POSTGRES, Store
from reliability.forms import fields_of
from reliability.matters import body, register
from reliability.server import Portal, number
from reliability.small_disk import SmallDisk, small_disk
from reliability.truth import Truth

ROUNDS = number(2, 20)
SAID = "磁盘空间已满"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n" + b"% " + b"0" * 200_000 + b"\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def disk(store: Store) -> Iterator[SmallDisk]:
    """20 MB for the folder and the file of SQLite; for PostgreSQL a tablespace that holds the database."""
    owner = Path(store.setting("data_directory")).stat().st_uid if POSTGRES else None
    with small_disk(96 if POSTGRES else 20, owner) as made:
        yield made


@pytest.fixture(scope="module")
def portal(disk: SmallDisk, store: Store, installation: Callable[..., Portal]) -> Iterator[Portal]:
    """A server whose data lie on the small disk."""
    if POSTGRES:
        with store.tablespace(disk.path) as name:
            served = installation(tablespace=name).start()
            yield served
            served.stop()
            store.drop_one(served.url)
        return
    served = installation(where=disk.path / "instance").start()
    yield served
    served.stop()


def upload(desk: Desk, case: int) -> Any:
    """A file sent with a case's page."""
    mark = "----proof"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{desk.token}\r\n'.encode()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="现场照片.pdf"\r\n'
    parts += [head.encode() + b"Content-Type: application/pdf\r\n\r\n" + PDF + f"\r\n--{mark}--\r\n".encode()]
    return desk.send("POST", f"/case/{case}/attach", b"".join(parts), f"multipart/form-data; boundary={mark}")


def files_of(portal: Portal) -> set[str]:
    """What lies in the folder of attachments."""
    return {path.name for path in (portal.instance / "attachments").rglob("*") if path.is_file()}


def test_full_and_free_again(portal: Portal, disk: SmallDisk) -> None:
    truth, clerk, desk = Truth(portal), Program(portal, "clerk"), Desk(portal, "clerk")
    case = register(clerk, "磁盘满之前")
    for turn in range(ROUNDS):
        form = fields_of(desk.get(f"/visit/add?case={case['id']}").text, "data-guard") | {"note": f"满{turn}"}
        rows, files = truth.prints(), files_of(portal)
        disk.fill()
        refused = [clerk.call("POST", "/case/", body(f"磁盘满 {turn}-{place}")) for place in range(8)]
        full = [answer for answer in refused if answer.status != 201]
        assert full, "there was room left in the pages of the database; more is needed to fill it"
        assert {answer.status for answer in full} == {507}, full[0].text[:500]
        assert all(SAID in answer.json["message"] for answer in full)
        page = desk.post("/visit/add", form)
        assert page.status in (302, 507) and (page.status == 302 or SAID in page.text)
        if not POSTGRES:
            assert page.status == 507
            sent = upload(desk, case["id"])
            assert sent.status == 507 and SAID in sent.text, sent.text[:500]
            assert files_of(portal) == files, "no orphan file"
            assert desk.get("/readyz").status == 503
        assert desk.get("/case/list/?all=1").status == 200, "reading goes on"
        assert clerk.call("GET", "/case/").status == 200
        assert desk.get("/healthz").status == 200
        if not POSTGRES:
            assert len(refused) == len(full) and truth.prints() == rows, "not one row"
        disk.free()
        after = register(clerk, f"磁盘又有空间 {turn}")
        assert desk.get(f"/case/show/{after['id']}").status == 200
        assert upload(desk, case["id"]).status in (200, 302)
        if not POSTGRES:
            assert desk.get("/readyz").status == 200
        assert not truth.torn() and not truth.sound()
    truth.check()
    assert not portal.faults, portal.faults[:3]


def test_filling_up_under_writers(portal: Portal, disk: SmallDisk) -> None:
    truth, done, other = Truth(portal), list[tuple[int, str]](), list[Any]()

    clerks = [Program(portal, name) for name in ("clerk", "clerk.t1", "clerk", "clerk.t1")]

    def write(place: int) -> None:
        clerk = clerks[place]
        for turn in range(10):
            answer = clerk.call("POST", "/case/", body(f"写满 {place}-{turn}"))
            if answer.status == 201:
                done.append((answer.json["id"], answer.json["result"]["number"]))
            elif answer.status not in (503, 507):
                other.append((answer.status, answer.text[:300]))

    writers = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for writer in writers:
        writer.start()
    disk.fill()
    for writer in writers:
        writer.join(120)
    disk.free()
    assert not other, other[:3]
    held = {row.id: row.number for row in truth.rows('SELECT id, number FROM "case"')}
    assert all(held.get(key) == number_ for key, number_ in done), "an acknowledged case is lost"
    register(Program(portal, "clerk"), "之后照常登记")
    truth.check()


def test_the_disk_was_really_small(disk: SmallDisk) -> None:
    seen = os.statvfs(disk.path)
    assert seen.f_blocks * seen.f_frsize <= 96 * 2**20
