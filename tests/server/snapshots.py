"""Pictures to upload, made on the spot: good ones, strange ones, hostile ones."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, TiffImagePlugin

RED, BLUE = (200, 30, 30), (30, 30, 200)


def two_halves(width: int = 800, height: int = 600, mode: str = "RGB") -> Image.Image:
    """Red above, blue below: whoever turns it is found out."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, height // 2, width, height))
    return picture.convert(mode)


def as_bytes(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    body = io.BytesIO()
    picture.save(body, kind, **more)
    return body.getvalue()


def with_gps(orientation: int = 1, **more: Any) -> bytes:
    """A JPEG as a phone writes it: where, when, with what, and how it was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret Phone"
    exif[0x8825] = {
        1: "N",
        2: tuple(TiffImagePlugin.IFDRational(n) for n in (36, 48, 24)),
        3: "E",
        4: tuple(TiffImagePlugin.IFDRational(n) for n in (118, 2, 52)),
    }
    return as_bytes(two_halves(**more), exif=exif, comment=b"<script>alert(1)</script>")


def wide_gamut() -> bytes:
    """A picture whose numbers mean other colours than sRGB's."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return as_bytes(two_halves(), icc_profile=profile.tobytes())


def sixteen_bits() -> bytes:
    """A PNG of 16 bits of grey: dark above, light below."""
    rows = struct.pack("<H", 0x2000) * 240 * 120 + struct.pack("<H", 0xE000) * 240 * 120
    return as_bytes(Image.frombytes("I;16", (240, 240), rows), "PNG")


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of some kB that says it is enormous."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def moving(kind: str) -> bytes:
    return as_bytes(
        two_halves(), kind, save_all=True, append_images=[two_halves().rotate(180)], duration=100
    )


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!doctype html><script>alert(document.domain)</script>"
