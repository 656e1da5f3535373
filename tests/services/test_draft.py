"""Drafts: one's own, encrypted, limited, and gone after thirty days."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.access.actor import acting
from app.core import clock
from app.core.errors import Invalid, NotAllowed, NotFound, TooLarge
from app.services import draft


def test_saved_found_and_changed(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        one = draft.save(clerk, None, {"title": " 征地  补偿 ", "fields": [["a", "王建国"]]})
        assert one.title == "征地 补偿" and draft.content_of(one)["fields"] == [["a", "王建国"]]
        again = draft.save(clerk, str(one.id), {"title": "另一件", "fields": []})
        assert again.id == one.id and draft.mine(clerk) == [one]
        for key in (None, "", "x", "99999", "9" * 40, "-1", 1.5):
            assert draft.find(clerk, key) is None
    bare = session.execute(text("SELECT content FROM draft")).scalar()
    assert "王建国" not in bare


def test_nobody_else_sees_it(session, actor):
    clerk, other = actor("clerk"), actor("clerk.t1")
    with acting(clerk):
        one = draft.save(clerk, None, {"title": "x"})
    with acting(other):
        assert draft.find(other, one.id) is None and draft.mine(other) == []
        with pytest.raises(NotFound):
            draft.delete(other, one.id)
        mine = draft.save(other, one.id, {"title": "y"})
        assert mine.id != one.id
    with acting(actor("sysadmin")), pytest.raises(NotAllowed):
        draft.save(actor("sysadmin"), None, {})


def test_limits(session, actor, monkeypatch):
    clerk = actor("clerk")
    monkeypatch.setattr(draft, "COUNT_MOST", 2)
    with acting(clerk):
        with pytest.raises(TooLarge):
            draft.save(clerk, None, {"title": "x" * 300_000})
        draft.save(clerk, None, {})
        draft.save(clerk, None, {})
        with pytest.raises(Invalid):
            draft.save(clerk, None, {})


def test_old_ones_are_erased(session, actor):
    clerk = actor("clerk")
    with acting(clerk):
        old = draft.save(clerk, None, {"title": "old"})
        old.saved_at = clock.now() - timedelta(days=31)
        new = draft.save(clerk, None, {"title": "new"})
        assert draft.mine(clerk) == [new]
        draft.purge()
        assert draft.find(clerk, old.id) is None and draft.find(clerk, new.id) is new
