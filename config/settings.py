"""Every setting: its environment name, default, unit, and why.

Read once by ``create_app``; nothing else reads the environment.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


class Settings(BaseSettings):
    """Set each by an environment variable ``TONGYOU_<NAME>`` or by a line in ``.env``."""

    model_config = SettingsConfigDict(
        env_prefix="TONGYOU_", env_file=ROOT / ".env", extra="ignore", frozen=True
    )

    instance: Path = ROOT / "instance"
    """Folder of all that is written: database, edition cache, files, keys."""

    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in ``instance``. PostgreSQL for many machines."""

    redis_url: SecretStr | None = None
    """Redis for the edition message (later: limits, live positions); unset means files."""

    secret_key: SecretStr | None = None
    """Signs the console's cookies; unset means one is made at random and kept in ``instance``.
    Many machines behind one address must share it."""

    city: Path = HERE / "zibo.toml"
    """The city: districts, vocabularies, bounds."""

    starter: Path = HERE / "starter"
    """The data set that an empty database starts with."""

    edition_check: Annotated[float, Field(gt=0, le=60)] = 0.5
    """Seconds between looks at the machine's edition pointer (one ``stat`` a look)."""

    database_check: Annotated[float, Field(gt=0, le=600)] = 5.0
    """Seconds between looks at the database for an edition published from another machine."""

    editions_kept: Annotated[int, Field(ge=2, le=1000)] = 5
    """Editions kept in the machine's disk cache; the database keeps all."""

    closing_soon: Annotated[int, Field(ge=1, le=180)] = 30
    """Minutes before closing from which a place is said to be closing soon."""

    log_format: Annotated[str, Field(pattern="^(json|text)$")] = "text"
    """``json`` for machines, ``text`` for people."""

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, url: str) -> str:
        # The bare scheme would ask SQLAlchemy for psycopg2, which is not installed.
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)

    @cached_property
    def database(self) -> str:
        """The URL in force."""
        return self.database_url or f"sqlite:///{self.instance / 'tongyou.db'}"

    @property
    def editions(self) -> Path:
        """Folder of the machine's edition cache."""
        return self.instance / "editions"
