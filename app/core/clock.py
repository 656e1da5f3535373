"""The one clock: aware times in Asia/Shanghai, replaceable as a whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - one line, replaced by use_clock


def use_clock(source: Callable[[], datetime] | None) -> None:
    """Replace the clock everywhere; None brings the real one back."""
    global _source
    _source = source or (lambda: datetime.now(UTC))


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` inside the block (demo data, tests)."""
    before = _source
    use_clock(lambda: moment)
    try:
        yield
    finally:
        use_clock(before)


def now() -> datetime:
    """The present moment, aware, in local time."""
    moment = _source()
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(LOCAL)


def today() -> date:
    """The local calendar day."""
    return now().date()


def local(moment: datetime) -> datetime:
    """An aware moment in local time; a naive one is taken as local."""
    return moment.replace(tzinfo=LOCAL) if moment.tzinfo is None else moment.astimezone(LOCAL)
