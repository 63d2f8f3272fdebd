"""What stamps amount to: how much of each theme and district was seen, which badges it earns.

Public names: ``Base``, ``Bases``, ``Share``, ``Earned``, ``shares``, ``badges``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from config.badges import Badge


class Base(NamedTuple):
    """A practice base of the edition in force."""

    id: int
    name: str
    theme: str | None
    district: str


Bases = Mapping[int, Base]
"""By listing id."""


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


def shares(
    bases: Bases, seen: Iterable[int], by: Literal["theme", "district"]
) -> tuple[Share, ...]:
    """Per theme or district the bases seen of those that the map has, in order of the code."""
    total = Counter(_code(base, by) for base in bases.values())
    been = Counter(_code(bases[id_], by) for id_ in set(seen) if id_ in bases)
    return tuple(Share(code, been[code], total[code]) for code in sorted(total) if code)


def badges(rules: Sequence[Badge], bases: Bases, stamped: Iterable[int]) -> tuple[Earned, ...]:
    """All badges with how far somebody has come; ``stamped``: of each stamp the listing id.

    A base that has left the map still counts as one, but lies in no theme and no district.
    """
    days = Counter(stamped)
    themes = shares(bases, days, "theme")
    districts = shares(bases, days, "district")
    return tuple(_towards(badge, days, themes, districts) for badge in rules)


def _towards(
    badge: Badge, days: Counter[int], themes: Sequence[Share], districts: Sequence[Share]
) -> Earned:
    steps = []
    if badge.bases is not None:
        steps.append((len(days), badge.bases))
    for asked, known in ((badge.themes, themes), (badge.districts, districts)):
        if asked is not None:
            need = len(known) if asked == "all" else asked
            steps.append((sum(share.seen > 0 for share in known), max(need, 1)))
    if badge.theme_bases is not None:
        been = {share.code: share.seen for share in themes}
        steps.append((been.get(badge.theme or "", 0), badge.theme_bases))
    if badge.returns is not None:
        steps.append((max(days.values(), default=0), badge.returns))
    have, need = min(steps, key=lambda step: step[0] / step[1])
    return Earned(badge, min(have, need), need)


def _code(base: Base, by: Literal["theme", "district"]) -> str:
    return (base.theme if by == "theme" else base.district) or ""
