"""A disk of a few megabytes that a test can fill to the last byte."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests_support import need


class SmallDisk:
    """A mounted tmpfs; `fill` takes what is left, `free` gives it back."""

    def __init__(self, path: Path) -> None:
        self.path, self.ballast = path, path / "ballast"

    def fill(self) -> None:
        """Write until nothing more goes in."""
        with contextlib.suppress(OSError), self.ballast.open("ab", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"0" * size) == size:
                        pass

    def free(self) -> None:
        """Give the space back."""
        self.ballast.unlink(missing_ok=True)

    @property
    def left(self) -> int:
        """Free bytes."""
        seen = os.statvfs(self.path)
        return seen.f_bavail * seen.f_frsize


@contextlib.contextmanager
def small_disk(megabytes: int, owner: int | None = None) -> Iterator[SmallDisk]:
    """Mount a small tmpfs, by sudo for who is not root; where that may not be done it is skipped, in CI a failure."""
    path = Path(tempfile.mkdtemp(prefix="small-disk-"))
    path.chmod(0o755)
    way = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = [*way, "mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "tmpfs", str(path)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        path.rmdir()
    need("a small disk", done.returncode == 0, "run as root with CAP_SYS_ADMIN, or let sudo mount")
    try:
        if owner is not None:
            os.chown(path, owner, -1)
        yield SmallDisk(path)
    finally:
        subprocess.run([*way, "umount", "-l", str(path)], check=False)
        path.rmdir()
