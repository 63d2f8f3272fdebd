"""Printed reports as they come back: scanned, photographed, stamped, and files that pretend."""

import hashlib
import io
from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from server.ledger import seal_code

A4 = (1240, 1754)
"""Pixels at 150 dpi."""
TABLE = (90, 80, 70)


def sheet(code: str | None = None, *more: str) -> Image.Image:
    """A page with a code where the form has it, and lines where it has words."""
    page = Image.new("RGB", A4, "white")
    draw = ImageDraw.Draw(page)
    for top in range(300, 1500, 40):
        draw.line((120, top, 1120 - top % 300, top), "black", 8)
    for number, text in enumerate(filter(None, (code, *more))):
        drawn = Image.open(io.BytesIO(seal_code.picture(text))).convert("RGB")
        page.paste(drawn.resize((165, 165), Image.Resampling.BOX), (960, 50 + 250 * number))
    return page


def stamped(page: Image.Image) -> Image.Image:
    """With a red stamp of 42 mm that lies over part of the code."""
    ink = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(ink)
    draw.ellipse((880, 60, 1128, 308), outline=(215, 30, 40), width=9)
    draw.ellipse((974, 154, 1034, 214), fill=(215, 30, 40))
    return ImageChops.multiply(page, ink)


def noisy(page: Image.Image) -> Image.Image:
    """With the grain of a poor scanner."""
    return Image.blend(page, Image.effect_noise(page.size, 60).convert("RGB"), 0.25)


def shadowed(page: Image.Image) -> Image.Image:
    """With a shadow that grows from one end to the other."""
    light = Image.linear_gradient("L").resize(page.size)
    light = light.point([60 + shade * 195 // 255 for shade in range(256)])
    return ImageChops.multiply(page, light.convert("RGB"))


def askew(page: Image.Image) -> Image.Image:
    """Photographed from one side, on a table."""
    w, h = page.size
    corners = (-0.10 * w, -0.06 * h, -0.02 * w, 1.08 * h, 1.12 * w, 1.02 * h, 1.03 * w, -0.1 * h)
    return page.transform(
        page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=TABLE
    )


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    """Laid on the glass at an angle."""

    def turn(page: Image.Image) -> Image.Image:
        return page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")

    return turn


def squeezed(page: Image.Image) -> Image.Image:
    """As a JPEG of low quality."""
    return Image.open(io.BytesIO(picture(page, quality=40))).convert("RGB")


def photographed(page: Image.Image) -> Image.Image:
    """All at once: stamped, grainy, out of focus, from one side, in shadow, upside down."""
    taken = noisy(stamped(page)).filter(ImageFilter.GaussianBlur(1))
    taken = askew(taken).rotate(187, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)
    return squeezed(shadowed(taken))


def picture(page: Image.Image, kind: str = "JPEG", quality: int = 80) -> bytes:
    """A page as the file of a picture."""
    body = io.BytesIO()
    page.save(body, kind, quality=quality)
    return body.getvalue()


def pdf(*pages: Image.Image) -> bytes:
    """Pages as a scanner's PDF."""
    body = io.BytesIO()
    pages[0].save(body, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return body.getvalue()


def written_pdf(catalogue: str = "", trailer: str = "", boxes: int = 1) -> bytes:
    """A PDF of empty pages written by hand, with what is wanted in its catalogue and trailer."""
    kids = " ".join("3 0 R" for _ in range(boxes))
    return (
        "%PDF-1.4\n"
        f"1 0 obj<</Type/Catalog/Pages 2 0 R{catalogue}>>endobj\n"
        f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {boxes}>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        f"trailer<</Size 9/Root 1 0 R{trailer}>>\n%%EOF\n"
    ).encode("latin-1")


def encrypted_pdf(*, opens: bool) -> bytes:
    """A PDF with a password, or one that opens without and only restricts what may be done."""
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner, ident, rights = b"o" * 32, b"i" * 16, -44
    seed = pad + owner + rights.to_bytes(4, "little", signed=True) + ident
    key = hashlib.md5(seed, usedforsecurity=False).digest()[:5]
    user = Cipher(ARC4(key), None).encryptor().update(pad) if opens else b"u" * 32
    told = f"/Filter/Standard/V 1/R 2/P {rights}/O<{owner.hex()}>/U<{user.hex()}>"
    return written_pdf(trailer=f"/Encrypt<<{told}>>/ID[<{ident.hex()}><{ident.hex()}>]")
