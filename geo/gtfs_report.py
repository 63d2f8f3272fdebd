"""What is told of an imported GTFS feed: problems, what was left out, what was assumed."""

from typing import NamedTuple

MAX_TOLD = 200
"""Of each kind; a feed with more is not worth reading to the end by a person."""
_MAX_QUOTED = 30
"""Characters of a feed's own values that are repeated in a message."""


class Problem(NamedTuple):
    """Something about one place of a feed.

    ``line`` counts from 1, which is the header; 0 stands for the whole file. ``file`` is empty
    where the archive itself is meant, ``field`` where a whole line is.
    """

    file: str
    line: int
    field: str
    message: str
    """Chinese, for the person who imports the file."""

    def __str__(self) -> str:
        where = self.file or "压缩包"
        if self.line:
            where += f" 第 {self.line} 行"
        if self.field:
            where += f" {self.field}"
        return f"{where}：{self.message}"


class Refused(Exception):
    """The archive, or one of its files, can't be read any further."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(file, line, "", message)


class Told:
    """A list of problems that is cut at ``MAX_TOLD`` and counts the rest."""

    def __init__(self) -> None:
        self._listed: list[Problem] = []
        self._unlisted = 0

    def __bool__(self) -> bool:
        return bool(self._listed)

    def add(self, file: str, line: int, field: str, message: str) -> None:
        """Tell one more."""
        if len(self._listed) < MAX_TOLD:
            self._listed.append(Problem(file, line, field, message))
        else:
            self._unlisted += 1

    def all(self) -> list[Problem]:
        """Those told, in order, and one line that counts the rest."""
        rest = [Problem("", 0, "", f"另有 {self._unlisted} 处未列出")] if self._unlisted else []
        return self._listed + rest


class Report:
    """``problems`` keep a feed from being imported; ``left_out`` is what has no place in our
    documents; ``notes`` are assumptions that a person should know of."""

    def __init__(self) -> None:
        self.problems = Told()
        self.left_out = Told()
        self.notes = Told()


def quoted(value: str) -> str:
    """A feed's own value, fit to be shown: it may hold anything."""
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value[:_MAX_QUOTED]
    )
    return f"“{shown}…”" if len(value) > _MAX_QUOTED else f"“{shown}”"
