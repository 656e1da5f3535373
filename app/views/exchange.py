"""Data exchange: envelopes that leave or come in, lists that are compared; every parcel with its receipt."""

from contextlib import closing
from datetime import date
from typing import Any

from flask import Response, abort, current_app, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select

from app.access.actor import current_actor
from app.core import clock
from app.core.db import db
from app.core.envelope import BYTES_MOST, read_envelope, read_list
from app.core.errors import Invalid, PortalError, TooLarge
from app.forms.fields import parse_day
from app.models.case import CaseState
from app.models.exchange import Direction, Exchange, Partner
from app.models.organisation import Level, Organisation
from app.services import exchange as service
from app.services import exchange_file
from app.services.queries.choices import Chooser, at_levels, parse_key
from app.services.queries.export import MIMES
from app.views.attachment import disposition
from app.views.base import PortalInterface, PortalModelView

LINES_SHOWN = 200
RESULTS: dict[str, tuple[Any, str]] = {
    service.ACCEPTED: (_lp("exchange", "Accepted"), "ok"),
    service.KNOWN: (_l("Here already"), "plain"),
    service.REJECTED: (_lp("exchange", "Rejected"), "late"),
    service.DIFFERS: (_l("State differs"), "soon"),
    service.MISSING_HERE: (_l("Missing here"), "late"),
    service.MISSING_THERE: (_l("Missing there"), "soon"),
}


def file_answer(content: bytes, mime: str, name: str) -> Response:
    """A file to be saved."""
    answer: Response = current_app.response_class(content, mimetype=mime)
    answer.headers["Content-Disposition"] = disposition("attachment", name)
    return answer


def _state_word(code: Any) -> str:
    member = CaseState.of(code)
    return str(member.label) if member is not None else str(code or "")


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """A line of a receipt in words."""
    label, tone = RESULTS.get(line["result"], (line["result"], "plain"))
    compared = line["result"] in (service.DIFFERS, service.MISSING_HERE, service.MISSING_THERE)
    ours, theirs = (_state_word(line.get("ours")), _state_word(line.get("theirs"))) if compared else (line["ours"], "")
    said = exchange_file.receipt_line(line)
    return {"number": line["number"], "label": str(label), "tone": tone, "ours": ours, "theirs": theirs, "said": said}


class ExchangeView(PortalModelView):
    """Parcels exchanged with neighbouring systems."""

    datamodel = PortalInterface(Exchange)
    class_permission_name = "Exchange"
    route_base = "/exchange"
    list_columns = ("batch_code", "direction", "partner", "records", "accepted", "rejected", "created_at")
    search_columns = ("direction", "partner", "created_at")
    quick_columns = ("batch_code",)
    base_order = ("id", "desc")
    quick_filters = tuple((way.value, way.label, {"direction": way}) for way in Direction)
    show_groups = (
        (None, ("batch_code", "direction", "partner", "period_from", "period_until", "sha256")),
        (None, ("records", "accepted", "rejected")),
    )
    allow_add = allow_edit = allow_delete = allow_export = False
    show_template = "portal/exchange_show.html"
    method_permission_name = {"send": "send", "receive": "receive", "compare": "read", "receipt": "read"}

    def head_actions(self, record: Any = None) -> list[tuple[Any, str, str]]:
        """The three things to be done."""
        if record is not None:
            return []
        ways = (
            ("send", _lp("exchange", "Make an envelope"), "p"),
            ("receive", _lp("exchange", "Take an envelope in"), ""),
            ("compare", _l("Compare a list"), ""),
        )
        return [(label, f"/exchange/{way}", kind) for way, label, kind in ways if way == "compare" or self.may(way)]

    def show_context(self, record: Exchange) -> dict[str, Any]:
        """The receipt in words."""
        lines = record.receipt or []
        return {
            "lines": [_line(line) for line in lines[:LINES_SHOWN]],
            "more": max(0, len(lines) - LINES_SHOWN),
            "compared": record.direction is Direction.compared,
        }

    # ---- the forms

    def _asked(self, way: str, title: str, refusal: Any = None, status: int = 200) -> Any:
        today = clock.today()
        given = request.form
        page = self.render_template(
            "portal/exchange_form.html",
            title=title,
            crumbs=self.crumbs((title, None)),
            way=way,
            refusal=refusal,
            partners=db.session.scalars(select(Partner).where(Partner.active.is_(True)).order_by(Partner.code)).all(),
            organisations=Chooser(Organisation, at_levels(Level.city, Level.township)).few() or [],
            said={
                "partner": given.get("partner", ""),
                "organisation": given.get("organisation", ""),
                "since": given.get("since", today.replace(day=1).isoformat()),
                "until": given.get("until", today.isoformat()),
                "form": given.get("form", "json"),
            },
        )
        return page, status

    def _answer(self, way: str, title: str, verb: Any) -> Any:
        if request.method != "POST":
            return self._asked(way, title)
        try:
            return verb()
        except PortalError as refusal:
            if refusal.status == 403:
                raise
            db.session.rollback()
            said = [str(s) for sentences in refusal.errors.values() for s in sentences] or [str(refusal.message)]
            return self._asked(way, title, " ".join(said), 422 if refusal.status == 404 else refusal.status)

    @staticmethod
    def _partner() -> Partner:
        return service.partner_of(request.form.get("partner", "")[:64])

    @staticmethod
    def _day(name: str) -> date | None:
        text = request.form.get(name, "").strip()
        try:
            return parse_day(text) if text else None
        except ValueError as fault:
            raise Invalid(errors={"period": [str(fault)]}) from fault

    @staticmethod
    def _content() -> bytes:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            raise Invalid(errors={"file": [_("Please choose a file.")]})
        with closing(upload):
            data = upload.read(BYTES_MOST + 1)
        if len(data) > BYTES_MOST:
            raise TooLarge(_("The file is larger than %(most)d MB.", most=BYTES_MOST // 2**20))
        return data

    @expose("/send", methods=["GET", "POST"])
    @has_access
    def send(self) -> Any:
        """The cases of a period as an envelope."""

        def verb() -> Any:
            partner, key = self._partner(), parse_key(request.form.get("organisation"))
            chosen = Chooser(Organisation, at_levels(Level.city, Level.township)).find([key]) if key else {}
            if key and not chosen:
                raise Invalid(
                    errors={"organisation": [_("This organisation is not in the list. Please choose again.")]}
                )
            since, until = self._day("since"), self._day("until")
            parcel, envelope = service.send(current_actor(), partner, since, until, chosen.get(key or 0))
            name, code = f"appeals-{parcel.batch_code}", partner.code
            if request.form.get("form") == "xlsx":
                return file_answer(exchange_file.envelope_book(envelope, code), MIMES["xlsx"], f"{name}.xlsx")
            return file_answer(exchange_file.envelope_json(envelope, code), "application/json", f"{name}.json")

        return self._answer("send", _("Make an envelope"), verb)

    @expose("/receive", methods=["GET", "POST"])
    @has_access
    def receive(self) -> Any:
        """Take an envelope in; its page is the receipt."""

        def verb() -> Any:
            parcel = service.receive(current_actor(), read_envelope(self._content()))
            return redirect(f"/exchange/show/{parcel.id}")

        return self._answer("receive", _("Take an envelope in"), verb)

    @expose("/compare", methods=["GET", "POST"])
    @has_access
    def compare(self) -> Any:
        """Hold their list against ours."""

        def verb() -> Any:
            partner = self._partner()
            listed = read_list(self._content(), partner.code)
            parcel = service.compare(current_actor(), partner, listed, self._day("since"), self._day("until"))
            return redirect(f"/exchange/show/{parcel.id}")

        return self._answer("compare", _("Compare a list"), verb)

    @expose("/receipt/<pk>/<form>", methods=["GET"])
    @has_access
    def receipt(self, pk: str, form: str) -> Any:
        """The receipt, or the comparison, as a file."""
        record = self.fetch(pk)
        if record.direction is Direction.sent or form not in ("json", "xlsx"):
            abort(404)
        name = f"receipt-{record.batch_code}.{form}"
        if form == "json":
            return file_answer(exchange_file.receipt_json(record), "application/json", name)
        headings = [_("Number"), _("Result"), _("Ours"), _("Theirs"), _("What is wrong")]
        lines = [_line(line) for line in record.receipt or []]
        rows = [[line["number"], line["label"], line["ours"], line["theirs"], line["said"]] for line in lines]
        return file_answer(exchange_file.receipt_book(_("Receipt"), headings, rows), MIMES["xlsx"], name)
