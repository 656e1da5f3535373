"""Write the table of the case flow into docs/flow.md (run as a module from the root of the project)."""

from pathlib import Path

from app.forms.steps import CASE, DUTY, PROPOSAL, REVIEW, SUPERVISION
from app.workflow.booking_flow import BOOKING_FLOW
from app.workflow.case_flow import CASE_FLOW
from app.workflow.duty_flow import DUTY_FLOW
from app.workflow.review_flow import REVIEW_FLOW
from app.workflow.table import markdown

HEAD = """# The course of a case

Every step of a case is one row of `app/workflow/case_flow.py`; this table is made from it by
`python -m tests.workflow.write_flow`, and a test keeps the two the same. "who" is the permission that a role must hold
(the shipped roles are in `app/access/roles.py`); "guards" are the further rules, each of which the portal says in words
beside the greyed button or at the field. Steps marked "later" stand in the table already, and are neither offered nor
carried out in this version.

A step is one transaction: it checks state, permission, relation and guards in this order, changes the case, starts and
stops clocks, tells the people concerned, and writes one line of the course that nobody can change.

"""
REVIEW_HEAD = """
# The course of an expert review

One row of `app/workflow/review_flow.py` each, with the same words.

"""
BOOKING_HEAD = """
# The course of a booking

One row of `app/workflow/booking_flow.py` each, with the same words. A room is asked for by `book`; nothing is ever kept
twice (decision 10).

"""
DUTY_HEAD = """
# The course of a swap, a substitute or leave

One row of `app/workflow/duty_flow.py` each, with the same words. What is approved changes
the roster in the same breath.

"""
SUPERVISION_HEAD = """
# The course of a supervision order

One row of `app/workflow/supervision_flow.py` each, with the same words. A letter on a supervisor's own judgement is the
step `supervise` of the case; what the rules of domain §5 find is raised by the job `supervision`.

"""
PROPOSAL_HEAD = """
# The course of a proposal to another body

One row of `app/workflow/proposal_flow.py` each, with the same words.

"""
if __name__ == "__main__":
    table = markdown(CASE_FLOW, CASE.built) + REVIEW_HEAD + markdown(REVIEW_FLOW, REVIEW.built)
    table += BOOKING_HEAD + markdown(BOOKING_FLOW, frozenset(row.name for row in BOOKING_FLOW.steps))
    table += DUTY_HEAD + markdown(DUTY_FLOW, DUTY.built)
    table += SUPERVISION_HEAD + markdown(SUPERVISION.flow, SUPERVISION.built)
    table += PROPOSAL_HEAD + markdown(PROPOSAL.flow, PROPOSAL.built)
    Path("docs/flow.md").write_text(HEAD + table, "utf-8")
