"""Search over the listings of one edition: characters, pinyin, initials -> row numbers.

The index is a handful of flat arrays, made once by ``geo.search_index.build``; they may be
memory-mapped, and hardly anything is made of them when they are loaded. Two suffix tables hold
the texts: one over all folded text, one over how names sound (full pinyin, whose suffixes begin
at syllables, and initials). A short query is a range of a table. Queries with very many answers
are few; their answers stand ready in the index.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from geo.text import fold

Ints = NDArray[np.int32]

MAX_QUERY = 200
"""Characters. No searched field of a listing is longer, so nothing longer can be found."""

TIER_BITS, RANK_BITS = 4, 27
"""A hit is ``rank << TIER_BITS | tier``, an answer ``tier << RANK_BITS | rank``, in 31 bits.
The rank of a row is its place by length of name, then by row number."""

TEXT_BASE, TEXT_WIDTH = 1 << 21, 3
"""A key of the text table is the next three code points, of 21 bits each."""

SOUND_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
SOUND_BASE, SOUND_WIDTH = len(SOUND_LETTERS) + 2, 12
"""A key of the sound table is the next twelve letters, numbered from 1. 0 ends a text; the
highest number is any character without a reading."""

_SOUND_CODE = {letter: code for code, letter in enumerate(SOUND_LETTERS, start=1)}
_TIER_MASK = (1 << TIER_BITS) - 1
_RANK_MASK = (1 << RANK_BITS) - 1
_SORTED_UP_TO = 2000
"""Hits. Sorting so many is quicker than passing over all rows once for every tier."""


class Tier(IntEnum):
    """What matched, best first. An equal text is its start's tier less one."""

    NAME_EQUAL = 0
    NAME_START = 1
    NAME_INSIDE = 2
    ALIAS_EQUAL = 3
    ALIAS_START = 4
    ALIAS_INSIDE = 5
    PINYIN_START = 6
    PINYIN_INSIDE = 7
    INITIALS_START = 8
    INITIALS_INSIDE = 9
    WORD = 10
    ADDRESS = 11

    @property
    def field(self) -> str:
        """Lower-case name of what matched: name, alias, pinyin, initials, word or address."""
        return self.name.partition("_")[0].lower()


class SuffixTable:
    """Texts one after another, each ended by a 0, with their suffixes sorted by beginning.

    Reads from ``arrays``, under ``prefix``: ``codes`` (one number a character), ``hits`` (whose
    text it is and what a match from here is worth), ``keys`` (sorted distinct beginnings, each
    ``width`` codes as digits to ``base``), ``starts`` (where each key's places begin, and the
    end of the last) and ``places`` (positions in ``codes``). ``every_place`` says that every
    character begins a suffix.
    """

    def __init__(
        self,
        arrays: Mapping[str, NDArray[np.generic]],
        prefix: str,
        base: int,
        width: int,
        *,
        every_place: bool,
    ) -> None:
        self.base, self.width, self.every_place = base, width, every_place
        # A plain view: slicing np.memmap itself costs microseconds each time.
        self.codes = np.asarray(arrays[f"{prefix}_codes"])
        self.hits: Ints = np.asarray(arrays[f"{prefix}_hits"], np.int32)
        self.keys = np.asarray(arrays[f"{prefix}_keys"], np.int64)
        self.starts = np.asarray(arrays[f"{prefix}_starts"], np.int32)
        self.places: Ints = np.asarray(arrays[f"{prefix}_places"], np.int32)

    def find(self, codes: Sequence[int]) -> Ints:
        """The positions at which ``codes`` (at least one, none of them 0) stand, in any order."""
        last = max(0, len(codes) - self.width) if self.every_place else 0
        edges: list[int] = []
        for offset in range(last + 1):
            edges += self._edges(codes[offset : offset + self.width])
        slots = self.starts[np.searchsorted(self.keys, np.array(edges, np.int64))]
        rarest = int(np.argmin(slots[1::2] - slots[::2])) if last else 0
        places: Ints = self.places[slots[2 * rarest] : slots[2 * rarest + 1]]
        if rarest:
            places = places[places >= rarest] - np.int32(rarest)
        # Forward first: a place that still matches there can't have left its text, so the
        # next comparison never reads past the end.
        known = range(rarest, rarest + self.width)
        for offset in (*range(known.stop, len(codes)), *range(rarest)):
            matches = self.codes[places + offset] == codes[offset]
            places = places[matches]
            if not places.size:
                break
        return places

    def _edges(self, codes: Sequence[int]) -> tuple[int, int]:
        """The lowest key that begins with ``codes``, and the first one beyond those."""
        key = 0
        for code in codes:
            key = key * self.base + code
        shift = self.base ** (self.width - len(codes))
        return key * shift, (key + 1) * shift


class SearchIndex:
    """Answers queries from the arrays of one edition. Immutable; safe to share among threads."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """``arrays``: what ``geo.search_index.build`` returned, possibly memory-mapped.

        Raises:
            KeyError: an array is missing.
        """
        self._rows: Ints = np.asarray(arrays["rows"], np.int32)
        self.text = SuffixTable(arrays, "text", TEXT_BASE, TEXT_WIDTH, every_place=True)
        self.sound = SuffixTable(arrays, "sound", SOUND_BASE, SOUND_WIDTH, every_place=False)
        self._ready_answers: Ints = np.asarray(arrays["ready_answers"], np.int32)
        queries = bytes(np.asarray(arrays["ready_queries"], np.uint8)).decode().split()
        ends = np.asarray(arrays["ready_ends"], np.int64).tolist()
        self._ready = dict(zip(queries, zip([0, *ends], ends, strict=False), strict=True))

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, q: str) -> Ints:
        """The numbers of all rows that match, best first, each once; shape (matches,).

        A row matches if the folded query stands in its name, an alias, its address or one of
        its words; or, for a query of Latin letters and digits only, if the query begins at a
        syllable of the pinyin of its name or an alias, or stands in their initials. If the
        whole query matches nothing and consists of several terms (parted by white space, or
        where two or more Latin letters meet other characters), the rows that match every term
        are found, each ranked as its worst term. Order: ``Tier``, length of the folded name,
        row number. A query that is empty when folded, or longer than ``MAX_QUERY`` characters
        as typed, finds nothing.
        """
        rows: Ints = self._rows[self._answer(q) & _RANK_MASK]
        return rows

    def suggest(self, q: str, limit: int) -> list[tuple[int, str]]:
        """The best ``limit`` rows for what has been typed so far, with what matched in each.

        The second of each pair is name, alias, pinyin, initials, word or address (for several
        terms, that of the worst). Every row comes once; rows may bear the same name.
        """
        best = self._answer(q)[: max(0, limit)]
        rows, tiers = self._rows[best & _RANK_MASK].tolist(), (best >> RANK_BITS).tolist()
        return [(row, Tier(tier).field) for row, tier in zip(rows, tiers, strict=True)]

    def _answer(self, q: str) -> Ints:
        """The sorted answers (tier and rank) to a query as typed."""
        if len(q) > MAX_QUERY:
            return np.empty(0, np.int32)
        folded = fold(q)
        found = self.answers(folded)
        if not found.size and (terms := _terms(q)) != [folded]:
            return self._every(terms)
        return found

    def answers(self, folded: str) -> Ints:
        """The answers to a folded query taken as one: ``tier << RANK_BITS | rank``, sorted."""
        if ready := self._ready.get(folded):
            return self._ready_answers[slice(*ready)]
        if not folded:
            return np.empty(0, np.int32)
        hits = self._read(folded)
        if folded.isascii() and folded.isalnum():
            heard = self.sound.find([_SOUND_CODE[letter] for letter in folded])
            hits = np.concatenate((hits, self.sound.hits[heard]))
        return self._best_first(hits)

    def _read(self, folded: str) -> Ints:
        """The hits of a query in the text itself."""
        places = self.text.find([ord(character) for character in folded])
        hits = self.text.hits[places]
        tiers = hits & _TIER_MASK
        starts = np.flatnonzero((tiers == Tier.NAME_START) | (tiers == Tier.ALIAS_START))
        if starts.size:
            hits[starts] -= self.text.codes[places[starts] + len(folded)] == 0
        return hits

    def _best_first(self, hits: Ints) -> Ints:
        """Each row's best hit only, as sorted answers. ``hits`` is used up."""
        if hits.size > _SORTED_UP_TO:
            return self._best_of_many(hits)
        hits.sort()
        ranks = hits >> TIER_BITS
        best = np.ones(hits.size, np.bool_)
        best[1:] = ranks[1:] != ranks[:-1]
        answers = ((hits & _TIER_MASK) << RANK_BITS | ranks)[best]
        answers.sort()
        return answers

    def _best_of_many(self, hits: Ints) -> Ints:
        """The same without sorting: worse tiers are noted first, then overwritten by better."""
        tiers, ranks = (hits & _TIER_MASK).astype(np.uint8), hits >> TIER_BITS
        present = np.flatnonzero(np.bincount(tiers))
        best = np.full(len(self._rows), 255, np.uint8)
        for tier in present[::-1]:
            best[ranks[tiers == tier]] = tier
        parts = [np.flatnonzero(best == t).astype(np.int32) | (t << RANK_BITS) for t in present]
        return np.concatenate(parts, dtype=np.int32)

    def _every(self, terms: Iterable[str]) -> Ints:
        """The answers that match all of several folded terms, each as good as its worst one."""
        worst: NDArray[np.uint8] | None = None
        kept = np.empty(0, np.int32)
        for term in terms:
            answers = self.answers(term)
            ranks, tiers = answers & _RANK_MASK, (answers >> RANK_BITS).astype(np.uint8)
            if worst is not None:
                also = worst[ranks] != 255
                ranks = ranks[also]
                tiers = np.maximum(tiers[also], worst[ranks])
            if not ranks.size:
                return ranks
            worst = np.full(len(self._rows), 255, np.uint8)
            worst[ranks] = tiers
            kept = ranks << TIER_BITS | tiers
        return self._best_first(kept)


def _terms(q: str) -> list[str]:
    """The distinct folded terms of a query.

    White space parts them; so does the border between at least two Latin letters and other
    characters (zb博物馆), but not that of a single one (k歌), which means little alone.
    """
    terms: dict[str, None] = {}
    for piece in q.split():
        folded = fold(piece)
        runs = re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", folded)
        whole = any(run.isascii() and not re.fullmatch("[a-z]{2,}", run) for run in runs)
        terms |= dict.fromkeys([folded] if whole else runs)
    return [term for term in terms if term]
