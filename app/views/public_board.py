"""The public board: chosen indicators of this year, without an account, without names, without small numbers."""

from typing import Any

from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.access.actor import SYSTEM
from app.core import clock
from app.services import parameter
from app.services.queries.figures_said import CLOSED_CODE, in_public, kept_back
from app.services.queries.indicators import BY_CODE
from app.services.queries.statistics import Asked, Figure, figures

_kept: dict[Any, dict[str, Figure]] = {}  # of the present day and choice


def board() -> dict[str, Figure]:
    """What is shown today; counted once a day for each choice. A satisfaction brings its response rate with it."""
    chosen = [code for code in str(parameter.value("public_board")).split() if code in BY_CODE]
    wanted = dict.fromkeys(code for one in chosen for code in (one, BY_CODE[one].response) if code)
    least, today = parameter.number("small_cell"), clock.today()
    key = (today, tuple(wanted), least)
    if key not in _kept:
        _kept.clear()
        found = figures(SYSTEM, Asked(today.replace(month=1, day=1), today), {**wanted, CLOSED_CODE: None})
        back = kept_back(found, least)
        shown = {code: found[code] for code in wanted if found[code].value is not None and code not in back}
        _kept[key] = {code: one for code, one in shown.items() if not one.one.response or one.one.response in shown}
    return _kept[key]


class PublicBoardView(BaseView):
    """The public board."""

    route_base = "/public"
    default_view = "board"

    @expose("/board/")
    def board(self) -> Any:
        """The figures of this year."""
        shown = [(one.one, in_public(one)) for one in board().values()]
        return self.render_template(
            "portal/public_board.html", title=_("How the centres work"), shown=shown, today=clock.today()
        )
