"""Decision tables as spreadsheets: a template made from a table, and the rows of a filled one put into its text.

Nothing in a sheet is computed: a formula is refused with its cell, and text that begins with `=` is written as text.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from knowledge.yaml_edit import child, end_of
from rules.document import DecisionTable
from rules.errors import DocumentError
from rules.facts import FactDictionary
from rules.yaml_text import read_yaml

SHEET: Final = "规则表"
NOTES: Final = "填写说明"
ID, ELSE, CITE, NOTE, EXTRA, START, END = "行号", "其他情况", "依据", "备注", "附加条件", "有效起", "有效止"
WHEN, THEN = "条件：", "结论："
YES: Final = "是"
EMPTY: Final = '""'  # an output that is said to be empty; a blank cell is an output that is not said
MOST_BYTES: Final = 2_000_000
MOST_UNPACKED: Final = 40_000_000
MOST_ROWS: Final = 2_000
MOST_COLUMNS: Final = 200  # of the 16,384 that a sheet may have: each would be held for every row
MOST_CHARACTERS: Final = 4_000
_HELP: Final = (
    "一行是一条规则。行号不能重复；依据写来源编号和条款，例如 S1#第三条，几处依据用分号隔开。",
    "条件留空或写 - 表示不限；写一个值表示等于它；写 [甲, 乙] 表示其中之一；写 >= 20、< 100、>= 20 and < 100 表示范围。",
    "“其他情况”写“是”的一行不写条件，只能放在最后。公式不会计算，请填数值或文字。",
)


class SheetError(Exception):
    """A spreadsheet cannot be used; the message names the cell, for the person who filled it in."""


def template(text: str, table: DecisionTable, number: int, dictionary: FactDictionary) -> bytes:
    """Return an .xlsx file with the rows of a version (from 0), to be changed and uploaded again."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    headers = _headers(table)
    _write(sheet, 1, headers)
    for place, row in enumerate(_raw_rows(text, number), 2):
        cells = _cells(row)
        _write(sheet, place, [cells.get(header) for header in headers])
    for column, header in enumerate(headers, 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, 2 * len(header))
    sheet.freeze_panes = "B2"
    notes = book.create_sheet(NOTES)
    for place, line in enumerate(_notes(table, dictionary), 1):
        _write(notes, place, [line])
    notes.column_dimensions["A"].width = 110
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_sheet(text: str, table: DecisionTable, number: int, data: bytes) -> str:
    """Return the table's text with the rows of a version (from 0) replaced by those of the .xlsx file.

    Raises SheetError with the cell that cannot be used.
    """
    rows = list(_rows(data, table))
    if not rows:
        raise SheetError("表里没有内容，请从第2行开始填写。")
    try:
        written = _with_rows(text, number, rows)
        read_yaml(written, "")
    except DocumentError as error:
        raise SheetError(f"表格内容写不成规则：{error.message}") from None
    return written


def _headers(table: DecisionTable) -> list[str]:
    rows = [row for version in table.versions for row in version.rows]
    optional = {
        EXTRA: any(row.require is not None for row in rows),
        START: any(row.valid.start for row in rows),
        END: any(row.valid.end for row in rows),
    }
    conditions = [WHEN + column.id for column in table.inputs]
    results = [THEN + name for name in table.outputs]
    extra = [name for name, used in optional.items() if used]
    return [ID, *conditions, ELSE, *results, CITE, NOTE, *extra]


def _raw_rows(text: str, number: int) -> list[dict[str, Any]]:
    data = read_yaml(text, "").data
    rows: list[dict[str, Any]] = (data["versions"][number] if "versions" in data else data)["rows"]
    return rows


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    cite = row["cite"]
    valid = row.get("valid") or {}
    return {
        ID: row["id"],
        CITE: cite if isinstance(cite, str) else "；".join(cite),
        NOTE: row.get("note"),
        ELSE: YES if row.get("else") else None,
        EXTRA: _shown(row.get("require")),
        START: valid.get("from"),
        END: valid.get("to"),
        **{WHEN + name: _shown(value) for name, value in (row.get("when") or {}).items()},
        **{THEN + name: _shown(value) for name, value in row["then"].items()},
    }


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple):
        return _flow(value)
    return EMPTY if value == "" else value


def _write(sheet: Any, row: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values, 1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, column)
        cell.value = str(value) if isinstance(value, Decimal) and value != value.to_integral() else value
        if isinstance(value, str):
            cell.data_type = "s"  # never a formula, whatever it begins with


def _notes(table: DecisionTable, dictionary: FactDictionary) -> Iterator[str]:
    yield f"{table.title}（{table.id}）"
    yield from _HELP
    for column in table.inputs:
        values = [
            f"{name}可取：{'、'.join(dictionary[name].values)}"
            for name in column.value.facts
            if name in dictionary and dictionary[name].values
        ]
        yield f"{WHEN}{column.id}　" + "；".join([column.title or f"看的是 {column.value.source}", *values])
    for name, output in table.outputs.items():
        allowed = f"，可取：{'、'.join(map(str, output.values))}" if output.values else ""
        yield f"{THEN}{name}　{output.title or name}{f'（{output.unit}）' if output.unit else ''}{allowed}"
    for key, source in table.sources.items():
        yield f"来源 {key}　{source.title}{source.doc_no}"


def _rows(data: bytes, table: DecisionTable) -> Iterator[dict[str, Any]]:
    lines = _lines(data)
    if len(lines) > MOST_ROWS + 1:
        raise SheetError(f"最多{MOST_ROWS}行，请分成几张表。")
    headers = _read_headers(lines[0] if lines else (), table)
    for number, line in enumerate(lines[1:], 2):
        filled = (cell for cell in line if cell.value is not None and str(cell.value).strip())
        values = {headers[cell.column]: _value(cell) for cell in filled if cell.column in headers}
        if values:
            yield _row(values, number)


def _lines(data: bytes) -> list[tuple[Any, ...]]:
    """Return the lines of the sheet, one more than may be filled where it has more."""
    if len(data) > MOST_BYTES:
        raise SheetError("文件太大，最多2MB。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise SheetError("文件解开后太大，请只保留规则表。")
        # Read line by line: one cell far out would else make the library hold all those before it.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        if SHEET not in book.sheetnames:
            raise SheetError(f"没有名为“{SHEET}”的工作表，请用下载的模板填写。")
        return list(book[SHEET].iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 2))
    except SheetError:
        raise
    except Exception as error:
        raise SheetError("这个文件打不开，请上传从模板填写的 .xlsx 文件。") from error


def _read_headers(line: Sequence[Cell], table: DecisionTable) -> dict[int, str]:
    known = {*_headers(table), EXTRA, START, END}
    headers: dict[int, str] = {}
    for cell in line:
        name = str(cell.value or "").strip()
        if not name:
            continue
        if name not in known:
            raise SheetError(f"{cell.coordinate}：没有“{name}”这一列，请不要改动表头。")
        if name in headers.values():
            raise SheetError(f"{cell.coordinate}：“{name}”这一列出现了两次。")
        headers[cell.column] = name
    missing = [
        name for name in (ID, CITE, *(THEN + name for name in table.outputs)) if name not in headers.values()
    ]
    if missing:
        raise SheetError(f"缺少“{missing[0]}”这一列，请用下载的模板填写。")
    return headers


def _value(cell: Cell) -> Any:
    value: Any = cell.value
    if cell.data_type == "f":
        raise SheetError(f"{cell.coordinate}：这里是公式，公式不会计算，请填数值或文字。")
    if cell.data_type == "e":
        raise SheetError(f"{cell.coordinate}：这里是错误值{value}，请改正。")
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if not isinstance(value, str):
        return value
    text = value.strip()
    if len(text) > MOST_CHARACTERS:
        raise SheetError(f"{cell.coordinate}：文字太长，最多{MOST_CHARACTERS}字。")
    if text == EMPTY:
        return ""
    if text.startswith(("[", "{")):
        try:
            return read_yaml(f"x: {text}", "").data["x"]
        except DocumentError as error:
            raise SheetError(f"{cell.coordinate}：括号里的写法不对（{error.message}）。") from None
    return text


def _row(values: dict[str, Any], line: int) -> dict[str, Any]:
    for name in (ID, CITE):
        if name not in values:
            raise SheetError(f"第{line}行：“{name}”没有填。")
    row: dict[str, Any] = {"id": str(values[ID])}
    if values.get(ELSE) in (YES, True):
        row["else"] = True
    when = {name.removeprefix(WHEN): value for name, value in values.items() if name.startswith(WHEN)}
    if when:
        row["when"] = when
    if EXTRA in values:
        row["require"] = values[EXTRA]
    row["then"] = {name.removeprefix(THEN): value for name, value in values.items() if name.startswith(THEN)}
    cited = [part.strip() for part in str(values[CITE]).replace(";", "；").split("；") if part.strip()]
    row["cite"] = cited[0] if len(cited) == 1 else cited
    if NOTE in values:
        row["note"] = str(values[NOTE])
    valid = {key: values[name] for key, name in (("from", START), ("to", END)) if name in values}
    if valid:
        row["valid"] = valid
    return row


def _with_rows(text: str, number: int, rows: Sequence[Mapping[str, Any]]) -> str:
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    versions = child(root, "versions")
    holder: Any = root if versions is None else versions.value[number]
    node: Any = child(holder, "rows")
    margin = "\n" + " " * (node.start_mark.column if not node.flow_style else holder.start_mark.column + 2)
    lines = margin.join(f"- {_flow(row)}" for row in rows)
    lead = margin if node.flow_style else ""
    return f"{text[: node.start_mark.index]}{lead}{lines}{text[end_of(node) :]}"


def _flow(value: Any) -> str:
    """Return a value as YAML on one line: JSON, but for days and decimals, which JSON does not have."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return _word(value)
    return json.dumps(value, ensure_ascii=False)


def _word(value: str) -> str:
    plain = value.isidentifier() and value.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    )
    return value if plain else json.dumps(value, ensure_ascii=False)
