"""What is true only now: where the buses are, and what operators said of today's runs.

One ``LiveStore`` a process, chosen by the settings: Redis where there is one, else files under
``instance/live``, which the workers of one machine share. Neither asks the database anything.
"""

from config.settings import Settings
from server.live.store import LiveStore, RunRecord, RunRecords, Snapshot, StoreAway

__all__ = ["LiveStore", "RunRecord", "RunRecords", "Snapshot", "StoreAway", "make_store"]


def make_store(settings: Settings) -> LiveStore:
    """The store of the settings; nothing is opened or connected before it is asked."""
    if settings.redis_url is not None:
        from server.live.redis_store import RedisStore

        return RedisStore(settings.redis_url)
    from server.live.file_store import FileStore

    return FileStore(settings.instance / "live")
