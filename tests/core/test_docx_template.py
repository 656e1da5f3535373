"""Templates are hostile until shown otherwise (security C4, C5): nothing in them reaches the program or runs on."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from docx import Document

from app.core import docx_template as words
from app.core.errors import Invalid

KNOWN = {"centre": None, "number": None, "claims": frozenset({"number", "text"}), "qr": None}
VALUES = {
    "centre": "昌邑市",
    "number": "1",
    "claims": [{"number": "1", "text": "甲"}, {"number": "2", "text": "乙"}],
    "qr": b"",
}


def template(*texts: str, change: Callable[[Document], None] | None = None) -> bytes:
    """A Word file with these paragraphs."""
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same file with one part put in its place, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.namelist():
            if entry != name:
                target.writestr(entry, source.read(entry))
        target.writestr(name, content)
    return out.getvalue()


def text_of(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs)


def test_what_a_template_may_say():
    data = template(
        "{{ centre }}：{% if number %}第{{ number }}号{% else %}无{% endif %}",
        "{%p for c in claims %}",
        "{{ loop.index }}．{{ c.text }}{% if not loop.last %}；{% endif %}",
        "{%p endfor %}",
        "{{ claims|length }}{{ number|default('无') }}",
    )
    words.check_parts(data)
    assert words.check_words(data, KNOWN) == {"centre", "number", "claims"}
    assert text_of(words.fill(data, VALUES)) == "昌邑市：第1号\n1．甲；\n2．乙\n21"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ centre.__class__ }}",
        "{{ centre.__class__.__init__.__globals__ }}",
        "{{ centre['__class__'] }}",
        "{{ centre|attr('__class__') }}",
        "{{ self.__init__ }}",
        "{{ self }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum() }}",
        "{{ namespace() }}",
        "{{ centre() }}",
        "{{ centre.format(centre) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 'a' ~ centre }}",
        "{{ range(1000000000) }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{% for x in [1, 2, 3] %}x{% endfor %}",
        "{% for x in 'aaaa' %}x{% endfor %}",
        "{% for x in claims recursive %}{{ loop(claims) }}{% endfor %}",
        "{% for x in claims if x.text %}x{% endfor %}",
        "{% for x in claims %}{% for y in claims %}{% for z in claims %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% for x in claims %}{{ x.text.upper() }}{% endfor %}",
        "{% for x in claims %}{{ x.__class__ }}{% endfor %}",
        "{% for x in claims %}{{ x.items }}{% endfor %}",
        "{% for x in claims %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for x in centre %}{{ x }}{% endfor %}",
        "{% set centre = 1 %}",
        "{% set ns = claims %}{{ ns }}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% include '/etc/passwd' %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% macro x() %}{% endmacro %}",
        "{% call x() %}{% endcall %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ centre|upper }}",
        "{{ centre is sequence }}",
        "{{ request }}",
        "{{ config.SECRET_KEY }}",
        "{{ unknown }}",
        "{{ claims.text }}",
        "{{ c.text }}",
        "{{ 1 if centre else 2 }}",
        "{{ centre",
        "{% if centre %}",
        "{{ centre }",
        "{{ {{ centre }} }}",
    ],
)
@pytest.mark.parametrize("place", ["body", "header", "footer", "table", "title"])
def test_anything_else_is_refused(attack, place):
    def put(document):
        if place == "table":
            document.add_table(1, 1).cell(0, 0).text = attack
        elif place == "title":
            document.core_properties.title = attack
        elif place != "body":
            getattr(document.sections[0], place).paragraphs[0].text = attack

    data = template(attack if place == "body" else "正文", change=put)
    start = time.perf_counter()
    with pytest.raises(Invalid):
        words.check_parts(data)
        words.check_words(data, KNOWN)
    assert time.perf_counter() - start < 2


def test_an_attack_split_over_runs_is_seen_whole():
    def put(document):
        paragraph = document.add_paragraph("{{ cen")
        paragraph.add_run("tre.__cla").bold = True
        paragraph.add_run("ss__ }}")

    with pytest.raises(Invalid):
        words.check_words(template(change=put), KNOWN)


def test_an_attack_in_a_footnote_is_seen():
    note = (
        b'<?xml version="1.0" encoding="UTF-8"?><w:footnotes '
        b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1"><w:p><w:r>'
        b"<w:t>{{ 'a' * 1000000000 }}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    data = with_part(template("正文"), "word/footnotes.xml", note)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml").replace(
            b"</Types>",
            b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            b'wordprocessingml.footnotes+xml"/></Types>',
        )
        rels = archive.read("word/_rels/document.xml.rels").replace(
            b"</Relationships>",
            b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            b'footnotes" Target="footnotes.xml"/></Relationships>',
        )
    data = with_part(with_part(data, "[Content_Types].xml", types), "word/_rels/document.xml.rels", rels)
    with pytest.raises(Invalid):
        words.check_parts(data)
        words.check_words(data, KNOWN)


def test_unknown_fields_are_named_with_the_known_ones(app):
    with app.test_request_context(), pytest.raises(Invalid) as refusal:
        words.check_words(template("{{ centre }}{{ petitoner }}"), KNOWN)
    assert "petitoner" in str(refusal.value) and "centre、claims、number、qr" in str(refusal.value)


def test_values_are_never_read_as_a_template():
    data = template("{{ centre }}|{{ number }}")
    said = text_of(words.fill(data, {**VALUES, "centre": "{{ number }}<w:t>&amp;{% if %}", "number": "{{ 7 * 7 }}"}))
    assert said == "{{ number }}<w:t>&amp;{% if %}|{{ 7 * 7 }}"


def test_each_line_of_a_text_is_a_paragraph_indented_as_the_first_one():
    def put(document):
        document.paragraphs[0].paragraph_format.first_line_indent = 406400
        document.paragraphs[0].add_run("。").bold = True
        document.add_table(1, 1).cell(0, 0).text = "{{ number }}"

    data = template("情况：{{ centre }}", "{{ number }}", change=put)
    filled = Document(io.BytesIO(words.fill(data, {**VALUES, "centre": "甲\n乙\n丙", "number": "一\n二"})))
    said = [(one.text, one.paragraph_format.first_line_indent) for one in filled.paragraphs]
    assert said == [("情况：甲", 406400), ("乙", 406400), ("丙。", 406400), ("一\n二", None)]
    assert filled.paragraphs[2].runs[-1].bold and not filled.paragraphs[1].runs[0].bold
    assert filled.tables[0].cell(0, 0).text == "一\n二"  # a cell keeps its lines


def test_links_to_the_outside_are_refused():
    data = template("正文")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rels = archive.read("word/_rels/document.xml.rels")
    link = (
        b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        b'Target="http://attacker.example/x.png" TargetMode="External"/></Relationships>'
    )
    with pytest.raises(Invalid):
        words.check_parts(with_part(data, "word/_rels/document.xml.rels", rels.replace(b"</Relationships>", link)))


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'.encode(
            "utf-16"
        ),
        b"<w:document",
        b"",
        b"<x/>",
        b"\x00\x01",
    ],
)
def test_a_strange_body_is_refused(content):
    with pytest.raises(Invalid):
        data = with_part(template("正文"), "word/document.xml", content)
        words.check_parts(data)
        words.check_words(data, KNOWN)


def test_a_flood_of_brackets_is_refused_at_once():
    start = time.perf_counter()
    for flood in ("{{" * 200_000, "{% " * 200_000, "{{ centre }}" * 200_000):
        try:
            data = template(flood)
            words.check_parts(data)
            words.check_words(data, KNOWN)
        except Invalid:
            continue
    assert time.perf_counter() - start < 5


def test_a_very_large_part_is_refused():
    with pytest.raises(Invalid):
        words.check_parts(with_part(template("正文"), "word/extra.xml", b"<x>" + b"a" * (9 * 2**20) + b"</x>"))
