"""Are openids hashed and sealed so that the database alone tells nothing, and the key is kept?"""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from server.people.keys import KeyLost, kept_in, key_ring
from server.secret_key import UnusableKey

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
FIRST, SECOND = "a" * 40, "b" * 40


def with_keys(folder: Path, keys: str | None = None) -> Settings:
    key = None if keys is None else SecretStr(keys)
    return Settings(_env_file=None, instance=folder, people_key=key)


def test_is_a_key_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = with_keys(tmp_path)
    first = key_ring(settings).newest
    assert key_ring(settings).newest == first
    assert stat.S_IMODE(kept_in(settings).stat().st_mode) == 0o600


def test_do_openid_hash_and_seal_say_nothing_without_the_key(tmp_path: Path) -> None:
    first, second = (key_ring(with_keys(tmp_path, key)).newest for key in (FIRST, SECOND))
    made = first.identity(OPENID)
    assert made.hash == first.identity(OPENID).hash != second.identity(OPENID).hash
    assert made.sealed != first.identity(OPENID).sealed
    assert OPENID.encode() not in made.sealed
    assert FIRST not in repr(key_ring(with_keys(tmp_path, FIRST)))


def test_is_a_sealed_openid_read_with_its_own_key_alone(tmp_path: Path) -> None:
    both = key_ring(with_keys(tmp_path, f"{SECOND}, {FIRST}"))
    only_second = key_ring(with_keys(tmp_path, SECOND))
    made = key_ring(with_keys(tmp_path, FIRST)).newest.identity(OPENID)
    assert both.newest == only_second.newest
    assert both.unseal(made.sealed, made.key_id) == OPENID
    assert made.hash in both.hashes(OPENID)
    with pytest.raises(KeyLost):
        only_second.unseal(made.sealed, made.key_id)
    with pytest.raises(KeyLost):
        both.unseal(made.sealed[:-4] + b"AAAA", made.key_id)


@pytest.mark.parametrize("keys", ["short", f"{FIRST},", f"{FIRST},short", ","])
def test_is_a_key_that_can_be_guessed_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(UnusableKey, match="TONGYOU_PEOPLE_KEY"):
        key_ring(with_keys(tmp_path, keys))


def test_is_a_file_that_holds_no_key_left_alone(tmp_path: Path) -> None:
    settings = with_keys(tmp_path)
    kept_in(settings).write_text("")
    with pytest.raises(UnusableKey, match="备份"):
        key_ring(settings)
    assert kept_in(settings).read_text() == ""
