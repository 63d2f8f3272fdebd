"""What the published map itself can count of what was promised.

Public names: ``Seen``, ``seen``, ``differs``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from config.programmes import Indicator, Programme
from geo.atlas import Atlas
from server.ledger.items import key_of

OPENED = "开通"
"""What a promise of a hotline says of it besides its name."""


class Seen(NamedTuple):
    """What stands on the map for an indicator."""

    number: int
    edition: int
    names: tuple[str, ...] = ()
    """Of hotlines: which."""


def seen(atlas: Atlas, programme: Programme) -> Mapping[str, Seen]:
    """By indicator what the edition shows, of those that name a kind of listing of the map.

    A hotline is the promised one if its name holds, or is held by, what the indicator says:
    the promises tell apart the line for mental aid and the one for pupils in a crisis so.
    """
    counts = atlas.counts("kind") | {"bus_route": len(atlas.route_ids)}
    found = {}
    for action in programme.actions:
        for indicator in action.indicators:
            if indicator.map == "hotline":
                names = tuple(name for name in _hotlines(atlas) if _is_promised(indicator, name))
                found[indicator.code] = Seen(len(names), atlas.number, names)
            elif indicator.map:
                found[indicator.code] = Seen(counts.get(indicator.map, 0), atlas.number)
    return found


def differs(found: Seen | None, value: Decimal | None, done: bool | None) -> bool:
    """Whether what is reported is another thing than what is on the map; not, if either is silent.

    A milestone that is not done yet is not contradicted by the map.
    """
    if found is None:
        return False
    if done is not None:
        return done and not found.number
    return value is not None and value != found.number


def _hotlines(atlas: Atlas) -> list[str]:
    return [str(line["name"]) for line in atlas.hotlines]


def _is_promised(indicator: Indicator, name: str) -> bool:
    promised, known = key_of(indicator.title).removesuffix(OPENED), key_of(name)
    return len(known) > 2 and (promised in known or known in promised)
