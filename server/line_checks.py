"""What keeps school lines and notices from being published together. Plain functions, no database.

A notice explains why a line has no runs; lines and notices contradict each other.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from geo.notice_checks import implausible_notice, inconsistent
from geo.transit import BusRoute, Notice

Json = dict[str, Any]

ENDED = frozenset({"end", "announced_at"})
"""What says of a notice that nobody will see it any more."""


def notices_among(documents: Iterable[tuple[int, str]]) -> list[tuple[int, Notice]]:
    """The notices among documents (listing id, JSON text); those with mistakes are left out."""
    found = []
    for id_, text in documents:
        if '"notice"' not in text:
            continue  # to parse a hundred thousand places for this would take a second
        document = orjson.loads(text)
        if document.get("type") == "notice":
            try:
                found.append((id_, Notice.model_validate(document)))
            except ValidationError:
                continue  # told where it is checked itself
    return found


def at_odds(
    entries: Mapping[int, Json], number: int, at: datetime, known: Container[int] = ()
) -> Iterator[tuple[int, str, str, str]]:
    """What lines say against each other, and notices new in edition ``number`` against the lines.

    Listing id, its name, the field, a message in Chinese. Notices of the ids ``known`` have been
    public: they may be ended.
    """
    routes = [
        (id_, BusRoute.model_validate(entry["document"]))
        for id_, entry in entries.items()
        if entry["document"]["type"] == "bus_route"
    ]
    names = {id_: route.name for id_, route in routes}
    for id_, path, told in inconsistent(routes):
        yield id_, names[id_], path, told
    for id_, entry in entries.items():
        if entry["document"]["type"] == "notice" and entry["changed_in"] == number:
            notice = Notice.model_validate(entry["document"])
            for path, told in implausible_notice(notice, dict(routes), at):
                if path not in ENDED or id_ not in known:
                    yield id_, notice.name, path, told
