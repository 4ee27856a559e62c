"""Single values are edited in their place; whatever cannot be written safely is refused."""

from __future__ import annotations

import pytest

from knowledge.yaml_edit import EditError, FieldKind, editable, with_value, with_window
from rules.errors import DocumentError
from rules.yaml_text import read_yaml
from tests.unit.knowledge.conftest import RULE, SHIPPED

SHIPPED_DOCUMENTS = sorted(
    path
    for folder in ("policies", "disputes", "pledge", "insurance", "custody")
    for path in (SHIPPED / folder).glob("*.yaml")
    if path.read_text(encoding="utf-8").startswith(("schema: rules/1", "schema: table/1"))
)
NEW = {FieldKind.DAY: "2031-05-06", FieldKind.NUMBER: "7", FieldKind.TEXT: "换了：一句, 话 {x} # 'a\""}


@pytest.mark.parametrize("path", SHIPPED_DOCUMENTS, ids=lambda path: path.stem)
def test_every_field_of_the_shipped_content_is_edited_alone(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    fields = editable(text)
    assert {"title", "review_by"} <= {field.id for field in fields}
    for field in fields[:: max(1, len(fields) // 6)]:
        written = with_value(text, field.id, NEW[field.kind])
        changed = {one.id: one.value for one in editable(written)}
        before = {one.id: one.value for one in fields}
        assert changed[field.id] == NEW[field.kind]
        assert {key for key in changed if changed[key] != before[key]} == {field.id}
        assert written.count("#") >= text.count("#")  # comments stay


def test_a_threshold_and_a_day_inside_a_condition() -> None:
    text = RULE.replace("注册地 == '甲区'", "人数 >= 20 and 设立日 < date(2024, 1, 31) and 名 == 'A30'")
    (number, day) = [field for field in editable(text) if field.id.startswith("versions[0].require")][:2]
    assert (number.kind, number.value, day.kind, day.value) == (
        FieldKind.NUMBER,
        "20",
        FieldKind.DAY,
        "2024-01-31",
    )
    text = with_value(with_value(text, number.id, "50"), day.id, "2025-12-01")
    assert "人数 >= 50 and 设立日 < date(2025, 12, 1) and 名 == 'A30'" in text


def test_an_open_period_is_given_an_end_and_opened_again() -> None:
    ended = with_value(RULE, "versions[0].valid.to", "2027-12-31")
    assert "{from: 2026-01-01, to: 2027-12-31, cite: S1}" in ended
    opened = with_value(ended, "versions[0].valid.to", "")
    assert read_yaml(opened, "").data["versions"][0]["valid"]["to"] is None
    block = "versions:\n  - valid:\n      from: 2026-01-01 # 起\n      cite: S1\n    title: 甲\n"
    assert "from: 2026-01-01\n      to: 2027-01-01 # 起" in with_value(
        block, "versions[0].valid.to", "2027-01-01"
    )


def test_a_window_is_added_to_none_and_to_others() -> None:
    first = with_window(RULE, 0, "2027年第一批", "2027-03-01", "2027-03-31", "S1")
    second = with_window(first, 0, "第二批", "2027-09-01", "", "")
    windows = read_yaml(second, "").data["versions"][0]["windows"]
    assert [window["name"] for window in windows] == ["2027年第一批", "第二批"]
    block = RULE.replace(
        "    require:", "    windows:\n      - name: 老的\n        from: 2026-03-01\n    require:"
    )
    added = with_window(block, 0, "新的", "2027-03-01", "2027-03-31", "S1")
    assert [window["name"] for window in read_yaml(added, "").data["versions"][0]["windows"]] == [
        "老的",
        "新的",
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("review_by", "2027-02-30", "没有“2027-02-30”这一天"),
        ("versions[0].amount.formula#0", "五千", "不是数字"),
        ("versions[0].amount.formula#0", "1; import os", "不是数字"),
        ("versions[9].valid.to", "2027-01-01", "找不到"),
        ("versions[0].valid.from", "后天", "没有“后天”"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(field: str, value: str, said: str) -> None:
    with pytest.raises(EditError, match=said):
        with_value(RULE, field, value)


def test_a_window_without_a_name_or_version_is_refused() -> None:
    for arguments in (
        (0, " ", "2027-03-01", "", ""),
        (7, "甲", "2027-03-01", "", ""),
        (0, "甲", "明年", "", ""),
    ):
        with pytest.raises(EditError):
            with_window(RULE, *arguments)


def test_a_text_that_is_no_yaml_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentError):
        editable("versions: [")
