"""Reading an intake: what a form, a call or an import says about a new case, checked as a whole (domain §7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actor import Actor
from app.core import clock
from app.core.labels import LabelledEnum
from app.core.text import clean_line, clean_text
from app.models.case import Channel, Kind
from app.models.code_table import Category
from app.models.organisation import Organisation
from app.models.party import Side
from app.services.person import Who, read_person
from app.services.problems import Problems, plain_text
from app.services.queries.places import find_category, find_organisation, find_place, town_of

REPRESENTATIVES_MOST = 5
PARTIES_MOST = 100
CLAIMS_MOST = 30
HEADS_MOST = 9999
OLDEST_YEAR = 1949


@dataclass
class PartyIn:
    """One party of an intake: a person, an organisation of the tree, or only a name."""

    side: Side
    who: Who | None = None
    organisation: Organisation | None = None
    organisation_name: str | None = None
    representative: bool = False
    agent: Who | None = None
    authority: str | None = None


@dataclass
class Intake:
    """A checked intake, ready to be kept."""

    title: str = ""
    facts: str = ""
    claims: list[str] = field(default_factory=list)
    channel: Channel = Channel.visit
    kind: Kind = Kind.appeal
    category: Category | None = None
    village: Organisation | None = None
    town_id: int | None = None
    occurred_on: date | None = None
    head_count: int = 1
    parties: list[PartyIn] = field(default_factory=list)
    note: str | None = None
    places: list[int] = field(default_factory=list)  # the place of each party in what was sent

    @property
    def petitioners(self) -> list[PartyIn]:
        """The parties who ask for something."""
        return [party for party in self.parties if party.side is Side.petitioner]


def _rows(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _code(enum: type[LabelledEnum], given: Mapping[str, Any], name: str, default: Any, problems: Problems) -> Any:
    text = plain_text(given.get(name))
    member = enum.of(text) if text else default
    if member is None:
        problems.add(name, _l("Please choose one of the list."))
    return member


def _count(given: Mapping[str, Any], problems: Problems) -> int:
    text = plain_text(given.get("head_count")) or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= HEADS_MOST:
        problems.add("head_count", _l("Please enter how many persons came, from 1 to %(most)d.", most=HEADS_MOST))
        return 1
    return int(text)


def _happened(given: Mapping[str, Any], problems: Problems) -> date | None:
    text = plain_text(given.get("occurred_on"))[:10].replace("/", "-").replace(".", "-")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems.add("occurred_on", _l("This is not a date. Write it as 2026-11-20."))
        return None
    if day > clock.today():
        problems.add(
            "occurred_on",
            _l("The day it happened lies in the future; today is %(today)s.", today=clock.today().isoformat()),
        )
    elif day.year < OLDEST_YEAR:
        problems.add("occurred_on", _l("The day it happened cannot lie before %(year)d.", year=OLDEST_YEAR))
    return day


def _claims(given: Mapping[str, Any], problems: Problems) -> list[str]:
    texts: list[str] = []
    rows = _rows(given.get("claims"))
    for place, row in enumerate(rows[:CLAIMS_MOST]):
        text = plain_text(row.get("text") if isinstance(row, Mapping) else row)
        clean = problems.catch(clean_text, text, f"claims-{place}-text", 2000)
        if clean and clean in texts:
            problems.add(f"claims-{place}-text", _l("This claim stands above already."))
        elif clean:
            texts.append(clean)
    if len(rows) > CLAIMS_MOST:
        problems.add("claims", _l("At most %(most)d claims fit into one case.", most=CLAIMS_MOST))
    if not texts and not any(path.startswith("claims") for path in problems.errors):
        problems.add("claims-0-text", _l("Please enter at least one claim: what should be done?"))
    return texts


def _party(actor: Actor, row: Mapping[str, Any], path: str, first: bool, problems: Problems) -> PartyIn | None:
    side = Side.of(plain_text(row.get("side")) or Side.petitioner.value)
    if side is None:
        problems.add(f"{path}-side", _l("Please choose one of the list."))
        return None
    party = PartyIn(side)  # type: ignore[arg-type]
    organisation = plain_text(row.get("organisation"))
    if side is not Side.petitioner and (organisation or plain_text(row.get("organisation_name"))):
        party.organisation = find_organisation(actor, organisation) if organisation else None
        if organisation and party.organisation is None:
            problems.add(f"{path}-organisation", _l("This organisation is not in the list. Please choose again."))
        elif party.organisation is not None and not party.organisation.active:
            problems.add(f"{path}-organisation", _l("This organisation is no longer active."))
        if party.organisation is None:
            party.organisation_name = problems.catch(
                clean_line, plain_text(row.get("organisation_name")), f"{path}-organisation_name", 200
            )
        return party
    petitioner = side is Side.petitioner
    party.who = read_person(row, path, problems, paper_needed=petitioner, address_needed=petitioner and first)
    party.representative = petitioner and bool(row.get("representative"))
    if row.get("representative") and not petitioner:
        problems.add(f"{path}-representative", _l("Only a petitioner can be a representative."))
    agent = row.get("agent")
    if petitioner and isinstance(agent, Mapping) and any(plain_text(v) for v in agent.values()):
        party.agent = read_person(agent, f"{path}-agent", problems)
        party.authority = problems.catch(clean_line, plain_text(agent.get("authority")), f"{path}-agent-authority", 200)
        if party.authority == "":
            problems.add(
                f"{path}-agent-authority", _l("An agent needs written authority; please say which paper was shown.")
            )
    return party


def _twice(parties: Sequence[tuple[str, PartyIn]], problems: Problems) -> None:
    """One person stands in a case once."""
    seen: dict[str, str] = {}
    for path, party in parties:
        key = party.who.hashes["id_number_hash"] if party.who else None
        if key and key in seen:
            problems.add(f"{path}-id_number", _l("This person is entered twice in this case."))
        elif key:
            seen[key] = path


def _parties(actor: Actor, given: Mapping[str, Any], intake: Intake, problems: Problems) -> None:
    rows = _rows(given.get("parties"))
    if len(rows) > PARTIES_MOST:
        problems.add("parties", _l("At most %(most)d parties fit into one case.", most=PARTIES_MOST))
    read: list[tuple[str, PartyIn]] = []
    first = True
    for place, row in enumerate(rows[:PARTIES_MOST]):
        if not isinstance(row, Mapping):
            problems.add(f"parties-{place}-name", _l("Please enter the name."))
            continue
        party = _party(actor, row, f"parties-{place}", first, problems)
        first = first and (party is None or party.side is not Side.petitioner)
        if party is not None:
            read.append((f"parties-{place}", party))
            intake.places.append(place)
    _twice(read, problems)
    if not any(party.side is Side.petitioner for _path, party in read):
        problems.add("parties-0-name", _l("Please enter at least one petitioner."))
    chosen = [path for path, party in read if party.representative]
    if len(chosen) > REPRESENTATIVES_MOST:
        problems.add(
            f"{chosen[REPRESENTATIVES_MOST]}-representative",
            _l(
                "A case has at most %(most)d representatives; %(count)d are ticked.",
                most=REPRESENTATIVES_MOST,
                count=len(chosen),
            ),
        )
    intake.parties = [party for _path, party in read]


def _place(actor: Actor, given: Mapping[str, Any], intake: Intake, problems: Problems) -> None:
    """The village the matter is about, or at least its town; a village lies under its town."""
    village, town = plain_text(given.get("village")), plain_text(given.get("town"))
    place = find_place(actor, village or town, town if village else "")
    if place is None:
        problems.add(
            "village",
            _l("Please choose the village (or at least the town) the matter is about.")
            if not (village or town)
            else _l("This place is not in the list. Please choose again."),
        )
        return
    if not place.active:
        problems.add("village", _l("%(name)s is no longer active; please choose another place.", name=place.name))
    intake.town_id = town_of(place)
    intake.village = place if place.id != intake.town_id else None
    if village and town:
        said = find_place(actor, town)
        if said is None or town_of(said) != intake.town_id:
            problems.add("village", _l("%(village)s does not belong to the chosen town.", village=place.name))


def _category(given: Mapping[str, Any], problems: Problems) -> Category | None:
    text = plain_text(given.get("category"))
    if not text:
        problems.add("category", _l("Please choose a category."))
        return None
    category = find_category(text)
    if category is None:
        problems.add("category", _l("This category does not exist. Please choose again."))
    elif not category.active:
        problems.add("category", _l("The category “%(name)s” is retired; please choose another.", name=category.name))
    elif not category.leaf:
        problems.add(
            "category", _l("“%(name)s” is a group of categories; please choose one inside it.", name=category.name)
        )
    return category


def read_intake(actor: Actor, given: Mapping[str, Any]) -> tuple[Intake, Problems]:
    """Everything that is said, and everything that is wrong with it."""
    problems = Problems()
    intake = Intake()
    _parties(actor, given, intake, problems)
    intake.title = problems.catch(clean_line, plain_text(given.get("title")), "title", 200, True) or ""
    intake.facts = problems.catch(clean_text, plain_text(given.get("facts")), "facts", 20_000, True) or ""
    intake.claims = _claims(given, problems)
    intake.channel = _code(Channel, given, "channel", Channel.visit, problems)
    intake.kind = _code(Kind, given, "kind", Kind.appeal, problems)
    intake.category = _category(given, problems)
    _place(actor, given, intake, problems)
    intake.occurred_on = _happened(given, problems)
    intake.head_count = _count(given, problems)
    intake.note = problems.catch(clean_line, plain_text(given.get("note")), "note", 500) or None
    named = len(intake.petitioners)
    if "head_count" not in problems.errors and intake.head_count < named:
        problems.add(
            "head_count", _l("%(count)d petitioners are named, so at least as many persons came.", count=named)
        )
    return intake, problems
