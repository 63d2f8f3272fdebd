"""What the public would see after the next publishing, as an atlas that nobody else is shown.

Public names: ``Previews``, ``WithdrawnPreview``.

The content is composed and baked as for publishing, into a folder of its own. A preview is named
by its content's digest: what is looked at stays what it was, or is told to have changed.
"""

from datetime import datetime, time

from config.settings import Settings
from geo.atlas import Atlas
from geo.city import City
from server import composing, publishing
from server.composing import ZONE, Content
from server.db import now
from server.edition_cache import EditionCache


class WithdrawnPreview(LookupError):
    """What is approved has changed since; there is a newer preview to be had."""


class Previews:
    """One process's latest preview."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache = EditionCache(settings.instance / "previews", keep=2)
        self._latest: tuple[str, Atlas] | None = None

    def digest(self, city: City) -> str:
        """Make a preview of what is approved now; by this digest it can be had.

        Raises:
            NotPublishable: there is nothing to show before some problems are mended.
            CannotStore: the disk is full, say.
        """
        content = publishing.prepare(city).content
        digest = content.digest()
        if self._latest is None or self._latest[0] != digest:
            self._latest = (digest, self._loaded(content))
        return digest

    def atlas(self, digest: str, city: City) -> Atlas:
        """The preview of a digest; made anew if another process has made it.

        Raises:
            WithdrawnPreview: it can't be made any more.
            CannotStore: the disk is full, say.
        """
        latest = self._latest
        if latest is not None and latest[0] == digest:
            return latest[1]
        try:
            made = self.digest(city)
        except composing.NotPublishable as error:
            raise WithdrawnPreview from error
        if made != digest or self._latest is None:
            raise WithdrawnPreview
        return self._latest[1]

    def _loaded(self, content: Content) -> Atlas:
        # A moment that lasts all day: every process makes the same bytes, and bakes them once.
        midnight = datetime.combine(now().astimezone(ZONE).date(), time(), ZONE)
        with self._cache.locked():
            folder = self._cache.store(composing.write(content, midnight))
            for other in self._cache.root.glob("*-*"):
                if other != folder:
                    self._cache.discard(other)
            chosen = self._settings
            return Atlas.load(self._cache.baked(folder), chosen.closing_soon, chosen.max_walk)
