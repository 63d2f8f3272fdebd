"""The public map of a small town, served once for all tests of its pages."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo.city import City
from tests.server.pages import Page, fill, served, settings_in
from tests.server.webmap.lines import fill_lines, retire_all


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with served(
        settings_in(tmp_path_factory.mktemp("webmap")), fill, fill_lines, retire_all
    ) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(client: FlaskClient) -> Callable[..., Page]:
    """A page, taken apart; it must come with the status."""

    def opened(path: str, status: int = 200) -> Page:
        answer = client.get(path)
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "text/html"
        return Page(answer.text)

    return opened


@pytest.fixture(scope="session")
def zibo(app: Flask) -> City:
    city: City = app.extensions["city"]
    return city
