"""Does publishing a few listings at once leave all else that is approved to the publisher?"""

from datetime import date

import pytest
from flask import Flask

from config.settings import Settings
from geo.calendar import CalendarDay
from geo.city import City
from server import publishing
from server.composing import NotPublishable
from server.db import db
from server.models import CalendarDayRow
from tests.server.material import add, hotline, revise, set_state, site
from tests.server.test_publishing import by_id, stones, stored
from tests.server.test_publishing_lines import TODAY, document, suspension

pytestmark = pytest.mark.usefixtures("app")


def test_does_what_others_approved_wait(settings: Settings, city: City) -> None:
    line, other = add(document()), add(site("甲馆"))
    publishing.publish(settings, city)
    revise(other, site("甲馆新"))
    fresh, gone = add(site("乙馆")), add(site("丙馆"))
    set_state(gone, "retired")
    notice = add(suspension([line], TODAY))
    done = publishing.publish(settings, city, only={notice})
    assert (done.number, done.changed, done.removed) == (2, 1, 0)
    assert by_id(2) == {
        line: (by_id(1)[line][0], 1),
        other: ("甲馆", 1),
        notice: ("停运", 2),
    }
    publishing.publish(settings, city)
    assert by_id(3)[other] == ("甲馆新", 3)
    assert by_id(3)[notice] == ("停运", 2)
    assert by_id(3)[fresh] == ("乙馆", 3)


def test_does_the_new_calendar_wait_too(settings: Settings, city: City) -> None:
    one = add(site("甲馆"))
    publishing.publish(settings, city)
    db.session.add(CalendarDayRow(date=date(2031, 10, 1), kind="holiday", name="国庆节"))
    revise(one, site("甲馆新"))
    publishing.publish(settings, city, only={one})
    assert stored(2).calendar == ()
    publishing.publish(settings, city)
    assert stored(3).calendar == (
        CalendarDay(date=date(2031, 10, 1), kind="holiday", name="国庆节"),
    )


def test_does_a_retired_listing_leave_alone(settings: Settings, city: City) -> None:
    one, two, three = add(site("甲馆")), add(site("乙馆")), add(hotline())
    publishing.publish(settings, city)
    set_state(one, "retired", "搬迁")
    set_state(two, "retired", "装修")
    publishing.publish(settings, city, only={one})
    assert set(by_id(2)) == {two, three}
    assert stones(2) == {one: (None, "搬迁", 2)}


def test_is_a_mistake_of_another_listing_no_hindrance(settings: Settings, city: City) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    revise(two, site("乙馆", lon=100.0))
    revise(one, site("甲馆新"))
    assert publishing.publish(settings, city, only={one}).number == 2
    with pytest.raises(NotPublishable):
        publishing.publish(settings, city, only={two})
    assert by_id(2) == {one: ("甲馆新", 2), two: ("乙馆", 1)}


def test_is_a_notice_held_against_the_lines_in_force(settings: Settings, city: City) -> None:
    add(document())
    publishing.publish(settings, city)
    later = add(document(name="二号线", trips=[]))
    notice = add(suspension([later], TODAY))
    with pytest.raises(NotPublishable, match=f"没有编号为 {later} 的线路"):
        publishing.publish(settings, city, only={notice})


def test_does_unverified_data_stay_unofficial(settings: Settings, city: City) -> None:
    add(site("甲馆"), origin="starter")
    two = add(site("乙馆"))
    publishing.publish(settings, city)
    revise(two, site("乙馆新"))
    assert not publishing.publish(settings, city, only={two}).official


def test_is_nothing_published_twice(settings: Settings, city: City) -> None:
    one = add(site("甲馆"))
    publishing.publish(settings, city)
    again = publishing.publish(settings, city, only={one})
    assert (again.is_new, again.number) == (False, 1)


def test_does_the_first_edition_hold_only_these(settings: Settings, city: City, app: Flask) -> None:
    add(site("甲馆"))
    two = add(site("乙馆"))
    publishing.publish(settings, city, only={two})
    assert set(by_id(1)) == {two}
