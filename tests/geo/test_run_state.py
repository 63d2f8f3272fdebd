"""Is a run ever shown as something that nobody said and nothing showed?"""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.bus_answers import Effect
from geo.opening import SHANGHAI
from geo.run_state import EARLY_S, LATE_S, SAID_AHEAD, Planned, Said, Sighting, run_state

LEAVES = datetime(2026, 11, 24, 6, 50, tzinfo=SHANGHAI)
PLAN = Planned(LEAVES, LEAVES + timedelta(minutes=20))
BUS = "淄博市公共交通有限公司"


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


EARLIER = LEAVES - minutes(30)


def said(state: str, at: datetime = EARLIER, **more: object) -> Said:
    return Said(state=state, said_by=BUS, said_at=at, **more)  # type: ignore[arg-type]


def seen(at: datetime, delay: int | None = 0, current: bool = True) -> Sighting:
    return Sighting(at, current, delay)


def test_before_its_time_a_run_nobody_spoke_of_is_planned() -> None:
    state = run_state(PLAN, LEAVES - minutes(1))
    assert (state.state, state.text) == ("scheduled", "计划 06:50 发车")
    assert (state.said_by, state.said_at) == ("", None)


@pytest.mark.parametrize("later", [0, 1, 19, 20, 600])
def test_from_its_time_on_it_is_not_confirmed(later: int) -> None:
    state = run_state(PLAN, LEAVES + minutes(later))
    assert state.state == "not_confirmed"
    assert "尚未确认" in state.text


def test_a_vehicle_on_the_run_tells_how_late_it_is() -> None:
    at = LEAVES + minutes(8)
    for delay, told, mins in [
        (0, "normal", 0),
        (LATE_S - 1, "normal", 0),
        (LATE_S, "late", 3),
        (614, "late", 10),
        (-EARLY_S, "normal", -2),
        (None, "normal", None),
    ]:
        state = run_state(PLAN, at, seen=seen(at, delay))
        assert (state.state, state.minutes, state.source) == (told, mins, "vehicle")
        assert "06:58" in state.text
        assert (state.said_by, state.said_at) == ("车辆位置", at)
    assert "早约 2 分钟" in run_state(PLAN, at, seen=seen(at, -120)).text
    assert "晚点约 10 分钟" in run_state(PLAN, at, seen=seen(at, 614)).text


def test_a_vehicle_that_fell_silent_confirms_nothing_but_is_told_of() -> None:
    at = LEAVES + minutes(5)
    state = run_state(PLAN, LEAVES + minutes(9), seen=seen(at, None, current=False))
    assert (state.state, state.said_at) == ("not_confirmed", at)
    assert "06:55" in state.text
    early = run_state(PLAN, LEAVES - minutes(5), seen=seen(at - minutes(20), None, current=False))
    assert early.state == "scheduled"


def test_a_run_whose_bus_was_near_its_end_is_likely_over_but_never_certain() -> None:
    at = PLAN.arrival - minutes(1)
    near, under_way = Sighting(at, current=False, near_end=True), seen(at, None, current=False)
    for later, sighting, likely in [
        (12, near, True),
        (12, under_way, False),
        (2, near, False),  # it may be a little late
    ]:
        state = run_state(PLAN, PLAN.arrival + minutes(later), seen=sighting)
        assert (state.state, state.said_at) == ("not_confirmed", at)
        assert ("应已到终点" in state.text) is likely
        assert "尚未确认" in state.text
        assert "07:09" in state.text


def test_the_operators_word_is_shown_with_who_and_when() -> None:
    word = said("late", minutes=15, note="路口施工")
    state = run_state(PLAN, LEAVES, word)
    assert (state.state, state.minutes, state.said_by) == ("late", 15, BUS)
    assert state.said_at == word.said_at
    assert state.text == "晚点约 15 分钟（路口施工）"
    assert run_state(PLAN, LEAVES + minutes(5), said("normal")).state == "normal"


def test_a_cancellation_tells_what_instead() -> None:
    word = said("cancelled", replacement="7:10 另有一班", phone="0533-1234567")
    state = run_state(PLAN, LEAVES, word)
    assert (state.state, state.minutes) == ("cancelled", None)
    assert "7:10 另有一班" in state.text
    assert "0533-1234567" in state.text


def test_the_newer_word_counts_but_for_cancellations() -> None:
    at = LEAVES + minutes(8)
    older, newer = said("late", minutes=15), said("late", at=at + minutes(1), minutes=20)
    assert run_state(PLAN, at, older, seen(at, 0)).source == "vehicle"
    assert run_state(PLAN, at + minutes(1), newer, seen(at, 0)).minutes == 20
    assert run_state(PLAN, at, older, seen(at, None)).minutes == 15
    assert run_state(PLAN, at, older, seen(at, 0, current=False)).minutes == 15
    gone = said("cancelled", phone="12345")
    assert run_state(PLAN, at, gone, seen(at, 0)).state == "cancelled"


def test_a_suspension_by_notice_is_a_cancellation_unless_the_operator_says_otherwise() -> None:
    effect = Effect("suspended", "因降雪停运", replacement="请家长接送", phone="0533-1234567")
    plan = Planned(PLAN.departure, PLAN.arrival, effect)
    state = run_state(plan, LEAVES, seen=seen(LEAVES, 0))
    assert (state.state, state.source, state.said_by) == ("cancelled", "notice", "公告")
    assert state.text == "因降雪停运：请家长接送，请致电 0533-1234567"
    assert run_state(plan, LEAVES, said("normal")).state == "normal"


def test_of_a_suspension_and_the_operators_word_the_newer_counts() -> None:
    effect = Effect("suspended", "因降雪停运", phone="0533-1234567")
    plan = Planned(PLAN.departure, PLAN.arrival, effect, suspended_at=EARLIER)
    before, after = EARLIER - minutes(1), EARLIER + minutes(1)
    for word in [said("normal", before), said("late", before, minutes=10)]:
        state = run_state(plan, LEAVES, word, seen(LEAVES, 0))
        assert (state.state, state.source) == ("cancelled", "notice")
    assert run_state(plan, LEAVES, said("normal", after)).state == "normal"
    assert run_state(plan, LEAVES, said("late", after, minutes=10)).minutes == 10
    replaced = said("replaced", before, replacement="另派一辆车")
    assert run_state(plan, LEAVES, replaced).state == "replaced"


def test_what_was_said_long_before_holds_until_the_bus_should_have_set_out() -> None:
    word = said("normal", LEAVES - timedelta(days=10))
    assert run_state(PLAN, LEAVES - minutes(1), word).state == "normal"
    state = run_state(PLAN, LEAVES, word)
    assert (state.state, state.minutes) == ("not_confirmed", None)
    assert (state.said_by, state.said_at) == (BUS, word.said_at)
    assert "11月14日 06:50 说正常" in state.text
    assert run_state(PLAN, LEAVES, said("normal", LEAVES - SAID_AHEAD)).state == "normal"
    at = LEAVES + minutes(4)
    assert run_state(PLAN, at, word, seen(at, None)).source == "vehicle"
    silent = run_state(PLAN, at + minutes(5), word, seen(at, None, current=False))
    assert "06:54 之后没有收到车辆位置" in silent.text
    assert "暂时查不到" in run_state(PLAN, at, word, degraded=True).text


def test_a_delay_told_long_before_holds_until_it_is_over() -> None:
    word = said("late", LEAVES - minutes(40), minutes=30)
    assert run_state(PLAN, LEAVES + minutes(29), word).state == "late"
    state = run_state(PLAN, LEAVES + minutes(30), word)
    assert (state.state, state.minutes) == ("not_confirmed", 30)
    renewed = said("late", LEAVES - minutes(30), minutes=30)
    assert run_state(PLAN, LEAVES + minutes(30), renewed).state == "late"


def test_while_live_news_cannot_be_had_nothing_is_called_planned() -> None:
    state = run_state(PLAN, LEAVES - minutes(30), degraded=True)
    assert state.state == "not_confirmed"
    assert "暂时查不到" in state.text
    word = said("cancelled", phone="12345")
    assert run_state(PLAN, LEAVES, word, degraded=True).state == "cancelled"


SAID = st.none() | st.builds(
    said,
    st.sampled_from(["normal", "late", "cancelled", "replaced"]),
    st.integers(-600, 600).map(lambda n: LEAVES + minutes(n)),
    minutes=st.integers(1, 240),
    replacement=st.just("另一辆车"),
)
SEEN = st.none() | st.builds(
    Sighting,
    st.integers(-60, 120).map(lambda n: LEAVES + minutes(n)),
    st.booleans(),
    st.none() | st.integers(-3600, 7200),
)


@given(
    now=st.integers(-600, 600).map(lambda n: LEAVES + minutes(n)),
    word=SAID,
    sight=SEEN,
    degraded=st.booleans(),
)
def test_no_run_is_silently_left_as_scheduled(
    now: datetime, word: Said | None, sight: Sighting | None, degraded: bool
) -> None:
    state = run_state(PLAN, now, word, sight, degraded=degraded)
    assert state.text
    assert (state.state == "scheduled") <= (now < LEAVES and word is None and not degraded)
    assert (state.said_at is None) <= (state.source == "timetable")
    if word is not None and word.state in ("cancelled", "replaced"):
        assert (state.state, state.said_by) == (word.state, BUS)
    if state.state == "late":
        assert state.minutes is not None
        assert state.minutes > 0
