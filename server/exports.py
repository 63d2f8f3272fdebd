"""The newest edition as a file for others."""

import orjson
from sqlalchemy import Connection

from geo import geojson_io
from geo.edition import DamagedEdition
from server import editions
from server.publishing import NoSuchEdition


def newest(connection: Connection, form: str) -> bytes:
    """The newest edition as ``json`` (canonical, as stored) or as ``geojson`` (its sites).

    Raises:
        NoSuchEdition: nothing has been published, or the stored bytes are damaged.
    """
    found = editions.newest(connection)
    packed = editions.packed(connection, found[0]) if found else None
    if packed is None:
        raise NoSuchEdition("还没有发布过")
    try:
        edition = packed.unpack()
    except DamagedEdition as error:
        raise NoSuchEdition(f"第 {packed.number} 期已损坏，不能导出") from error
    if form == "geojson":
        collection = geojson_io.to_collection((e.id, site) for e, site in edition.sites())
        return geojson_io.dump(collection).encode()
    return orjson.dumps(edition.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
