"""Can a guesser try more often by trying all at once? On either database."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from server import accounts, own_account, passwords
from server.accounts import oneself
from server.console import sign_in
from server.console.sign_in import LOGIN_FAILURES
from server.db import db
from server.models import StaffAccount
from server.own_account import PASSWORD_FAILURES
from server.revisions import Refused

AT_ONCE = 12


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared."""
    compared: list[str] = []
    matches = passwords.matches

    def noting(kept: str | None, password: str) -> bool:
        compared.append(password)
        return matches(kept, password)

    monkeypatch.setattr(passwords, "matches", noting)
    return compared


@pytest.fixture
def account(app: Flask) -> StaffAccount:
    made, _ = accounts.create_account("li", "editor", "李老师")
    db.session.commit()
    db.session.refresh(made)
    db.session.expunge(made)
    db.session.remove()
    return made


def at_once(app: Flask, guess: Callable[[str], object]) -> None:
    start = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        with app.test_request_context("/staff/", environ_base={"REMOTE_ADDR": "10.0.0.1"}):
            start.wait(30)
            try:
                guess(f"wrong {number}")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_are_no_more_passwords_tried_at_the_entrance(
    app: Flask, account: StaffAccount, hashed: list[str]
) -> None:
    at_once(app, lambda password: sign_in.sign_in(account.login, password))
    assert len(hashed) == LOGIN_FAILURES


def test_are_no_more_passwords_tried_by_who_is_signed_in(
    app: Flask, account: StaffAccount, hashed: list[str]
) -> None:
    class Here:
        account_id, login = oneself(account)
        session_id = 1

    def guess(password: str) -> None:
        with pytest.raises(Refused):
            own_account.confirm(db.session, Here(), password)

    at_once(app, guess)
    assert len(hashed) == PASSWORD_FAILURES
