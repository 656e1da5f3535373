"""What a program may call a row by: its id, or a code or number in letters; a claim's place is no name."""

from app.forms.step_form import _key
from app.models.case import Case
from app.models.party import Claim
from app.services.queries.choices import Chooser


class Deaf(Chooser):
    """A chooser that tells by which column it was asked."""

    def by(self, column, text):
        raise LookupError(column.key)


def test_a_number_that_counts_is_no_name():
    assert _key("claims", Deaf(Claim), "第一项") == "第一项"


def test_a_case_is_called_by_its_number():
    try:
        _key("case", Deaf(Case), "SQ-2026-000001")
    except LookupError as asked:
        assert str(asked.args[0]) == "number"
    else:
        raise AssertionError("nobody was asked")
