"""What stamps amount to: how much of each theme and district was seen, which badges it earns.

Public names: ``Share``, ``Earned``, ``shares``, ``badges``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from config.badges import Badge
from server.passport.bases import Base, Bases

By = Literal["theme", "district"]


class Share(NamedTuple):
    """How many of the bases of a theme or a district somebody has been to."""

    code: str
    seen: int
    total: int


class Earned(NamedTuple):
    """A badge, and how far somebody has come towards it; the least advanced of its conditions."""

    badge: Badge
    have: int
    need: int

    @property
    def earned(self) -> bool:
        """Whether it is theirs."""
        return self.have >= self.need


def shares(bases: Bases, seen: Iterable[int], by: By) -> tuple[Share, ...]:
    """Per theme or district the bases seen of those that the map has, in order of the code."""
    total = _per(bases.values(), by)
    been = _per((bases[id_] for id_ in set(seen) if id_ in bases), by)
    return tuple(Share(code, been[code], total[code]) for code in sorted(total))


def badges(
    rules: Sequence[Badge], bases: Bases, former: Bases, stamped: Iterable[int]
) -> tuple[Earned, ...]:
    """All badges with how far somebody has come; ``stamped``: of each stamp the listing id.

    A base that has left the map (``former``) counts as it did: nobody loses a badge by it.
    """
    days = Counter(stamped)
    known = {**former, **bases}
    been = {by: _per((known[id_] for id_ in days if id_ in known), by) for by in _BYS}
    there = {by: set(_per(bases.values(), by)) for by in _BYS}
    return tuple(_towards(badge, days, been, there) for badge in rules)


_BYS: tuple[By, ...] = ("theme", "district")


def _towards(
    badge: Badge,
    days: Counter[int],
    been: Mapping[By, Counter[str]],
    there: Mapping[By, set[str]],
) -> Earned:
    steps = []
    if badge.bases is not None:
        steps.append((len(days), badge.bases))
    for by, asked in zip(_BYS, (badge.themes, badge.districts), strict=True):
        if asked == "all":
            steps.append((len(there[by] & set(been[by])), max(len(there[by]), 1)))
        elif asked is not None:
            steps.append((len(been[by]), asked))
    if badge.theme_bases is not None:
        steps.append((been["theme"][badge.theme or ""], badge.theme_bases))
    if badge.returns is not None:
        steps.append((max(days.values(), default=0), badge.returns))
    have, need = min(steps, key=lambda step: step[0] / step[1])
    return Earned(badge, min(have, need), need)


def _per(bases: Iterable[Base], by: By) -> Counter[str]:
    """How many bases lie in each theme or district."""
    codes = (base.theme if by == "theme" else base.district for base in bases)
    return Counter(code for code in codes if code)
