"""Does one tap on a page say what is wrong, with JavaScript and without, and lead to a receipt?"""

import re

import pytest

from tests.browser import Visiting
from tests.journeys.town import Town

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
def test_is_a_tap_enough_and_the_receipt_good(visit: Visiting, town: Town, script: bool) -> None:
    someone = visit("phone", java_script_enabled=script)
    page = someone.open(f"/sites/{town.known}")
    report = page.locator("details.report")
    assert not report.get_by_role("button").first.is_visible()
    report.get_by_text("报告问题").click()
    report.get_by_role("button", name="电话错").click()
    page.wait_for_url(re.compile(r"/reports\?receipt="))
    assert page.get_by_role("heading", name="已收到").is_visible()
    receipt = page.locator("strong.copy").inner_text()
    page = someone.open("/reports")
    page.get_by_role("textbox").fill(receipt.lower())
    page.get_by_role("button", name="查询").click()
    page.get_by_role("heading", name="已收到").wait_for()
