"""Saving while others save, on both databases: working copies, new listings, closing, retiring."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from config.settings import Settings
from geo.city import City
from server import (
    closing,
    editing,
    listing_states,
    publishing,
    review,
    revisions,
    working_copies,
)
from server.db import db
from server.models import Listing, Revision, WorkingCopy
from server.revisions import Refused, newest, writing
from tests.server.material import add, set_state, site
from tests.server.test_revisions import Staff, hire

KEY = "new-0123456789abcdef"


@pytest.fixture
def editor(app: Flask) -> Staff:
    return hire("editor", "editor")


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def at_once(app: Flask, act: Any, times: int = 4) -> None:
    """Do it in as many threads as given; whatever one of them raises is raised."""
    faults: list[Exception] = []

    def run(number: int) -> None:
        try:
            with app.app_context(), writing(db.session):
                act(number)
        except Exception as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    db.session.rollback()


def test_do_tabs_of_one_person_share_one_working_copy(app: Flask, editor: Staff) -> None:
    add(site())

    def keep(number: int) -> None:
        fields = {"fee": f"{number} 元"}
        working_copies.keep(db.session, editor.account_id, "1", "site", fields, 1)

    at_once(app, keep)
    (copy,) = db.session.scalars(select(WorkingCopy)).all()
    assert copy.fields["fee"].endswith(" 元")
    assert (copy.listing_id, copy.based_on_id) == (1, 1)


def test_does_a_new_listing_sent_at_once_become_one(app: Flask, editor: Staff) -> None:
    at_once(app, lambda _: editing.save_new(db.session, editor, site(), KEY))
    assert (count(Listing), count(Revision)) == (1, 1)
    # Another form makes another.
    with writing(db.session):
        editing.save_new(db.session, editor, site(), KEY.replace("0", "f"))
    assert count(Listing) == 2


def test_do_forms_of_new_listings_not_pile_up(editor: Staff) -> None:
    with writing(db.session):
        for number in range(working_copies.MOST_NEW + 5):
            key = f"new-{number:016x}"
            working_copies.keep(db.session, editor.account_id, key, "site", {"name": "馆"}, None)
    kept = working_copies.unsaved_new(db.session, editor.account_id, "site")
    assert len(kept) == working_copies.MOST_NEW
    assert kept[0].key == f"new-{working_copies.MOST_NEW + 4:016x}"


@pytest.mark.parametrize("key", ["", "new-", "1; drop", "new-0123456789ABCDEF", "x" * 99])
def test_is_a_working_copy_of_no_form_refused(editor: Staff, key: str) -> None:
    with pytest.raises(Refused), writing(db.session):
        working_copies.keep(db.session, editor.account_id, key, "site", {}, None)


def test_do_all_of_many_saves_at_once_stand(app: Flask, editor: Staff) -> None:
    add(site())
    parts = {"fee": "5 元", "booking": "要预约", "address": "某路 1 号", "introduction": "好玩"}

    def save(number: int) -> None:
        name = list(parts)[number]
        editing.save(db.session, editor, 1, site(**{name: parts[name]}), 1)

    at_once(app, save)
    last = newest(db.session, 1)
    assert last
    assert {name: last.document[name] for name in parts} == parts


def second_of_two(app: Flask, first: Any, second: Any) -> type[Exception] | None:
    """Begin ``second`` while ``first`` has not committed yet; what came of the second."""
    came: list[type[Exception] | None] = []

    def run() -> None:
        try:
            with app.app_context(), writing(db.session):
                second()
        except Exception as error:  # noqa: BLE001
            came.append(type(error))
        else:
            came.append(None)

    thread = threading.Thread(target=run)
    with writing(db.session):
        first()
        db.session.flush()
        thread.start()
        _until_it_waits()
    thread.join(30)
    (result,) = came
    return result


def _until_it_waits() -> None:
    """Until somebody waits for a lock; on SQLite they wait from their transaction's beginning."""
    if db.engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(600):
            if connection.scalar(waiting):
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_is_what_is_withdrawn_meanwhile_not_approved(app: Flask, editor: Staff, city: City) -> None:
    reviewer = hire("reviewer", "reviewer")
    add(site())
    with writing(db.session):
        id_ = revisions.save(db.session, editor, 1, site(fee="5 元"), 1).id
        revisions.submit(db.session, editor, id_, city)
    refused = second_of_two(
        app,
        lambda: revisions.withdraw(db.session, editor, id_),
        lambda: review.approve(db.session, reviewer, id_, city),
    )
    assert refused is Refused
    last = newest(db.session, 1)
    assert last
    assert (last.state, last.decided_by) == ("draft", None)


def test_do_two_not_check_the_same_at_once(app: Flask, editor: Staff) -> None:
    first, second = hire("first", "reviewer"), hire("second", "reviewer")
    add(site())
    with writing(db.session):
        id_ = revisions.go_live(
            db.session, editor, 1, site(fee="5 元"), action="listing.closed_today"
        ).id
    refused = second_of_two(
        app,
        lambda: review.check(db.session, first, id_),
        lambda: review.check(db.session, second, id_),
    )
    assert refused is Refused
    db.session.rollback()
    checked = db.session.get_one(Revision, id_)
    assert checked.checked_by == first.account_id


def test_is_a_draft_past_which_nothing_went_not_left_behind(
    editor: Staff, settings: Settings, city: City
) -> None:
    add(site())
    publishing.publish(settings, city)
    with writing(db.session):
        editing.save(db.session, editor, 1, site(fee="5 元"), 1)
    assert editing.left_behind(db.session, 1, editor.account_id) is None
    with writing(db.session):
        closing.close(db.session, editor, 1, "停电")
    # It was carried on: there is nothing to be picked up.
    assert editing.left_behind(db.session, 1, editor.account_id) is None


def test_who_may_retire_and_bring_back(app: Flask, editor: Staff) -> None:
    add(site())
    reviewer = hire("reviewer", "reviewer")
    with pytest.raises(Refused, match="您的角色"), writing(db.session):
        listing_states.retire(db.session, editor, 1, "搬迁")
    with writing(db.session):
        listing = listing_states.retire(db.session, reviewer, 1, " 搬迁 ")
    assert (listing.state, listing.retire_reason) == ("retired", "搬迁")
    assert listing.retired_on is not None
    with pytest.raises(Refused, match="没有公布"), writing(db.session):
        closing.close(db.session, editor, 1, "停电")
    with writing(db.session):
        listing_states.bring_back(db.session, reviewer, 1)
    assert (listing.state, listing.retired_on, listing.retire_reason) == ("active", None, "")
    with pytest.raises(Refused, match="没有编号为 9"), writing(db.session):
        listing_states.retire(db.session, reviewer, 9, "搬迁")


def test_does_a_merged_listing_stay_where_it_went(app: Flask) -> None:
    add(site())
    add(site())
    set_state(2, "merged", into=1)
    reviewer = hire("reviewer", "reviewer")
    with pytest.raises(Refused, match="已并入编号 1"), writing(db.session):
        listing_states.bring_back(db.session, reviewer, 2)
