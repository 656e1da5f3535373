"""How figures are said on the report page, on paper and in public, and what is kept from whom (decision 12)."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.access.actor import Actor
from app.core.errors import Invalid
from app.models.account import RowScope
from app.models.organisation import Level
from app.services import parameter
from app.services.queries.indicators import UNIT
from app.services.queries.statistics import Asked, Figure, figures

CLOSED_CODE = "closed"  # behind which the days to close stand


def in_words(figure: Figure) -> str:
    """The figure with its unit; a dash where there is nothing to divide by."""
    if figure.value is None:
        return "–"
    if figure.one.is_rate:
        return f"{figure.value}% ({figure.numerator}/{figure.denominator})"
    return f"{figure.value:g} {UNIT[figure.one.unit]}"


def in_public(figure: Figure) -> str:
    """A rate in whole percent without its fraction, which would tell how few were left out of it."""
    return f"{figure.value:.0f}%" if figure.one.is_rate and figure.value is not None else in_words(figure)


def compared(now: Figure, then: Figure) -> str:
    """What it was then, and by how much it changed: in points for a rate, in percent for a number."""
    if then.value is None:
        return "–"
    text = f"{then.value:g}%" if now.one.is_rate else f"{then.value:g}"
    if now.value is None or (not now.one.is_rate and not then.value):
        return text
    change = now.value - then.value if now.one.is_rate else 100 * (now.value - then.value) / then.value
    unit = " " + _("points") if now.one.is_rate else "%"
    return f"{text} ({change:+.1f}{unit})"


def is_small(figure: Figure, least: int) -> bool:
    """Whether so few rows stand behind a count or a rate that somebody might be guessed."""
    if figure.one.percent is not None:
        return False
    return 0 < (figure.numerator or 0) < least or 0 < (figure.denominator or 0) < least


def kept_back(found: Mapping[str, Figure], least: int) -> set[str]:
    """The figures that are not told where small numbers are hidden: small ones, the days that few matters took, and a
    satisfaction whose response rate is not told."""
    small = {code for code, one in found.items() if is_small(one, least)}
    few = CLOSED_CODE not in found or 0 < (found[CLOSED_CODE].numerator or 0) < least
    return small | {
        code
        for code, one in found.items()
        if (one.one.percent is not None and few) or (one.one.response and one.one.response in small)
    }


def sees_rows(actor: Actor) -> bool:
    """Whether the actor may open the cases behind the figures; to others small cells are hidden."""
    return actor.may("read", "Case") and RowScope.subtree in actor.scopes


def allowed(actor: Actor, asked: Asked) -> None:
    """Who cannot open cases does not learn of single ones by narrowing the question until one is left."""
    if sees_rows(actor):
        return
    small = asked.organisation is not None and asked.organisation.level in (Level.village, Level.department)
    narrow = asked.filtered or small or (asked.until - asked.since).days < 27
    if narrow and 0 < figures(actor, asked, ["cases"])["cases"].numerator < parameter.number("small_cell"):  # type: ignore[operator]
        raise Invalid(_("There are too few matters for figures that name nobody. Please choose more."))
