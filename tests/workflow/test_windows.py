"""The days of each petitioner after a reply, as pure facts."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from app.core import clock
from app.workflow.facts import LateFacts
from app.workflow.windows import all_settled, unserved, windows

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 15, 9, 0, tzinfo=clock.LOCAL)
PARTIES = tuple(
    SimpleNamespace(id=n, side=side) for n, side in ((1, "petitioner"), (2, "petitioner"), (3, "respondent"))
)
REPLY = SimpleNamespace(id=5, number=1, round=1, state="approved")


def served(*parties):
    return tuple(SimpleNamespace(id=n, party_id=n, reply_id=5, served_at=AT) for n in parties)


def clocks(*parties):
    return tuple(SimpleNamespace(id=n, code="D-REV5", party_id=n, round=1, due_on=DAY) for n in parties)


def signed(*parties):
    return tuple(SimpleNamespace(id=n, party_id=n, reply_id=5, satisfied=False) for n in parties)


def late(**more):
    return LateFacts(parties=PARTIES, replies=(REPLY,), **more)


def applied(state, party=1):
    return {
        "reviews": (SimpleNamespace(id=9, reply_id=5, state=state),),
        "applicants": (SimpleNamespace(id=1, review_id=9, party_id=party),),
    }


def test_day_five_yes_day_six_no():
    own = windows(late(services=served(1), clocks=clocks(1)))
    assert own[1].is_open(DAY) and not own[1].has_lapsed(DAY)
    assert not own[1].is_open(date(2026, 11, 21)) and own[1].has_lapsed(date(2026, 11, 21))
    assert not own[2].is_open(DAY) and not own[2].has_lapsed(date(2027, 1, 1))  # not served: no day runs
    assert set(own) == {1, 2}


@pytest.mark.parametrize(
    ("more", "day", "settled"),
    [
        ({"services": served(1, 2), "clocks": clocks(1, 2)}, DAY, False),
        ({"services": served(1, 2), "clocks": clocks(1, 2)}, date(2026, 11, 21), True),
        ({"services": served(1, 2), "clocks": clocks(1, 2), "acknowledgements": signed(1)}, DAY, False),
        ({"services": served(1, 2), "clocks": clocks(1, 2), "acknowledgements": signed(1, 2)}, DAY, True),
        ({"services": served(1), "clocks": clocks(1), "acknowledgements": signed(1)}, date(2027, 1, 1), False),
    ],
)
def test_settled_when_all_have_signed_or_are_out_of_time(more, day, settled):
    assert all_settled(late(**more), day) is settled


def test_an_application_uses_the_window_unless_it_fell_away():
    held = {"services": served(1, 2), "clocks": clocks(1, 2), "acknowledgements": signed(2)}
    filed = late(**held, **applied("filed"))
    assert not windows(filed)[1].is_open(DAY) and not all_settled(filed, date(2026, 12, 1))
    for state in ("refused", "withdrawn"):
        assert windows(late(**held, **applied(state)))[1].is_open(DAY)


def test_an_older_version_counts_for_nothing():
    newer = SimpleNamespace(id=6, number=2, round=1, state="approved")
    facts = LateFacts(parties=PARTIES, replies=(REPLY, newer), services=served(1, 2), clocks=clocks(1, 2))
    assert unserved(facts) == {1, 2} and not any(w.is_open(DAY) for w in windows(facts).values())
