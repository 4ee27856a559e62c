"""Read the cells of an .xlsx or .csv list of rights. What the cells mean is in `rules.deadlines.asset_import`."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from rules.deadlines.asset_import import Cell
from rules.deadlines.errors import DeadlineInputError

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED_BYTES = 400 * 1024 * 1024  # a small archive that unpacks to a huge one is refused
MOST_ROWS = 100_000
MOST_COLUMNS = 200
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DAMAGED = "这个.xlsx文件已损坏，打不开，请重新导出。"
# What the reader of workbooks raises for archives and sheets that are none; a broken sheet shows while it is read.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,  # of which the parser's error is a kind
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
)
_ENCODINGS = (
    "utf-8-sig",
    "gb18030",
)  # GB 18030 contains GBK and GB 2312, in which Chinese tools still export


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: a chat shares its process with everybody else, the command line does not."""

    rows: int = MOST_ROWS
    unpacked_bytes: int = MOST_UNPACKED_BYTES


COMMAND_LINE = Limits()
CHAT = Limits(rows=2_000, unpacked_bytes=60 * 1024 * 1024)


def read_asset_file(name: str, content: bytes, limits: Limits = COMMAND_LINE) -> list[list[Cell]]:
    """Return the rows of the first sheet that has any, formulas as the text that was typed.

    Raises `DeadlineInputError` (field `file`) with what to do for a file that cannot be used.
    """
    if not content:
        raise _refuse("文件是空的，请重新导出后再上传。", "empty file")
    if len(content) > MOST_BYTES:
        raise _refuse("文件超过20MB，请分成几个文件。", f"{len(content)} bytes, at most {MOST_BYTES}")
    if content.startswith(_OLD_EXCEL):
        raise _refuse("这是旧式.xls文件，请在表格软件里另存为.xlsx再上传。", "an .xls file")
    if content.startswith(_ZIP):
        return _read_xlsx(content, limits)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise _refuse(_DAMAGED, "not a zip archive")
    return _read_csv(content, limits)


def _read_xlsx(content: bytes, limits: Limits) -> list[list[Cell]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > limits.unpacked_bytes:
            raise _refuse("文件解开后太大，请分成几个文件。", f"unpacks to {unpacked} bytes")
        # Formulas stay text: what a cell computes is not what somebody typed, and nothing of it is run.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except _BROKEN as error:
        raise _refuse(_DAMAGED, f"unreadable: {type(error).__name__}") from error
    try:
        for sheet in book.worksheets:
            rows = list(
                _limited(
                    (_cells(row) for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)),
                    limits.rows,
                )
            )
            if any(cell not in (None, "") for row in rows for cell in row):
                return rows
    except _BROKEN as error:
        raise _refuse(_DAMAGED, f"unreadable sheet: {type(error).__name__}") from error
    finally:
        book.close()
    raise _refuse("文件里没有任何内容，请重新导出后再上传。", "no cells")


def _cells(row: tuple[object, ...]) -> list[Cell]:
    kept: list[Cell] = []
    for value in row[:MOST_COLUMNS]:
        known = value is None or isinstance(value, str | int | float | date | datetime)
        kept.append(value if known else str(value))  # type: ignore[arg-type]
    while kept and kept[-1] is None:  # a row is read as wide as a sheet may be
        kept.pop()
    return kept


def _read_csv(content: bytes, limits: Limits) -> list[list[Cell]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refuse("文件的文字编码认不出来，请另存为UTF-8编码的.csv或.xlsx。", "unknown encoding")
    if "\x00" in text:
        raise _refuse("这不是.xlsx或.csv文件，请重新导出。", "binary content")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = list(_limited((list[Cell](row[:MOST_COLUMNS]) for row in reader), limits.rows))
    except csv.Error as error:
        raise _refuse("这个.csv文件格式有误，读不出来，请重新导出。", f"broken csv: {error}") from error
    if not any(cell for row in rows for cell in row):
        raise _refuse("文件里没有任何内容，请重新导出后再上传。", "no cells")
    return rows


def _limited(rows: Iterator[list[Cell]], most: int) -> Iterator[list[Cell]]:
    for number, row in enumerate(rows, 1):
        if number > most:
            raise _refuse(f"超过{most:,}行，请分成几个文件。", f"more than {most} rows")
        yield row


def _refuse(message_zh: str, message_en: str) -> DeadlineInputError:
    return DeadlineInputError("file", message_zh, message_en)
