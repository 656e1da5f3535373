"""The real program: gunicorn as deploy/portal.service starts it, in processes of its own, on a real database."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FULL = os.environ.get("PORTAL_PROOF") == "full"


def number(quick: int, full: int) -> int:
    """How often a proof repeats: a short run in the suite, the full one when PORTAL_PROOF=full."""
    return full if FULL else quick


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float, what: str = "") -> float:
    """Wait until something holds; how many seconds it took. Fails when it takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if true():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def as_deployed(workers: int, port: int) -> list[str]:
    """What deploy/portal.service gives gunicorn, with another number of workers and another port."""
    unit = (ROOT / "deploy" / "portal.service").read_text("utf-8")
    words = shlex.split(re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0])[1:]
    words[words.index("-w") + 1], words[words.index("-b") + 1] = str(workers), f"127.0.0.1:{port}"
    return words


class Portal:
    """One installation: its folder, its database, and the server when it runs."""

    def __init__(self, instance: Path, url: str, workers: int = 2) -> None:
        self.instance, self.url, self.workers_wanted = instance, url, workers
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.hang_up: list[Callable[[], None]] = []

    @property
    def environment(self) -> dict[str, str]:
        """What the operator would have set."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))}
        own = {"PORTAL_INSTANCE": str(self.instance), "PORTAL_DATABASE_URL": self.url, "PYTHONPATH": str(ROOT)}
        return kept | own | {"PORTAL_PORT": str(self.port)}

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.instance.parent / f"{self.instance.name}.log"

    # ---- commands

    def command(self, *words: str, good: bool = True) -> subprocess.CompletedProcess[str]:
        """`flask --app app …` as the operator types it."""
        line = [sys.executable, "-m", "flask", "--app", "app", *words]
        done = subprocess.run(line, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300)
        assert not good or done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done

    # ---- the server

    def start(self) -> "Portal":
        """Serve, and wait until it answers."""
        line = [sys.executable, "-m", "gunicorn", *as_deployed(self.workers_wanted, self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                line, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until(self.answers, 60, "the server starts")
        return self

    def stop(self) -> None:
        """End the server and everything it started; whoever is connected hangs up."""
        while self.hang_up:
            self.hang_up.pop()()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.process = None

    def answers(self) -> bool:
        """Whether the server answers at all."""
        assert self.process is not None and self.process.poll() is None, self.log.read_text("utf-8")[-3000:]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def ready(self) -> bool:
        """Whether the server says that it can work."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def workers(self) -> list[int]:
        """The worker processes that are alive."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in children.read_text().split()]

    def kill(self, pids: Sequence[int]) -> None:
        """SIGKILL: no goodbye, no clean-up."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    @property
    def faults(self) -> list[str]:
        """What the server logged of faults of its own."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return [line for line in lines if '"level": "error"' in line or line.startswith("Traceback")]

    def copy_files(self, target: Path) -> None:
        """The folder of the installation, for another one."""
        shutil.copytree(self.instance, target, dirs_exist_ok=True)
