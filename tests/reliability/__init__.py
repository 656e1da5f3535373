"""Proofs against the real program: processes that die, disks that fill, two clerks at one record, a drill of restoring.

The harness for others: `server.py` (the program as it is deployed, on a real database), `callers.py` (people and
programs that speak HTTP to it), `truth.py` (what the database says afterwards), `conftest.py` (fixtures).
PORTAL_PROOF=full runs the full numbers of docs/proofs.md; without it each proof is a short one.
"""
