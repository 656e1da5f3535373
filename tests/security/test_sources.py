"""H2: what can be seen in the sources themselves."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "app" / "templates").rglob("*.html"))
# Where a template may say that a text is HTML already: the framework's own widgets, and two constant tags.
SAFE = re.compile(
    r"widgets\.get\(|view_widget\(\)|form_widget\(|list_widget\(\)|'</(?:fieldset|div)>'\|safe"
    r"|form_fields\[col\]\|replace"
)


def test_bandit_finds_nothing_grave() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bandit", "-r", "app", "seed", "-lll", "-q", "-f", "txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT / "app")) for path in TEMPLATES])
def test_templates_escape(path: Path) -> None:
    text = path.read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\|\s*safe\b", line):
            assert "appbuilder" in path.parts or SAFE.search(line), f"{path.name}:{number} {line.strip()[:100]}"
            assert SAFE.search(line), f"{path.name}:{number} {line.strip()[:100]}"
    assert "autoescape false" not in text
    assert not re.search(r"\son[a-z]+\s*=", text), f"{path.name}: an inline handler, which the content policy stops"
    assert not re.search(r"(?:src|href)=[\"']?https?://", text), f"{path.name}: an address outside"


def test_python_makes_no_html_of_formatted_text() -> None:
    """Markup.format escapes; an f-string, % or + inside Markup() does not."""
    wrong = []
    for path in (ROOT / "app").rglob("*.py"):
        text = path.read_text("utf-8")
        wrong += [f"{path.name}: {found}" for found in re.findall(r"Markup\(\s*f[\"'].{0,40}", text)]
        wrong += [f"{path.name}: {found}" for found in re.findall(r"Markup\([^()\"']{0,40}[%+][^()]{0,20}\)", text)]
        wrong += [
            f"{path.name}: {found}" for found in re.findall(r"render_template_string|\|safe|pickle|yaml\.load\(", text)
        ]
        wrong += [
            f"{path.name}: {found}"
            for found in re.findall(r"\btext\(\s*f[\"'](?!PRAGMA \{name\}|SELECT \{name\}).{0,60}", text)
        ]
    assert not wrong, wrong


def test_settings_are_the_careful_ones() -> None:
    text = (ROOT / "app" / "config.py").read_text("utf-8")
    for name in (
        "FAB_ADD_SECURITY_API",
        "FAB_ADD_MENU_API",
        "FAB_API_SWAGGER_UI",
        "FAB_API_SHOW_STACKTRACE",
        "FAB_ALLOW_GET_UNSAFE_MUTATIONS",
        "FAB_CREATE_DB",
    ):
        assert f'"{name}": False' in text, name
    assert '"RATELIMIT_ENABLED": True' in text
