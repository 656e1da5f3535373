"""The forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

NEEDED = _l("This field is required.")


class LoginForm(FlaskForm):
    """User name and password."""

    username = StringField(_l("User name"), validators=[InputRequired(NEEDED), Length(max=64)])
    password = PasswordField(_l("Password"), validators=[InputRequired(NEEDED), Length(max=1000)])


class CodeForm(FlaskForm):
    """The code of the second factor."""

    code = StringField(_lp("second factor", "Code"), validators=[InputRequired(NEEDED), Length(max=40)])


class ConfirmForm(FlaskForm):
    """The own password once more."""

    password = PasswordField(_l("Password"), validators=[InputRequired(NEEDED), Length(max=1000)])


class PasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    present = PasswordField(_l("Present password"), validators=[InputRequired(NEEDED), Length(max=1000)])
    password = PasswordField(_l("New password"), validators=[InputRequired(NEEDED), Length(max=1000)])
    again = PasswordField(_l("New password again"), validators=[InputRequired(NEEDED), Length(max=1000)])
