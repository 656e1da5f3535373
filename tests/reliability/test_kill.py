"""E1: workers die by SIGKILL while ten people write. What was acknowledged is there; what is there is whole."""

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from reliability.callers import Deed, History, Lost, Program
from reliability.matters import body
from reliability.server import Portal, number, until
from reliability.truth import Truth

KILLS = number(4, 100)
WRITERS = number(6, 10)
BACK_WITHIN = 5.0  # seconds until the server answers again when all its workers died at once


@pytest.fixture(scope="module")
def portal(installation: Callable[..., Portal]) -> Iterator[Portal]:
    """A server of its own, that may be hurt."""
    served = installation(workers=3).start()
    yield served
    served.stop()


class Writer(threading.Thread):
    """Registers a case, accepts it, and again, until told to stop; keeps account of every answer."""

    def __init__(self, portal: Portal, place: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.portal, self.place, self.stop, self.history = portal, place, stop, History()
        self.clerk, self.dispatcher = Program(portal, "clerk"), Program(portal, "dispatcher")
        self.fault: Exception | None = None

    def run(self) -> None:
        """Write until the end."""
        try:
            turn = 0
            while not self.stop.is_set():
                self._one(f"杀进程 {self.place}-{turn}")
                turn += 1
        except Exception as fault:
            self.fault = fault

    def _one(self, title: str) -> None:
        said = body(title, idempotency_key=secrets.token_urlsafe(12))
        made = self._try(self.clerk, Deed("register"), "/case/", said, 201)
        made.answer = made.answer or {}
        made.answer["title"] = title
        if made.ended == "lost":  # nobody knows: the same form once more, as a person would
            again = self._try(self.clerk, Deed("again"), "/case/", said, 201)
            again.answer = {**(again.answer or {}), "title": title}
            made = again
        if made.ended == "done":
            case = made.answer
            step = {"version": case["result"]["version"], "kind": "appeal", "category": "C0101"}
            deed = self._try(self.dispatcher, Deed("accept"), f"/case/{case['id']}/steps/accept", step, 200)
            deed.answer = {**(deed.answer or {}), "case": case["id"]}

    def _try(self, who: Program, deed: Deed, path: str, said: dict[str, object], good: int) -> Deed:
        try:
            answer = who.call("POST", path, said)
            deed.status = answer.status
            deed.ended = "done" if answer.status == good else "refused"
            deed.answer = answer.json if answer.status == good else {"text": answer.text[:300]}
        except Lost:
            deed.ended = "lost"
        self.history.deeds.append(deed)
        return deed


def test_kill_nine_under_writers(portal: Portal) -> None:
    truth, stop, draw = Truth(portal), threading.Event(), random.Random(9)
    writers = [Writer(portal, place, stop) for place in range(WRITERS)]
    for writer in writers:
        writer.start()
    back = []
    for turn in range(KILLS):
        time.sleep(draw.uniform(0.3, 0.9))
        alive = portal.workers()
        portal.kill(alive if turn % 4 == 3 else [draw.choice(alive)])
        if turn % 4 == 3:
            back.append(until(portal.answers, 30, "the server comes back"))
    time.sleep(0.5)
    stop.set()
    for writer in writers:
        writer.join(90)
        assert not writer.is_alive() and writer.fault is None, writer.fault
    deeds = [deed for writer in writers for deed in writer.history.deeds]
    done = {
        kind: [d for d in deeds if d.what == kind and d.ended == "done"] for kind in ("register", "again", "accept")
    }
    lost = [deed for deed in deeds if deed.ended == "lost"]
    refused = [deed for deed in deeds if deed.ended == "refused"]
    assert len(done["register"]) > KILLS and done["accept"], "they did write"

    held = {row.id: row for row in truth.rows('SELECT id, title, number, state FROM "case"')}
    for deed in done["register"] + done["again"]:
        assert held[deed.answer["id"]].number == deed.answer["result"]["number"], "an acknowledged case is lost"
    titles = [row.title for row in held.values()]
    assert len(titles) == len(set(titles)), "a form that was sent again made a second case"
    for deed in done["accept"]:
        assert held[deed.answer["case"]].state == "accepted", "an acknowledged step is lost"
    tried = {deed.answer["title"] for deed in deeds if deed.what in ("register", "again") and deed.answer}
    assert set(titles) <= tried
    truth.check()
    assert not [deed for deed in refused if deed.status >= 500 and deed.status != 503], refused[:3]
    assert max(back) < BACK_WITHIN, back
    print(f"kills {KILLS}, done {sum(map(len, done.values()))}, lost answers {len(lost)}, back after {max(back):.1f} s")
    until(lambda: len(portal.workers()) == 3, 10, "all workers are back")
