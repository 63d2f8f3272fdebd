"""Does nothing pass by the hand that wrote it, nor by one that has no business with the place?"""

import pytest
from flask import Flask

from geo.city import City
from server import listing_merge, listing_states, review, review_queue, revisions
from server.db import db
from server.models import ImportBatch, ImportRow, Revision, StoredFile
from server.revisions import Refused, writing
from tests.server.material import add, site
from tests.server.test_revisions import Staff, hire

OWN = "不能审核自己"
OUTSIDE = "不在您负责的范围内"
MOVED = site(district="boshan", lon=117.85, lat=36.5)


@pytest.fixture
def editor(app: Flask) -> Staff:
    return hire("editor", "editor")


@pytest.fixture
def reviewer(app: Flask) -> Staff:
    return hire("reviewer", "reviewer")


def saved(by: Staff, based_on: int, **changes: str) -> int:
    with writing(db.session):
        base = db.session.get_one(Revision, based_on).document
        return revisions.save(db.session, by, 1, base | changes, based_on).id


def handed_in(by: Staff, id_: int, city: City) -> int:
    with writing(db.session):
        return revisions.submit(db.session, by, id_, city).id


def approve(by: Staff, id_: int, city: City) -> None:
    with writing(db.session):
        review.approve(db.session, by, id_, city)


def test_can_nobody_pass_their_own_words_under_anothers_name(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    add(site())
    draft = saved(reviewer, 1, introduction="我写的")
    id_ = handed_in(editor, saved(editor, draft, fee="5 元"), city)
    with pytest.raises(Refused, match=OWN):
        approve(reviewer, id_, city)
    (line,) = review_queue.submitted(db.session, reviewer).lines
    assert line.own
    assert review_queue.next_after(db.session, reviewer, 0) is None
    other = hire("other", "reviewer")
    assert review_queue.next_after(db.session, other, 0) == id_
    approve(other, id_, city)
    # From there on it is somebody else's work.
    approve(reviewer, handed_in(editor, saved(editor, id_, fee="6 元"), city), city)


def test_does_what_went_live_between_not_hide_who_wrote_before(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    add(site())
    draft = saved(reviewer, 1, introduction="我写的")
    handed_in(editor, saved(editor, draft, fee="5 元"), city)
    with writing(db.session):
        revisions.go_live(
            db.session, editor, 1, site(booking="今天不开"), action="listing.closed_today"
        )
    last = revisions.newest(db.session, 1)
    assert last
    assert (last.state, last.document["introduction"]) == ("submitted", "我写的")
    with pytest.raises(Refused, match=OWN):
        approve(reviewer, last.id, city)


def test_counts_whoever_uploaded_the_table_as_its_author(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    add(site())
    file = StoredFile(sha256="0" * 64, size=1, media_type="text/csv")
    db.session.add(file)
    db.session.flush()
    batch = ImportBatch(
        file_id=file.id, file_name="表.csv", state="applied", created_by=reviewer.account_id
    )
    db.session.add(batch)
    db.session.flush()
    row = ImportRow(batch_id=batch.id, line=2, outcome="changed", listing_id=1, based_on_id=1)
    db.session.add(row)
    db.session.commit()
    id_ = saved(editor, 1, fee="5 元")
    db.session.get_one(Revision, id_).origin = "import"
    db.session.commit()
    handed_in(editor, id_, city)
    with pytest.raises(Refused, match=OWN):
        approve(reviewer, id_, city)
    approve(hire("other", "reviewer"), id_, city)


def test_takes_a_move_out_of_a_district_both_districts(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    add(site())
    id_ = handed_in(editor, saved(editor, 1, **MOVED), city)
    for district in ("boshan", "zhangdian"):
        one = hire(district, "reviewer", districts=[district])
        with pytest.raises(Refused, match=OUTSIDE):
            approve(one, id_, city)
        with pytest.raises(Refused, match=OUTSIDE), writing(db.session):
            revisions.withdraw(db.session, one, id_)
        with pytest.raises(Refused, match=OUTSIDE), writing(db.session):
            listing_states.retire(db.session, one, 1, "搬迁")
        assert review_queue.next_after(db.session, one, 0) is None
    approve(hire("both", "reviewer", districts=["boshan", "zhangdian"]), id_, city)


def test_is_anothers_submission_taken_back_within_bounds_only(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    add(site())
    id_ = handed_in(editor, saved(editor, 1, fee="5 元"), city)
    outside = hire("boshan", "reviewer", districts=["boshan"])
    with pytest.raises(Refused, match=OUTSIDE), writing(db.session):
        revisions.withdraw(db.session, outside, id_)
    with writing(db.session):
        revisions.withdraw(db.session, reviewer, id_)


def test_is_nothing_merged_that_is_public_out_of_bounds(editor: Staff) -> None:
    add(site())
    add(MOVED)
    saved(editor, 1, **MOVED)
    boshan = hire("boshan", "reviewer", districts=["boshan"])
    with pytest.raises(Refused, match=OUTSIDE), writing(db.session):
        listing_merge.merge(db.session, boshan, 1, 2, {})
