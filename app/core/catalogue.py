"""The catalogue of a request is looked up once, not once a word: a page says some two hundred of them."""

from typing import Any

from flask import Flask, g
from flask_babel import Domain, get_babel, get_domain

from app.core.templates import LanguageEnvironment


def _kept() -> Any:
    """The catalogue this request has looked up already, while its locale stays the same; else None."""
    if not g:
        return None
    request_values = g._get_current_object().__dict__
    context, kept = request_values.get("_flask_babel"), request_values.get("page_catalogue")
    return kept[1] if kept is not None and kept[0] is getattr(context, "babel_locale", None) else None


class PageDomain(Domain):
    """flask-babel's domain, with the catalogue of the present locale kept in the request."""

    def get_translations(self) -> Any:
        """The translations of the locale in force; a change of language in mid-request counts at once."""
        found = _kept()
        if found is None:
            found = super().get_translations()
            if g:
                g.page_catalogue = (getattr(g.get("_flask_babel"), "babel_locale", None), found)
        return found


def _catalogue() -> Any:
    return _kept() or get_domain().get_translations()


def install(app: Flask) -> None:
    """Put it in the place of flask-babel's own; within an application context, once its Babel is set up."""
    instance = get_babel().instance
    given = instance.domain_instance
    if not isinstance(given, PageDomain):
        instance.domain_instance = PageDomain(None, ";".join(given.domain))
    environment = app.jinja_env
    assert isinstance(environment, LanguageEnvironment)
    environment.word = lambda said: str(_catalogue().ugettext(said))
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: _catalogue().ugettext(said),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        pgettext=lambda context, said: _catalogue().upgettext(context, said),
        npgettext=lambda context, one, many, count: _catalogue().unpgettext(context, one, many, count),
        newstyle=True,
    )
