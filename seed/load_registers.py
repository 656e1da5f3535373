"""Law firms, the 90 advisers, the experts with employers and kin; needs the organisations and the demo accounts."""

from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.pinyin import pinyin_initials
from app.models.account import Account
from app.models.adviser import AdviserKind, LawFirm, LegalAdviser
from app.models.code_table import CodeItem, CodeTable
from app.models.expert import Expert, ExpertEmployment, ExpertKin, Kinship
from app.models.organisation import Organisation
from app.services.person import hash_id
from seed import people

# Kin of the demo experts: number of the expert, kinship, index of the invented person, code of the employer or None.
KIN = (
    (1, Kinship.spouse, 9301, "370786001-SS"),
    (1, Kinship.child, 9302, None),
    (4, Kinship.sibling, 9303, None),
    (9, Kinship.spouse, 9304, "370786-ZR"),
    (10, Kinship.child, 9305, "370786-ZJ"),
)
EMPLOYED_SINCE = date(2012, 3, 1)
FORMER = ((9, "昌邑市自然资源和规划局", "370786-ZR", date(2018, 7, 1), date(2024, 6, 30)),)


def _accounts() -> dict[str, int]:
    return dict(db.session.execute(select(Account.username, Account.id)).all())


def _organisations() -> dict[str, int]:
    return dict(db.session.execute(select(Organisation.code, Organisation.id)).all())


@unit_of_work
def load_law_firms() -> None:
    """Seven law firms and three legal service offices."""
    known = set(db.session.scalars(select(LawFirm.licence)))
    db.session.add_all(
        LawFirm(name=firm.name, licence=firm.licence, contact=firm.contact, phone=firm.phone, address=firm.address)
        for firm in people.law_firms()
        if firm.licence not in known
    )


@unit_of_work
def load_advisers() -> None:
    """The 90 legal advisers of the article; the first three have the accounts adviser.1 to adviser.3."""
    known = set(db.session.scalars(select(LegalAdviser.licence)))
    places, accounts = _organisations(), _accounts()
    licences = {firm.code: firm.licence for firm in people.law_firms()}
    firms = {row.licence: row.id for row in db.session.scalars(select(LawFirm))}
    db.session.add_all(
        LegalAdviser(
            name=one.name,
            pinyin=pinyin_initials(one.name),
            kind=AdviserKind(one.kind),
            licence=one.licence,
            firm_id=firms[licences[one.firm]] if one.firm else None,
            specialty=one.specialty,
            phone=one.phone,
            organisation_id=places[one.organisation],
            appointed_from=one.appointed_from,
            appointed_until=one.appointed_until,
            account_id=accounts.get(f"adviser.{place}"),
        )
        for place, one in enumerate(people.advisers(), 1)
        if one.licence not in known
    )


def _expert(one: people.ExpertSeed, places: dict[str, int], account_id: int | None, codes: dict[str, Any]) -> Expert:
    return Expert(
        name=one.person.name,
        pinyin=pinyin_initials(one.person.name),
        category=one.category,
        title=one.title,
        phone=one.person.phone,
        id_number_hash=hash_id(one.person.id_number),
        organisation_id=places[one.organisation],
        village_id=places[one.village] if one.village else None,
        appointed_from=one.appointed_from,
        appointed_until=one.appointed_until,
        account_id=account_id,
        specialties=[codes[code] for code in one.specialties],
        employments=[
            ExpertEmployment(
                employer_name=one.employer,
                employer_id=places[one.employer_code] if one.employer_code else None,
                post=one.title[:64],
                since=EMPLOYED_SINCE,
            )
        ],
    )


@unit_of_work
def load_experts() -> None:
    """The demo experts of both towns and the city pool, with employers and kin."""
    places, accounts = _organisations(), _accounts()
    known = set(db.session.scalars(select(Expert.name)))
    codes = {
        item.code: item
        for item in db.session.scalars(select(CodeItem).join(CodeTable).where(CodeTable.code == "specialty"))
    }
    for number, one in enumerate(people.experts(), 1):
        if one.person.name in known:
            continue
        expert = _expert(one, places, accounts.get(one.account), codes)
        for owner, name, code, since, until in FORMER:
            if owner == number:
                expert.employments.append(
                    ExpertEmployment(employer_name=name, employer_id=places[code], since=since, until=until)
                )
        for owner, kinship, index, employer in KIN:
            if owner == number:
                kin = people.person(index)
                expert.kin.append(
                    ExpertKin(
                        kinship=kinship,
                        name=kin.name,
                        id_number_hash=hash_id(kin.id_number),
                        employer_id=places[employer] if employer else None,
                    )
                )
        db.session.add(expert)


def load_registers() -> None:
    """Everything of this module; may run again."""
    load_law_firms()
    load_advisers()
    load_experts()
