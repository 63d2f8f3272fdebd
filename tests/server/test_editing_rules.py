"""Saving while others save, on both databases: working copies, new listings, closing, retiring."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from geo.city import City
from server import closing, editing, listing_states, working_copies
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


def test_is_a_draft_past_which_nothing_went_not_left_behind(editor: Staff, city: City) -> None:
    add(site())
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
