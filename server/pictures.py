"""What people upload as a photo -> clean JPEGs in three sizes.

Decoders of pictures are large and what they are fed is hostile, so they run in a process of their
own, with limits on memory and time: ``python -m server.pictures UPLOAD FOLDER``. A web worker asks
by ``render`` and never loads them. JPEG, as the webviews of old phones know nothing newer.

Of the upload nothing remains but its colours: it is decoded, turned upright, brought to sRGB,
and encoded anew, without any metadata, and so without the place where it was taken.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from config.settings import ROOT
from geo.photo import LARGE, WIDTHS, scaled

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 15 << 20
MOST_PIXELS = 40_000_000
LEAST_SIDE = 200
"""Pixels; what is smaller shows nothing."""
LONGEST = 5
"""A side may be this many times as long as the other."""
QUALITY = 82

MEMORY = 1 << 30
"""Bytes that decoding may take: some six times what the largest picture fills."""
SECONDS = 20
"""Of the processor; the largest picture takes about two."""

KINDS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/webp": "WEBP",
}
ASKED = "请上传 JPEG、PNG 或 WebP 格式的照片"


class NotAPhoto(Exception):
    """It can't be used as one; the message says why, in Chinese."""


class Rendered(NamedTuple):
    """The pictures made of an upload, by the width of ``WIDTHS``; pixels of the widest."""

    bodies: dict[int, bytes]
    width: int
    height: int


def render(upload: IO[bytes]) -> Rendered:
    """Make the pictures of an upload, in a process of their own; takes a second or two.

    Raises:
        NotAPhoto: it is too large, none at all, damaged, or not to be shown.
    """
    with tempfile.TemporaryDirectory(prefix="tongyou-photo-") as temporary:
        folder = Path(temporary)
        _save(upload, folder / "upload")
        told = _ask(folder)
        if "refused" in told:
            raise NotAPhoto(told["refused"])
        bodies = {width: (folder / f"{width}.jpg").read_bytes() for width in WIDTHS}
    return Rendered(bodies, told["width"], told["height"])


def _save(upload: IO[bytes], path: Path) -> None:
    body = upload.read(MOST_BYTES + 1)
    if not body:
        raise NotAPhoto(f"没有选择照片，或文件是空的。{ASKED}")
    if len(body) > MOST_BYTES:
        raise NotAPhoto(f"照片太大：最多 {MOST_BYTES >> 20} MB")
    path.write_bytes(body)


def _ask(folder: Path) -> dict[str, Any]:
    """What the process says of the upload; one that dies by its limits says nothing."""
    command = [sys.executable, "-m", "server.pictures", str(folder / "upload"), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            command, cwd=ROOT, capture_output=True, check=False, timeout=2 * SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise NotAPhoto("这张照片太费时，没能处理。请缩小后再试") from error
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise NotAPhoto("这张照片没能处理。请用看图软件另存为 JPEG 后再试") from error
    return told


def main(upload: Path, folder: Path) -> None:
    """Write ``<width>.jpg`` for each of ``WIDTHS``; tell the size, or why not, on stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    told: dict[str, Any]
    try:
        with _refusing():
            picture = opened(upload.read_bytes())
            for width, made in sizes(picture).items():
                (folder / f"{width}.jpg").write_bytes(encoded(made))
            told = dict(zip(("width", "height"), made.size, strict=True))
    except NotAPhoto as error:
        told = {"refused": str(error)}
    sys.stdout.write(json.dumps(told))


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever a decoder stumbles over is a fault of the file."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NotAPhoto(_too_many()) from error
    except MemoryError as error:
        raise NotAPhoto("这张照片太占内存，没能处理。请缩小后再试") from error
    except (OSError, ValueError, SyntaxError, TypeError, IndexError) as error:
        raise NotAPhoto("照片已损坏或不完整，打不开。请重新导出后再上传") from error


def opened(body: bytes) -> "Image":
    """The picture, upright, in sRGB, on white where it was transparent.

    Raises:
        NotAPhoto: its content is of no kind that we take, or its shape won't do.
        OSError, ValueError, SyntaxError, TypeError, IndexError: it is damaged.
    """
    import filetype
    from PIL import Image, ImageOps

    kind = KINDS.get(filetype.guess_mime(body) or "")
    if kind is None:
        raise NotAPhoto(f"这个文件不是能用的照片。{ASKED}")
    picture = Image.open(io.BytesIO(body), formats=[kind])
    _suits(picture)
    # A decoder that may skip detail needs a fraction of the memory and the time.
    picture.draft("RGB", (LARGE, LARGE))
    picture.load()
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    return _plain(upright, profile)


def _suits(picture: "Image") -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise NotAPhoto(_too_many())
    if min(width, height) < LEAST_SIDE:
        raise NotAPhoto(f"照片太小：长和宽都至少 {LEAST_SIDE} 像素")
    if max(width, height) > LONGEST * min(width, height):
        raise NotAPhoto(f"照片太长或太扁：长边最多是短边的 {LONGEST} 倍")
    # Many phones put a preview or a film behind the picture, as a second frame of a JPEG.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
        raise NotAPhoto("不收动图，请上传单张照片")


def _too_many() -> str:
    return f"照片的像素太多：最多 {MOST_PIXELS // 10_000} 万像素，请缩小后再上传"


def _plain(picture: "Image", profile: bytes | None) -> "Image":
    """The picture as RGB in sRGB."""
    from PIL import Image

    if picture.mode.startswith("I"):
        # 16 bits of grey.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    elif picture.mode not in ("RGB", "CMYK", "L"):
        picture = picture.convert("RGB")
    return _in_srgb(picture, profile)


def _in_srgb(picture: "Image", profile: bytes | None) -> "Image":
    from PIL import ImageCms

    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            made = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            made = None  # A profile that is damaged or of another kind says nothing.
        if made is not None:
            return made
    return picture.convert("RGB")


def sizes(picture: "Image") -> "dict[int, Image]":
    """The picture for each of ``WIDTHS``, from small to large; none is wider than it came."""
    from PIL import Image

    return {
        width: picture.resize(
            scaled(*picture.size, width), Image.Resampling.LANCZOS, reducing_gap=3.0
        )
        for width in WIDTHS
    }


def encoded(picture: "Image") -> bytes:
    """A progressive JPEG without metadata: a slow line shows the whole of it early."""
    body = io.BytesIO()
    picture.info.clear()
    picture.save(body, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return body.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
