"""Write data/advisers.csv, the 90 invented legal advisers: python -m seed.make_advisers."""

import csv
import random
from pathlib import Path

from seed.accounts import accounts
from seed.codes import SPECIALTIES
from seed.organisation import CITY, TOWNS
from seed.people import FEMALE, MALE, SURNAMES, law_firms, phone

TARGET = Path(__file__).parent / "data" / "advisers.csv"
IN_CITY, IN_EACH_TOWN = 30, 6
KINDS = ("lawyer", "lawyer", "legal_worker") * 3 + ("law_scholar",)


def _account_names() -> list[str]:
    """The advisers who have demo accounts: adviser.1, adviser.2, adviser.3."""
    return [account.name for account in accounts() if account.username.startswith("adviser.")]


def rows() -> list[tuple[str, ...]]:
    """Thirty at the city centre, six at each of the ten town centres; each name once."""
    draw = random.Random(90)
    seats = [CITY] * IN_CITY + [town[0] for town in TOWNS for _ in range(IN_EACH_TOWN)]
    firms = [firm.code for firm in law_firms()]
    named = dict(enumerate(_account_names(), 1))
    taken: set[str] = set(named.values())
    made: list[tuple[str, ...]] = []
    for number, seat in enumerate(seats, 1):
        kind = KINDS[(number - 1) % len(KINDS)]
        sex = "male" if number in named else draw.choice(("male", "female"))
        names = [surname + given for surname in SURNAMES for given in (MALE if sex == "male" else FEMALE).split()]
        name = named.get(number) or draw.choice([name for name in names if name not in taken])
        taken.add(name)
        firm = {"law_scholar": "", "lawyer": draw.choice(firms[:7]), "legal_worker": draw.choice(firms[7:])}[kind]
        licence = {"law_scholar": "FX", "lawyer": "13707", "legal_worker": "33707"}[kind] + f"2019{number:06}"
        specialty = "、".join(name for _, name in draw.sample(SPECIALTIES[:8], 2))
        made.append((name, sex, kind, firm, licence, specialty, phone(80_000_000 + number), seat))
    return made


if __name__ == "__main__":
    with TARGET.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("name", "sex", "kind", "firm", "licence", "specialty", "phone", "organisation"))
        writer.writerows(rows())
