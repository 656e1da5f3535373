"""REST of expert reviews: list and record as everywhere, their steps, and whom a party may pick."""

from typing import Any

from flask import jsonify
from flask_appbuilder.api import expose

from app.access.actor import current_actor
from app.core.errors import NotAllowed
from app.forms.steps import REVIEW
from app.services.access_log import log_read
from app.services.queries.candidates import candidates
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.api_spec import PK, _answer, _errors
from app.views.review import ReviewView
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.transition import find_record

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
CANDIDATE = {
    "type": "object",
    "properties": {
        "id": WHOLE,
        "name": TEXT,
        "pool": TEXT,
        "pool_kind": {"type": "string", "enum": ["own", "city", "other"]},
        "category": TEXT,
        "title": TEXT,
        "specialties": {"type": "array", "items": TEXT},
        "open_seats": WHOLE,
        "conflicts": {"type": "array", "items": TEXT},
        "hindrance": {"type": ["string", "null"]},
    },
}


class ReviewApi(PortalRestApi):
    """Expert reviews."""

    view, resource_name = ReviewView, "review"
    method_permission_name = {"steps": "read", "step": "read", "candidates": "read"}

    def read_one(self, pk: Any, names: Any) -> dict[str, Any]:
        """One review; the reading is noted in the trail."""
        item = super().read_one(pk, names)
        log_read(current_actor(), find_record(REVIEW, item["id"]))
        return item

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step, with the reason why not and the schema of its form."""
        return steps_answer(REVIEW, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(REVIEW))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(REVIEW, pk, name)

    @expose("/<pk>/candidates", methods=("GET",))
    @described(
        {
            "get": {
                "parameters": [PK],
                "responses": {
                    "200": _answer("The experts", {"count": WHOLE, "result": {"type": "array", "items": CANDIDATE}}),
                    **_errors("404"),
                },
            }
        }
    )
    @guarded
    def candidates(self, pk: str) -> Any:
        """Every expert who serves, of all pools, with the conflicts of interest that are on record."""
        review, actor = find_record(REVIEW, pk), current_actor()
        if not any(actor.may(step, "Review") for step in ("pick_experts", "draw_experts", "invite", "replace_expert")):
            raise NotAllowed()
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "pool": row.pool,
                "pool_kind": row.pool_kind,
                "category": str(row.category),
                "title": row.title,
                "specialties": list(row.fields),
                "open_seats": row.load,
                "conflicts": [str(conflict.sentence) for conflict in row.conflicts],
                "hindrance": str(row.hindrance) if row.hindrance is not None else None,
            }
            for row in candidates(review)
        ]
        return jsonify({"count": len(rows), "result": rows})
