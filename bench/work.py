"""The work items: addresses on each system, the rows their pages must show, and the tables of results."""

import html
import itertools
import random
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import create_engine, text

from bench.client import Client, form_of
from bench.rows import NEEDLE_NAME, NEEDLE_TITLE
from seed.bulk_matters import person

ORDER = ("W1", "W2", "W2n", "W3", "W4n", "W4t", "W5", "W6g", "W6p", "W7", "W7r", "W8d", "W8a", "W8p")
WHAT = {
    "W1": "list, first page", "W2": "jump to offset 100,000", "W2n": "next page there",
    "W3": "state, town, half a year", "W4n": "search a rare name", "W4t": "search a common word", "W5": "open a case",
    "W6g": "open the form", "W6p": "register (POST)",
    "W7": "year by category, month, town", "W7r": "the report page of the year",
    "W8d": "rooms of a day, the page", "W8a": "rooms of a day, REST", "W8p": "book a room (POST)",
}  # fmt: skip
NOBODY = 970_000  # people from this number on have no case yet
STATE, FROM, UNTIL = "handling", "2025-01-01", "2025-06-30"


@dataclass
class Item:
    """One kind of request on one system."""

    path: str
    expected: list[str] = field(default_factory=list)
    form: Callable[[Client], Iterator[dict[str, str]]] | None = None
    user: str = ""  # the portal's account that sees it, when it is not the clerk

    def requests(self, client: Client) -> Iterator[bytes]:
        """The requests, each ready to be sent."""
        if self.form is None:
            return itertools.repeat(client.raw("GET", self.path))
        return (client.raw("POST", self.path, fields) for fields in self.form(client))

    def check(self, system: str, status: int, body: bytes) -> None:
        """Refuse to time a page that does not show the right rows."""
        page = html.unescape(body.decode("utf-8", "replace"))
        if status != (200 if self.form is None else 302):
            said = re.sub(r"\s+", " ", re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S))
            raise SystemExit(f"{system} {self.path}: status {status}: {said[:1500]}")
        for one in self.expected:
            if one not in page:
                raise SystemExit(f"{system} {self.path}: {one!r} is not on the page")

    def look(self, answer: bytes) -> None:
        """Refuse an answer of another kind."""
        wanted = b"200" if self.form is None else b"302"
        if answer[9:12] != wanted:
            page = re.sub(r"<[^>]+>", " ", answer.decode("utf-8", "replace"))
            raise SystemExit(f"{self.path}: {re.sub(chr(92) + chr(115) + chr(43), chr(32), page)[:2500]}")


@dataclass
class Known:
    """What the pages must show: numbers of the first and last row."""

    first: list[str]
    deep: list[str]
    following: list[str]
    narrowed: list[str]
    named: list[str]
    titled: list[str]
    case: tuple[int, str, str]
    page: int
    before_page: int  # id of the last row of the page before the deep one
    end_of_page: int
    town: int
    village: int
    year: list[str]  # how many cases of the year there are of each category


class Truth(Known):
    """For the account that sees everything: asked of the stock application's table by plain SQL."""

    def __init__(self, url: str, table: str = "cases", columns: tuple[str, ...] = (), where: str = "") -> None:
        number, at, name, state = columns or ("number", "received_at", "petitioner", "status")
        engine = create_engine(url)
        with engine.connect() as connection:

            def page(clause: str = "1 = 1", offset: int = 0, **given: Any) -> list[Any]:
                return list(connection.execute(text(
                    f'SELECT {number}, id, {at} FROM "{table}" WHERE {clause}{where} ORDER BY {at} DESC, id DESC '
                    f"LIMIT 25 OFFSET {offset}"), given))  # fmt: skip

            def ends(found: list[Any]) -> list[str]:
                return [found[0][0], found[-1][0]] if found else []

            count = connection.execute(text(f'SELECT count(*) FROM "{table}" WHERE 1 = 1{where}')).scalar_one()
            offset = min(100_000, count // 2) // 25 * 25
            self.town = 2
            self.page, self.before_page = offset // 25 + 1, page(offset=max(offset - 25, 0))[-1][1]
            deep = page(offset=offset)
            self.first, self.deep, self.end_of_page = ends(page()), ends(deep), deep[-1][1]
            self.following = ends(page(offset=offset + 25))
            late = "2025-06-30 16:00:00" if columns else "2025-07-01 00:00:00"
            early = "2024-12-31 16:00:00" if columns else "2025-01-01 00:00:00"
            self.narrowed = ends(page(
                f"{state} = :state AND town_id = :town AND {at} >= '{early}' AND {at} < '{late}'", state=STATE,
                town=self.town))  # fmt: skip
            self.named = ends(page(f"{name} LIKE :part", part=f"%{NEEDLE_NAME}%"))
            self.titled = ends(page("title LIKE :part", part=f"%{NEEDLE_TITLE}%"))
            middle = page(offset=count * 2 // 5)[7]
            said = connection.execute(text(f'SELECT {name} FROM "{table}" WHERE id = {middle[1]}')).scalar_one()
            self.case = (middle[1], middle[0], said)
            self.village = 0
            self.year = [] if columns else _year(connection)
        engine.dispose()


def _year(connection: Any) -> list[str]:
    """Cases of the year of each category, by plain SQL."""
    rows = connection.execute(text(
        "SELECT count(*) FROM cases WHERE received_at >= '2025-01-01' AND received_at < '2026-01-01' GROUP BY category"
    ))  # fmt: skip
    return [str(row[0]) for row in rows]


class ScopedTruth:
    """The same for accounts that see a part; asked of the portal's table by plain SQL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def of(self, username: str) -> Truth:
        """What that account's pages must show."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            own = connection.execute(
                text("SELECT organisation_id FROM ab_user WHERE username = :name"), {"name": username}
            ).scalar_one()
        engine.dispose()
        where = {"clerk": "", "clerk.t1": f" AND owner_town_id = {own}",
                 "village_officer.1": f" AND organisation_id = {own}"}[username]  # fmt: skip
        columns = ("number", "registered_at", "petitioner_name", "state")
        return Truth(self.url, "case", columns, where)


def portal_items(truth: Truth, only: str = "", write: bool = True) -> dict[str, Item]:
    """The portal's addresses."""
    narrow = urlencode({"state": STATE, "town": truth.town, "registered_from": FROM, "registered_to": UNTIL})
    number, name = truth.case[1], truth.case[2]
    here, after = f"page={truth.page}", f"page={truth.page + 1}&after={truth.end_of_page}"
    items = {
        "W1": Item("/case/list/?all=1&size=25", truth.first),
        "W2": Item(f"/case/list/?all=1&size=25&{here}", truth.deep),
        "W2n": Item(f"/case/list/?all=1&size=25&{after}", truth.following),
        "W3": Item(f"/case/list/?size=25&{narrow}", truth.narrowed),
        "W4n": Item(f"/case/list/?size=25&q={quote(NEEDLE_NAME)}", truth.named),
        "W4t": Item(f"/case/list/?size=25&q={quote(NEEDLE_TITLE)}", truth.titled),
        "W5": Item(f"/case/show/{truth.case[0]}", [number, name]),
    }
    if truth.year:
        year = "from=2025-01-01&to=2025-12-31"
        items["W7"] = Item(f"/statistics/table/?{year}", [f">{one}<" for one in truth.year], user="centre_head")
        items["W7r"] = Item(f"/statistics/?{year}", [f">{one}<" for one in truth.year], user="centre_head")
    if write:
        items["W6g"] = Item("/case/add")
        items["W6p"] = Item("/case/add", form=_registrations)
    return chosen(items, only)


def peer_items(truth: Truth, only: str = "") -> dict[str, Item]:
    """The stock application's addresses."""
    base = "/caseview/list/?psize_CaseView=25"
    narrow = (f"&_flt_3_status={STATE}&_flt_0_town={truth.town}&_flt_1_received_at={quote('2024-12-31 23:59:59')}"
              f"&_flt_2_received_at={quote('2025-07-01 00:00:00')}")  # fmt: skip
    return chosen({
        "W1": Item(base, truth.first),
        "W2": Item(f"{base}&page_CaseView={truth.page - 1}", truth.deep),
        "W2n": Item(f"{base}&page_CaseView={truth.page}", truth.following),
        "W3": Item(base + narrow, truth.narrowed),
        "W4n": Item(f"{base}&_flt_2_petitioner={quote(NEEDLE_NAME)}", truth.named),
        "W4t": Item(f"{base}&_flt_2_title={quote(NEEDLE_TITLE)}", truth.titled),
        "W5": Item(f"/caseview/show/{truth.case[0]}", [truth.case[1], truth.case[2]]),
        "W6g": Item("/caseview/add"),
        "W6p": Item("/caseview/add", form=_additions),
        "W7": Item("/statview/chart/", ["2025-01 2", "2025-12 2"]),
        "W7r": Item("/statview/chart/", ["2025-01 2", "2025-12 2"]),
    }, only)  # fmt: skip


def chosen(items: dict[str, Item], only: str) -> dict[str, Item]:
    """Those that were asked for; all of them when none was."""
    wanted = [code for code in only.split(",") if code]
    return {code: item for code, item in items.items() if not wanted or code in wanted}


def _words(draw: random.Random, count: int) -> str:
    return "".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(count))


def _registrations(client: Client) -> Iterator[dict[str, str]]:
    """Registrations by different people about different matters, as the page sends them."""
    _status, _headers, page = client.go("GET", "/case/add")
    start, draw = form_of(page, "idempotency_key", "title", "facts"), random.Random(7)
    for index in itertools.count(NOBODY):
        who = person(index, draw)
        yield {
            **start, "idempotency_key": secrets.token_urlsafe(16), "petitioners-0-name": who.name,
            "petitioners-0-id_type": "id_card", "petitioners-0-id_number": who.id_number,
            "petitioners-0-phone": who.phone, "petitioners-0-address": "利民街1号",
            "title": f"关于{_words(draw, 12)}的诉求", "facts": "来访人反映夜间施工扰民。" * 15,
            "claims-0-text": f"请{_words(draw, 14)}。", "category": "C0803", "village": "370786001201",
            "head_count": "1",
        }  # fmt: skip


def _additions(client: Client) -> Iterator[dict[str, str]]:
    """The same on the stock application's generated form."""
    _status, _headers, page = client.go("GET", "/caseview/add")
    start, draw = form_of(page, "number", "title", "facts"), random.Random(7)
    for index in itertools.count(NOBODY):
        who = person(index, draw)
        yield {
            **start, "number": f"NEW{index}", "title": f"关于{_words(draw, 12)}的诉求", "petitioner": who.name,
            "phone": who.phone, "id_number": who.id_number, "channel": "visit", "category": "噪声扰民", "town": "2",
            "org": "31", "status": "registered", "received_at": "2026-01-02 10:00:00",
            "due_at": "2026-01-17 10:00:00", "persons": "1", "facts": "来访人反映夜间施工扰民。" * 15,
            "satisfaction": "",
        }  # fmt: skip


def _line(cells: list[Any]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def table(result: dict[str, Any]) -> str:
    """Both systems and the ratio of the portal to the stock application."""
    portal, peer = result["systems"]["portal"], result["systems"]["peer"]
    load = ", ".join(f"{one:.1f}" for one in result["load_average"])
    size = f"{result['rows']:,} cases, {result['bookings']:,} bookings"
    lines = [f"{result['db']}, {size}, {result['when']}, load average {load}; p50 ms (p95)", "",
             _line(["work", "portal", "stock", "ratio", "SQL", "CPU ms", "kB"]), "|---" * 7 + "|"]  # fmt: skip
    for code in ORDER:
        mine, theirs = portal["work"].get(code), peer["work"].get(code)
        if mine and theirs:
            lines.append(_line([
                f"{code} {WHAT[code]}", f"{mine['p50']:.1f} ({mine['p95']:.1f})",
                f"{theirs['p50']:.1f} ({theirs['p95']:.1f})", f"{mine['p50'] / theirs['p50']:.2f}",
                f"{mine['sql']} / {theirs['sql']}", f"{mine['cpu_ms']:.1f} / {theirs['cpu_ms']:.1f}",
                f"{mine['bytes'] / 1000:.0f} / {theirs['bytes'] / 1000:.0f}",
            ]))  # fmt: skip
    for code in portal.get("rps", {}):
        mine, theirs = portal["rps"][code], peer["rps"].get(code)
        if mine and theirs:
            lines.append(_line([f"{code} requests/s, 2 workers", f"{mine:.0f}", f"{theirs:.0f}", f"{mine / theirs:.2f}",
                                "", "", ""]))  # fmt: skip
    races = {name: one["race"] for name, one in result["systems"].items() if "race" in one}
    if len(races) == 2:
        mine, theirs = races["portal"], races["peer"]
        lines.append(_line([f"race of {mine['clients']}, 2 workers", f"{mine['p50']:.0f} ({mine['p95']:.0f})",
                            f"{theirs['p50']:.0f} ({theirs['p95']:.0f})", f"{mine['p50'] / theirs['p50']:.2f}",
                            "", "", ""]))  # fmt: skip
    lines.append(_line(["worker MB, start / after", f"{portal['rss_start_mb']} / {portal['rss_mb']}",
                        f"{peer['rss_start_mb']} / {peer['rss_mb']}", f"{portal['rss_mb'] / peer['rss_mb']:.2f}",
                        "", "", ""]))  # fmt: skip
    for name, one in races.items():
        lines += ["", f"race, {name}: {one['answers']}, rounds without exactly one winner: {one['wrong']}"]
    if portal.get("bulk_cases_per_s"):
        lines += ["", f"seed bulk: {portal['bulk_cases_per_s']} cases/s"]
    return "\n".join(lines)


def growth_table(result: dict[str, Any]) -> str:
    """Each item at each size, and what the largest costs over the smallest."""
    sizes = list(next(iter(result["growth"].values())))
    load = ", ".join(f"{one:.1f}" for one in result["load_average"])
    lines = [f"{result['db']}, {result['when']}, load average {load}; p50 ms / CPU ms of the worker", "",
             _line(["work", "account", *(f"{int(size):,}" for size in sizes), "p50 last/first", "CPU last/first"]),
             "|---" * (len(sizes) + 4) + "|"]  # fmt: skip
    for code in ORDER:
        for user, found in result["growth"].items():
            values = [found[size][code] for size in sizes if code in found[size]]
            if len(values) == len(sizes):
                cells = [f"{one['p50']:.1f} / {one['cpu_ms']:.1f}" for one in values]
                ratios = [f"{values[-1][name] / values[0][name]:.2f}" for name in ("p50", "cpu_ms")]
                lines.append(_line([f"{code} {WHAT[code]}", user, *cells, *ratios]))
    return "\n".join(lines)
