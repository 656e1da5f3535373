"""The language of an answer: people choose theirs on the page, programs say it with each call."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request


def spoken(app: Flask) -> str:
    """The first language of ours that the caller accepts; Chinese if none is named."""
    asked = request.args.get("_l_")
    if asked in app.config["LANGUAGES"]:
        return str(asked)
    codes = {code.split("_")[0]: code for code in app.config["LANGUAGES"]}
    names = (name.replace("-", "_").split("_")[0].lower() for name, quality in request.accept_languages if quality > 0)
    return next((codes[name] for name in names if name in codes), str(app.config["BABEL_DEFAULT_LOCALE"]))


def install(app: Flask) -> None:
    """Let calls from programs be answered in the language of their Accept-Language header."""
    babel: Any = app.extensions["babel"]
    of_person: Callable[[], Any] = babel.locale_selector

    def select() -> Any:
        if request and request.path.startswith("/api/"):
            return spoken(app)
        return of_person()

    babel.locale_selector = select
