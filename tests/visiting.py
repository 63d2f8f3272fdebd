"""Fixtures: the real service with a town in it, and browsers before it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser as browsers
from tests.journeys.town import Town, found
from tests.serving import Service


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browsers.running(browsers.obtain()) as running:
        yield running


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return found(tmp_path_factory.mktemp("town") / "instance")


@pytest.fixture(scope="session")
def service(town: Town) -> Iterator[Service]:
    service = Service(town.instance)
    yield service.until_ready()
    service.kill()


@pytest.fixture
def visit(browser: Browser, service: Service) -> Iterator[browsers.Visiting]:
    with browsers.visiting(browser, service.base) as visiting:
        yield visiting


@pytest.fixture(params=browsers.SIZES)
def size(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the visitor's browser runs JavaScript."""
    runs: bool = request.param
    return runs


@pytest.fixture
def parent(visit: browsers.Visiting, size: str, script: bool) -> browsers.Visit:
    """A parent on either size of screen, with and without JavaScript."""
    return visit(size, java_script_enabled=script)


@pytest.fixture
def own_service(town: Town) -> Iterator[Callable[..., Service]]:
    """A function that starts one more service on the same town, with other settings."""
    started: list[Service] = []

    def start(**settings: str) -> Service:
        started.append(Service(town.instance, **settings))
        return started[-1].until_ready()

    yield start
    for service in started:
        service.kill()
