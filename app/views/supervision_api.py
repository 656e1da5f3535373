"""REST of supervision orders and proposals: list and record as everywhere, and their steps."""

from typing import Any

from flask_appbuilder.api import expose

from app.forms.steps import PROPOSAL, SUPERVISION
from app.views.api_base import PortalRestApi
from app.views.api_guard import guarded
from app.views.steps_api import STEPS_SPEC, described, step_answer, step_spec, steps_answer
from app.views.supervision import ProposalView, SupervisionView


class SupervisionApi(PortalRestApi):
    """Supervision orders; a letter on one's own judgement is the step `supervise` of its case."""

    view, resource_name = SupervisionView, "supervision"
    method_permission_name = {"steps": "read", "step": "read"}

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step, with the reason why not and the schema of its form."""
        return steps_answer(SUPERVISION, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(SUPERVISION))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(SUPERVISION, pk, name)


class ProposalApi(PortalRestApi):
    """Proposals to other bodies."""

    view, resource_name = ProposalView, "proposal"
    method_permission_name = {"steps": "read", "step": "read"}

    @expose("/<pk>/steps", methods=("GET",))
    @described(STEPS_SPEC)
    @guarded
    def steps(self, pk: str) -> Any:
        """Every step, with the reason why not and the schema of its form."""
        return steps_answer(PROPOSAL, pk)

    @expose("/<pk>/steps/<name>", methods=("POST",))
    @described(step_spec(PROPOSAL))
    @guarded
    def step(self, pk: str, name: str) -> Any:
        """Carry a step out; `version`, when sent, must be the present one."""
        return step_answer(PROPOSAL, pk, name)


SUPERVISION_APIS = (SupervisionApi, ProposalApi)
