"""Is a setting that can't work refused before anything runs, and is nothing secret repeated?"""

import pytest
from pydantic import SecretStr, ValidationError

from config.settings import Settings


@pytest.mark.parametrize("url", ["redis://host:6379/0", "rediss://u:p@host", "unix:///run/redis"])
def test_are_the_three_ways_to_redis_taken(url: str) -> None:
    assert Settings(_env_file=None, redis_url=url).redis_url == SecretStr(url)


@pytest.mark.parametrize("url", ["", " "])
def test_does_an_empty_redis_count_as_none(url: str) -> None:
    assert Settings(_env_file=None, redis_url=url).redis_url is None


@pytest.mark.parametrize(
    "url", ["http://:hunter2@host", "host:6379", "redis://:hunter2@host:port", "redis://[::1"]
)
def test_is_another_redis_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="应为 redis://主机:6379/0") as caught:
        Settings(_env_file=None, redis_url=url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("", ""),
        ("sqlite:////srv/map.db", "sqlite:////srv/map.db"),
        ("postgres://u:p@host/map", "postgresql+psycopg://u:p@host/map"),
        ("postgresql://host/map", "postgresql+psycopg://host/map"),
    ],
)
def test_are_the_two_databases_taken(url: str, meant: str) -> None:
    assert Settings(_env_file=None, database_url=url).database_url == meant


@pytest.mark.parametrize("url", ["foo", "mysql://u:hunter2@host/map", "postgresql://host:port/map"])
def test_is_another_database_refused(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, database_url=url)
    (details,) = caught.value.errors(include_input=False)
    assert details["msg"].endswith("应为 postgresql://用户:密码@主机/库名 或 sqlite:///文件")


@pytest.mark.parametrize("url", ["ftp://host/send?key=hunter2", "hunter2", "https://host hunter2/"])
def test_is_another_robot_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="应为群机器人的 Webhook 地址") as caught:
        Settings(_env_file=None, ledger_webhook=url)
    assert "hunter2" not in str(caught.value)
    assert Settings(_env_file=None, ledger_webhook=" ").ledger_webhook is None
