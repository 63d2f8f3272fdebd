"""Has every place the state of its own hours, minute by minute and thread by thread?"""

import random
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.calendar import Calendar
from geo.moment import KEPT, Moment, Moments, minute_of, told
from geo.opening import SHANGHAI, Hours
from geo.public import Open
from tests.geo.material import CALENDAR, EXPRESSIONS

# Minutes from 2026-01-01 to the end of 2027: with a calendar, and without one.
FIRST = int(datetime(2026, 1, 1, tzinfo=SHANGHAI).timestamp() // 60)
minutes = st.integers(FIRST, FIRST + 2 * 365 * 1440)
times = st.integers(0, 47).map(lambda n: f"{n // 2:02}:{n % 2 * 30:02}")
spans = st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]).map("-".join)
days = st.sampled_from(["Mo-Fr", "Sa,Su", "Tu-Su", "PH", "SH", "Mo-Su"])
rules = st.tuples(days, spans).map(" ".join)
expressions = st.one_of(
    st.sampled_from(EXPRESSIONS), st.lists(rules, min_size=1, max_size=3).map("; ".join)
)
closures = st.lists(
    st.integers(0, 700)
    .map(lambda n: date(2026, 1, 1) + timedelta(n))
    .map(lambda day: [day.isoformat(), (day + timedelta(9)).isoformat(), "检修"]),
    max_size=2,
)
tables = st.lists(st.tuples(expressions, closures), max_size=6)


def own_hours(expression: str | None, closed: list[list[str]], soon: int) -> Hours:
    dated = [(date.fromisoformat(a), date.fromisoformat(b), why) for a, b, why in closed]
    return Hours(expression, Calendar(CALENDAR), dated, soon)


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


@given(tables, st.lists(minutes, min_size=1, max_size=4), st.sampled_from([0, 30, 90]))
def test_has_every_place_the_state_of_its_own_hours(
    table: list[tuple[str | None, list[list[str]]]], asked: list[int], soon: int
) -> None:
    moments = Moments(table, Calendar(CALENDAR), soon)
    for minute in asked:
        moment = moments.at_minute(minute)
        is_open, unknown = moment.flags
        assert len(is_open) == len(unknown) == len(table)
        for place, (expression, closed) in enumerate(table):
            state = own_hours(expression, closed, soon).state(at(minute))
            assert (is_open[place], unknown[place]) == (state.now is True, state.now is None)
            shown = Open.model_validate_json(moment.encoded[place])
            assert shown == Open.model_validate(told(state))


@pytest.mark.parametrize("asked", [0, 27_000_000])
def test_is_there_a_moment_for_no_hours_at_all(asked: int) -> None:
    is_open, unknown = Moments([], Calendar(), 30).at_minute(asked).flags
    assert (is_open.tolist(), unknown.tolist()) == ([], [])


def test_is_a_minute_reckoned_once_while_it_lasts() -> None:
    moments = Moments([["24/7", []]], Calendar(), 30)
    assert moments.at_minute(FIRST) is moments.at_minute(FIRST)
    assert moments.at_minute(FIRST).encoded[0] is moments.at_minute(FIRST).encoded[0]


def test_is_what_never_changes_reckoned_once_a_day() -> None:
    moments = Moments([["24/7", []], [None, []]], Calendar(), 30)
    midnight = minute_of(datetime(2026, 11, 24, tzinfo=SHANGHAI))
    assert moments.at_minute(midnight) is moments.at_minute(midnight + 1439)
    assert moments.at_minute(midnight) is not moments.at_minute(midnight - 1)


def test_are_old_minutes_let_go() -> None:
    moments = Moments([["Mo-Su 09:00-17:00", []]], Calendar(), 30)
    made = [weakref.ref(moments.at_minute(FIRST + n)) for n in range(10 * KEPT)]
    alive = [moment() for moment in made if moment() is not None]
    assert len(alive) == KEPT
    assert moments.at_minute(FIRST + 10 * KEPT - 1) is alive[-1]


def test_do_threads_get_the_minute_they_ask_for() -> None:
    table: list[list[Any]] = [[expression, []] for expression in EXPRESSIONS]
    moments = Moments(table, Calendar(CALENDAR), 30)
    expected = {
        FIRST + 97 * n: [
            orjson.dumps(told(own_hours(expression, [], 30).state(at(FIRST + 97 * n))))
            for expression in EXPRESSIONS
        ]
        for n in range(3 * KEPT)
    }
    made: list[weakref.ref[Moment]] = []

    def ask(seed: int) -> int:
        rng, right = random.Random(seed), count()
        for minute in rng.choices(list(expected), k=400):
            moment = moments.at_minute(minute)
            made.append(weakref.ref(moment))
            is_open, _ = moment.flags
            for place, encoded in enumerate(expected[minute]):
                assert moment.encoded[place] == encoded
                assert is_open[place] == (orjson.loads(encoded)["now"] is True)
            next(right)
        return next(right)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [400] * 8
    alive = {id(moment) for made_one in made if (moment := made_one()) is not None}
    assert 1 <= len(alive) <= KEPT


@pytest.mark.parametrize(
    ("moment", "minute"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 8, 0, 59, tzinfo=SHANGHAI), 0),
        (datetime(1970, 1, 1, 8, 1, tzinfo=SHANGHAI), 1),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1),
    ],
)
def test_which_minute_is_it(moment: datetime, minute: int) -> None:
    assert minute_of(moment) == minute
