"""Are the codes read on bad scans, and is what is no scan refused with its reason?"""

import io
import zlib
from collections.abc import Callable

import pypdfium2
import pytest
from PIL import Image

from server.ledger import page_codes, seal_code
from server.ledger.scan_decoding import MOST_PAGES
from server.ledger.scan_reading import MOST_BYTES, NotAScan, Upload, read
from tests.server import snapshots
from tests.server.ledger import sheets_of_paper as sheets
from tests.server.ledger.sheets_of_paper import A4, pdf, picture, sheet, written_pdf

CODE = seal_code.code_of("2023Q1-02-03-1", "0123456789abcdef" * 4)


def codes(*bodies: bytes) -> list[tuple[str, ...]]:
    uploads = [Upload(f"{n}.bin", io.BytesIO(body)) for n, body in enumerate(bodies)]
    with read(uploads) as scan:
        return list(scan.codes)


def test_does_a_code_say_what_was_written_into_it() -> None:
    said = seal_code.read(CODE)
    assert said is not None
    assert said[:4] == ("2023Q1", 2, 3, 1)
    assert said.report_number == "2023Q1-02-03-1"
    assert ("0123456789abcdef" * 4).startswith(said.digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        CODE.lower(),
        f" {CODE}",
        f"{CODE}\n",
        CODE.replace("TY1", "TY2"),
        CODE.replace("Q1", "Q5"),
        CODE.replace("-02-", "-2-"),
        CODE.replace("-03-", "-00-"),
        CODE.replace("-1/", "-0/"),
        CODE.replace("2023", "２０２３"),
        CODE[:-1],
        "https://example.org/",
    ],
)
def test_is_nothing_else_taken_for_a_code(text: str) -> None:
    assert seal_code.read(text) is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(sheets.turned(7), id="askew"),
        pytest.param(sheets.turned(180), id="upside-down"),
        pytest.param(sheets.turned(-33), id="far-askew"),
        pytest.param(lambda page: sheets.squeezed(sheets.noisy(page)), id="grain"),
        pytest.param(sheets.stamped, id="stamped"),
        pytest.param(lambda page: sheets.stamped(page).convert("L").convert("RGB"), id="grey"),
        pytest.param(lambda page: page.convert("1").convert("RGB"), id="black-and-white"),
        pytest.param(lambda page: sheets.squeezed(sheets.shadowed(page)), id="shadow"),
        pytest.param(lambda page: sheets.shadowed(sheets.askew(page)), id="from-one-side"),
        pytest.param(lambda page: page.resize((620, 877)), id="small"),
        pytest.param(sheets.photographed, id="all-at-once"),
    ],
)
def test_is_the_code_read_however_the_page_was_taken(
    spoil: Callable[[Image.Image], Image.Image],
) -> None:
    assert page_codes.on(spoil(sheet(CODE))) == [CODE]


def test_are_codes_of_others_told_and_not_mistaken_for_ours() -> None:
    assert page_codes.on(sheet("https://example.org/")) == ["https://example.org/"]
    both = page_codes.on(sheet("https://example.org/", CODE))
    assert set(both) == {"https://example.org/", CODE}
    assert page_codes.on(sheet()) == []


def test_is_a_pdf_of_several_pages_kept_as_it_is() -> None:
    body = pdf(sheet(CODE), sheet(), sheet(CODE))
    with read([Upload("盖章.pdf", io.BytesIO(body))]) as scan:
        assert scan.codes == ((CODE,), (), (CODE,))
        assert (scan.media_type, scan.name) == ("application/pdf", "盖章.pdf")
        assert scan.body.read() == body


def test_are_photos_of_pages_bound_into_one_file() -> None:
    pages = [picture(sheet(CODE)), picture(sheet(CODE), "WEBP"), pdf(sheet(CODE))]
    uploads = [Upload(f"{n}.jpg", io.BytesIO(body)) for n, body in enumerate(pages)]
    with read(uploads) as scan:
        assert (scan.media_type, scan.codes) == ("application/pdf", ((CODE,), (CODE,), (CODE,)))
        bound = scan.body.read()
    assert codes(bound) == [(CODE,)] * 3


def test_is_a_phone_s_photo_upright_in_what_is_bound() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    body = io.BytesIO()
    sheet(CODE).rotate(90, expand=True).save(body, "WEBP", exif=exif)
    body.seek(0)
    with read([Upload("a", body)]) as scan:
        assert scan.media_type == "application/pdf"
        width, height = pypdfium2.PdfDocument(scan.body.read())[0].get_size()
    assert round(height / width, 2) == round(A4[1] / A4[0], 2)


def bomb_in_a_pdf() -> bytes:
    """A page of a picture that is 60,000 pixels wide and high, and a few kilobytes."""
    stream = zlib.compress(b"\0" * (1 << 20) * 64, 9)
    head = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R"
        b"/Resources<</XObject<</I 4 0 R>>>>>>endobj\n"
        b"4 0 obj<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8"
        b"/ColorSpace/DeviceRGB/Filter/FlateDecode/Length %d>>stream\n" % len(stream)
    )
    draw = b"595 0 0 842 0 0 cm /I Do"
    return (
        head
        + stream
        + b"\nendstream endobj\n5 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
        % (len(draw), draw)
        + b"trailer<</Size 6/Root 1 0 R>>\n%%EOF\n"
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", "是空文件", id="empty"),
        pytest.param(snapshots.HTML, "内容不是扫描件", id="html"),
        pytest.param(snapshots.HTML + written_pdf(), "网页的内容不是扫描件", id="html-before-pdf"),
        pytest.param(snapshots.SVG, "内容不是扫描件", id="svg"),
        pytest.param(b"PK\x03\x04" + b"\0" * 200, "内容不是扫描件", id="zip"),
        pytest.param(b"%PDF-1.7\n" + snapshots.HTML, "已损坏或不完整", id="pdf-in-name"),
        pytest.param(pdf(sheet())[:-6000], "已损坏|没能处理|一页也没有", id="cut-off"),
        pytest.param(written_pdf(boxes=0), "一页也没有|已损坏", id="no-pages"),
        pytest.param(written_pdf(boxes=MOST_PAGES + 1), "最多 60 页", id="many-pages"),
        pytest.param(sheets.encrypted_pdf(opens=False), "加了密", id="password"),
        pytest.param(sheets.encrypted_pdf(opens=True), "加了密", id="restricted"),
        pytest.param(
            written_pdf("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "脚本", id="script"
        ),
        pytest.param(snapshots.moving("PNG"), "不收动图|太小", id="moving"),
        pytest.param(snapshots.bomb(), "像素太多", id="bomb"),
        pytest.param(picture(sheet())[:-3000], "已损坏", id="truncated"),
        pytest.param(picture(sheet().resize((200, 280))), "图片太小", id="small"),
    ],
)
def test_is_what_is_no_scan_refused_with_its_reason(body: bytes, told: str) -> None:
    with pytest.raises(NotAScan, match=told):
        codes(body)


def test_is_a_bomb_in_a_pdf_not_unpacked_into_memory() -> None:
    assert codes(bomb_in_a_pdf()) == [()]


def test_is_a_scan_too_large_refused_as_soon_as_that_is_known() -> None:
    with pytest.raises(NotAScan, match="最多 50 MB"):
        codes(picture(sheet()), b"\0" * MOST_BYTES)
    with pytest.raises(NotAScan, match="没有选择文件"):
        codes()
    with pytest.raises(NotAScan, match="最多 60 个"):
        codes(*[b"x"] * 61)
