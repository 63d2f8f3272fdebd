"""Is each subscriber told once, and nobody who is not to be told?"""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from server import jobs
from server.db import db, now
from server.mailings import consents, outbox, sending, subscriptions
from server.mailings.laying import look_after
from server.models import AuditEvent, Job, Mailing, Message, Person
from server.people.keys import key_ring
from server.people.persons import hold
from server.revisions import writing
from tests.server.mailings.conftest import SEND, TEMPLATE, Town, notice
from tests.server.material import add, revise, set_state
from tests.wechat_standin.state import openid_of

Later = Callable[[timedelta], None]


def left(person_id: int) -> int:
    db.session.rollback()
    return consents.remaining(db.session, person_id, TEMPLATE)


def result() -> dict[str, str]:
    """Of the latest job."""
    db.session.rollback()
    told: dict[str, str] = db.session.scalars(select(Job).order_by(Job.id.desc())).first().result  # type: ignore[union-attr]
    return told


def test_is_every_subscriber_of_the_line_told_once(town: Town) -> None:
    both, one = town.subscriber("both", 1, 2, consents=3), town.subscriber("one")
    town.subscriber("elsewhere", 2)
    for _ in range(3):
        town.work()
    assert sorted(town.sent_to()) == sorted([openid_of("both"), openid_of("one")])
    (said, _) = town.standin.state.sent
    assert said["page"] == "pages/bus/line?id=1"
    assert {key: value["value"] for key, value in said["data"].items()} == {
        "thing1": "八中一号线",
        "phrase2": "停运",
        "time3": said["data"]["time3"]["value"],
        "thing4": "请家长接送",
    }
    mailing = town.mailing()
    assert (mailing.total, mailing.sent, mailing.refused, mailing.failed) == (2, 2, 0, 0)
    assert mailing.finished_at is not None
    assert (left(both), left(one)) == (2, 0)
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.detail["total"]) == ("mailing.started", 2)


def test_is_only_what_changes_something_now_told(town: Town) -> None:
    town.subscriber("one", 1, 2, consents=9)
    at = now()
    add(notice(effect="other"))
    add(notice(announced_at=(at + timedelta(hours=1)).isoformat()))
    add(notice(start=(at - timedelta(2)).isoformat(), end=(at - timedelta(1)).isoformat()))
    everywhere = add(notice(routes=[], effect="detour", start=(at + timedelta(1)).isoformat(),
                            end=None))  # fmt: skip
    town.publish()
    look_after(TEMPLATE)
    db.session.rollback()
    assert set(db.session.scalars(select(Mailing.notice_id))) == {3, everywhere}


def test_is_nobody_told_who_left_before_their_turn(town: Town) -> None:
    people = [town.subscriber(name) for name in ("stays", "unsubscribed", "erased", "empty")]
    look_after(TEMPLATE)
    with writing(db.session):
        subscriptions.unsubscribe(db.session, people[1], 1)
        db.session.execute(delete(Person).where(Person.id == people[2]))
        consents.withdraw(db.session, people[3], TEMPLATE)
    jobs.run_waiting(town.app)
    assert town.sent_to() == [openid_of("stays")]
    mailing = town.mailing()
    assert (mailing.total, mailing.sent, mailing.refused) == (4, 1, 1)
    assert town.states() == ["sent", "refused"]
    assert mailing.finished_at is not None


@pytest.mark.parametrize(
    ("errcode", "state", "remaining"),
    [(43101, "refused", 0), (40003, "failed", 2), (40037, "failed", 2), (47003, "failed", 2)],
)
def test_is_what_wechat_refuses_for_good_never_tried_again(
    town: Town, errcode: int, state: str, remaining: int, later: Later
) -> None:
    one = town.subscriber("one", consents=2)
    town.standin.faults.add("errcode", SEND, errcode=errcode)
    town.work()
    later(timedelta(days=1))
    town.work()
    assert town.standin.state.count(SEND) == 1
    assert town.states() == [state]
    assert left(one) == remaining
    message = db.session.scalars(select(Message)).one()
    assert message.errcode == errcode


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("errcode", {"errcode": -1}, "没有回应"),
        ("status", {"status": 502}, "没有回应"),
        ("html", {}, "没有回应"),
        ("drop", {}, "没有回应"),
        ("errcode", {"errcode": 45011}, "太频繁"),
        ("errcode", {"errcode": 40164}, "白名单"),
    ],
)
def test_is_it_tried_again_later_where_wechat_is_away(
    town: Town, kind: str, given: dict[str, int], why: str, later: Later
) -> None:
    one = town.subscriber("one")
    town.standin.faults.add(kind, SEND, **given)  # type: ignore[arg-type]
    town.work()
    asked = town.standin.state.count(SEND)
    town.work()
    assert town.standin.state.count(SEND) == asked
    assert why in result()["why"]
    town.standin.faults.clear()
    later(timedelta(minutes=11))
    town.work()
    assert town.states() == ["sent"]
    assert town.sent_to() == [openid_of("one")]
    assert left(one) == 0


def test_is_the_days_quota_waited_for_until_tomorrow(town: Town, later: Later) -> None:
    for n in range(3):
        town.subscriber(f"one{n}")
    town.standin.faults.add("errcode", SEND, errcode=45009)
    town.work()
    assert town.standin.state.count(SEND) == 1
    assert "用完" in result()["why"]
    assert result()["not_before"].endswith("T00:00:00+08:00")
    town.standin.faults.clear()
    later(timedelta(days=1))
    town.work()
    assert len(town.sent_to()) == 3


def test_does_one_who_can_not_be_reached_hold_up_nobody(town: Town) -> None:
    for n in range(5):
        town.subscriber(f"one{n}")
    town.standin.faults.add("status", SEND, times=2, status=500)
    town.work()
    assert town.states() == ["sending", "sending", "sent", "sent", "sent"]
    town.standin.faults.add("status", SEND, status=500)
    assert town.mailing().finished_at is None


def stuck(town: Town, *, arrived: bool, consents_: int) -> tuple[int, int]:
    """A message as a run leaves it that was killed while WeChat was asked: person, message."""
    person = town.subscriber("one", consents=consents_)
    look_after(TEMPLATE)
    mailing = town.mailing()
    with writing(db.session):
        hold(db.session, person)
        consents.reserve(db.session, person, TEMPLATE)
        message = db.session.scalars(select(Message)).one()
        message.state, message.attempts, message.attempted_at = "sending", 1, now()
    if arrived:
        openid = openid_of("one")
        town.standin.state.consents[openid, TEMPLATE] -= 1
        town.standin.state.sent.append({"touser": openid})
    assert mailing.total == 1
    return person, message.id


@pytest.mark.parametrize("arrived", [False, True])
def test_is_one_in_doubt_sent_again_where_wechat_takes_no_second(
    town: Town, *, arrived: bool
) -> None:
    person, _ = stuck(town, arrived=arrived, consents_=1)
    town.work()
    assert town.sent_to() == [openid_of("one")]
    assert town.states() == ["sent"]
    assert (left(person), town.mailing().sent) == (0, 1)


@pytest.mark.parametrize("arrived", [False, True])
def test_is_one_in_doubt_never_sent_twice_where_wechat_would(town: Town, *, arrived: bool) -> None:
    person, _ = stuck(town, arrived=arrived, consents_=2)
    town.work()
    assert len(town.sent_to()) == arrived
    assert town.states() == ["uncertain"]
    assert (left(person), town.mailing().failed) == (1, 1)


def test_is_a_doubt_settled_by_what_wechat_pushes(town: Town, later: Later) -> None:
    settings = town.settings.model_copy(
        update={"wechat_push_token": "token", "wechat_push_aes_key": "k" * 43}
    )
    town.app.extensions["settings"] = settings
    person, _ = stuck(town, arrived=True, consents_=2)
    town.work()
    assert town.states() == ["sending"]
    with writing(db.session):
        hold(db.session, person)
        outbox.heard_sent(db.session, person, TEMPLATE, now() - timedelta(hours=1), 0)
        outbox.heard_sent(db.session, person, "another", now(), 0)
    assert town.states() == ["sending"]
    with writing(db.session):
        hold(db.session, person)
        for _ in range(2):
            outbox.heard_sent(db.session, person, TEMPLATE, now(), 0)
    assert town.states() == ["sent"]
    assert town.mailing().sent == 1
    later(timedelta(minutes=15))
    town.work()
    assert len(town.sent_to()) == 1
    assert town.mailing().finished_at is not None


def test_does_the_end_of_the_notice_end_the_sending(town: Town, later: Later) -> None:
    town.subscriber("one")
    town.standin.faults.add("errcode", SEND, errcode=-1)
    town.work()
    revise(3, notice(effect="other"))
    town.publish()
    later(timedelta(minutes=11))
    town.standin.faults.clear()
    town.work()
    assert town.mailing().finished_at is not None
    assert town.sent_to() == []
    set_state(3, "retired")
    town.publish()
    town.work()
    assert town.states() == ["waiting"]


def test_does_a_withdrawn_notice_stop_the_sending_in_the_middle(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LOOK_EVERY", 1)
    for n in range(3):
        town.subscriber(f"one{n}")
    look_after(TEMPLATE)

    class Withdrawn(list[dict[str, object]]):
        """When the first message arrives, the notice is taken back."""

        def append(self, message: dict[str, object]) -> None:
            super().append(message)
            with town.app.app_context():
                set_state(3, "retired")
                town.publish()

    town.standin.state.sent = sent = Withdrawn()
    town.work()
    assert len(sent) == 1
    assert "公告已经结束" in result()["why"]
    town.work()
    assert town.mailing().finished_at is not None


def test_does_it_wait_longer_the_longer_wechat_is_away(town: Town, later: Later) -> None:
    for n in range(9):
        town.subscriber(f"one{n}")
    town.standin.faults.add("status", SEND, status=503)
    waits, passed = [], timedelta()
    for _ in range(3):
        town.work()
        again = datetime.fromisoformat(result()["not_before"])
        waits.append(round((again - now() - passed).total_seconds() / 60))
        passed += timedelta(minutes=waits[-1], seconds=5)
        later(passed)
    assert waits == [1, 2, 5]
    # Each run asked three times, as nobody need be asked a thousand times in vain.
    assert town.standin.state.count(SEND) <= 9 + 3


def test_is_it_forgotten_who_got_what_but_not_how_many(town: Town) -> None:
    town.subscriber("one")
    town.work()
    with writing(db.session):
        assert outbox.forget(db.session, now() - timedelta(days=1)) == 0
        assert outbox.forget(db.session, now() + timedelta(days=1)) == 1
    assert town.states() == []
    assert town.mailing().sent == 1
    town.work()
    assert len(town.sent_to()) == 1


def test_is_a_run_that_was_taken_for_dead_stopped_before_its_next_message(town: Town) -> None:
    for n in range(3):
        town.subscriber(f"one{n}")
    look_after(TEMPLATE)

    engine = db.engine

    class Overtaken(list[dict[str, object]]):
        """When a message arrives, another consumer has just taken the job for dead."""

        def append(self, message: dict[str, object]) -> None:
            super().append(message)
            with engine.begin() as connection:
                connection.execute(update(Job).values(attempts=Job.attempts + 1))

    town.standin.state.sent = sent = Overtaken()
    jobs.run(town.mailing().job_id or 0)
    assert len(sent) == 1
    assert town.states() == ["sent", "waiting", "waiting"]


def test_is_the_key_that_was_lost_told(town: Town) -> None:
    town.subscriber("one")
    look_after(TEMPLATE)
    (town.settings.instance / "people_key").write_text("k" * 48 + "\n")
    assert key_ring(town.settings).newest.id
    jobs.run_waiting(town.app)
    assert town.states() == ["failed"]
