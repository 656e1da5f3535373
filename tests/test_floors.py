"""The house keeps its floors: imports go down, stand at the top of the file, and only services commit."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

APP = Path(__file__).parent.parent / "app"
FLOORS = {"core": 0, "models": 1, "access": 2, "workflow": 3, "services": 4, "forms": 5, "views": 6}
FILES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)
NAMES = [str(path.relative_to(APP)) for path in FILES]


def floor(module: str) -> int:
    """The floor a module of ours stands on; what is directly in app/ is wiring."""
    parts = module.split(".")
    return (
        FLOORS.get(parts[1], 7) if len(parts) > 1 and parts[0] == "app" else (7 if parts[0] in ("app", "seed") else -1)
    )


def imported(tree: ast.AST) -> list[tuple[str, int]]:
    """(module, line) of every import."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module in ("app", "app.services", "app.views", "app.core", "app.access", "app.models", "app.forms"):
                found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((node.module, node.lineno))
    return found


class Told(NamedTuple):
    """What one file says of itself."""

    documented: bool
    imports: list[tuple[str, int]]
    inner: list[int]
    commits: list[int]
    bare: list[str]


@cache
def told(path: Path) -> Told:
    """Each file is read once for all questions."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    return Told(
        documented=bool(ast.get_docstring(tree)),
        imports=imported(tree),
        inner=[
            node.lineno
            for function in nodes
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ],
        commits=[
            node.lineno
            for node in nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ],
        bare=[
            f"{node.name}:{node.lineno}"
            for node in tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ],
    )


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_go_down_and_stand_at_the_top(path: Path) -> None:
    parts = path.relative_to(APP).with_suffix("").parts
    own = FLOORS.get(parts[0], 7) if len(parts) > 1 else 7
    upward = [f"{module}:{line}" for module, line in told(path).imports if floor(module) > own]
    assert not upward, upward
    assert not told(path).inner, f"imports inside functions at lines {told(path).inner}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_the_unit_of_work_commits(path: Path) -> None:
    if path.name == "db.py" and path.parent.name == "core":
        return
    assert not told(path).commits, f"commit() at lines {told(path).commits}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_module_class_and_public_function_says_what_it_is(path: Path) -> None:
    assert told(path).documented, "no module docstring"
    assert not told(path).bare, told(path).bare
