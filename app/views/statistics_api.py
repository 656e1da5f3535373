"""REST of the statistics: every indicator with its fraction, its words and the list behind it."""

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.views import expose

from app.access.actor import current_actor
from app.core.errors import NotAllowed
from app.services.queries.figures_said import allowed
from app.services.queries.indicators import UNIT
from app.services.queries.statistics import beside
from app.views.api_guard import sign_in
from app.views.api_spec import _answer, _errors
from app.views.statistics import asked_from, pairs
from app.views.steps_api import described

TEXT: dict[str, Any] = {"type": "string"}
NUMBER = {"type": ["number", "null"]}


def _asked(name: str, text: str, form: str | None = None) -> dict[str, Any]:
    schema = {**TEXT, "format": form} if form else TEXT
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": text}


QUERY = [
    _asked("from", "first day; 1 January of this year if left out", "date"),
    _asked("to", "last day; today if left out", "date"),
    _asked(
        "organisation", "id or code: a city, town, village or department, with what is below it; or own: the city's"
    ),
    _asked("category", "id of a category"),
    _asked("channel", "code of a channel"),
    _asked("department", "id or code of a lead organisation"),
]
FIGURE = {
    "type": "object",
    "properties": {
        "code": TEXT, "label": TEXT, "value": NUMBER, "numerator": NUMBER, "denominator": NUMBER, "unit": TEXT,
        "definition": TEXT, "basis": TEXT, "exclusions": TEXT, "version": {"type": "integer"},
        "response": {"type": ["string", "null"], "description": "the response rate beside which a satisfaction stands"},
        "before": NUMBER, "year_before": NUMBER, "drill": TEXT,
    },
}  # fmt: skip


class StatisticsApi(BaseApi):
    """The indicators."""

    resource_name, version = "statistics", "v1"
    class_permission_name = "Statistics"

    @expose("/", methods=("GET",))
    @described(
        {
            "get": {
                "summary": "Every indicator of a period, with the period before and the year before",
                "parameters": QUERY,
                "responses": {
                    "200": _answer(
                        "The indicators", {"from": TEXT, "to": TEXT, "result": {"type": "array", "items": FIGURE}}
                    ),
                    **_errors("404", "422"),
                },
            }
        }
    )
    def list(self) -> Any:
        """All indicators."""
        sign_in()
        actor = current_actor()
        if not actor.may("read", "Statistics"):
            raise NotAllowed()
        asked = asked_from(request.args)
        allowed(actor, asked)
        now, then, last = beside(actor, asked)
        found = [
            {
                "code": code,
                "label": str(one.one.label),
                "value": one.value,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "unit": str(UNIT[one.one.unit]),
                "definition": str(one.one.words),
                "basis": str(one.one.source.basis),
                "exclusions": " ".join(str(text) for text in (one.one.source.exclusions, one.one.exclusions) if text),
                "version": one.one.version,
                "response": one.one.response or None,
                "before": None if one.one.source.now else then[code].value,
                "year_before": None if one.one.source.now else last[code].value,
                "drill": f"/statistics/list/{code}?{pairs(asked)}",
            }
            for code, one in now.items()
        ]
        return jsonify({"from": asked.since.isoformat(), "to": asked.until.isoformat(), "result": found})
