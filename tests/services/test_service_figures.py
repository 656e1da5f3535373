"""Figures of the legal service against a plain count; of confidential ones neither the day nor small numbers."""

import random
from datetime import date, datetime, timedelta

import pytest

from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.consultation import Consultation, ConsultationKind
from app.models.outreach import OutreachEvent, OutreachState
from app.services.queries.indicators import CONFIDENTIAL
from app.services.queries.statistics import Asked, figures
from tests.booking_factory import user_id
from tests.case_factory import organisation_of
from tests.services.plain_statistics import legal_service

NOVEMBER = datetime(2026, 11, 20, 9, 0, tzinfo=clock.LOCAL)
CODES = ("consultations", "consulted", "counselling", "confidential", "events", "event_persons")
ASKED = (
    Asked(date(2026, 1, 1), date(2026, 12, 31)),
    Asked(date(2026, 3, 10), date(2026, 3, 10)),
    Asked(date(2026, 2, 11), date(2026, 6, 9)),
)


def consultation(at, kind=ConsultationKind.legal, secret=False, heads=1):
    month = clock.local(at).date().replace(day=1)
    return Consultation(
        organisation_id=organisation_of("clerk").id, kind=kind, secret=secret, at=at, month=month, head_count=heads,
        consultant_id=user_id("counsellor.1"),
    )  # fmt: skip


@pytest.fixture
def rows(session):
    """Some hundred of each, at any hour of the year."""
    draw, begins = random.Random(5), datetime(2026, 1, 1, tzinfo=clock.LOCAL)
    with clock.standing_at(NOVEMBER), acting(SYSTEM):
        for _turn in range(300):
            at = begins + timedelta(minutes=draw.randrange(460_000))
            kind, secret = draw.choice(
                [
                    (ConsultationKind.legal, False),
                    (ConsultationKind.legal, True),
                    (ConsultationKind.psychological, True),
                ]
            )
            db.session.add(consultation(at, kind, secret, draw.randrange(1, 9)))
            state = draw.choice(list(OutreachState))
            more = {"attendance": draw.randrange(1, 90)} if state is OutreachState.held else {"reason": "x"}
            event = {"title": "普法", "place": "广场", "organisation_id": organisation_of("clerk").id}
            db.session.add(OutreachEvent(**event, state=state, starts_at=at, **more))
        db.session.flush()
        yield


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_figures_are_those_of_a_plain_count(rows, asked):
    expected = {code: part for code, (part, _whole) in legal_service(asked).items()}
    assert {code: one.numerator for code, one in figures(SYSTEM, asked, CODES).items()} == expected
    assert asked.since == asked.until or all(expected.values())


def test_nothing_is_told_of_the_present_month_nor_of_a_few(session):
    year = Asked(date(2026, 1, 1), date(2026, 12, 31))

    def told():
        return figures(SYSTEM, year, ["counselling"])["counselling"].numerator

    with clock.standing_at(NOVEMBER), acting(SYSTEM):
        assert CONFIDENTIAL.sealed and told() == 0
        for _turn in range(4):
            db.session.add(consultation(NOVEMBER - timedelta(days=40), ConsultationKind.psychological, True))
        db.session.add(consultation(NOVEMBER, ConsultationKind.psychological, True))
        db.session.flush()
        assert told() is None  # four: too few to say
        db.session.add(consultation(NOVEMBER - timedelta(days=41), ConsultationKind.psychological, True))
        db.session.flush()
        assert told() == 5  # the one of this month stays out
