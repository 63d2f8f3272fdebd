"""Is it open now, why, until when, and what does the week look like?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from geo.calendar import Calendar, CalendarDay
from geo.opening import SHANGHAI, Hours, OpenState


def days(kind: str, name: str, first: date, last: date) -> list[CalendarDay]:
    return [
        CalendarDay.model_validate(
            {"date": first + timedelta(days=i), "kind": kind, "name": name}, strict=False
        )
        for i in range((last - first).days + 1)
    ]


CALENDAR = Calendar(
    days("holiday", "春节", date(2026, 2, 15), date(2026, 2, 23))
    + days("makeup_workday", "春节调休上班", date(2026, 2, 14), date(2026, 2, 14))
    + days("holiday", "国庆节", date(2026, 10, 1), date(2026, 10, 7))
    + days("makeup_workday", "国庆节调休上班", date(2026, 9, 20), date(2026, 9, 20))
    + days("makeup_workday", "国庆节调休上班", date(2026, 10, 10), date(2026, 10, 10))
    + days("school_holiday", "暑假", date(2026, 7, 10), date(2026, 8, 31))
)
OFFICE = "Mo-Fr 09:00-17:00; PH off"
MUSEUM = "Tu-Su 09:00-17:00; Mo off; PH 10:00-16:00"
SPLIT = "Mo-Fr 09:00-12:00,13:30-17:00; PH off"
CHILDREN = "Sa,Su 09:00-17:00; SH 08:30-18:00; Mo off"


def moment(text: str) -> datetime:
    """``10-08 16:20`` of 2026, or with a year before it, in Shanghai."""
    full = text if len(text) > 11 else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=SHANGHAI)


def ask(expression: str | None, at: str, *closures: tuple[date, date, str]) -> OpenState:
    return Hours(expression, CALENDAR, closures).state(moment(at))


@pytest.mark.parametrize(
    ("expression", "at", "state", "text", "until"),
    [
        (OFFICE, "10-08 16:29", "open", "今天开放至 17:00", "10-08 17:00"),
        (OFFICE, "10-08 16:30", "closing_soon", "30 分钟后闭馆", "10-08 17:00"),
        (OFFICE, "10-08 16:40", "closing_soon", "20 分钟后闭馆", "10-08 17:00"),
        (OFFICE, "10-08 16:59", "closing_soon", "1 分钟后闭馆", "10-08 17:00"),
        (OFFICE, "10-08 17:00", "closed", "明天 9:00 开放", "10-09 09:00"),
        (OFFICE, "10-08 08:59", "closed", "今天 9:00 开放", "10-08 09:00"),
        (OFFICE, "10-08 09:00", "open", "今天开放至 17:00", "10-08 17:00"),
        (SPLIT, "10-08 12:00", "closed", "今天 13:30 开放", "10-08 13:30"),
        (OFFICE, "10-10 18:00", "closed", "周一 9:00 开放", "10-12 09:00"),
        (OFFICE, "10-02 12:00", "closed", "周四 9:00 开放", "10-08 09:00"),
        (OFFICE, "10-01 12:00", "closed", "10月8日 9:00 开放", "10-08 09:00"),
        ("24/7", "10-08 03:00", "open", "24 小时开放", None),
        ("Mo-Su 00:00-24:00", "10-08 23:59", "open", "24 小时开放", None),
        ("off", "10-08 12:00", "closed", "近期不开放", None),
        ("2026 Dec 31 09:00-17:00", "10-08 12:00", "closed", "近期不开放", None),
        ("Fr 18:00-02:00", "10-09 20:00", "open", "开放至明天 2:00", "10-10 02:00"),
        ("Fr 18:00-02:00", "10-10 01:00", "open", "今天开放至 2:00", "10-10 02:00"),
        ("Fr 18:00-02:00", "10-10 01:45", "closing_soon", "15 分钟后闭馆", "10-10 02:00"),
        ("Th 09:00-24:00", "10-08 20:00", "open", "今天开放至 24:00", "10-09 00:00"),
        ("Tu-Fr 00:00-24:00", "10-14 12:00", "open", "开放至周五 24:00", "10-17 00:00"),
    ],
)
def test_what_does_a_parent_read(
    expression: str, at: str, state: str, text: str, until: str | None
) -> None:
    answer = ask(expression, at)
    assert (answer.state, answer.text) == (state, text)
    assert answer.until == (moment(until) if until else None)
    assert answer.now is (state in ("open", "closing_soon"))


@pytest.mark.parametrize(
    ("expression", "at", "now", "code", "reason"),
    [
        (OFFICE, "10-05 12:00", False, "holiday", "国庆节假期"),
        (OFFICE, "02-16 12:00", False, "holiday", "春节假期"),
        (MUSEUM, "10-05 12:00", True, "holiday", "国庆节假期"),
        (MUSEUM, "10-05 09:30", False, "holiday", "国庆节假期"),
        (MUSEUM, "10-12 12:00", False, "regular", "按每周开放时间"),
        (OFFICE, "10-10 12:00", True, "makeup_workday", "调休上班日，按工作日开放"),
        (OFFICE, "02-14 12:00", True, "makeup_workday", "调休上班日，按工作日开放"),
        (OFFICE, "09-20 12:00", True, "makeup_workday", "调休上班日，按工作日开放"),
        (OFFICE, "10-11 12:00", False, "regular", "按每周开放时间"),
        (CHILDREN, "10-10 12:00", False, "makeup_workday", "调休上班日，按工作日安排不开放"),
        (CHILDREN, "10-11 12:00", True, "regular", "按每周开放时间"),
        (CHILDREN, "07-14 08:45", True, "school_holiday", "暑假假期"),
        (CHILDREN, "07-13 08:45", False, "regular", "按每周开放时间"),
        ("SH Mo-Fr 10:00-12:00", "07-14 11:00", True, "school_holiday", "暑假假期"),
        ("SH Mo-Fr 10:00-12:00", "07-18 11:00", False, "regular", "按每周开放时间"),
        ("SH Mo-Fr 10:00-12:00", "06-16 11:00", False, "regular", "按每周开放时间"),
        ("Mo-Fr,PH 09:00-17:00", "10-03 12:00", True, "holiday", "国庆节假期"),
        (
            "Mo-Fr 09:00-17:00",
            "10-01 12:00",
            True,
            "regular",
            "按每周开放时间（未登记国庆节假期的安排）",
        ),
        ('2026 Oct 8 off "布展"; Mo 09:00-17:00', "10-08 12:00", False, "regular", "不开放：布展"),
    ],
)
def test_what_is_the_reason(expression: str, at: str, now: bool, code: str, reason: str) -> None:
    answer = ask(expression, at)
    assert (answer.now, answer.code, answer.reason) == (now, code, reason)


@pytest.mark.parametrize(
    "expression",
    [
        "Mo-Fr 09:00-17:00; PH off; 2026 Oct 10 13:00-14:00",
        "2026 Oct 10 13:00-14:00; Mo-Fr 09:00-17:00; PH off",
    ],
)
def test_does_a_date_named_by_staff_win_on_a_make_up_working_day(expression: str) -> None:
    assert Hours(expression, CALENDAR).week(date(2026, 10, 10), 1)[0].ranges == (
        ("13:00", "14:00"),
    )


def test_does_a_make_up_working_day_keep_its_own_season() -> None:
    seasons = "Feb 15-Oct 09 Mo-Fr 08:00-18:00; Oct 10-Feb 14 Mo-Fr 09:00-16:00; We 10:00-16:00"
    only = "Feb 15-Oct 09 Mo-Fr 08:00-18:00; Oct 10-Feb 14 Mo-Fr 09:00-16:00"
    saturday = date(2026, 10, 10)
    assert Hours(only, CALENDAR).week(saturday, 1)[0].ranges == (("09:00", "16:00"),)
    assert Hours(seasons, CALENDAR).week(saturday, 1)[0].ranges == (("10:00", "16:00"),)


class TestUnknown:
    def test_are_hours_that_nobody_entered_unknown_and_not_closed(self) -> None:
        answer = ask(None, "10-08 12:00")
        assert (answer.state, answer.now, answer.until) == ("unknown", None, None)
        assert (answer.text, answer.reason) == ("开放时间待核实", "没有登记开放时间")
        assert answer.code == "no_hours"

    def test_is_a_year_without_calendar_told(self) -> None:
        answer = ask(OFFICE, "2027-03-02 12:00")
        assert (answer.state, answer.text) == ("unknown", "开放时间待核实")
        assert answer.reason == "2027 年的节假日安排尚未录入，无法判断"
        assert answer.code == "no_calendar"

    def test_is_a_year_without_school_holidays_told(self) -> None:
        answer = Hours("SH 08:30-18:00", Calendar(CALENDAR_2027)).state(moment("2027-03-02 12:00"))
        assert answer.reason == "2027 年的寒暑假安排尚未录入，无法判断"
        assert answer.code == "no_school_calendar"

    @pytest.mark.parametrize(
        ("expression", "at", "now"),
        [
            ("09:00-17:00", "2027-03-06 12:00", True),
            ("Tu-Su 09:00-17:00; Mo off", "2027-03-06 12:00", True),
            ("Mo-Fr 09:00-17:00", "2027-03-05 12:00", True),
            ("Mo-Fr 09:00-17:00", "2027-03-06 12:00", None),
            ("Tu-Su 09:00-17:00; PH 09:00-17:00", "2027-03-05 12:00", True),
            ("24/7", "2027-03-06 12:00", True),
        ],
    )
    def test_is_only_that_unknown_which_hangs_on_the_missing_year(
        self, expression: str, at: str, now: bool | None
    ) -> None:
        assert ask(expression, at).now is now

    def test_does_today_stay_known_when_tomorrow_is_in_a_missing_year(self) -> None:
        answer = ask(OFFICE, "12-31 18:00")
        assert (answer.state, answer.text, answer.until) == ("closed", "今天已闭馆", None)
        assert answer.reason == "按每周开放时间；2027 年的节假日安排尚未录入，之后的开放时间待核实"
        assert ask(OFFICE, "12-31 08:00").text == "今天 9:00 开放"
        assert ask("Mo-We 09:00-17:00; PH off", "12-31 08:00").text == "今天不开放"

    def test_is_a_place_open_into_a_missing_year_not_said_to_close(self) -> None:
        answer = ask("24/7; PH off", "12-31 23:50")
        assert (answer.state, answer.text, answer.until) == ("open", "今天至少开放至 24:00", None)

    def test_is_an_open_end_unknown_from_there_on(self) -> None:
        assert ask("10:00-16:00+", "10-08 15:50").text == "今天至少开放至 16:00"
        late = ask("10:00-16:00+", "10-08 16:00")
        assert (late.state, late.reason, late.code) == ("unknown", "没有登记闭馆时间", "no_hours")
        assert late.until == moment("10-09 00:00")

    def test_is_an_unknown_rule_given_with_its_comment(self) -> None:
        answer = ask('Th 09:00-12:00 unknown "开课时开放"', "10-08 10:00")
        assert (answer.state, answer.reason) == ("unknown", "开课时开放")
        assert ask('Th 09:00-12:00 unknown "by appointment"', "10-08 10:00").text == "需预约"
        assert ask("Th 09:00-12:00 unknown", "10-08 08:00").text == "现在不开放"


CALENDAR_2027 = days("holiday", "元旦", date(2027, 1, 1), date(2027, 1, 3))


def test_is_the_need_to_book_said() -> None:
    answer = ask('Mo-Fr 09:00-17:00 "by appointment"', "10-08 12:00")
    assert (answer.state, answer.text) == ("open", "今天开放至 17:00（需预约）")
    assert answer.reason == "按每周开放时间；需预约"


class TestClosures:
    SHOW = (date(2026, 10, 8), date(2026, 10, 9), "布展")

    def test_does_a_closure_beat_the_hours_on_both_its_days(self) -> None:
        for at in ("10-08 00:00", "10-08 12:00", "10-09 23:59"):
            answer = ask("24/7", at, self.SHOW)
            assert (answer.state, answer.code) == ("closed", "closure")
            assert answer.reason == "临时关闭：布展"
            assert answer.until == moment("10-10 00:00")
        assert ask("24/7", "10-07 23:59", self.SHOW).state == "closing_soon"
        assert ask("24/7", "10-10 00:00", self.SHOW).text == "24 小时开放"

    def test_does_a_closure_end_the_evening_before_at_midnight(self) -> None:
        night = Hours("We 18:00-02:00", CALENDAR, [self.SHOW])
        assert night.state(moment("10-08 01:00")).now is False
        assert night.week(date(2026, 10, 7), 1)[0].ranges == (("18:00", "24:00"),)

    def test_is_a_closed_place_closed_though_its_hours_are_unknown(self) -> None:
        answer = ask(None, "10-08 12:00", self.SHOW)
        assert (answer.state, answer.text, answer.until) == ("closed", "今天不开放", None)
        assert ask(None, "10-10 12:00", self.SHOW).now is None

    def test_is_a_closure_without_a_reason_worded(self) -> None:
        silent = (date(2026, 10, 8), date(2026, 10, 8), "")
        assert ask(OFFICE, "10-08 12:00", silent).reason == "临时关闭"


class TestOverMidnight:
    def test_does_an_evening_last_though_the_next_day_has_rules_of_its_own(self) -> None:
        for expression in ("Th 18:00-02:00; Fr off", "Th 18:00-02:00; Fr 10:00-12:00"):
            assert ask(expression, "10-09 01:59").now is True
            assert ask(expression, "10-09 02:00").now is False

    def test_is_the_night_after_a_holiday_closed_when_the_holiday_is(self) -> None:
        assert ask("18:00-02:00; PH off", "10-01 01:00").now is True
        assert ask("18:00-02:00; PH off", "10-08 01:00").now is False


class TestWeek:
    def test_what_does_the_week_of_a_holiday_look_like(self) -> None:
        closure = (date(2026, 10, 9), date(2026, 10, 9), "布展")
        week = Hours(OFFICE, CALENDAR, [closure]).week(date(2026, 10, 6))
        assert [(d.date.day, d.ranges, d.note) for d in week] == [
            (6, (), "国庆节"),
            (7, (), "国庆节"),
            (8, (("09:00", "17:00"),), ""),
            (9, (), "临时关闭：布展"),
            (10, (("09:00", "17:00"),), "调休上班"),
            (11, (), ""),
            (12, (("09:00", "17:00"),), ""),
        ]
        assert all(d.known for d in week)

    @pytest.mark.parametrize(
        ("expression", "ranges"),
        [
            ("24/7", (("00:00", "24:00"),)),
            ("18:00-02:00", (("18:00", "02:00"),)),
            ("18:00-00:00", (("18:00", "24:00"),)),
            ("9:00-12:00,13:30-17:00", (("09:00", "12:00"), ("13:30", "17:00"))),
        ],
    )
    def test_how_is_a_day_written(self, expression: str, ranges: tuple[tuple[str, str]]) -> None:
        assert Hours(expression, CALENDAR).week(date(2026, 10, 14), 1)[0].ranges == ranges

    def test_are_unknown_days_marked(self) -> None:
        day = Hours(OFFICE, CALENDAR).week(date(2026, 12, 31), 2)
        assert [d.known for d in day] == [True, False]
        assert day[1].note == "2027 年的节假日安排尚未录入，无法判断"
        assert Hours(None, CALENDAR).week(date(2026, 10, 8), 1)[0].note == "没有登记开放时间"
        assert Hours("18:00+", CALENDAR).week(date(2026, 10, 8), 1)[0].known is False


@pytest.mark.parametrize(
    ("expression", "always"),
    [
        ("24/7", True),
        ("Mo-Su,PH 00:00-24:00", True),
        ("24/7; PH off", False),
        ("Mo-Fr 00:00-24:00", False),
        (None, False),
    ],
)
def test_is_a_line_answered_around_the_clock(expression: str | None, always: bool) -> None:
    assert Hours(expression, CALENDAR).always_open is always


def test_is_the_zone_of_the_question_respected() -> None:
    hours = Hours(OFFICE, CALENDAR)
    assert hours.state(datetime(2026, 10, 8, 1, 0, tzinfo=UTC)).now is True
    assert hours.state(datetime(2026, 10, 8, 0, 59, 59, tzinfo=UTC)).now is False
    newfoundland = timezone(timedelta(hours=-3, minutes=-30))
    assert hours.state(datetime(2026, 10, 7, 21, 30, tzinfo=newfoundland)).now is True


def test_is_a_time_without_zone_or_far_away_refused() -> None:
    hours = Hours(OFFICE, CALENDAR)
    with pytest.raises(ValueError, match="zone"):
        hours.state(datetime(2026, 10, 8, 12, 0))  # noqa: DTZ001
    for at in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)):
        with pytest.raises(ValueError, match="年份"):
            hours.state(at)
    with pytest.raises(ValueError, match="年份"):
        hours.week(date(9999, 12, 30))
