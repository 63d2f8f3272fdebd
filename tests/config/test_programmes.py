"""Is the programme of 2023 the notice's, and is a wrong file refused?"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.programmes import FOLDER, Programme, load_programme, programmes

TEXT = (FOLDER / "2023.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return programmes()[2023]


def test_has_it_ten_actions_seventeen_units_and_47_indicators(programme: Programme) -> None:
    assert len(programme.actions) == 10
    assert len(programme.units) == 17
    assert sum(len(action.indicators) for action in programme.actions) == 47
    assert len(programme.owed) == 28


def test_do_figures_come_out_as_the_notice_has_them(programme: Programme) -> None:
    by_code = {one.code: one for action in programme.actions for one in action.indicators}
    assert (by_code["1.1"].target, by_code["1.1"].unit) == (Decimal(29), "所")
    assert (by_code["2.3"].target, by_code["2.3"].is_percentage) == (Decimal("3.8"), False)
    assert by_code["2.2"].per == "district"
    assert by_code["5.1"].is_percentage
    assert by_code["3.2"].map == "practice_base"


def test_who_leads_an_action(programme: Programme) -> None:
    assert programme.action(3).lead == "市妇联"
    with pytest.raises(LookupError):
        programme.action(11)


def test_where_do_quarters_begin_and_end(programme: Programme) -> None:
    spans = [(one.code, one.start, one.end, one.due) for one in programme.periods]
    assert spans[0] == ("2023Q1", date(2023, 1, 1), date(2023, 3, 31), date(2023, 3, 31))
    assert spans[3] == ("2023Q4", date(2023, 10, 1), date(2023, 12, 31), date(2023, 12, 31))
    assert programme.period("2023Q2").title == "2023 年第二季度"
    with pytest.raises(LookupError):
        programme.period("2024Q1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "1.2"', 'code = "1.1"'),
        ('code = "1.2"', 'code = "2.9"'),
        ("number = 2\n", "number = 1\n"),
        ('target = 29, unit = "所"', 'unit = "所"'),
        ('measure = "milestone"', 'measure = "milestone", target = 3, unit = "个"'),
        ('"2023-06-30", "2023-09-30"', '"2023-09-30", "2023-06-30"'),
        ('units = ["市教育局"]', "units = []"),
        ("year = 2023", 'year = 2023\nsurprise = "x"'),
    ],
)
def test_is_a_file_with_a_mistake_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in TEXT
    path = tmp_path / "2023.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValidationError):
        load_programme(path)


def test_must_a_file_be_named_for_its_year(tmp_path: Path) -> None:
    (tmp_path / "2024.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(ValueError, match="2023 年"):
        programmes(tmp_path)


def test_is_a_new_year_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "2023.toml").write_text(TEXT, encoding="utf-8")
    later: Any = TEXT.replace("year = 2023", "year = 2024").replace('"2023-', '"2024-')
    (tmp_path / "2024.toml").write_text(later, encoding="utf-8")
    assert list(programmes(tmp_path)) == [2024, 2023]
