"""Persons in the cases one sees; personal data masked, shown against a reason."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal, select

from app.access.actor import current_actor
from app.core.db import db
from app.models.case import Case
from app.models.party import Party, Representative
from app.models.person import Person
from app.services.access_log import log_read
from app.services.person_record import change_person
from app.views.base import PortalInterface, PortalModelView


class PersonView(PortalModelView):
    """Persons: found by name or initials, corrected by the desk."""

    datamodel = PortalInterface(Person)
    class_permission_name = "Person"
    route_base = "/person"
    list_columns = ("name", "sex", "phone", "id_number", "address")
    optional_columns = ("pinyin", "id_type", "birth", "employer", "unverified", "organisation")
    search_columns = ("sex", "id_type", "unverified", "birth")
    quick_columns = ("name", "pinyin")
    order_columns = ("name",)
    base_order = ("id", "desc")
    quick_filters = (("unverified", _l("To be verified"), {"unverified": True}),)
    allow_add = False
    edit_groups = (
        (_l("Who it is"), ("name", "ethnic", "employer")),
        (_l("How to reach"), ("phone", "address")),
    )
    show_groups = (
        (_l("Who it is"), ("name", "sex", "birth", "ethnic", "id_type", "id_number", "employer", "unverified")),
        (_l("How to reach"), ("phone", "address")),
    )
    show_template = "portal/person_show.html"
    update_verb = change_person

    def show_context(self, record: Person) -> dict[str, Any]:
        """The cases of the person, party or agent, as far as they are open to the reader; the reading is noted."""
        log_read(current_actor(), record)
        stands = select(Party.case_id, Party.side).where(Party.person_id == record.id)
        no_side = literal(None, Party.side.type)
        speaks = select(Representative.case_id, no_side).where(Representative.agent_id == record.id)
        place = stands.union_all(speaks).subquery()
        cases = (
            select(Case.id, Case.number, Case.title, Case.state, place.c.side)
            .join(place, place.c.case_id == Case.id)
            .order_by(Case.id.desc())
            .limit(50)
        )
        return {"cases": db.session.execute(cases).all()}
