"""What becomes of the departures while a notice is in force?"""

from datetime import date

from tests.geo.buses import at, lines, notice, route, timetable, trip


def test_is_a_suspended_run_shown_with_what_to_do_instead() -> None:
    some = timetable(notices=[notice()])
    board = some.departures("gate", at("2026-10-09 12:00"), limit=2)
    assert [(d.trip, d.state) for d in board.departures] == [
        ("home1", "suspended"),
        ("home2", "suspended"),
    ]
    first = board.departures[0]
    assert (first.state_text, first.replacement) == ("停运；请改乘 90 路", "请改乘 90 路")
    assert (first.phone, first.notices) == ("0533-2287777", (101,))
    assert board.next_served is not None
    assert board.next_served.text == "明天 7:05"


def test_is_a_notice_unknown_before_it_is_told_and_over_when_it_ends() -> None:
    some = timetable(notices=[notice()])
    before = some.departures("gate", at("2026-10-08 11:00"), limit=5)
    assert {d.state for d in before.departures} == {"scheduled"}
    told = some.departures("gate", at("2026-10-08 12:00"), limit=5)
    assert [d.state for d in told.departures].count("suspended") == 3
    assert [id_ for id_, _ in some.notices_for(1, at("2026-10-08 12:00"))] == [101]
    assert some.notices_for(1, at("2026-10-10 00:00")) == []
    assert some.notices_for(1, at("2026-10-08 11:00")) == []


def test_does_a_change_of_time_move_the_departure() -> None:
    later = notice(effect="time_change", delay_minutes=20, trips=["home1"], replacement="")
    some = timetable(notices=[later])
    board = some.departures("gate", at("2026-10-09 17:40"), limit=2)
    assert [(d.trip, d.clock, d.state, d.minutes) for d in board.departures] == [
        ("home1", "17:50", "changed", 10),
        ("home2", "18:10", "scheduled", 30),
    ]
    assert board.departures[0].scheduled == at("2026-10-09 17:30")
    assert board.departures[0].state_text == "推迟 20 分钟"


def test_does_an_earlier_time_come_first_even_from_the_day_after() -> None:
    early = trip("early", "to_school", ["west 00:30", "gate 00:50"])
    late = trip("late", "to_home", ["gate 23:40", "west 23:55"])
    sooner = notice(
        effect="time_change",
        delay_minutes=-60,
        trips=["early"],
        start="2026-10-14T00:00:00+08:00",
        end="2026-10-15T00:00:00+08:00",
    )
    some = timetable(route(trips=[early, late]), notices=[sooner])
    board = some.departures("west", at("2026-10-13 20:00"), limit=1)
    assert lines(board) == ["今天 23:30 early"]


def test_is_a_stop_that_a_detour_leaves_out_shown_as_left_out() -> None:
    some = timetable(notices=[notice(effect="detour", stops=["park"], replacement="")])
    park = some.departures("park", at("2026-10-09 17:00"), limit=1).departures[0]
    west = some.departures("west", at("2026-10-09 17:00"), limit=1).departures[0]
    assert (park.state, park.state_text, park.served) == ("skipped", "绕行，本站不停靠", False)
    assert (west.state, west.notices) == ("scheduled", ())


def test_does_a_notice_without_routes_touch_all() -> None:
    some = timetable(notices=[notice(routes=[])])
    assert some.route_day(1, date(2026, 10, 9), at("2026-10-09 08:00")).code == "suspension"


def test_does_the_latest_change_of_time_count_and_suspension_outweigh_it() -> None:
    first = notice(effect="time_change", delay_minutes=20)
    second = first.model_copy(
        update={"delay_minutes": 5, "announced_at": at("2026-10-08 18:00"), "name": "更正"}
    )
    asked = at("2026-10-09 06:00")
    some = timetable(notices=[second, first])
    assert some.departures("gate", asked, limit=1).departures[0].clock == "7:10"
    three = timetable(notices=[second, first, notice()])
    told = three.departures("gate", asked, limit=1).departures[0]
    assert (told.state, told.clock, set(told.notices)) == ("suspended", "7:05", {101, 102, 103})


def test_is_a_run_that_has_begun_before_the_suspension_finished() -> None:
    midway = {"start": "2026-10-09T17:35:00+08:00"}
    for stops, state in (([], "scheduled"), (["park"], "suspended")):
        some = timetable(notices=[notice(stops=stops, **midway)])
        first, second = some.departures("park", at("2026-10-09 17:00"), limit=2).departures
        assert (first.trip, first.state) == ("home1", state)
        assert (second.trip, second.state) == ("home2", "suspended")


def test_does_a_run_of_two_nights_ago_still_come() -> None:
    long = trip("long", "to_home", ["gate 23:50", "west 49:10"])
    some = timetable(route(trips=[long]))
    board = some.departures("west", at("2026-10-18 00:30"), limit=1)
    assert (board.departures[0].text, board.departures[0].service_date.day) == ("今天 1:10", 16)
