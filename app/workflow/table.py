"""A flow as a Markdown table, so that the manual is the program (docs/flow.md)."""

from collections.abc import Iterable
from typing import Any

from app.workflow.types import Step, Workflow


def _states(states: Iterable[Any]) -> str:
    return ", ".join("same" if state is None else f"`{state.value}`" for state in states)


def _sources(row: Step, flow: Workflow) -> str:
    named = [state for state in flow.states if state in row.sources]
    return _states(named) or "–"


def _targets(row: Step, flow: Workflow) -> str:
    if len(row.targets) > 5:
        return "the state before"
    return _states(row.targets)


def _guards(row: Step) -> str:
    sentences = [(rule.__doc__ or "").strip().splitlines()[0] for rule in (*row.who, *row.when, *row.what)]
    if row.reason:
        sentences.append("A reason is given.")
    return " ".join(sentences) or "–"


def markdown(flow: Workflow, built: frozenset[str]) -> str:
    """The table of a flow: one line for each step; `built` are those that can be carried out already."""
    lines = [
        f"| from | step | to | who | guards | in this version |\n|{'---|' * 6}",
        *(
            f"| {_sources(row, flow)} | `{row.name}` {row.label} | {_targets(row, flow)} | "
            f"{'the program' if row.system else f'can_{row.name} on {flow.page}'} | {_guards(row)} | "
            f"{'yes' if row.name in built else 'later'} |"
            for row in flow.steps
        ),
    ]
    return "\n".join(lines) + "\n"
