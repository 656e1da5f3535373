"""An export above the limit: asked for with a reason, decided by another, fetched once within some days."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from views.test_exfiltration import cases, export, turn

from app.access.actor import acting, system_scope
from app.core import clock
from app.core.db import db
from app.core.errors import PortalError
from app.models.export_request import ExportRequest, ExportState
from app.services import export_request

__all__ = ["cases"]  # the fixture


def asked() -> ExportRequest:
    with system_scope("test"):
        return db.session.scalars(select(ExportRequest).order_by(ExportRequest.id.desc()).limit(1)).one()


def post(browser: Any, path: str, **fields: str) -> Any:
    return browser.post(path, data={"csrf_token": browser.token, **fields})


def test_asked_approved_by_another_and_fetched_once(login: Any, cases: Any, session: Any, actor: Any) -> None:
    turn("export_most", 7)
    clerk, head = login("clerk.t1"), login("centre_head.t1")
    offered = export(clerk, "csv", "all=1").get_data(as_text=True)
    assert 'name="reason"' in offered
    assert post(clerk, "/case/export", query="all=1", form="csv", ask="1", reason=" ").status_code == 422
    sent = post(clerk, "/case/export", query="all=1", form="csv", ask="1", reason="年度统计核对")
    page = sent.location
    assert sent.status_code == 302 and asked().rows == 8
    told = session.connection().execute(text("SELECT user_id FROM notice WHERE code = 'export_asked'")).scalars().all()
    assert told, "those who decide are told"
    key = asked().id
    assert post(clerk, f"/export_request/decide/{key}", word="approve").status_code == 403
    assert post(clerk, f"/export_request/fetch/{key}").status_code == 409
    assert login("clerk.t2").get(page).status_code == 404, "not theirs"
    assert "年度统计核对" in head.get(page).get_data(as_text=True)
    assert post(head, f"/export_request/decide/{key}", word="refuse", note="").status_code == 302
    assert asked().state is ExportState.asked, "a refusal needs a reason"
    post(head, f"/export_request/decide/{key}", word="approve")
    assert asked().state is ExportState.approved
    assert post(head, f"/export_request/fetch/{key}").status_code == 409, "it is the asker's"
    file = post(clerk, f"/export_request/fetch/{key}")
    assert file.status_code == 200 and file.get_data(as_text=True).count("\r\n") == 9
    assert post(clerk, f"/export_request/fetch/{key}").status_code == 409, "once"


def test_nobody_decides_on_the_own_request_and_time_runs_out(login: Any, cases: Any, actor: Any) -> None:
    turn("export_most", 1)
    head = login("centre_head.t1")
    post(head, "/case/export", query="all=1", form="xlsx", ask="1", reason="核对")
    with acting(actor("centre_head.t1")) as who, pytest.raises(PortalError):
        export_request.decide(who, asked(), True, "")
    with acting(actor("centre_head")) as other:
        export_request.decide(other, asked(), True, "")
    with acting(actor("centre_head.t1")) as who:
        found = asked()
        found.until = clock.now() - timedelta(minutes=1)
        with pytest.raises(PortalError):
            export_request.fetch(who, found)
