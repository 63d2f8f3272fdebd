"""Where two texts differ, down to the word; for showing one beside the other. Pure.

Public names: ``Piece``, ``compare``.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

_WORDS = re.compile(r"[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL)
"""A Chinese character is a word of its own."""

_SENTENCES = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+")

MOST_CELLS = 250_000
"""Longer texts are compared sentence by sentence: the work grows with the product of lengths."""

SHORT = 2
"""Words. What is the same for less than this between two differences is coincidence."""


class Piece(NamedTuple):
    """A stretch of text, and whether the other text has it not."""

    text: str
    differs: bool


def compare(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces; those that don't differ are the same on both sides, in order."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > MOST_CELLS:
        old, new = _SENTENCES.findall(before), _SENTENCES.findall(after)
    if len(old) * len(new) > MOST_CELLS:
        return [Piece(before, True)], [Piece(after, True)]
    same_old, same_new = _common(old, new)
    return _pieces(old, same_old), _pieces(new, same_new)


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Which words of each belong to their longest common subsequence, without coincidences."""
    pairs = _without_coincidences(_pairs(old, new), len(old), len(new))
    kept_old, kept_new = {i for i, _ in pairs}, {j for _, j in pairs}
    return (
        [i in kept_old for i in range(len(old))],
        [j in kept_new for j in range(len(new))],
    )


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below = longest[i], longest[i + 1]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _without_coincidences(
    pairs: list[tuple[int, int]], old: int, new: int
) -> list[tuple[int, int]]:
    """Leave out short runs that stand between two differences; they only make it hard to read."""
    runs: list[list[tuple[int, int]]] = []
    for i, j in pairs:
        if runs and runs[-1][-1] == (i - 1, j - 1):
            runs[-1].append((i, j))
        else:
            runs.append([(i, j)])
    edges = ((0, 0), (old - 1, new - 1))
    return [
        pair
        for run in runs
        if len(run) >= SHORT or run[0] == edges[0] or run[-1] == edges[1]
        for pair in run
    ]


def _pieces(words: Sequence[str], same: Sequence[bool]) -> list[Piece]:
    pieces = groupby(zip(words, same, strict=True), key=lambda each: not each[1])
    return [Piece("".join(word for word, _ in group), differs) for differs, group in pieces]
