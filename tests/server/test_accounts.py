"""Can only the right password open an account?"""

import pytest
from flask import Flask

from server.accounts import CannotCreate, create_account, verify
from server.db import db, now

pytestmark = pytest.mark.usefixtures("app")


def test_only_its_own_password_opens_an_account(app: Flask) -> None:
    account, password = create_account("li", "editor", "李老师")
    _, other = create_account("wang", "editor", "王老师")
    db.session.commit()
    assert len(password) >= 16
    assert password != other
    assert password not in account.password_hash
    assert account.password_hash.startswith("$argon2id$")
    assert verify("li", password) is account
    assert verify("li", other) is None
    assert verify("nobody", password) is None


def test_a_disabled_account_stays_shut() -> None:
    account, password = create_account("li", "editor", "李老师")
    account.disabled_at = now()
    db.session.commit()
    assert verify("li", password) is None


@pytest.mark.parametrize(("login", "role"), [("li", "editor"), ("zhao", "king"), (" ", "editor")])
def test_an_account_that_can_not_be_is_refused(login: str, role: str) -> None:
    create_account("li", "editor", "李老师")
    with pytest.raises(CannotCreate):
        create_account(login, role, "某人")
