"""What a file is by its content, and whether it is safe to open; nothing is unpacked for it.

Public names: ``form_of``, ``MAX_BYTES``.
"""

import io
import zipfile
import zlib

from server.sheets.table import Unreadable

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ENTRIES = 2000
MAX_RATIO = 100
_SMALL = 1024 * 1024
"""Bytes; what unpacks to less is no bomb however well it was packed."""
_MAX_MANIFEST = 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_XLSX = b"spreadsheetml.sheet.main+xml"
_MACROS = "文件含有宏。请在 Excel 或 WPS 里另存为不带宏的 .xlsx 再上传。"
_ENCRYPTED = "文件有密码。请去掉密码后另存再上传。"
_DAMAGED = "文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
_OTHERS = (
    (b"%PDF", "这是 PDF，不是表格。"),
    (b"\x89PNG", "这是图片，不是表格。"),
    (b"\xff\xd8\xff", "这是图片，不是表格。"),
    (b"GIF8", "这是图片，不是表格。"),
    (b"Rar!", "这是压缩包。请解压后上传里面的表格。"),
    (b"7z\xbc\xaf", "这是压缩包。请解压后上传里面的表格。"),
    (b"\x1f\x8b", "这是压缩包。请解压后上传里面的表格。"),
    (b"{\\rtf", "这是 RTF 文档，不是表格。"),
)
_ADVICE = "请上传 .xlsx、.xls、.ods、.csv 或 GeoJSON 文件。"


def form_of(body: bytes) -> str:
    """``xlsx``, ``xls``, ``ods``, ``csv`` or ``geojson``; what the file is called plays no part.

    Raises:
        Unreadable: it is something else, too large, encrypted, or carries macros.
    """
    if len(body) > MAX_BYTES:
        raise Unreadable(f"文件太大：最多 {MAX_BYTES // 1024 // 1024} MB。请分成几个文件上传。")
    if not body.strip(b"\0 \t\r\n"):
        raise Unreadable("文件是空的。")
    if body.startswith(b"PK"):
        return _zipped(body)
    if body.startswith(_OLE):
        return _compound(body)
    for start, message in _OTHERS:
        if body.startswith(start):
            raise Unreadable(message + _ADVICE)
    return _text(body)


def _text(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\0" in body[:65536]:
        raise Unreadable("认不出这是什么文件。" + _ADVICE)
    start = body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return "geojson"
    if start.startswith(b"<"):
        raise Unreadable(
            "这其实是网页（HTML/XML），只是改了名字。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"
        )
    return "csv"


def _compound(body: bytes) -> str:
    """An OLE file: .xls of Excel and WPS, or an encrypted .xlsx; names stand in it as UTF-16."""
    if _utf16("EncryptedPackage") in body:
        raise Unreadable(_ENCRYPTED)
    if _utf16("_VBA_PROJECT") in body:
        raise Unreadable(_MACROS)
    if _utf16("WordDocument") in body:
        raise Unreadable("这是 Word 文档，不是表格。" + _ADVICE)
    return "xls"


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _zipped(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return _spreadsheet(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Unreadable(_DAMAGED) from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise Unreadable(_ENCRYPTED) from error


def _spreadsheet(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    _refuse_bombs(entries)
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names:
        return _office(names, _read(archive, "[Content_Types].xml"))
    if "mimetype" in names and _read(archive, "mimetype").strip() == _ODS:
        if any(name.startswith("Basic/") for name in names):
            raise Unreadable(_MACROS)
        if b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
            raise Unreadable(_ENCRYPTED)
        return "ods"
    raise Unreadable("这是压缩包（zip），不是表格。请解压后上传里面的表格。")


def _office(names: set[str], types: bytes) -> str:
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in types:
        raise Unreadable(_MACROS)
    if "xl/workbook.bin" in names:
        raise Unreadable("不支持 .xlsb。请另存为 .xlsx 再上传。")
    if _XLSX not in types or not any(name.startswith("xl/") for name in names):
        raise Unreadable("这是 Office 文件，但不是表格。" + _ADVICE)
    return "xlsx"


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MAX_ENTRIES:
        raise Unreadable(f"文件里的部件太多（{len(entries)} 个），不像正常的表格。")
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > packed * MAX_RATIO):
        raise Unreadable("文件解压后大得不正常，没有打开。请把需要的行复制到新的表格里再上传。")
    if any(entry.filename.lower().endswith((".zip", ".rar", ".7z", ".gz")) for entry in entries):
        raise Unreadable("表格里夹带了压缩包，没有打开。请删去后再上传。")
    places = [entry.header_offset for entry in entries]
    if len(set(places)) != len(places):
        # Many entries that share one packed body: each counts, none takes room.
        raise Unreadable(_DAMAGED)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            return member.read(_MAX_MANIFEST)
    except KeyError:
        return b""
