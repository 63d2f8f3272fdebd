"""Is the starting data whole, and is a damaged file named by file, line and field?"""

import shutil
from pathlib import Path

import pytest

from config.settings import HERE
from geo.city import City, load_city
from geo.listing import Hotline, Site
from server.starter import DamagedStarter, load_starter


@pytest.fixture
def zibo() -> City:
    return load_city(HERE / "zibo.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE / "starter", tmp_path / "starter"))


def test_the_starting_data_is_whole_and_unverified(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo)
    sites = [d for d in data.documents if isinstance(d, Site)]
    assert [s.kind for s in sites].count("practice_base") == 100
    assert [s.kind for s in sites].count("reading_space") == 10
    assert not any(d.verified for d in data.documents)
    assert all(d.facts[""].source for d in data.documents)


def test_a_hotline_without_a_number_is_a_draft(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo)
    mute = {n for n, d in enumerate(data.documents) if isinstance(d, Hotline) and d.number is None}
    assert data.drafts == mute


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",118.032191,", ",东经118,", r"sites.csv 第 2 行 lon："),
        (",118.032191,", ",10.5,", r"sites.csv 第 2 行 lat：位置不在淄博市范围内"),
        (",zhangdian,", ",zhangdain,", r"sites.csv 第 2 行 district：没有这个代码：zhangdain"),
        ("name,kind", "kind,name", r"sites.csv 第 1 行 表头："),
        (",118.032191,", ",", r"sites.csv 第 2 行 列数：应有 8 列，这里有 7 列"),
    ],
)
def test_a_damaged_site_is_named(folder: Path, zibo: City, old: str, new: str, told: str) -> None:
    path = folder / "sites.csv"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DamagedStarter, match=told):
        load_starter(folder, zibo)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[hotlines]]\nname = "甲"\n\n[[hotlines]]\nname = "乙"\nnumber = "x"\n',
            "第 4 行 number",
        ),
        ("[[hotlines]]\nname = 甲\n", "不是 TOML"),
        ('[[hotline]]\nname = "甲"\n', "hotline：只应有"),
    ],
)
def test_a_damaged_hotline_is_named(folder: Path, zibo: City, text: str, told: str) -> None:
    (folder / "hotlines.toml").write_text(text, "utf-8")
    with pytest.raises(DamagedStarter, match=told):
        load_starter(folder, zibo)


def test_a_damaged_calendar_and_a_wrong_encoding_are_named(folder: Path, zibo: City) -> None:
    (folder / "calendar.csv").write_text("date,kind,name\n2026-13-01,holiday,节\n", "utf-8")
    with pytest.raises(DamagedStarter, match=r"calendar.csv 第 2 行"):
        load_starter(folder, zibo)
    (folder / "calendar.csv").write_bytes("date,kind,name\n2026-01-01,holiday,元旦\n".encode("gbk"))
    with pytest.raises(DamagedStarter, match=r"calendar.csv 第 2 行 编码：不是 UTF-8"):
        load_starter(folder, zibo)
    (folder / "calendar.csv").unlink()
    with pytest.raises(DamagedStarter, match=r"calendar.csv .*读不出"):
        load_starter(folder, zibo)
