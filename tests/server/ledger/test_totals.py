"""What do several units' parts add up to, and whose word is it?"""

import pytest
from flask import Flask

from server.db import db
from server.ledger import totals
from server.ledger.people import Unseen
from server.ledger.totals import Total
from server.models import TotalsConfirmed
from server.revisions import Refused, writing
from tests.server.ledger.desk import (
    BUSES,
    CITY,
    COUNCIL,
    PROGRAMME,
    TOWN,
    TRANSPORT,
    Clerk,
    accept,
    filled,
    hand_in,
    send_back,
)

LEAD = Clerk("unit_head", COUNCIL)
ACTION = PROGRAMME.action(3)
NONE = {"not_ours": True}
SCREENED = PROGRAMME.action(5)


def by_code(period: str = "2023Q1", *, accepted: bool = False, action: int = 3) -> dict[str, Total]:
    of = totals.parts(db.session, [period], accepted=accepted)
    return {one.cell.key: one for one in totals.totals(PROGRAMME.action(action), CITY, of)}


def hand_in_both() -> None:
    hand_in(TOWN, filled(TOWN, c3_1="5", c3_2="40", c3_3=NONE))
    hand_in(BUSES, filled(BUSES, c3_1="2", c3_2=NONE, c3_3="7"))


def test_counts_add_up_over_the_units_that_report_them(app: Flask) -> None:
    hand_in_both()
    found = by_code()
    assert {code: one.value for code, one in found.items()} == {"3.1": 7, "3.2": 40, "3.3": 7}
    assert found["3.1"].units == (COUNCIL, TRANSPORT)
    assert found["3.2"].units == (COUNCIL,)
    assert [one.reached for one in found.values()] == [False, False, True]
    assert found["3.1"].share == 35


def test_what_was_returned_or_only_waits_is_not_among_the_accepted(app: Flask) -> None:
    hand_in_both()
    assert by_code(accepted=True)["3.1"].value is None
    accept(TOWN)
    send_back(BUSES, c3_3="请附线路名单")
    assert by_code(accepted=True)["3.1"].value == 5
    assert by_code()["3.3"].value is None


def test_rates_are_pooled_only_where_both_their_numbers_are_known(app: Flask) -> None:
    health, council, union = (
        TOWN._replace(unit=unit, action=SCREENED.number) for unit in SCREENED.units
    )
    whole = {"numerator": "300", "denominator": "400"}
    part = {"numerator": "50", "denominator": "100"}
    hand_in(health, filled(health, c5_1=whole, c5_2="70"))
    hand_in(council, filled(council, c5_1=part, c5_2="90"))
    hand_in(union, filled(union, c5_1=NONE, c5_2=NONE))
    found = by_code(action=5)
    assert found["5.1"].value == 70  # 350 of 500
    assert found["5.2"].value is None
    assert found["5.2"].units == (SCREENED.units[0], SCREENED.units[1])


def test_the_lead_unit_alone_gives_its_word_and_only_on_all_parts(app: Flask) -> None:
    hand_in(TOWN)
    for by, error in (
        (Clerk("unit_head", TRANSPORT), Unseen),
        (Clerk("reporter", COUNCIL), Refused),
        (Clerk("administrator"), Refused),
        (LEAD, Refused),
    ):
        with pytest.raises(error), writing(db.session):
            totals.confirm(db.session, by, PROGRAMME, 3, "2023Q1", CITY)
    assert db.session.query(TotalsConfirmed).all() == []


def test_a_word_grows_stale_when_a_part_changes(app: Flask) -> None:
    hand_in_both()
    with writing(db.session):
        totals.confirm(db.session, LEAD, PROGRAMME, 3, "2023Q1", CITY)

    def standing() -> totals.Confirmation:
        of = totals.parts(db.session, ["2023Q1"], accepted=False)
        found = totals.confirmation(db.session, 3, "2023Q1", of)
        assert found is not None
        return found

    assert not standing().stale
    assert standing().row.totals["3.1"]["value"] == "7"
    send_back(BUSES, c3_3="请附线路名单")
    hand_in(BUSES, filled(BUSES, c3_1="1", c3_2=NONE, c3_3="6"))
    assert standing().stale
    with writing(db.session):
        totals.confirm(db.session, LEAD, PROGRAMME, 3, "2023Q1", CITY)
    assert not standing().stale
    assert standing().row.totals["3.1"]["value"] == "6"
