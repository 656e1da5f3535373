"""Rows of a step form: one for each claim, or as many as are added; the same from a browser and from a program."""

from types import SimpleNamespace

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.forms import fields as f
from app.forms.rows import Row, RowForm, RowsField, claim_rows
from app.forms.step_form import StepForm, formdata_of, schema_of
from app.models.party import ClaimResult

PAGE = """{% import 'portal/_macros.html' as m %}{{ m.error_summary(form) }}
{% for name in form.names %}{{ m.field(form[name]) }}{% endfor %}"""
CLAIMS = [SimpleNamespace(number=1, text="支付补偿款"), SimpleNamespace(number=3, text="书面说明原因")]


class ResultRow(RowForm):
    result = f.EnumField("结果", enum=ClaimResult, validators=[f.Required()])
    resolved = f.FlagField("已化解", validators=[f.Required()])
    text = f.LongTextField("答复")


class GuestRow(RowForm):
    name = f.TextField("姓名", validators=[f.Required()])
    capacity = f.TextField("身份")


class MeetingForm(StepForm):
    results = RowsField("诉求", ResultRow, key="claim")
    guests = RowsField("参加人", GuestRow, least=2, most=3)

    def prepare(self, record, facts):
        self.results.fix(claim_rows(CLAIMS))


@pytest.fixture
def form(app):
    with app.test_request_context():
        yield lambda data=None: MeetingForm.for_record(None, None, data, meta={"csrf": False})


BODY = {
    "results": [
        {"claim": 3, "result": "explained", "resolved": False, "text": "已说明"},
        {"claim": "1", "result": "supported", "resolved": True},
    ],
    "guests": [{"name": "于秀兰"}, {}, {"name": "王建国", "capacity": "村民代表"}],
}


def test_a_program_sends_rows_in_any_order(form):
    filled = form(formdata_of(form(), BODY))
    assert filled.validate(), filled.errors
    assert filled.values()["results"] == [
        {"claim": 1, "result": ClaimResult.supported, "resolved": True, "text": None},
        {"claim": 3, "result": ClaimResult.explained, "resolved": False, "text": "已说明"},
    ]
    assert [g["name"] for g in filled.values()["guests"]] == ["于秀兰", "王建国"]


def test_the_schema_says_the_same_shape(form):
    schema = schema_of(form())
    results, guests = schema["properties"]["results"], schema["properties"]["guests"]
    assert results["items"]["properties"]["claim"]["enum"] == [1, 3] and results["minItems"] == 2
    assert results["items"]["required"] == ["claim", "result", "resolved"]
    assert results["items"]["additionalProperties"] is False
    assert guests["minItems"] == 2 and guests["maxItems"] == 3
    assert {"results", "guests"} <= set(schema["required"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"results": "alles"}, "results"),
        ({"results": [1]}, "results"),
        ({"results": [{"claim": 1, "colour": "red"}]}, "results"),
        ({"guests": [{"name": {"a": 1}}]}, "guests"),
    ],
)
def test_misshapen_rows_are_refused_at_their_field(form, body, field):
    with pytest.raises(Invalid) as refusal:
        formdata_of(form(), body)
    assert set(refusal.value.errors) == {field}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"claim": 2, "result": "supported", "resolved": True}], "2"),
        ([{"claim": 1, "result": "supported", "resolved": True}] * 2, "1"),
        ([{"claim": 1, "result": "supported", "resolved": True}], "诉求点3"),
        ([{"claim": 1, "result": "good", "resolved": True}], "结果"),
    ],
)
def test_every_claim_once_and_no_other(form, rows, said):
    filled = form(formdata_of(form(), {**BODY, "results": rows}))
    assert not filled.validate()
    assert any(said in sentence.replace(" ", "") for sentence in filled.errors["results"]), filled.errors


def test_too_few_and_too_many_rows(form):
    for guests in ([{"name": "于秀兰"}], [{"name": str(n)} for n in range(5)]):
        filled = form(formdata_of(form(), {**BODY, "guests": guests}))
        assert not filled.validate() and filled.errors["guests"]


def test_without_scripts_a_button_adds_and_removes(form):
    sent = MultiDict({"guests-0-name": "于秀兰", "guests-4-name": "王建国", "add_row": "guests"})
    page = form(sent)
    assert page.rearrange(sent) and [row["name"].data for row in page.guests.rows] == ["于秀兰", "王建国", None]
    sent = MultiDict({"guests-0-name": "于秀兰", "guests-1-name": "王建国", "remove_row": "guests-0"})
    page = form(sent)
    assert page.rearrange(sent) and [row["name"].data for row in page.guests.rows] == ["王建国", None]
    assert not form(MultiDict({"guests-0-name": "于秀兰"})).rearrange(MultiDict())


def test_the_page_shows_each_row_with_its_claim_and_faults(form, app):
    filled = form(formdata_of(form(), {**BODY, "results": BODY["results"][:1]}))
    filled.validate()
    html = render_template_string(PAGE, form=filled)
    assert "支付补偿款" in html and "书面说明原因" in html
    assert 'name="results-0-claim" value="1"' in html and 'name="results-1-claim" value="3"' in html
    assert html.count('aria-invalid="true"') == 2 and 'href="#results"' in html
    assert 'data-copy-rows="guests"' in html and 'name="add_row" value="guests"' in html


class SignedRow(RowForm):
    shown_if = {"note": "signed=no"}
    signed = f.TextField("签名")
    note = f.TextField("说明")


class SignedForm(StepForm):
    people = RowsField("参加人", SignedRow, least=2, most=2)


def test_a_box_is_asked_for_only_by_some_answers(app):
    with app.test_request_context():
        made = SignedForm.for_record(None, None, None, meta={"csrf": False})
        html = render_template_string(PAGE, form=made)
    assert html.count("data-show-if") == 2 and 'data-show-if="people-1-signed=no"' in html


def test_a_row_holds_what_it_is_given_at_first(app):
    class KnownForm(StepForm):
        results = RowsField("诉求", ResultRow, key="claim")

        def prepare(self, record, facts):
            self.results.fix([Row(1, "一", shown={"result": ClaimResult.supported})])

    with app.test_request_context():
        page = KnownForm.for_record(None, None, meta={"csrf": False})
        assert page.results.rows[0]["result"].data is ClaimResult.supported
        sent = MultiDict({"results-0-claim": "1", "results-0-result": "", "results-0-resolved": "yes"})
        assert not KnownForm.for_record(None, None, sent, meta={"csrf": False}).validate()
