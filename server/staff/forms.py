"""The form of the console's entrance."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField  # type: ignore[import-untyped]
from wtforms.validators import InputRequired, Length  # type: ignore[import-untyped]


class StaffForm(FlaskForm):  # type: ignore[misc]
    """A form whose token the console's gate has looked at already."""

    class Meta:
        csrf = False


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


class CodeForm(StaffForm):
    """The code of the phone, or a recovery code."""

    code = StringField(
        "验证码", [InputRequired("请填写验证码"), Length(max=40, message="验证码不超过 40 个字")]
    )
    next = HiddenField()
