"""Do the scripts' own rules hold: positions as in geo/crs.py, countdowns that never lie?"""

import json
import random

import pytest

from geo.crs import convert
from server.ledger.typed import merge
from tests.web.scripts import run


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_do_browser_and_server_agree_on_coordinate_systems(crs: str) -> None:
    chance = random.Random(7)
    positions = [(chance.uniform(117.4, 118.7), chance.uniform(35.8, 37.5)) for _ in range(300)]
    there, back = run(f"""
        import {{ fromWgs84, toWgs84 }} from "./crs";
        const positions = {json.dumps(positions)};
        const there = positions.map((position) => fromWgs84(position, "{crs}"));
        export default [there, there.map((position) => toWgs84(position, "{crs}"))];
    """)
    for position, reached, returned in zip(positions, there, back, strict=True):
        assert reached == pytest.approx(convert(*position, "wgs84", crs), abs=1e-9)  # type: ignore[arg-type]
        assert returned == pytest.approx(position, abs=1e-8)


def test_does_a_countdown_tell_no_more_time_than_there_is() -> None:
    minute = 60_000
    words = {
        -1: "已过",
        -90 * minute: "已过",
        0: "即将到站",
        minute - 1: "即将到站",
        minute: "还有 1 分钟",
        6 * minute + 59_999: "还有 6 分钟",
        60 * minute - 1: "还有 59 分钟",
        60 * minute: "还有 1 小时",
        61 * minute: "还有 1 小时 1 分钟",
        12 * 60 * minute: "还有 12 小时",
        13 * 60 * minute: "",
    }
    told = run(f"""
        import {{ left }} from "./countdown";
        export default {json.dumps(list(words))}.map(left);
    """)
    assert told == list(words.values())
    assert run('import { left } from "./countdown"; export default left(NaN)') == ""


def test_is_the_age_of_what_is_kept_told_in_plain_words() -> None:
    minute = 60_000
    words = {
        -5: "不到 1 分钟前",
        0: "不到 1 分钟前",
        minute: " 1 分钟前",
        59 * minute: " 59 分钟前",
        60 * minute: " 1 小时前",
        47 * 60 * minute: " 1 天前",
        72 * 60 * minute: " 3 天前",
    }
    told = run(f"""
        import {{ ago }} from "./age";
        export default {json.dumps(list(words))}.map(ago);
    """)
    assert told == list(words.values())


def test_do_browser_and_server_join_two_texts_alike() -> None:
    chance = random.Random(6)
    names, texts = ("progress", "1.1:value", "1.1:note"), ("", "甲", "乙", "丙")
    cases = [
        [{name: text for name in names if (text := chance.choice(texts))} for _ in range(3)]
        for _ in range(200)
    ]
    joined = run(f"""
        import {{ merge }} from "./ledger-kept";
        const joined = ([base, theirs, mine]) => merge(base, theirs, mine, []);
        export default {json.dumps(cases)}.map(joined);
    """)
    for case, made in zip(cases, joined, strict=True):
        merged = merge(*case)
        assert made["fields"] == merged.fields
        assert tuple(made["taken"]) == merged.taken
        assert tuple(clash["name"] for clash in made["clashes"]) == merged.clashes
