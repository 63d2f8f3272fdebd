"""What must be right before there is an application, told in one Chinese line where it isn't."""

import errno
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from pydantic import ValidationError

from config.badges import Badge, load_badges
from config.programmes import Programme, programmes
from config.settings import Settings
from geo.city import City, load_city
from geo.wording import in_chinese
from server.secret_key import UnusableKey

_FILE_ERRORS = {
    errno.ENOENT: "没有这个文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，应为文件",
    errno.EEXIST: "已有同名的文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘已满",
}


class CannotStart(click.ClickException):
    """There can be no application; the message says why, in Chinese. ``flask`` shows it."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"错误：{self.message}", file=file, err=file is None)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn what an operator can mend into ``CannotStart``; anything else is an error of ours."""
    try:
        yield
    except UnusableKey as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(file_error(error)) from error


def read_settings() -> Settings:
    """The settings of the environment and of ``.env``.

    Raises:
        CannotStart: one of them is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "；".join(f"{_variable(e['loc'])}：{in_chinese(e)}" for e in error.errors())
        raise CannotStart(f"设置有误（说明见 docs/operations.md）：{wrong}") from error
    except UnicodeDecodeError as error:
        raise CannotStart("设置文件 .env 不是 UTF-8 编码") from error


def read_city(path: Path) -> City:
    """The city's file.

    Raises:
        CannotStart: it can't be read, or is no city.
    """
    try:
        return load_city(path)
    except OSError as error:
        raise CannotStart(f"城市文件{file_error(error)}") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "文件末尾"
        raise CannotStart(f"城市文件 {path} 不是有效的 TOML：{where}附近有误") from error
    except UnicodeDecodeError as error:
        raise CannotStart(f"城市文件 {path} 不是 UTF-8 编码") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "全文"
        raise CannotStart(f"城市文件 {path} 有误：{where}：{in_chinese(first)}") from error


def read_programmes(folder: Path) -> Mapping[int, Programme]:
    """The programmes of all years, the newest first.

    Raises:
        CannotStart: a file can't be read, or is no programme, or there is none.
    """
    try:
        found = programmes(folder)
    except OSError as error:
        raise CannotStart(f"年度任务文件{file_error(error)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotStart(f"{folder} 里有一份年度任务文件不是有效的 TOML（UTF-8）") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "全文"
        raise CannotStart(
            f"{folder} 里有一份年度任务文件有误：{where}：{in_chinese(first)}"
        ) from error
    except ValueError as error:
        raise CannotStart(f"年度任务文件有误：{error}") from error
    if not found:
        raise CannotStart(f"{folder} 里没有年度任务文件，如 2023.toml")
    return found


def read_badges() -> tuple[Badge, ...]:
    """The passport's badges.

    Raises:
        CannotStart: their file can't be read, or is wrong.
    """
    try:
        return load_badges()
    except OSError as error:
        raise CannotStart(f"徽章文件{file_error(error)}") from error
    except ValidationError as error:
        raise CannotStart(f"徽章文件有误：{in_chinese(error.errors()[0])}") from error
    except ValueError as error:
        raise CannotStart(f"徽章文件有误：{error}") from error


def private_folder(path: Path) -> None:
    """Make the folder of all that is written, for nobody else to look into.

    One that is there stays as its owner has made it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def file_error(error: OSError) -> str:
    """Which file it is and what is wrong with it."""
    why = _FILE_ERRORS.get(error.errno or 0) or error.strerror or "原因不明"
    return f"读写出错：{error.filename}：{why}" if error.filename else f"读写出错：{why}"


def _variable(loc: tuple[int | str, ...]) -> str:
    field = str(loc[0]) if loc else ""
    return f"TONGYOU_{field.upper().removeprefix('TONGYOU_')}"
