"""Lists of rights: columns by name, dates in many shapes, each refusal with its reason, the same file twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from rules.deadlines.asset_import import Column, ImportPreview, column_of, read_rows
from rules.deadlines.assets import AssetKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import check_digit

TODAY = date(2026, 11, 20)
HEADER = [
    "序号",
    "申请号",
    "专利名称",
    "专利类型",
    "申请日",
    "授权公告日",
    "案件状态",
    "费减比例",
    "已缴年度",
]
GOOD = [
    "1",
    "ZL202010293847.9",
    "一种装置",
    "发明专利",
    "2020-04-15",
    "2022年8月2日",
    "专利权维持",
    "85%",
    "7",
]


def read(*rows: list[Any], header: list[Any] | None = None) -> ImportPreview:
    """Read rows under a header."""
    return read_rows([header or HEADER, *rows], TODAY)


def changed(**cells: Any) -> list[Any]:
    """Return the good row with cells changed by column name."""
    row: list[Any] = list(GOOD)
    for name, value in cells.items():
        row[HEADER.index(name)] = value
    return row


def test_a_row_is_understood() -> None:
    """Every column finds its place; one that is not used is named."""
    told = read(GOOD)
    (row,) = told.understood
    assert row.line == 2
    assert (row.asset.kind, row.asset.number, row.asset.title) == (
        AssetKind.INVENTION,
        "202010293847.9",
        "一种装置",
    )
    assert (row.asset.filing, row.asset.grant) == (date(2020, 4, 15), date(2022, 8, 2))
    assert (row.asset.reduction, row.asset.paid_through, row.asset.pending) == (85, 7, False)
    assert told.ignored == ("序号",)
    assert told.refused == ()


@pytest.mark.parametrize(
    "cell",
    [
        "2020-04-15",
        "2020/4/15",
        "2020.04.15",
        "20200415",
        "2020年4月15日",
        "２０２０－０４－１５",
        "2020-04-15 00:00:00",
        date(2020, 4, 15),
        datetime(2020, 4, 15, 8, 30),
        43936,
        20200415,
    ],
)
def test_dates_in_many_shapes(cell: Any) -> None:
    """Text, date, a date that lost its format, and digits."""
    assert read(changed(申请日=cell)).understood[0].asset.filing == date(2020, 4, 15)


@pytest.mark.parametrize(
    "cell", ["202010293847.9", "2020102938479", 2020102938479, 202010293847.9, "CN 2020 1 0293847.9", "'202010293847.9"]
)  # fmt: skip
def test_numbers_in_many_shapes(cell: Any) -> None:
    """With or without ZL, CN, dot and spaces; as text or as a number."""
    assert read(changed(申请号=cell)).understood[0].asset.number == "202010293847.9"


@pytest.mark.parametrize(
    ("cells", "field", "word"),
    [
        ({"申请号": "202010293847.X"}, "number", "应当是9"),
        ({"申请号": ""}, "number", "请给出申请号"),
        ({"申请号": "=cmd|' /C calc'!A0"}, "number", "不像"),
        ({"专利类型": "实用新型"}, "kind", "是发明专利"),
        ({"专利类型": "植物"}, "kind", "类型"),
        ({"申请日": ""}, "filing", "没有申请日"),
        ({"申请日": "2020-02-30"}, "filing", "不是能确定的日期"),
        ({"申请日": "15/04/20"}, "filing", "不是能确定的日期"),
        ({"申请日": "2026-12-01"}, "filing", "今天以后"),
        ({"申请日": "2021-01-05"}, "filing", "年份早于"),
        ({"授权公告日": "2019-01-01"}, "grant", "早于申请日"),
        ({"费减比例": "90%"}, "reduction", "0、70%或85%"),
        ({"已缴年度": "21"}, "paid_through", "1到20"),
    ],
)
def test_refusals_name_line_field_and_reason(cells: dict[str, Any], field: str, word: str) -> None:
    """The bad row is refused with a sentence, the good one beside it is kept."""
    other = list(GOOD)
    other[1] = f"202010293848.{check_digit('202010293848')}"
    told = read(changed(**cells), other)
    (refused,) = told.refused
    assert (refused.line, refused.field) == (2, field)
    assert word in refused.message_zh
    assert len(told.understood) == 1


def test_notes_for_what_a_person_should_look_at() -> None:
    """A supplied check digit, a likely divisional, a right that has ended."""
    assert "没有写校验位" in read(changed(申请号="202010293847")).understood[0].notes[0]
    assert "分案" in read(changed(申请日="2018-01-05")).understood[0].notes[0]
    ended = read(changed(案件状态="未缴年费终止失效")).understood[0]
    assert not ended.asset.active
    assert "恢复" in ended.notes[0]
    assert read(changed(案件状态="终止后权利恢复")).understood[0].asset.active
    pending = read(changed(案件状态="等待实审提案", 授权公告日="", 专利类型="")).understood[0]
    assert pending.asset.pending


def test_joint_owners() -> None:
    """Two owners have at most 70 percent; the number of owners is kept."""
    header = [*HEADER, "专利权人"]
    told = read([*changed(费减比例="70"), "甲公司；乙公司"], header=header)
    assert told.understood[0].asset.owners == 2
    refused = read([*GOOD, "甲公司；乙公司"], header=header).refused[0]
    assert (refused.field, "最多减缴70%" in refused.message_zh) == ("reduction", True)


def test_the_same_rows_twice_change_nothing() -> None:
    """A repeated row is counted; the same number with other data is refused."""
    once, twice = read(GOOD), read(GOOD, GOOD)
    assert [row.asset for row in twice.understood] == [row.asset for row in once.understood]
    assert twice.repeated == 1
    clash = read(GOOD, changed(申请日="2020-04-16"))
    assert len(clash.understood) == 1
    assert "出现了两次" in clash.refused[0].message_zh


def test_trademarks() -> None:
    """A list of marks: registration number, classes, registration day and expiry."""
    header = ["商标名称", "注册号", "类别", "注册日期", "专用权期限止"]
    told = read(["某", "12345678", "9、35、42", "2016-11-21", "2026-11-20"], header=header)
    (row,) = told.understood
    assert (row.asset.kind, row.asset.number, row.asset.classes) == (AssetKind.TRADEMARK, "12345678", 3)
    assert row.asset.expiry == date(2026, 11, 20)
    for cells, word in (
        (["某", "12345678", "46", "2016-11-21", ""], "1到45"),
        (["某", "12345678", "9", "", ""], "没有注册日"),
        (["某", "12345678", "9", "2016-11-21", "2016-11-21"], "有效期不晚于"),
        (["某", "abc", "9", "2016-11-21", ""], "不像商标注册号"),
    ):
        assert word in read(cells, header=header).refused[0].message_zh


def test_a_title_above_the_header_and_empty_rows() -> None:
    """Portals put a title on top; blank rows mean nothing."""
    told = read_rows([["专利清单"], [], HEADER, [], GOOD, ["", None]], TODAY)
    assert told.understood[0].line == 5
    with pytest.raises(DeadlineInputError) as caught:
        read_rows([["姓名", "电话"], ["x", "1"]], TODAY)
    assert "没有找到表头" in caught.value.message_zh


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("申请号/专利号", Column.NUMBER),
        ("申 请 日（年月日）", Column.FILING),
        ("授权公告日:", Column.GRANT),
        ("发明名称", Column.TITLE),
        ("联系电话", None),
        ("申请人", Column.OWNER),
    ],
)
def test_column_names(name: str, column: Column | None) -> None:
    """Spaces, brackets and colons do not matter; unknown names are left alone."""
    assert column_of(name) is column
