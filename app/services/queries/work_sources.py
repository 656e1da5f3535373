"""Which rooms add to the lists of one's own work; a further room is one line here."""

from app.services.queries.work import Source
from app.services.queries.work_booking import BOOKINGS
from app.services.queries.work_case import CASES, CLOSED, PAPERS
from app.services.queries.work_handling import HANDLING
from app.services.queries.work_review import REVIEWS
from app.services.queries.work_supervision import SUPERVISIONS

SOURCES: tuple[Source, ...] = (CASES, CLOSED, PAPERS, *HANDLING, SUPERVISIONS, REVIEWS, BOOKINGS)
