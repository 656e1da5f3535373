"""Templates are compiled once for each language, and their macros once for all pages."""

import re

import pytest
from flask import Flask
from flask_babel import force_locale
from jinja2 import meta, nodes

from app.core.templates import LanguageEnvironment

TEXT = "{{ _('Save') }}|{{ _('Round %(round)s', round=n) }}|{{ pair(_('Cancel')) }}|{{ _(word) }}|"
ASSET = "{{ asset('portal/portal.css') }}"
MACRO = "{% macro pair(x) %}<b>{{ x }}</b>{% endmacro %}"


@pytest.fixture
def environment(app: Flask):
    assert isinstance(app.jinja_env, LanguageEnvironment)
    with app.test_request_context("/"):
        yield app.jinja_env


def test_words_stand_in_their_places_in_both_languages(environment):
    said = {}
    for language in ("zh_Hans_CN", "en"):
        with force_locale(language):
            said[language] = environment.from_string(MACRO + TEXT + ASSET).render(n="<2>", word="Save").split("|")
    assert said["en"][:4] == ["Save", "Round &lt;2&gt;", "<b>Cancel</b>", "Save"]
    assert said["zh_Hans_CN"][:4] == ["保存", "第 &lt;2&gt; 轮", "<b>取消</b>", "保存"]
    assert re.fullmatch(r"/static/portal/portal\.css\?v=[0-9a-f]{10}", said["en"][4])


def test_a_template_is_compiled_once_for_each_language(environment):
    found = {}
    for language in ("zh_Hans_CN", "en"):
        with force_locale(language):
            found[language] = environment.get_template("portal/_head.html")
            assert environment.get_template("portal/_head.html") is found[language]
    assert found["en"] is not found["zh_Hans_CN"]


def test_macros_stand_by_themselves(app: Flask):
    """A file of macros uses what it is given and what the application offers, so it is made once, not for every page:
    import it without `with context`, and hand it what it shows."""
    loader, environment = app.jinja_loader, app.jinja_env
    assert loader is not None
    for name in loader.list_templates():
        source, _path, _fresh = loader.get_source(environment, name)
        tree = environment.parse(source)
        assert "with context" not in source, name
        if name.startswith("portal/") and "{%- macro" in source:
            own = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
            unknown = meta.find_undeclared_variables(tree) - set(environment.globals) - own
            assert not unknown, f"{name}: {unknown}"
