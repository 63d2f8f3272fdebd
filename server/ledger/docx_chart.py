"""Bar charts in Word documents that stay charts: Word can edit them, their numbers lie in a
workbook inside. Public names: ``Series``, ``Bars``, ``add_bars``.

Format: ECMA-376, DrawingML charts (part 1, section 21.2). Cached values are written beside the
references to the workbook, so that every program draws the chart without opening it.
"""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Mm
from openpyxl import Workbook

from server.sheets.table import column_letters
from server.sheets.writing import XLSX, put_text

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


class Series(NamedTuple):
    """Bars of one colour (``RRGGBB``); None: no bar there."""

    name: str
    colour: str
    values: Sequence[float | None]


class Bars(NamedTuple):
    """Lying bars, the first category on top."""

    categories: Sequence[str]
    series: Sequence[Series]
    stacked: bool
    most: float | None = None
    """Where the axis ends; None: where the program likes."""


def add_bars(made: Any, bars: Bars, *, width: float, height: float, alt: str) -> None:
    """Add a paragraph with the chart; width and height in millimetres, ``alt`` in words."""
    package = made.part.package
    place = sum(str(part.partname).startswith("/word/charts/") for part in package.iter_parts()) + 1
    uri = PackURI(f"/word/charts/chart{place}.xml")
    chart = Part(uri, _TYPE, b"", package)
    inside = PackURI(f"/word/embeddings/chart{place}.xlsx")
    workbook = Part(inside, XLSX, _workbook(bars), package)
    data = chart.relate_to(workbook, f"{_RELATIONS}/package")
    chart._blob = _chart(bars, data).encode()
    shown = made.part.relate_to(chart, f"{_RELATIONS}/chart")
    run = made.add_paragraph().add_run()
    run._r.append(parse_xml(_drawing(shown, place, Mm(width), Mm(height), alt)))


def _workbook(bars: Bars) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for column, one in enumerate(bars.series, 2):
        put_text(sheet.cell(1, column), one.name)
        for row, value in enumerate(one.values, 2):
            sheet.cell(row, column).value = value
    for row, name in enumerate(bars.categories, 2):
        put_text(sheet.cell(row, 1), name)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _drawing(shown: str, place: int, width: int, height: int, alt: str) -> str:
    told = escape(alt, {'"': "&quot;"})
    return (
        f'<w:drawing xmlns:w="{_WORD}"><wp:inline xmlns:wp="{_DRAWING}" distT="0" distB="0"'
        f' distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{1000 + place}" name="图表 {place}" descr="{told}"/>'
        f'<wp:cNvGraphicFramePr/><a:graphic xmlns:a="{_MAIN}"><a:graphicData uri="{_CHART}">'
        f'<c:chart xmlns:c="{_CHART}" xmlns:r="{_RELATIONS}" r:id="{shown}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


def _chart(bars: Bars, data: str) -> str:
    grouping = "stacked" if bars.stacked else "clustered"
    overlap = '<c:overlap val="100"/>' if bars.stacked else ""
    series = "".join(_series(bars, number, one) for number, one in enumerate(bars.series))
    legend = (
        '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'
        if len(bars.series) > 1
        else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{_CHART}" xmlns:a="{_MAIN}" xmlns:r="{_RELATIONS}">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        f'<c:barChart><c:barDir val="bar"/><c:grouping val="{grouping}"/><c:varyColors val="0"/>'
        f'{series}<c:gapWidth val="45"/>{overlap}<c:axId val="1"/><c:axId val="2"/></c:barChart>'
        f"{_axes(bars)}</c:plotArea>{legend}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f'{_TEXT}<c:externalData r:id="{data}"><c:autoUpdate val="0"/></c:externalData>'
        "</c:chartSpace>"
    )


_TEXT = (
    '<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="900"><a:latin typeface="宋体"/>'
    '<a:ea typeface="宋体"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
)


def _axes(bars: Bars) -> str:
    # Pieces of a stack are counted: half a piece is none.
    whole = '<c:majorUnit val="1"/>' if bars.stacked else ""
    most = "" if bars.most is None else f'<c:max val="{bars.most:g}"/>'
    return (
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="maxMin"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="l"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:crossAx val="2"/>'
        '<c:crosses val="autoZero"/></c:catAx>'
        f'<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/>{most}'
        '<c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>'
        '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/>'
        "</a:solidFill></a:ln></c:spPr></c:majorGridlines>"
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="1"/>'
        f'<c:crosses val="max"/>{whole}</c:valAx>'
    )


def _series(bars: Bars, number: int, one: Series) -> str:
    column, last = column_letters(number + 1), len(bars.categories) + 1
    names = "".join(
        f'<c:pt idx="{place}"><c:v>{escape(name)}</c:v></c:pt>'
        for place, name in enumerate(bars.categories)
    )
    values = "".join(
        f'<c:pt idx="{place}"><c:v>{value:g}</c:v></c:pt>'
        for place, value in enumerate(one.values)
        if value is not None
    )
    count = f'<c:ptCount val="{len(bars.categories)}"/>'
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/><c:tx><c:strRef>'
        f'<c:f>Sheet1!${column}$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>'
        f"{escape(one.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx><c:spPr><a:solidFill>"
        f'<a:srgbClr val="{one.colour}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
        f"{_labels(bars, one)}<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${last}</c:f><c:strCache>{count}"
        f"{names}</c:strCache></c:strRef></c:cat><c:val><c:numRef>"
        f"<c:f>Sheet1!${column}$2:${column}${last}</c:f><c:numCache>"
        f"<c:formatCode>General</c:formatCode>{count}{values}</c:numCache></c:numRef></c:val>"
        "</c:ser>"
    )


def _labels(bars: Bars, of: Series) -> str:
    # Within a dark bar black can't be read; beside it white can't.
    ink = "FFFFFF" if bars.stacked and _is_dark(of.colour) else "000000"
    return (
        '<c:dLbls><c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="900"><a:solidFill>'
        f'<a:srgbClr val="{ink}"/></a:solidFill></a:defRPr></a:pPr>'
        '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr><c:showLegendKey val="0"/>'
        '<c:showVal val="1"/><c:showCatName val="0"/>'
        '<c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )


def _is_dark(colour: str) -> bool:
    red, green, blue = bytes.fromhex(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
