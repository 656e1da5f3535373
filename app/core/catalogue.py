"""The catalogue of a request is looked up once, not once a word: a page says some hundred of them."""

from typing import Any

from flask import g
from flask_babel import Domain, get_babel


class PageDomain(Domain):
    """flask-babel's domain, with the catalogue of the present locale kept in the request."""

    def get_translations(self) -> Any:
        """The translations of the locale in force; a change of language in mid-request counts at once."""
        context = getattr(g, "_flask_babel", None) if g else None
        locale = getattr(context, "babel_locale", None)
        kept = getattr(context, "page_catalogue", None)
        if kept is not None and kept[0] is locale:
            return kept[1]
        found = super().get_translations()
        if context is not None:
            context.page_catalogue = (getattr(context, "babel_locale", None), found)
        return found


def install() -> None:
    """Put it in the place of flask-babel's own; within an application context, once its Babel is set up."""
    instance = get_babel().instance
    given = instance.domain_instance
    if not isinstance(given, PageDomain):
        instance.domain_instance = PageDomain(None, ";".join(given.domain))
