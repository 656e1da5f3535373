"""The drawn portraits of the demo's experts."""

from sqlalchemy import select

from app.access.actor import SYSTEM, acting, system_scope
from app.models.expert import Expert
from app.services.expert_photo import photo_of
from seed.load_registers import load_experts
from seed.portraits import load_portraits, portrait


def test_every_expert_has_a_drawn_photo_that_stays_the_same(session, actor) -> None:
    admin = actor("business_admin")
    with acting(SYSTEM):
        load_experts()
    load_portraits(admin)
    with system_scope("test"):
        experts = session.scalars(select(Expert)).all()
    with acting(admin):
        photos = [photo_of(expert.id).read_bytes() for expert in experts]
    assert len(photos) == 12 == len(set(photos)) and all(data[:2] == b"\xff\xd8" for data in photos)
    assert portrait(3) == portrait(3) != portrait(4)
