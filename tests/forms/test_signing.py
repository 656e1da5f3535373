"""The signature field: what a browser and a program may send, and the hostile things they may not."""

import base64
import io
import json

import pytest
from flask import render_template_string
from PIL import Image
from werkzeug.datastructures import MultiDict

from app.access.actor import SYSTEM, acting
from app.core.errors import Invalid
from app.forms import fields as f
from app.forms.step_form import StepForm, formdata_of, schema_of
from app.models.signature import SignatureKind
from app.services import signature

STROKES = [
    [{"x": 10, "y": 20, "time": 1_000_000, "pressure": 0.5}, {"x": 90.25, "y": 44, "time": 1_000_040}],
    [{"x": 30, "y": 60}],
]
WAYS = (SignatureKind.touch, SignatureKind.witness)


class SignedForm(StepForm):
    signature = f.SignatureField("签名", validators=[f.Required()])


class ShortForm(StepForm):
    signature = f.SignatureField("签名", kinds=WAYS)


def png(size=(120, 40), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return signature.IMAGE_START + base64.b64encode(out.getvalue()).decode()


@pytest.fixture
def form(app):
    with app.test_request_context(), acting(SYSTEM):
        yield lambda data=None, kind=SignedForm: kind.for_record(None, None, data, meta={"csrf": False})


def sent(form, value):
    return form(formdata_of(form(), {"signature": value}))


def test_a_drawn_signature(form):
    filled = sent(form, {"kind": "touch", "strokes": STROKES, "image": png(), "device": "pen · Chrome"})
    assert filled.validate(), filled.errors
    signing = filled.values()["signature"]
    assert signing.kind is SignatureKind.touch and signing.device == "pen · Chrome"
    assert signing.strokes == [[[10, 20, 0, 0.5], [90.2, 44, 40, 0]], [[30, 60, 0, 0]]]
    assert Image.open(io.BytesIO(signing.image)).size == (120, 40)


def test_strokes_alone_are_drawn(form):
    filled = sent(form, {"kind": "touch", "strokes": [{"points": stroke} for stroke in STROKES]})
    assert filled.validate(), filled.errors
    picture = Image.open(io.BytesIO(filled.values()["signature"].image)).convert("L")
    assert picture.width > 700 and picture.getextrema() == (0, 255)


def test_a_witness_is_named(form):
    filled = sent(form, {"kind": "witness", "witness": "  王建国 "})
    assert filled.validate() and filled.values()["signature"].witness == "王建国"
    assert not sent(form, {"kind": "witness", "witness": " "}).validate()


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "touch"},
        {"kind": "touch", "strokes": []},
        {"kind": "touch", "strokes": [[]]},
        {"kind": "touch", "strokes": [[{"x": 5, "y": 5}]]},  # a dot is no signature
        {"kind": "touch", "strokes": "x"},
        {"kind": "touch", "strokes": [1]},
        {"kind": "touch", "strokes": [[1, 2]]},
        {"kind": "touch", "strokes": [[{"x": "1", "y": 2}]]},
        {"kind": "touch", "strokes": [[{"x": True, "y": 2}]]},
        {"kind": "touch", "strokes": [[{"x": float("nan"), "y": 2}]]},
        {"kind": "touch", "strokes": [[{"x": 1e308, "y": 2}, {"x": 0, "y": 2}]]},
        {"kind": "touch", "strokes": [[{"y": 2}]]},
        {"kind": "touch", "strokes": [[{"x": 0, "y": 0}, {"x": 50, "y": 50}]] * 301},
        {"kind": "touch", "strokes": [[{"x": i % 99, "y": 0} for i in range(9000)]]},
        {"kind": "touch", "strokes": STROKES, "image": "http://evil.example/x.png"},
        {"kind": "touch", "strokes": STROKES, "image": "data:image/svg+xml;base64,PHN2Zy8+"},
        {"kind": "touch", "strokes": STROKES, "image": "data:image/png;base64,%%%"},
        {"kind": "touch", "strokes": STROKES, "image": signature.IMAGE_START + "PHN2Zy8+" * 9},
        {"kind": "touch", "strokes": STROKES, "image": png(kind="JPEG")},
        {"kind": "touch", "strokes": STROKES, "image": png((4000, 4000))},
        {"kind": "touch", "strokes": STROKES, "image": signature.IMAGE_START + "A" * 500_000},
        {"kind": "touch", "strokes": STROKES, "device": "a\u202eb"},
        {"kind": "blood"},
        {"kind": "paper"},
        {"kind": "paper", "attachment": 999_999},
        {"kind": "witness", "witness": "王\u202e建国"},
        {"kind": "witness", "witness": "王" * 65},
    ],
)
def test_what_is_no_signature_is_refused_at_its_field(form, value):
    filled = sent(form, value)
    assert not filled.validate()
    assert set(filled.errors) == {"signature"} and all(str(s) for s in filled.errors["signature"])


@pytest.mark.parametrize("value", ["touch", [1], {"kind": 1}, {"kind": "touch", "svg": "x"}, {"attachment": "1/../2"}])
def test_misshapen_json_is_refused(form, value):
    try:
        filled = sent(form, value)
    except Invalid as refusal:
        assert set(refusal.errors) == {"signature"}
    else:
        assert not filled.validate()


def test_deep_json_of_a_browser_is_no_fault_of_the_server(form):
    filled = form(MultiDict({"signature-kind": "touch", "signature-strokes": "[" * 100_000}))
    assert not filled.validate() and "signature" in filled.errors


def test_a_step_may_limit_the_ways(form):
    filled = form(MultiDict({"signature-kind": "paper", "signature-scan": "1"}), ShortForm)
    assert not filled.validate()
    assert form(MultiDict(), ShortForm).validate()
    assert schema_of(form(None, ShortForm))["properties"]["signature"]["properties"]["kind"]["enum"] == list(WAYS)


def test_the_page_keeps_what_was_signed(form):
    text = json.dumps(STROKES)
    filled = form(MultiDict({"signature-kind": "witness", "signature-strokes": text, "signature-witness": ""}))
    filled.validate()
    html = render_template_string("{% import 'portal/_macros.html' as m %}{{ m.field(form.signature) }}", form=filled)
    assert 'value="witness" checked' in html and "&#34;x&#34;: 10" in html and "请填写见证人姓名" in html


def test_the_extent_is_at_least_a_finger(form):
    near = [[{"x": 1, "y": 1}, {"x": 9, "y": 9}]]
    assert not sent(form, {"kind": "touch", "strokes": near}).validate()
