"""The console's forms."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField  # type: ignore[import-untyped]
from wtforms.validators import InputRequired, Length  # type: ignore[import-untyped]

EXPIRED = "页面停留太久，表单已过期。请再提交一次。"


class StaffForm(FlaskForm):  # type: ignore[misc]
    """A form that says in Chinese that it has expired."""

    @property
    def expired(self) -> bool:
        """Whether the form's token is missing, wrong or too old."""
        return bool(self.csrf_token.errors)


class SignInForm(StaffForm):
    """Login and password. A password is never sent back to the page."""

    login = StringField(
        "登录名",
        [InputRequired("请填写登录名"), Length(max=64, message="登录名不超过 64 个字")],
        filters=[lambda text: text.strip() if text else text],
    )
    password = PasswordField(
        "密码", [InputRequired("请填写密码"), Length(max=200, message="密码不超过 200 个字")]
    )
    next = HiddenField()


class SignOutForm(StaffForm):
    """Nothing but the token."""
