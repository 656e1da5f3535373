"""The expert review (domain §4), laid out as the same kind of table; pages and permissions come with a later version.

Nothing of it is offered or can be carried out yet: `planned` says so, and the engine finds no permission for its steps.
"""

from flask_babel import lazy_gettext as _l

from app.core.labels import LabelledEnum
from app.models.step import CaseStep
from app.workflow.types import SAME, Workflow, step


class ReviewState(LabelledEnum):
    """Where an expert review stands."""

    filed = "filed", _l("Applied for"), "info"
    refused = "refused", _l("Application refused"), "plain"
    choosing = "choosing", _l("Party picks experts"), "info"
    inviting = "inviting", _l("Experts being invited"), "info"
    seated = "seated", _l("Panel seated"), "info"
    scheduled = "scheduled", _l("Session fixed"), "info"
    balloting = "balloting", _l("Ballots open"), "info"
    counting = "counting", _l("Opinion being assembled"), "info"
    signing = "signing", _l("Opinion being signed"), "info"
    signed = "signed", _l("Opinion awaits service"), "info"
    closed = "closed", _l("Review closed"), "ok"
    withdrawn = "withdrawn", _l("Review withdrawn"), "plain"


R = ReviewState
BEFORE_BALLOTS = (R.filed, R.choosing, R.inviting, R.seated, R.scheduled)

REVIEW_FLOW = Workflow(
    "review",
    "Review",
    ReviewState,
    R.filed,
    (
        step("file_review", None, R.filed, order=1),
        step("accept_review", R.filed, R.choosing, order=10),
        step("refuse_review", R.filed, R.refused, reason=True, order=20, danger=True),
        step("pick_experts", R.choosing, R.inviting, order=10),
        step("draw_experts", R.choosing, R.inviting, order=20),
        step("accept_invitation", R.inviting, SAME, order=10),
        step("decline_invitation", R.inviting, SAME, reason=True, order=20),
        step("replace_expert", R.inviting, SAME, system=True, order=30),
        step("seat_panel", R.inviting, R.seated, system=True, order=40),
        step("serve_material", R.seated, SAME, order=10),
        step("fix_session", R.seated, R.scheduled, order=20),
        step("open_ballots", R.scheduled, R.balloting, order=10),
        step("cast_ballot", R.balloting, SAME, order=10),
        step("void_ballot", R.balloting, R.inviting, reason=True, order=80, danger=True),
        step("close_ballots", R.balloting, R.counting, system=True, order=20),
        step("assemble_opinion", R.counting, R.signing, order=10),
        step("sign_opinion", R.signing, (R.signed, SAME), order=10),
        step("serve_opinion", R.signed, R.closed, order=10),
        step("withdraw_review", BEFORE_BALLOTS, R.withdrawn, reason=True, order=85, danger=True),
    ),
    final=frozenset({R.refused, R.closed, R.withdrawn}),
    log=CaseStep,
    planned=True,
)
