"""The process that opens scans: ``python -m server.ledger.scan_decoding FOLDER COUNT``.

The folder holds the files ``0``, ``1`` … as they were handed in; what is to be kept is one of them,
or ``bound.pdf``. On stdout JSON: ``file``, ``media_type`` and ``codes`` by page, or ``refused``.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import filetype
import pypdfium2
from PIL import Image, ImageOps
from pypdfium2 import raw as pdfium

from server.ledger import page_codes
from server.ledger.scan_reading import ASKED, MEMORY, SECONDS, NotAScan

PDF = "application/pdf"
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/apng": "PNG", "image/webp": "WEBP"}
KEPT_AS_THEY_ARE = (PDF, "image/jpeg", "image/png")

MOST_PAGES = 60
MOST_PIXELS = 75_000_000
"""A sheet of A3 at 600 dpi."""
LEAST_SIDE = 300
"""Pixels; nothing could be read on less."""
LONG_SIDE = 3500
"""Pixels of a page as it is read: A4 at 300 dpi."""
PATIENCE_S = 6
"""Since the beginning; after that pages are looked at, but no longer stared at."""
LOOKING_S = 12
"""Since the beginning; after that pages are taken unread. The code stands on every one."""
ACTIVE = (b"/JavaScript", b"/Launch")
"""What a PDF says that does something when it is opened."""
ENCRYPTED = "这个 PDF 加了密（有密码或限制了权限），打不开。请去掉加密后再上传"
DAMAGED = "第 {} 个文件已损坏或不完整，打不开。请重新扫描后再上传"

Page = Callable[[], Image.Image]
"""A page, drawn when it is called."""


def main(folder: Path, count: int) -> None:
    """Look at the files; tell what was found, or why not, on stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    told: dict[str, Any]
    try:
        told = looked_at([folder / str(number) for number in range(count)], folder / "bound.pdf")
    except NotAScan as error:
        told = {"refused": str(error)}
    except MemoryError:
        told = {"refused": "这份扫描件太占内存，没能处理。请用 150 至 300 dpi 重新扫描后再上传"}
    sys.stdout.write(json.dumps(told))


def looked_at(paths: list[Path], bound: Path) -> dict[str, Any]:
    """What is to be kept of the files, and the codes on their pages.

    Raises:
        NotAScan: one of them won't do.
    """
    began = time.monotonic()
    kinds = [_kind(path) for path in paths]
    is_kept = len(paths) == 1 and kinds[0] in KEPT_AS_THEY_ARE
    codes: list[list[str]] = []
    for number, (path, kind) in enumerate(zip(paths, kinds, strict=True), 1):
        with _whole(number):
            for picture in _pages(path, kind):
                if len(codes) == MOST_PAGES:
                    raise NotAScan(f"页数太多：最多 {MOST_PAGES} 页")
                codes.append(_codes(picture, time.monotonic() - began))
                if kind != PDF and not is_kept:
                    picture().save(_jpeg(path), "JPEG", quality=88, dpi=(300, 300))
    if is_kept:
        return {"file": paths[0].name, "media_type": kinds[0], "codes": codes}
    _bind(paths, kinds, bound)
    return {"file": bound.name, "media_type": PDF, "codes": codes}


def _codes(picture: Page, since: float) -> list[str]:
    """The codes on a page, as far as there is time for it."""
    if since > LOOKING_S:
        return []
    return page_codes.on(picture(), patient=since < PATIENCE_S)


@contextmanager
def _whole(number: int) -> Iterator[None]:
    """Whatever a decoder stumbles over is a fault of the file."""
    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NotAScan(_too_many()) from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        IndexError,
        pypdfium2.PdfiumError,
    ) as error:
        raise NotAScan(DAMAGED.format(number)) from error


def _kind(path: Path) -> str:
    """The media type by the content, whatever the name says."""
    with path.open("rb") as file:
        start = file.read(4096)
    kind: str = filetype.guess_mime(start) or ""
    if kind == PDF or kind in PICTURES:
        return kind
    what = "网页" if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in _HTML else "文件"
    raise NotAScan(f"这个{what}的内容不是扫描件，与文件名无关。{ASKED}")


_HTML = (b"<!doc", b"<html", b"<head", b"<body", b"<scri", b"<?xml")


def _pages(path: Path, kind: str) -> Iterator[Page]:
    """Its pages, each drawn when it is asked for; a picture is looked at in any case."""
    if kind != PDF:
        picture = _picture(path, kind)
        yield lambda: picture
        return
    document = _opened(path)
    if len(document) > MOST_PAGES:
        raise NotAScan(f"页数太多：最多 {MOST_PAGES} 页")
    for number in range(len(document)):
        yield partial(_drawn, document, number)


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    page = document[number]
    scale = LONG_SIDE / max(1.0, *page.get_size())
    drawn: Image.Image = page.render(scale=min(scale, 300 / 72)).to_pil().convert("RGB")
    page.close()
    return drawn


def _opened(path: Path) -> pypdfium2.PdfDocument:
    """A PDF in which there is nothing but pages."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise NotAScan(ENCRYPTED) from error
        raise
    if pdfium.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise NotAScan(ENCRYPTED)
    active = pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0
    if active or any(word in path.read_bytes() for word in ACTIVE):
        raise NotAScan("这个 PDF 里带有脚本，不像是扫描件。请用扫描仪或“打印成 PDF”重新生成")
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        raise NotAScan("这个 PDF 里夹带了附件，不像是扫描件。请去掉附件后再上传")
    if len(document) == 0:
        raise NotAScan("这个 PDF 里一页也没有")
    return document


def _picture(path: Path, kind: str) -> Image.Image:
    picture = Image.open(path, formats=[PICTURES[kind]])
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise NotAScan(_too_many())
    if min(width, height) < LEAST_SIDE:
        raise NotAScan(f"图片太小：长和宽都至少 {LEAST_SIDE} 像素")
    if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
        raise NotAScan("不收动图，请上传单张图片")
    # A decoder that may skip detail needs a fraction of the memory and the time.
    picture.draft("RGB", (LONG_SIDE, LONG_SIDE))
    picture.thumbnail((LONG_SIDE, LONG_SIDE), reducing_gap=2.0)
    return ImageOps.exif_transpose(_on_white(picture))


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


def _too_many() -> str:
    return f"图片的像素太多：最多 {MOST_PIXELS // 10_000} 万像素，请缩小后再上传"


def _bind(paths: list[Path], kinds: list[str], bound: Path) -> None:
    """Make one PDF of several files; of pictures what ``looked_at`` has made: upright and encoded
    anew, so that nothing but what is seen goes into it."""
    book = pypdfium2.PdfDocument.new()
    for path, kind in zip(paths, kinds, strict=True):
        if kind == PDF:
            book.import_pages(_opened(path))
        else:
            _add_page(book, _jpeg(path))
    book.save(bound)


def _jpeg(path: Path) -> Path:
    return path.with_suffix(".jpg")


def _add_page(book: pypdfium2.PdfDocument, jpeg: Path) -> None:
    """A picture as a page that is as long as A4."""
    picture = pypdfium2.PdfImage.new(book)
    picture.load_jpeg(jpeg, inline=True)
    seen = picture.get_px_size()
    scale = 842 / max(seen)
    width, height = (side * scale for side in seen)
    picture.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    page = book.new_page(width, height)
    page.insert_obj(picture)
    page.gen_content()
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
