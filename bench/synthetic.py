"""A made-up city of many places, alike from run to run: names, positions, hours at random."""

import random
from collections.abc import Iterator

from geo.city import City
from geo.listing import Ages, Site

_PLACES = [
    "张店",
    "淄川",
    "博山",
    "临淄",
    "周村",
    "桓台",
    "高青",
    "沂源",
    "齐都",
    "般阳",
    "孝妇河",
    "马踏湖",
    "鲁山",
    "原山",
    "稷下",
    "聊斋",
    "柳泉",
    "昌国",
    "北辰",
    "东岳",
]
_WORDS = [
    "文化",
    "科技",
    "自然",
    "琉璃",
    "陶瓷",
    "丝绸",
    "红色",
    "少年",
    "儿童",
    "民俗",
    "生态",
    "星空",
    "恐龙",
    "海洋",
    "航天",
    "书香",
    "田园",
    "非遗",
    "足球",
    "剪纸",
]
_TYPES = [
    "博物馆",
    "图书馆",
    "科技馆",
    "美术馆",
    "体验馆",
    "书房",
    "公园",
    "农场",
    "基地",
    "展览馆",
    "文化馆",
    "纪念馆",
    "植物园",
    "活动中心",
]
_STREETS = [
    "共青团路",
    "柳泉路",
    "人民路",
    "华光路",
    "联通路",
    "中润大道",
    "世纪路",
    "新村路",
    "洪沟路",
    "南京路",
]
_HOURS = [
    f"{days} {opens:02}:{half:02}-{closes:02}:00{holiday}"
    for days in ("Mo-Su", "Tu-Su", "Mo-Fr", "We-Su")
    for opens in (8, 9, 10)
    for half in (0, 30)
    for closes in (16, 17, 18, 21)
    for holiday in ("", "; PH off", "; PH 10:00-16:00")
]
RARE = "labour"
"""The theme that one place in a hundred has."""


def sites(city: City, count: int, seed: int = 7) -> Iterator[Site]:
    """``count`` places spread evenly over the city's bounds."""
    rng = random.Random(seed)
    west, south, east, north = city.bounds
    themes = [term.code for term in city.themes if term.code != RARE]
    districts = [district.code for district in city.districts]
    facilities = [term.code for term in city.facilities]
    for number in range(count):
        young = rng.randrange(0, 10)
        yield Site(
            name=f"{rng.choice(_PLACES)}{rng.choice(_WORDS)}{rng.choice(_TYPES)}{number}",
            kind="practice_base" if number % 10 else "reading_space",
            theme=RARE if rng.random() < 0.01 else rng.choice(themes),
            district=rng.choice(districts),
            address=f"{rng.choice(_STREETS)}{rng.randrange(1, 500)}号",
            lon=round(rng.uniform(west, east), 6),
            lat=round(rng.uniform(south, north), 6),
            opening_hours=rng.choice(_HOURS) if rng.random() < 0.8 else None,
            free=rng.choice([True, False, None]),
            ages=Ages(min=young, max=young + 8) if rng.random() < 0.5 else None,
            facilities=tuple(rng.sample(facilities, rng.randrange(0, 4))),
        )


def words(count: int, seed: int = 11) -> list[str]:
    """Searches as people type them: two to six characters, pinyin, initials."""
    from pypinyin import Style, lazy_pinyin

    rng = random.Random(seed)
    found = []
    for number in range(count):
        place, word, kind = rng.choice(_PLACES), rng.choice(_WORDS), rng.choice(_TYPES)
        name = place + word + kind
        match number % 5:
            case 0:
                found.append(kind[: rng.choice([2, 3])])
            case 1:
                found.append(word + kind)
            case 2:
                found.append("".join(lazy_pinyin(word + kind))[: rng.randrange(5, 13)])
            case 3:
                found.append("".join(lazy_pinyin(name, style=Style.FIRST_LETTER))[:4])
            case _:
                found.append(place + word)
    return found
