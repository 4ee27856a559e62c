"""Decision tables go to a spreadsheet and come back the same; formulas and strange files are refused by their cell."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from knowledge.loader import build_knowledge, load_knowledge
from knowledge.table_sheet import MOST_BYTES, SHEET, SheetError, template, with_sheet
from rules.document import DecisionTable, parse_document
from rules.facts import FactDictionary
from rules.yaml_text import read_yaml
from tests.unit.desk.newsroom import FACTS, TABLE
from tests.unit.knowledge.conftest import SHIPPED


def table() -> DecisionTable:
    document = parse_document(TABLE, "route.yaml")
    assert isinstance(document, DecisionTable)
    return document


def dictionary() -> FactDictionary:
    return FactDictionary.parse(read_yaml(FACTS, "facts.yaml").data)


def filled(**cells: object) -> bytes:
    """Return the template with other values in some cells."""
    book = load_workbook(io.BytesIO(template(TABLE, table(), 0, dictionary())))
    for place, value in cells.items():
        book[SHEET][place].value = value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_every_shipped_table_comes_back_the_same() -> None:
    knowledge = load_knowledge(SHIPPED)
    texts = {
        name: (Path(SHIPPED) / name).read_text(encoding="utf-8")
        for name in {place.rpartition(":")[0] for place in knowledge.files.values()}
    }
    assert len(knowledge.tables) > 5
    for name, document in knowledge.tables.items():
        file = knowledge.files[name].rpartition(":")[0]
        for number in range(len(document.versions)):
            sheet = template(texts[file], document, number, knowledge.facts)
            again = parse_document(with_sheet(texts[file], document, number, sheet), file)
            assert again.model_dump() == document.model_dump(), name


def test_a_changed_and_an_added_row_arrive_in_the_text() -> None:
    text = with_sheet(
        TABLE,
        table(),
        0,
        filled(C2="< 30", C3=">= 30", F4=350, A5="其余", D5="是", E5="别处", F5=0.5, G5="S1#第九条; S1"),
    )
    (version,) = read_yaml(text, "").data["versions"]
    assert [row["id"] for row in version["rows"]] == ["甲小", "甲大", "乙", "其余"]
    assert version["rows"][0]["when"]["人数"] == "< 30"
    assert version["rows"][2]["then"]["费用"] == 350
    assert version["rows"][3] == {
        "id": "其余",
        "else": True,
        "then": {"去哪里": "别处", "费用": version["rows"][3]["then"]["费用"]},
        "cite": ["S1#第九条", "S1"],
    }
    assert text.partition("    rows:")[0] == TABLE.partition("    rows:")[0]
    assert text.partition("tests:")[2] == TABLE.partition("tests:")[2]


def test_text_that_begins_like_a_formula_is_written_as_text() -> None:
    text = TABLE.replace('"< 20"', '"== 19"')
    document = parse_document(text, "route.yaml")
    assert isinstance(document, DecisionTable)
    book = load_workbook(io.BytesIO(template(text, document, 0, dictionary())))
    assert book[SHEET]["C2"].data_type == "s"
    again = with_sheet(text, document, 0, template(text, document, 0, dictionary()))
    assert read_yaml(again, "").data["versions"][0]["rows"][0]["when"]["人数"] == "== 19"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"F2": "=1+1"}, "F2：这里是公式"),
        ({"F2": '=HYPERLINK("a","b")'}, "F2：这里是公式"),
        ({"B1": "别的"}, "B1：没有“别的”这一列"),
        ({"C1": "条件：注册地"}, "C1：“条件：注册地”这一列出现了两次"),
        ({"A1": None}, "缺少“行号”这一列"),
        ({"G3": None}, "第3行：“依据”没有填"),
        ({"B2": "[甲区, "}, "B2：括号里的写法不对"),
        ({"E2": "长" * 5000}, "E2：文字太长"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_cell(cells: dict[str, object], said: str) -> None:
    with pytest.raises(SheetError, match=said):
        with_sheet(TABLE, table(), 0, filled(**cells))


def test_strange_files_are_refused() -> None:
    for data in (b"", b"no spreadsheet", b"PK\x03\x04 broken", b"x" * (MOST_BYTES + 1)):
        with pytest.raises(SheetError):
            with_sheet(TABLE, table(), 0, data)
    other = io.BytesIO()
    Workbook().save(other)
    with pytest.raises(SheetError, match="没有名为“规则表”的工作表"):
        with_sheet(TABLE, table(), 0, other.getvalue())


def test_what_the_sheet_says_is_checked_like_any_other_text() -> None:
    text = with_sheet(TABLE, table(), 0, filled(A3="甲小"))
    with pytest.raises(Exception, match="写了两次"):
        build_knowledge({"disputes/route.yaml": text, "facts/company.yaml": FACTS})


def test_one_cell_at_the_far_end_does_not_fill_the_memory() -> None:
    far = filled(XFD1048576="远", A2="甲小")
    assert len(far) < 10_000
    tracemalloc.start()
    try:
        with pytest.raises(SheetError, match="最多2000行"):
            with_sheet(TABLE, table(), 0, far)
        assert with_sheet(TABLE, table(), 0, filled(XFD900="远"))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_sheet_that_breaks_in_the_middle_is_refused() -> None:
    whole, cut = io.BytesIO(filled()), io.BytesIO()
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(cut, "w") as written:
        for name in read.namelist():
            part = read.read(name)
            written.writestr(name, part[: len(part) // 2] if name.endswith("sheet1.xml") else part)
    with pytest.raises(SheetError, match="打不开"):
        with_sheet(TABLE, table(), 0, cut.getvalue())
