"""The trail holds every changed column of every changed row, in the transaction of the change, and shows tampering."""

import pytest
from sqlalchemy import ForeignKey, create_engine, delete, event, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from app.access import audit, chain
from app.access.actor import SYSTEM, acting
from app.core import clock
from app.core.db import db
from app.models.account import Account
from app.models.audit import AuditEntry, AuditHead, AuditKind
from app.models.code_table import CodeItem, CodeTable
from app.models.expert import Expert
from app.models.organisation import Organisation
from app.models.person import Person
from app.models.room import Room

ENTRIES, HEADS = AuditEntry.__table__, AuditHead.__table__


@pytest.fixture
def system(session):
    with acting(SYSTEM):
        yield session


def last(session, count=1):
    rows = session.execute(select(ENTRIES).order_by(ENTRIES.c.id.desc()).limit(count)).mappings().all()
    return list(reversed(rows))


def number(session):
    return session.execute(select(HEADS.c.last_id)).scalar_one()


def table(session, **said):
    row = CodeTable(code=said.pop("code", "probe"), name="Probe", **said)
    session.add(row)
    session.commit()
    return row


def test_insert_tells_every_column_defaults_included(system):
    row = table(system)
    (entry,) = last(system)
    assert entry["code"] == "code_table:add" and entry["subject_id"] == row.id and entry["actor_name"] == "system"
    said = entry["changes"]
    assert said["code"] == [None, "probe"] and said["name"] == [None, "Probe"] and said["locked"] == [None, False]


def test_update_tells_only_what_changed(system):
    row = table(system)
    before = number(system)
    row.name = "Other"
    system.commit()
    assert number(system) == before + 1
    assert last(system)[0]["changes"] == {"name": ["Probe", "Other"]}
    row.name = "Other"
    system.commit()
    assert number(system) == before + 1


def test_a_value_set_and_set_back_is_no_change(system):
    row = table(system)
    before = number(system)
    row.name = "Other"
    row.name = "Probe"
    system.commit()
    assert number(system) == before


def test_an_expired_row_is_compared_with_the_database(system):
    row = table(system)
    system.expire(row)
    row.name = "After expiry"
    system.commit()
    assert last(system)[0]["changes"] == {"name": ["Probe", "After expiry"]}


def test_a_relation_set_by_object_tells_its_key(system):
    person = system.scalars(select(Account).where(Account.username == "clerk")).one()
    town = system.scalars(select(Organisation).where(Organisation.level == "township")).first()
    old = person.organisation_id
    person.organisation = town
    system.commit()
    assert last(system)[0]["changes"] == {"organisation_id": [old, town.id]}


def test_many_to_many_both_ways_one_entry(system):
    room = system.scalars(select(Room)).first()
    have = [item.id for item in room.equipment]
    item = system.scalars(
        select(CodeItem).join(CodeTable).where(CodeTable.code == "equipment", ~CodeItem.id.in_(have))
    ).first()
    before = number(system)
    room.equipment = [*room.equipment, item]
    system.commit()
    assert number(system) == before + 1
    assert last(system)[0]["changes"] == {"equipment": [[], [str(item)]]}
    room.equipment = [row for row in room.equipment if row is not item]
    system.commit()
    assert last(system)[0]["changes"] == {"equipment": [[str(item)], []]}


def test_roles_of_an_account_are_told_once_at_the_account(system):
    person = system.scalars(select(Account).where(Account.username == "clerk")).one()
    role = next(iter(system.scalars(select(Account).where(Account.username == "handler")).one().roles))
    before = number(system)
    person.roles = [*person.roles, role]
    system.commit()
    assert number(system) == before + 1
    (entry,) = last(system)
    assert entry["code"] == "ab_user:edit" and entry["changes"] == {"roles": [[], ["handler"]]}


def test_delete_tells_everything_it_held(system):
    room = system.scalars(select(Room)).first()
    names = sorted(str(item) for item in room.equipment)
    before, name = number(system), room.name
    assert names
    system.delete(room)
    system.commit()
    assert number(system) == before + 1
    (entry,) = last(system)
    assert entry["code"] == "room:delete" and entry["subject"] == name
    assert entry["changes"]["name"] == [name, None] and entry["changes"]["equipment"] == [names, []]


class OwnBase(DeclarativeBase):
    """Tables of this test alone."""


class Owner(OwnBase):
    __tablename__ = "owner"
    id: Mapped[int] = mapped_column(primary_key=True)
    parts: Mapped[list["Part"]] = relationship(cascade="all, delete-orphan")


class Part(OwnBase):
    __tablename__ = "part"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))

    def __repr__(self):
        return self.name


@pytest.mark.parametrize("how", ["taken out", "cascade"])
def test_what_goes_with_its_owner_is_a_deletion_too(app, how):
    engine = create_engine("sqlite://")
    OwnBase.metadata.create_all(engine)
    with app.app_context(), Session(engine) as own:
        for name, listener in (("before_flush", audit._collect), ("after_flush", audit._compare)):
            event.listen(own, name, listener)
        owner = Owner(parts=[Part(name="a"), Part(name="b")])
        own.add(owner)
        own.flush()
        own.info[audit.PENDING].clear()
        if how == "cascade":
            own.delete(owner)
        else:
            owner.parts.pop(0)
        own.flush()
        told = [(item["verb"], item["record"].__tablename__, item["title"]) for item in own.info[audit.PENDING]]
        assert ("delete", "part", "a") in told
        assert (("delete", "part", "b") in told) is (how == "cascade")
    engine.dispose()


def test_several_flushes_tell_one_story(system):
    row = CodeTable(code="probe", name="One")
    system.add(row)
    system.flush()
    row.name = "Two"
    system.flush()
    row.name = "Three"
    before = number(system)
    system.commit()
    assert number(system) == before + 1
    (entry,) = last(system)
    assert entry["code"] == "code_table:add" and entry["changes"]["name"] == [None, "Three"]
    row.name = "Four"
    system.flush()
    row.name, row.locked = "Five", True
    system.commit()
    assert last(system)[0]["changes"] == {"name": ["Three", "Five"], "locked": [False, True]}


def test_rollback_leaves_nothing(system):
    before = number(system)
    system.add(CodeTable(code="probe", name="One"))
    audit.note(system, AuditKind.access, "probe:read")
    system.flush()
    system.rollback()
    system.commit()
    assert number(system) == before
    table(system)
    assert number(system) == before + 1


def test_a_rolled_back_savepoint_takes_only_its_own(system):
    before = number(system)
    system.add(CodeTable(code="kept", name="Kept"))
    system.flush()
    savepoint = system.begin_nested()
    system.add(CodeTable(code="lost", name="Lost"))
    system.flush()
    savepoint.rollback()
    with system.begin_nested():
        system.add(CodeTable(code="also", name="Also"))
    assert number(system) == before  # nothing is written before the commit
    system.commit()
    assert [entry["subject"] or entry["changes"]["code"][1] for entry in last(system, number(system) - before)]
    assert {entry["changes"]["code"][1] for entry in last(system, number(system) - before)} == {"kept", "also"}


def test_a_failed_flush_in_a_savepoint_takes_only_its_own(system):
    from sqlalchemy.exc import IntegrityError

    table(system, code="taken")
    before = number(system)
    system.add(CodeTable(code="kept", name="Kept"))
    system.flush()
    with pytest.raises(IntegrityError), system.begin_nested():
        system.add(CodeTable(code="taken", name="Again"))
        system.flush()
    system.commit()
    assert [entry["changes"]["code"][1] for entry in last(system, number(system) - before)] == ["kept"]


def test_personal_data_is_masked_and_secrets_are_not_there(system):
    city = system.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
    person = Person(name="Probe", id_number="11010519491231002X", phone="13812342207", organisation=city)
    system.add(person)
    system.commit()
    said = last(system)[0]["changes"]
    assert said["id_number"] == [None, "110105********002X"] and said["phone"] == [None, "138****2207"]
    person.phone = "13856782207"  # the same mask: still a change
    system.commit()
    assert last(system)[0]["changes"]["phone"] == ["138****2207", "138****2207"]
    account = system.scalars(select(Account).where(Account.username == "clerk")).one()
    account.password, account.totp_secret = "scrypt:secret-hash", "JBSWY3DPEHPK3PXP"
    system.commit()
    said = last(system)[0]["changes"]
    assert said["password"] == ["***", "***"] and said["totp_secret"] == [None, "***"]
    everything = str(system.execute(select(ENTRIES.c.changes)).scalars().all())
    for raw in ("11010519491231002X", "13812342207", "13856782207", "secret-hash", "JBSWY3DPEHPK3PXP"):
        assert raw not in everything


def test_no_table_lets_a_raw_value_of_an_encrypted_column_through():
    from app.core.crypto import EncryptedText
    from app.core.db import Base

    for mapper in Base.registry.mappers:
        for key, info in audit._columns(mapper):
            if isinstance(mapper.columns[key].type, EncryptedText):
                assert info.get("mask") or info.get("secret"), f"{mapper.class_.__name__}.{key}"


def test_who_acted_is_taken_when_it_happened(system, actor):
    someone = actor("business_admin")
    with acting(someone):
        system.add(CodeTable(code="probe", name="One"))
        system.flush()
    system.commit()
    (entry,) = last(system)
    assert (entry["actor_id"], entry["actor_name"]) == (someone.user_id, someone.name)
    assert entry["address"] == "127.0.0.1" and entry["organisation"] == someone.organisation_name


def test_history_survives_the_account_and_the_record(system, actor):
    someone = actor("expert.1")
    row = table(system)
    with acting(someone):
        row.name = "By an expert"
        system.commit()
    key, name = last(system)[0]["id"], someone.name
    system.delete(row)
    person = system.get(Account, someone.user_id)
    for expert in system.scalars(select(Expert).where(Expert.account_id == person.id)):
        expert.account_id = None
    system.flush()
    system.delete(person)
    system.commit()
    entry = system.execute(select(ENTRIES).where(ENTRIES.c.id == key)).mappings().one()
    assert entry["actor_name"] == name and entry["changes"] == {"name": ["Probe", "By an expert"]}
    assert audit.verify(system)[1] is None


def test_changes_of_a_note_may_hold_anything(system):
    audit.note(
        system,
        AuditKind.access,
        "probe:read",
        reason="x" * 900,
        changes={"at": clock.now(), "day": clock.today(), "n": 1.5, "set": ("a", "b")},
    )
    system.commit()
    assert len(last(system)[0]["reason"]) == 500
    assert audit.verify(system)[1] is None


# ---- tampering


def guards_down(session):
    """What a database administrator could do first."""
    if db.engine.dialect.name == "sqlite":
        for name in ("audit_entry_no_update", "audit_entry_no_delete"):
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("DROP TRIGGER audit_entry_append_only ON audit_entry"))


@pytest.fixture
def trail(system):
    for at in range(12):
        table(system, code=f"probe{at}")
    system.expunge_all()
    return system


def test_the_shipped_trail_is_intact(trail):
    walked, bad = audit.verify(trail)
    assert bad is None and walked == number(trail) >= 12


@pytest.mark.parametrize("how", ["update", "delete"])
def test_the_database_refuses_to_change_the_trail(trail, how):
    from sqlalchemy.exc import DatabaseError

    statement = update(ENTRIES).values(reason="x") if how == "update" else delete(ENTRIES)
    with pytest.raises(DatabaseError, match=r"audit_append_only|append only"), trail.begin_nested():
        trail.execute(statement.where(ENTRIES.c.id == number(trail)))


@pytest.mark.parametrize("column", [name for name in chain.SAID if name != "id"])
def test_an_edited_column_is_found(trail, column):
    guards_down(trail)
    victim = number(trail) - 5
    value = {
        "at": clock.now(),
        "kind": AuditKind.access,
        "actor_id": 999,
        "subject_id": 999,
        "changes": {"x": [1, 2]},
    }.get(column, "other")
    trail.execute(update(ENTRIES).where(ENTRIES.c.id == victim).values({column: value}))
    assert audit.verify(trail) == (victim - 1, victim)


def test_a_removed_entry_is_found(trail):
    guards_down(trail)
    victim = number(trail) - 5
    trail.execute(delete(ENTRIES).where(ENTRIES.c.id == victim))
    assert audit.verify(trail)[1] == victim


def test_a_cut_tail_is_found(trail):
    guards_down(trail)
    end = number(trail)
    trail.execute(delete(ENTRIES).where(ENTRIES.c.id > end - 3))
    assert audit.verify(trail)[1] == end - 2


def test_a_cut_tail_with_its_head_is_found_by_the_outer_head(trail):
    guards_down(trail)
    known = audit.head(trail)
    short = trail.execute(select(ENTRIES).where(ENTRIES.c.id == known[0] - 3)).mappings().one()
    trail.execute(delete(ENTRIES).where(ENTRIES.c.id > short["id"]))
    trail.execute(update(HEADS).values(last_id=short["id"], hash=short["hash"]))
    assert audit.check(trail).bad is None
    assert audit.check(trail, known).bad == short["id"] + 1


def test_an_inserted_entry_is_found(trail):
    entry = dict(trail.execute(select(ENTRIES).where(ENTRIES.c.id == number(trail))).mappings().one())
    trail.execute(insert(ENTRIES), {**entry, "id": entry["id"] + 1})
    assert audit.verify(trail)[1] == entry["id"] + 1
    forged = {**entry, "id": entry["id"] + 1}
    guards_down(trail)
    trail.execute(update(ENTRIES).where(ENTRIES.c.id == forged["id"]).values(hash=chain.digest(entry["hash"], forged)))
    assert audit.verify(trail)[1] == forged["id"]  # even with a fitting link, it is beyond the head


def test_swapped_entries_are_found(trail):
    guards_down(trail)
    end = number(trail)
    for old, new in ((end - 4, -1), (end - 3, end - 4), (-1, end - 3)):
        trail.execute(update(ENTRIES).where(ENTRIES.c.id == old).values(id=new))
    assert audit.verify(trail)[1] == end - 4


def test_a_rebuilt_chain_is_found_by_the_outer_head(trail):
    known = audit.head(trail)
    guards_down(trail)
    trail.execute(update(ENTRIES).where(ENTRIES.c.id == known[0] - 5).values(reason="never happened"))
    link = chain.START
    for row in trail.execute(select(ENTRIES).order_by(ENTRIES.c.id)).mappings().all():
        link = chain.digest(link, row)
        trail.execute(update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(hash=link))
    trail.execute(update(HEADS).values(hash=link))
    assert audit.check(trail).bad is None
    assert audit.check(trail, known).bad == known[0]
    assert audit.check(trail, known).why == "rebuilt"


def test_an_emptied_trail_is_found(trail):
    guards_down(trail)
    trail.execute(delete(ENTRIES))
    assert audit.verify(trail)[1] == 1


# ---- the commands


def run(app, *words):
    return app.test_cli_runner().invoke(args=["audit", *words])


def test_commands_head_and_verify(trail, app):
    trail.commit()
    head = run(app, "head").output.strip()
    assert head == "{}:{}".format(*audit.head(trail))
    good = run(app, "verify", "--head", head)
    assert good.exit_code == 0 and head in good.output
    assert run(app, "verify", "--head", "nonsense").exit_code == 2
    longer = run(app, "verify", "--head", f"{number(trail) + 1}:{'0' * 64}")
    assert longer.exit_code == 1


def test_command_names_the_first_bad_entry(trail, app):
    guards_down(trail)
    victim = number(trail) - 5
    trail.execute(update(ENTRIES).where(ENTRIES.c.id == victim).values(reason="x"))
    trail.commit()
    bad = run(app, "verify")
    assert bad.exit_code == 1 and f"bad entry: {victim} (changed)" in bad.output


def test_commands_of_roles(system, app):
    runner = app.test_cli_runner()
    assert "nothing to change" in runner.invoke(args=["roles", "sync"]).output
    assert "no differences" in runner.invoke(args=["roles", "diff"]).output
