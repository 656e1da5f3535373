"""Whose move it is: the people who may drive a case on, at the office that has it or the nearest above it.

Never an organisation complained of, nor what lies below it (信访工作条例 第三十条)."""

from collections import defaultdict

from sqlalchemy import select

from app.core.db import db
from app.models.case import Case, CaseState, Kind
from app.models.organisation import Organisation
from app.models.party import Party
from app.services.notice import holders
from app.services.queries.home import ENDED, NEXT_MOVES

# What the unit does that has the matter; everything else is done at the centre that registered it.
OF_THE_UNIT = frozenset({"sign_for", "submit_reply", "log_work", "report_rectification"})
_case, _org, _party = Case.__table__, Organisation.__table__, Party.__table__


class Movers:
    """Who is told of what: looked up once for each office in a run."""

    def __init__(self) -> None:
        rows = db.session.connection().execute(select(_org.c.id, _org.c.path))
        self.above = {row.id: tuple(int(node) for node in row.path.strip("/").split("/")) for row in rows}
        self.known: dict[tuple[str, int], tuple[int, ...]] = {}
        self.accused: dict[int, set[int]] = defaultdict(set)
        parties = select(_party.c.case_id, _party.c.respondent_organisation_id).join(
            _case, _case.c.id == _party.c.case_id
        )
        complained = parties.where(
            _case.c.kind == Kind.accusation,
            _case.c.state.not_in(ENDED),
            _party.c.respondent_organisation_id.is_not(None),
        )
        for row in db.session.connection().execute(complained):
            self.accused[row.case_id].add(row.respondent_organisation_id)

    def of(self, action: str, organisation_id: int, page: str = "Case") -> tuple[int, ...]:
        """The people of one organisation who may do this."""
        key = (action, organisation_id)
        if key not in self.known:
            self.known[key] = tuple(holders(action, [organisation_id], page))
        return self.known[key]

    def nearest(self, action: str, organisation_id: int | None, case_id: int, page: str = "Case") -> tuple[int, ...]:
        """The people of the organisation or of the nearest above it; never of one complained of, nor below such."""
        for node in reversed(self.above.get(organisation_id or 0, ())):
            barred = self.accused.get(case_id, set()) & set(self.above[node][1:])
            if not barred and (found := self.of(action, node, page)):
                return found
        return ()

    def movers(self, state: CaseState, case_id: int, centre_id: int, unit_id: int | None) -> list[int]:
        """Those whose move it is in this state."""
        people: list[int] = []
        for move in NEXT_MOVES.get(state, ()):
            at = unit_id if move in OF_THE_UNIT and unit_id else centre_id
            people += self.nearest(move, at, case_id)
        return list(dict.fromkeys(people))
