"""Does a form's text come through as it was typed, and do two people's join without loss?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.ledger.checks import Unready
from server.ledger.typed import flat, label, merge, read
from tests.server.ledger.desk import SCHOOLS, TOWN, filled, form

WORDS = st.dictionaries(st.sampled_from(["progress", "1.1:value", "1.1:note"]), st.text(max_size=3))


def test_is_a_draft_the_same_after_a_form() -> None:
    cell = {"value": "７", "not_ours": True, "note": "第一行\n第二行"}
    for key, draft in ((SCHOOLS, filled(SCHOOLS, c1_1=cell)), (TOWN, filled(TOWN, c3_3=cell))):
        assert read(flat(draft), form(key.action)) == draft


def test_is_what_the_form_does_not_have_passed_over() -> None:
    fields = {"csrf_token": "x", "9.9:value": "1", "1.1:strange": "1", "progress": "好"}
    assert flat(read(fields, form(1))) == {"progress": "好"}


def test_is_what_no_database_keeps_left_out() -> None:
    fields = {"progress": "甲\x00乙\r\n\u202e丙\ud800", "1.1:value": "1\x07"}
    assert flat(read(fields, form(1))) == {"progress": "甲乙\n丙", "1.1:value": "1"}


def test_is_a_text_that_is_too_long_told_at_its_field() -> None:
    fields = {"progress": "长" * 4001, "1.1:value": "1" * 41, "phone": "1" * 61}
    with pytest.raises(Unready) as error:
        read(fields, form(1))
    assert {(one.field, one.message) for one in error.value.mistakes} == {
        ("1.1", "累计完成文字太长，最多 40 个字"),
        ("progress", "文字太长，最多 4000 个字"),
        ("phone", "文字太长，最多 60 个字"),
    }


@given(WORDS, WORDS, WORDS)
def test_do_two_texts_join_so_that_nothing_is_lost(
    base: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    merged = merge(base, theirs, mine)
    for name in {*base, *theirs, *mine}:
        was, other, own = (each.get(name, "") for each in (base, theirs, mine))
        stands = merged.fields.get(name, "")
        if name in merged.clashes:
            assert len({was, other, own}) == 3
            assert stands == own
        elif own != was:
            assert stands == own
        else:
            assert stands == other
    assert set(merged.taken).isdisjoint(merged.clashes)


def test_is_a_field_called_as_on_the_form() -> None:
    assert label("1.1:note", form(1)) == "1.1 新改扩建幼儿园 · 说明"
    assert label("1.1", form(1)) == "1.1 新改扩建幼儿园"
    assert label("filled_by", form(1)) == "填报人"
    assert label("seal", form(1)) == "盖章扫描件"
