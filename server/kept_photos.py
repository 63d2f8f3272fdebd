"""Which of the photos that a place names are kept."""

from sqlalchemy import select

from geo.listing import Site
from server.db import AnySession
from server.models import StoredFile


def lost(session: AnySession, site: Site) -> list[tuple[str, str]]:
    """Photos that are named and not kept, since they were tidied up or never uploaded: pairs of
    a part of the document and a Chinese message."""
    ids = [photo.id for photo in site.photos]
    query = select(StoredFile.sha256)
    query = query.where(StoredFile.sha256.in_(ids), StoredFile.width.is_not(None))
    kept = set(session.scalars(query)) if ids else set()
    return [
        (f"photos.{number}.alt", "这张照片已经不在了，请去掉后重新上传")
        for number, id_ in enumerate(ids)
        if id_ not in kept
    ]
