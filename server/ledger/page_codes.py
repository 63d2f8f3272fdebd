"""The QR codes on a page, however badly it was scanned or photographed.

Public name: ``on``. Loads zxing-cpp, so it is for ``server.ledger.scan_decoding`` alone.
"""

from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

from server.ledger import seal_code

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

GLANCE = 1750
"""Pixels of the long side at which most pages can be read: A4 at 150 dpi."""

STAMPS = (60, 110)
"""Shades of grey of which the ink of a stamp is lighter, and print darker."""


def on(page: Image.Image, *, patient: bool = True) -> list[str]:
    """The texts of the codes on a page in RGB; ours, or else whatever else there is.

    Ways of looking are tried from the cheapest on, until one of our codes is found. If not
    ``patient`` the cheap ones only.
    """
    others: list[str] = []
    for way in _ways(page, patient):
        found = _read(way)
        if any(seal_code.read(text) for text in found):
            return found
        others = others or found
    return others


def _read(picture: Image.Image) -> list[str]:
    found: dict[str, None] = {}
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        codes = zxingcpp.read_barcodes(picture, formats=QR, try_invert=False, binarizer=binarizer)
        found |= dict.fromkeys(code.text for code in codes)
        if found:
            break
    return list(found)


def _ways(page: Image.Image, patient: bool) -> Iterator[Image.Image]:
    grey = page.convert("L")
    yield _within(grey, GLANCE)
    yield grey
    if not patient:
        return
    # The ink of a stamp is red: in the red of the picture it is nearly white.
    red = page.getchannel("R")
    yield red
    even = _evenly_lit(red)
    yield even
    yield even.filter(ImageFilter.UnsharpMask(6, 400, 0))
    # A scan without colours: the stamp is grey there, and only print is black.
    for level in STAMPS:
        yield _within(grey, GLANCE).point([255 * (shade > level) for shade in range(256)])
    yield from _corners(even)


def _within(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    return ImageOps.contain(picture, (side, side), Image.Resampling.BOX)


def _evenly_lit(picture: Image.Image) -> Image.Image:
    """Without shadows: only what is darker than the paper around it."""
    small = picture.resize((max(1, picture.width // 16), max(1, picture.height // 16)))
    paper = small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(4))
    darker = ImageChops.subtract(paper.resize(picture.size), picture)
    return ImageOps.autocontrast(ImageChops.invert(darker), cutoff=1)


def _corners(picture: Image.Image) -> Iterator[Image.Image]:
    """The quarters of a page at twice their size, for codes that are small or out of focus."""
    width, height = picture.size
    half = (width // 2, height // 2)
    for left in (half[0], 0):
        for top in (0, half[1]):
            quarter = picture.crop((left, top, left + half[0], top + half[1]))
            side = min(2 * max(quarter.size), GLANCE * 2)
            yield ImageOps.contain(quarter, (side, side), Image.Resampling.BICUBIC)
