"""Is anything lost when two people have changed one listing?"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from geo.listing import Site
from server.merging import FACTS, POSITION, Merged, merge, parts, take
from tests.server.material import site


def document(**changes: Any) -> dict[str, Any]:
    return Site.model_validate(site(**changes)).model_dump(mode="json")


BASE = document(
    phone="0533-1111",
    facilities=["parking", "stroller"],
    closures=[{"start": "2026-12-01", "end": "2026-12-02", "reason": "布展"}],
    facts={"": {"source": "名单"}},
)


def both(theirs: dict[str, Any], mine: dict[str, Any]) -> Merged:
    return merge(BASE, BASE | theirs, BASE | mine)


def test_do_changes_of_different_fields_both_stand() -> None:
    merged = both({"phone": "0533-2222"}, {"fee": "10 元"})
    assert merged.document == BASE | {"phone": "0533-2222", "fee": "10 元"}
    assert merged.conflicts == []
    assert merged.from_theirs == ["phone"]


def test_is_the_same_change_twice_no_conflict() -> None:
    merged = both({"phone": "0533-2222"}, {"phone": "0533-2222"})
    assert merged.conflicts == []
    assert merged.from_theirs == []


def test_do_two_values_of_one_field_conflict() -> None:
    merged = both({"phone": "0533-2222", "fee": "5 元"}, {"phone": "0533-3333"})
    (conflict,) = merged.conflicts
    assert (conflict.part, conflict.base, conflict.theirs, conflict.mine) == (
        "phone",
        "0533-1111",
        "0533-2222",
        "0533-3333",
    )
    assert merged.document["phone"] == "0533-3333"
    assert merged.document["fee"] == "5 元"


def test_is_a_position_one_thing() -> None:
    # Half of one pin and half of another would be a third place.
    (conflict,) = both({"lon": 118.1}, {"lat": 36.9}).conflicts
    assert (conflict.part, conflict.theirs, conflict.mine) == (
        POSITION,
        [118.1, 36.8],
        [118.05, 36.9],
    )


def test_do_sources_of_different_fields_both_stand() -> None:
    fact = {"source": "来函", "confirmed_on": "2026-11-02"}
    general = BASE["facts"]
    merged = both({"facts": general | {"phone": fact}}, {"facts": {}})
    assert merged.document["facts"] == {"phone": fact}
    assert merged.conflicts == []
    other = fact | {"source": "电话"}
    merged = both({"facts": {"phone": fact}}, {"facts": {"phone": other}})
    assert [each.part for each in merged.conflicts] == ["facts.phone"]


def test_do_both_keep_the_facilities_that_they_added() -> None:
    merged = both(
        {"facilities": ["parking", "stroller", "toilet"]}, {"facilities": ["stroller", "water"]}
    )
    assert merged.conflicts == []
    assert merged.document["facilities"] == ["stroller", "toilet", "water"]


def test_are_two_new_closures_two_and_a_closure_changed_twice_a_conflict() -> None:
    old = BASE["closures"][0]
    one, other = (old | {"start": day, "end": day} for day in ("2026-12-10", "2026-12-20"))
    merged = both({"closures": [old, one]}, {"closures": [old, other]})
    assert merged.document["closures"] == [old, one, other]
    longer, worded = old | {"end": "2026-12-05"}, old | {"reason": "换展"}
    merged = both({"closures": [longer]}, {"closures": [worded]})
    assert [each.part for each in merged.conflicts] == ["closures"]
    assert both({"closures": []}, {"closures": []}).conflicts == []


def test_can_a_part_be_put_into_a_document() -> None:
    assert take(BASE, POSITION, [118.2, 36.7]) == BASE | {"lon": 118.2, "lat": 36.7}
    assert take(BASE, "facts.", None)["facts"] == {}
    assert take(BASE, "phone", None)["phone"] is None


words = st.sampled_from(["", "甲", "乙", "丙"])
facts = st.dictionaries(
    st.sampled_from(["", "phone", "fee"]), st.fixed_dictionaries({"source": words}), max_size=3
)
closure = st.sampled_from(["2026-12-01", "2026-12-02", "2026-12-03"]).map(
    lambda day: {"start": day, "end": day, "reason": ""}
)
documents = st.builds(
    lambda fee, booking, lon, facilities, closures, facts: (
        BASE
        | {
            "fee": fee,
            "booking": booking,
            "lon": lon,
            "facilities": facilities,
            "closures": closures,
            "facts": facts,
        }
    ),
    words,
    words,
    st.sampled_from([118.0, 118.1, 118.2]),
    st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(sorted),
    st.lists(closure, unique_by=lambda one: one["start"], max_size=3),
    facts,
)


@given(documents, documents, documents)
def test_is_it_the_same_who_comes_second(
    base: dict[str, Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = merge(base, one, other), merge(base, other, one)
    assert [c.part for c in first.conflicts] == [c.part for c in second.conflicts] or {
        c.part for c in first.conflicts
    } == {c.part for c in second.conflicts}
    at_odds = {c.part for c in first.conflicts}
    told, told_back = parts(first.document), parts(second.document)
    for part in told.keys() | told_back.keys():
        if part not in at_odds:
            assert told.get(part) == told_back.get(part)


@given(documents, documents, documents)
def test_is_no_change_of_either_side_lost(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    merged = merge(base, theirs, mine)
    at_odds = {c.part for c in merged.conflicts}
    old, their, my, told = (parts(each) for each in (base, theirs, mine, merged.document))
    for part in old.keys() | their.keys() | my.keys():
        if part in at_odds:
            assert told.get(part) == my.get(part)
            continue
        for side in (their, my):
            if side.get(part) == old.get(part):
                continue
            if part in ("facilities", "closures"):
                added = [each for each in side[part] if each not in old[part]]
                gone = [each for each in old[part] if each not in side[part]]
                assert all(each in told[part] for each in added)
                assert not any(each in told[part] for each in gone)
            else:
                assert told.get(part) == side.get(part)


@given(documents, documents)
def test_does_what_one_alone_has_changed_stand_as_it_is(
    base: dict[str, Any], changed: dict[str, Any]
) -> None:
    for merged in (merge(base, changed, base), merge(base, base, changed)):
        assert merged.conflicts == []
        assert parts(merged.document) == parts(changed)
    assert merge(base, changed, changed).document == changed
    assert all(not part.startswith(FACTS) or part in parts(changed) for part in parts(changed))
