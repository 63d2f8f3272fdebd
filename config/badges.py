"""The badges of the practice passport, as ``config/badges.toml`` has them.

Public names: ``Badge``, ``load_badges``.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

FILE = Path(__file__).resolve().parent / "badges.toml"

Many = Annotated[int, Field(ge=1, le=10_000)]


class Badge(BaseModel):
    """One badge; it is earned when all that it asks for is there. Nothing asked: never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    bases: Many | None = None
    """Different bases."""
    themes: Many | Literal["all"] | None = None
    """Themes among these; ``all``: every one that the map has bases of."""
    districts: Many | Literal["all"] | None = None
    theme: str | None = None
    theme_bases: Many | None = None
    """Different bases of ``theme``."""
    returns: Many | None = None
    """Days at one and the same base."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Badge":
        asked = (self.bases, self.themes, self.districts, self.theme_bases, self.returns)
        if all(one is None for one in asked):
            raise ValueError(f"徽章 {self.code} 没有条件")
        if (self.theme is None) != (self.theme_bases is None):
            raise ValueError(f"徽章 {self.code}：theme 和 theme_bases 应一起写")
        return self


def load_badges(path: Path = FILE) -> tuple[Badge, ...]:
    """All badges in the order of the file.

    Raises:
        OSError: the file can't be read.
        tomllib.TOMLDecodeError, pydantic.ValidationError: it holds something else.
        ValueError: a code stands twice (Chinese message).
    """
    told = tomllib.loads(path.read_text("utf-8")).get("badge", [])
    badges = TypeAdapter(tuple[Badge, ...]).validate_python(told)
    codes = [badge.code for badge in badges]
    if len(set(codes)) != len(codes):
        raise ValueError(f"{path.name} 中有重复的徽章代码")
    return badges
