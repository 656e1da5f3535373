"""What a worker of the server does not need, it does not load."""

import subprocess
import sys

import pytest

from app.core.late import late

HEAVY = (
    "alembic", "docx", "docxtpl", "flask_migrate", "icalendar", "lxml", "openpyxl", "PIL.ImageDraw", "pygments", "seed",
    "segno", "urllib3",
)  # fmt: skip
START = """
import sys
from app import create_app
app = create_app({"INSTANCE": __import__("pathlib").Path(sys.argv[1]), "SQLALCHEMY_DATABASE_URI": "sqlite://"})
print(" ".join(name for name in sys.argv[2:] if name in sys.modules))
from app.core import pinyin
print("the readings of characters" * pinyin._table.cache_info().currsize)
resources = [view for view in app.appbuilder.baseviews if hasattr(view, "edit_model_schema")]
made = [type(view).__name__ for view in resources if view.edit_model_schema is not None]
print(*made if resources else ["no resources"])
"""


def test_a_module_is_loaded_when_something_of_it_is_used() -> None:
    assert late("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    with pytest.raises(AttributeError):
        _missing = late("colorsys").nothing


def test_a_worker_does_not_load_what_few_requests_need(tmp_path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path), *HEAVY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == ""
