"""Reading .xlsx and .csv bytes: encodings, limits, damage, and formulas that stay text."""

from __future__ import annotations

import io
import time
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from rules.deadlines.asset_import import read_rows
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import check_digit
from store.asset_file import read_asset_file

TODAY = date(2026, 11, 20)


def workbook(rows: list[list[object]]) -> bytes:
    """Return a workbook with one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_keeps_dates_and_numbers() -> None:
    """Cells come as they were typed."""
    rows = read_asset_file(
        "a.xlsx", workbook([["申请号", "申请日"], ["202010293847.9", datetime(2020, 4, 15)]])
    )
    assert rows == [["申请号", "申请日"], ["202010293847.9", datetime(2020, 4, 15)]]


def test_a_formula_is_data() -> None:
    """What was typed is kept as text; nothing is computed."""
    rows = read_asset_file("a.xlsx", workbook([["申请号", "名称"], ["202010293847.9", "=1+1"]]))
    assert rows[1][1] == "=1+1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_the_encodings_that_are_met(encoding: str, delimiter: str) -> None:
    """With or without a mark, in GBK, with any usual separator."""
    text = (
        delimiter.join(["申请号", "申请日"])
        + "\r\n"
        + delimiter.join(["202010293847.9", "2020-04-15"])
        + "\r\n"
    )
    rows = read_asset_file("a.csv", text.encode(encoding))
    assert rows == [["申请号", "申请日"], ["202010293847.9", "2020-04-15"]]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.csv", b"", "空的"),
        ("a.csv", b"\n\n", "没有任何内容"),
        ("a.xlsx", b"PK\x03\x04broken", "已损坏"),
        ("a.xlsx", b"not a zip", "已损坏"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为.xlsx"),
        ("a.csv", b"a\x00b", "不是.xlsx或.csv"),
        ("a.csv", b"\xff\xff\xff\x81", "编码"),
        ("a.csv", b"x" * (20 * 1024 * 1024 + 1), "20MB"),
        ("a.csv", b"a,b\n" * 100_001, "100,000行"),
    ],
)
def test_files_that_cannot_be_used_say_what_to_do(name: str, content: bytes, word: str) -> None:
    """One sentence each."""
    with pytest.raises(DeadlineInputError) as caught:
        read_asset_file(name, content)
    assert caught.value.field == "file"
    assert word in caught.value.message_zh


def test_twenty_thousand_rows_are_read_in_time() -> None:
    """Reading and understanding 20,000 rows takes seconds, not minutes (the aim is 30 s)."""
    rows: list[list[object]] = [["申请号", "名称", "申请日"]]
    for serial in range(20_000):
        digits = f"20201{serial:07d}"
        rows.append([f"ZL{digits}.{check_digit(digits)}", f"装置{serial}", "2020-04-15"])
    content = workbook(rows)
    started = time.perf_counter()
    told = read_rows(read_asset_file("big.xlsx", content), TODAY)
    assert time.perf_counter() - started < 30
    assert (len(told.understood), len(told.refused)) == (20_000, 0)
