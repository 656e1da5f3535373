"""Write the table of the case flow into docs/flow.md (run as a module from the root of the project)."""

from pathlib import Path

from app.forms.steps import CASE
from app.workflow.case_flow import CASE_FLOW
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

Laid out in `app/workflow/review_flow.py` with the same words; its pages and permissions come with a later version.

"""
if __name__ == "__main__":
    table = markdown(CASE_FLOW, CASE.built) + REVIEW_HEAD + markdown(REVIEW_FLOW, frozenset())
    Path("docs/flow.md").write_text(HEAD + table, "utf-8")
