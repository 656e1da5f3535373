"""Chinese words that core needs to read names, addresses and cards; they are data, kept in data/zh.json."""

import json
from importlib.resources import files
from typing import Any

WORDS: dict[str, Any] = json.loads(files("app.core").joinpath("data/zh.json").read_text("utf-8"))
