"""Does Lighthouse give the pages that parents open most at least 95 in everything?"""

import pytest
from playwright.sync_api import Browser

from tests.serving import Service
from tests.web.lighthouse import measure, pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alone]


@pytest.mark.parametrize("which", range(3), ids=["list", "place", "line"])
def test_is_lighthouse_content(service: Service, browser: Browser, which: int) -> None:
    path = pages(service)[which]
    figures = measure(service.base + path)
    assert figures.enough, (path, figures)
