"""The form of a role: names, rows, and the ticked actions."""

from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Length

from app.access.actor import Grant
from app.core.errors import PortalError
from app.forms.fields import Required, TextField
from app.models.account import RowScope
from app.services.role import Wish, completed
from app.services.role_sync import pack, unpack


class RoleForm(DynamicForm):
    """What an administrator says of a role; the ticked boxes are read beside the fields."""

    name = TextField(_l("Name"), validators=[Required(), Length(max=64)])
    name_en = TextField(_l("English name"), validators=[Length(max=64)])
    description = TextField(_l("Description"), validators=[Length(max=200)])
    row_version = HiddenField()

    row_scope: RowScope = RowScope.none
    ticked: frozenset[str] = frozenset()
    grant_errors: tuple[str, ...] = ()
    form_errors: list[Any]

    def read(self, typed: Any) -> None:
        """Take rows and boxes from what was sent."""
        self.row_scope, self.ticked = read_choice(typed)

    def show(self, wish: Wish) -> None:
        """Fill the form with a role."""
        self.name.data, self.name_en.data, self.description.data = wish.name, wish.name_en, wish.description
        self.row_scope, self.ticked = wish.row_scope, frozenset(pack(wish.grants))

    def wish(self) -> Wish:
        """What the form asks for."""
        return Wish(
            self.name.data or "",
            self.name_en.data or "",
            self.description.data or "",
            self.row_scope,
            grants_of(self.ticked),
        )

    def take(self, error: PortalError) -> None:
        """Show the sentences of a refusal at their places."""
        for name, sentences in error.errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *map(str, sentences)]
            else:
                self.grant_errors = (*self.grant_errors, *map(str, sentences))
        if not error.errors:
            self.form_errors = [*self.form_errors, str(error.message)]


def grants_of(ticked: frozenset[str]) -> frozenset[Grant]:
    """The grants of the ticked boxes, with what belongs to them."""
    return completed(unpack([text for text in ticked if text.count(" ") == 1]))


def read_choice(typed: Any) -> tuple[RowScope, frozenset[str]]:
    """Rows and ticked boxes of a form or an address; what is unknown falls away."""
    scope = RowScope.of(typed.get("row_scope", ""))
    return (scope if isinstance(scope, RowScope) else RowScope.none), frozenset(typed.getlist("grant")[:1000])
