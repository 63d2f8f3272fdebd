"""Members of staff at work: a signed-in client that sends forms as the pages do."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import accounts
from server.db import db
from server.models import StaffAccount
from tests.server.pages import Page


def hire(
    app: Flask,
    login: str,
    role: str,
    *,
    districts: list[str] | None = None,
    listings: list[int] | None = None,
    unit: str | None = None,
) -> str:
    """Make an account; returns its password."""
    with app.app_context():
        account, password = accounts.create_account(login, role, f"{login}的姓名")
        account.districts, account.listings, account.unit = districts, listings, unit
        db.session.commit()
    return password


def token(client: FlaskClient, path: str = "/staff/") -> str:
    """The token of the first form of a page."""
    fields = Page(client.get(path).text).all("input")
    return next(f["value"] or "" for f in fields if f.get("name") == "csrf_token")


class Person:
    """Somebody signed in, in a browser of their own."""

    def __init__(self, app: Flask, login: str, password: str) -> None:
        self.app = app
        self.login = login
        self.client = app.test_client()
        form = {"csrf_token": token(self.client), "login": login, "password": password}
        answer = self.client.post("/staff/", data=form)
        assert answer.status_code == 303, answer.text
        self.token = token(self.client, "/staff/account")

    @property
    def account_id(self) -> int:
        with self.app.app_context():
            account = db.session.query(StaffAccount).filter_by(login=self.login).one()
            return account.id

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form with the token of the session."""
        return self.client.post(path, data={"csrf_token": self.token} | fields)


def somebody(app: Flask, role: str, login: str = "", **bounds: Any) -> Person:
    """A new person of a role, signed in."""
    login = login or role
    return Person(app, login, hire(app, login, role, **bounds))
