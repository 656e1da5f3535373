"""Templates are compiled once for each language, with its words and other fixed texts already in their places.

A page says some ninety words and names some forty files that never change while the process lives. Looking each up
for every page was a fifth of its making; `_("Save")` is now the word itself in the compiled template.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

from flask import current_app, has_request_context
from flask.templating import Environment
from flask_babel import get_locale
from jinja2 import Template, nodes
from jinja2.environment import TemplateModule
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

WORDS = ("_", "gettext")


class _InPlace(NodeTransformer):
    """Puts the value in the place of a call whose arguments are all known: a word, or one of the fixed functions."""

    def __init__(self, environment: "LanguageEnvironment", escaping: bool) -> None:
        self.environment, self.escaping = environment, escaping

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """A call: of a word, of a fixed function, or left as it is."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else None
        given = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if name is None or node.dyn_args or node.dyn_kwargs or len(given) != len(node.args):
            return node
        if name in WORDS and len(given) == 1 and self.escaping:
            return self._word(node, given[0])
        if name in self.environment.fixed and not node.kwargs:
            return nodes.Const(self.environment.fixed[name](*given), lineno=node.lineno)
        return node

    def _word(self, node: nodes.Call, said: str) -> nodes.Node:
        """The word of this language; what it names is filled in (and escaped) while the page is made."""
        word = Markup(self.environment.word(said))  # noqa: S704 - a word of the catalogue, as Jinja itself takes it
        if not node.kwargs:
            return nodes.Const(word % {}, lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(one.key), one.value) for one in node.kwargs]
        return nodes.Mod(nodes.Const(word), nodes.Dict(pairs), lineno=node.lineno)


class _Kept(Template):
    """A template whose macros are made once: our templates know no other names than those of the environment."""

    def _get_default_module(self, ctx: Any = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class LanguageEnvironment(Environment):
    """Flask's environment of templates, with compiled templates kept for each language.

    `fixed`: functions whose answer never changes for the same arguments; `word`: looks a word up in this language."""

    template_class = _Kept

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fixed: dict[str, Callable[..., Any]] = {}
        self.word: Callable[[str], str] = str
        self._kept: dict[str, dict[str, Template]] = {}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if not has_request_context() or current_app.debug:
            return tree
        escaping = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        found: nodes.Template = _InPlace(self, bool(escaping)).visit(tree)
        return found

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        if globals or current_app.debug or not has_request_context():
            return super()._load_template(name, globals)
        kept = self._kept.setdefault(str(get_locale()), {})
        template = kept.get(name)
        if template is None:
            assert self.loader is not None
            template = kept[name] = self.loader.load(self, name, self.globals)
        return template
