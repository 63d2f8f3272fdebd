"""Is whatever a model refuses told in Chinese?"""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails, core_schema

from geo.wording import in_chinese

NUMBERS = dict.fromkeys(("gt", "ge", "lt", "le", "multiple_of", "max_length", "min_length"), 7)


def refused(hint: Any, value: Any, field: str = "any") -> str:
    """What is told of a field that refuses the value."""
    model: type[BaseModel] = create_model("Asked", **{field: (hint, ...)})
    with pytest.raises(ValidationError) as caught:
        model.model_validate({field: value})
    (details,) = caught.value.errors()
    return in_chinese(details)


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_is_every_kind_of_error_worded_without_english_sentences(kind: str) -> None:
    context = NUMBERS | {"actual_length": 9, "expected": "'a' or 'b'", "expected_tags": "'a', 'b'"}
    told = in_chinese(cast(ErrorDetails, {"type": kind, "loc": (), "input": 1, "ctx": context}))
    assert re.search("[\u4e00-\u9fff]", told)
    assert not re.search("[A-Za-z]+ [A-Za-z]+|[{}]", told)


@pytest.mark.parametrize(
    ("hint", "value", "told"),
    [
        (Annotated[int, Field(ge=1)], 0, "太小，不能小于 1"),
        (Annotated[float, Field(gt=0)], 0, "太小，应大于 0.0"),
        (Annotated[Decimal, Field(le=2)], "3", "太大，不能大于 2"),
        (Annotated[str, Field(min_length=1)], "", "不能为空"),
        (Annotated[str, Field(min_length=2)], "a", "太短，最少 2 个字"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "太多：2 项，最多 1 项"),
        (Literal["json", "text"], "xml", "应为 json、text 之一"),
        (Literal["json"], "xml", "应为 json"),
        (int, "seven", "应为整数"),
        (bool, "maybe", "应为 true 或 false"),
        (date, "soon", "应为日期，如 2023-06-01"),
        (datetime, "soon", "应为日期和时间，如 2023-06-01T08:00:00+08:00"),
        (Path, 1, "应为路径"),
        (dict[str, int], [], "应为对象"),
    ],
)
def test_what_is_told(hint: Any, value: Any, told: str) -> None:
    assert refused(hint, value) == told


def test_is_a_known_fields_pattern_told_by_example() -> None:
    pattern = Annotated[str, Field(pattern="^x$")]
    assert refused(pattern, "y", "phone") == "应为能直接拨打的号码，如 0533-1234567"
    assert refused(list[pattern], ["y"], "facilities") == "应为小写英文代码，如 parking"  # type: ignore[valid-type]
    assert refused(pattern, "y", "other") == "格式不对，或含有不允许的字符"


def test_is_a_text_counted_in_characters_whatever_looked_at_it_before() -> None:
    text = Annotated[str, BeforeValidator(lambda x: x), StringConstraints(max_length=2)]
    assert refused(text, "三个字") == "文字太长，最多 2 个字"


@pytest.mark.parametrize(
    ("said", "told"),
    [("上限小于下限", "上限小于下限"), ("wrong way round", "内容不合规则或前后矛盾")],
)
def test_is_a_models_own_rule_repeated_only_in_chinese(said: str, told: str) -> None:
    def rule(_: object) -> None:
        raise ValueError(said)

    schema = core_schema.no_info_plain_validator_function(rule)

    class Ruled:
        @classmethod
        def __get_pydantic_core_schema__(cls, *_: object) -> core_schema.CoreSchema:
            return schema

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Ruled).validate_python(1)
    assert in_chinese(caught.value.errors()[0]) == told


def test_is_the_refused_value_never_repeated() -> None:
    assert "hunter2" not in refused(int, "hunter2")
    assert "hunter2" not in refused(Literal["a", "b"], "hunter2")
