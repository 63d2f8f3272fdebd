"""Does axe find a barrier on any page, in light and dark, on a phone and on a desk?"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Visiting
from tests.journeys.town import MORNING, TODAY, Town

AXE = Path(__file__).with_name("node_modules") / "axe-core/axe.min.js"
RUN = """async () => {
  // Colours on their way from light to dark are neither.
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
  const { violations } = await axe.run();
  return violations.map((one) => [one.id, ...one.nodes.map((node) => node.target.join(" "))]);
}"""

pytestmark = pytest.mark.browser


def pages(town: Town) -> dict[str, int]:
    """Every public page, and the status it answers with."""
    return {
        "/": 200,
        f"/?open=now&free=true&age=6&theme=science&at={MORNING}": 200,
        "/?q=zzzzzz&age=19": 200,
        "/reading": 200,
        f"/sites/{town.known}": 200,
        f"/sites/{town.open}?at={MORNING}": 200,
        f"/sites/{town.nasty}": 200,
        f"/sites/{town.retired}": 410,
        "/bus": 200,
        f"/bus/{town.line}?date={TODAY}&at={MORNING}": 200,
        "/hotlines": 200,
        "/offline": 200,
        "/reports?receipt=AAAAA-AAAAA": 404,
        "/about": 200,
        "/no-such-page": 404,
    }


def test_does_axe_find_nothing(visit: Visiting, town: Town, size: str) -> None:
    someone = visit(size, bypass_csp=True)
    source = AXE.read_text("utf-8")
    found: dict[tuple[str, str], Any] = {}
    for path, status in pages(town).items():
        page = someone.open(path, status)
        page.evaluate(source)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if violations := page.evaluate(RUN):
                found[path, scheme] = violations
    assert found == {}, json.dumps([*found.items()], ensure_ascii=False, indent=1)
