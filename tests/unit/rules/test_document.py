"""Wrong documents are refused with line, column, field and a proposed mend."""

from __future__ import annotations

import pytest

from rules.document import parse_document
from rules.errors import DocumentError
from rules.yaml_text import read_yaml


def _line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("written", "changed", "field", "words"),
    [
        ("title: 知识产权质押融资贴息（虚构示例）", "titel: 甲", "title", "缺少“title”"),
        ("kind: subsidy", "kind: subsidy\nkind: pledge", "kind", "写了两次"),
        ("owner: 政策组", "owner: &a 政策组", "", "锚点"),
        ("owner: 政策组", "owner: !!python/object:os.system 甲", "owner", "标签"),
        ("review_by: 2026-12-15", "review_by: 2026-02-30", "review_by", "没有“2026-02-30”这一天"),
        ("cite: S1#第四条", "cite: S9#第四条", "versions[0].require.all[2].cite", "没有列在 sources"),
        ('if: "not 经营异常"', 'if: "经营异常.x"', "versions[0].require.all[2].if", "取属性"),
        ('if: "not 经营异常"', 'if: "甲 and 乙"', "versions[0].require.all[2].if", "只能有一次比较"),
        ("fail: 列入异常名录的企业不予支持", "fial: 甲", "versions[0].require.all[2].fail", "缺少"),
        ("id: 信用", "id: 规模", "versions[0]", "写了两次"),
        ("      round: down", "      rounds: down", "versions[0].amount", "round"),
        ("      unit: 元\n", "      unit: 美元\n", "versions[0].amount.unit", "不是可用的取值"),
        ("        - any:", "        - some:", "versions[0].require.all[5]", "只写 if、all、any、not、at_least"),
        ("schema: rules/1", "schema: rule/1", "schema", "不认识的 schema"),
    ],
)  # fmt: skip
def test_the_place_of_a_mistake_is_named(sample_text, written, changed, field, words):
    assert sample_text.count(written) >= 1
    text = sample_text.replace(written, changed, 1)
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "质押贴息.yaml")
    error = caught.value
    assert words in str(error)
    assert error.field.startswith(field)
    assert str(error).startswith("质押贴息.yaml:")
    if field not in ("title", "versions[0]", "versions[0].amount"):
        assert abs(error.line - _line(sample_text, written)) <= 1


def test_a_mend_is_proposed_for_a_slip(sample_text):
    text = sample_text.replace("owner: 政策组", "owner: 政策组\nreview_bye: 2026-01-01")
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "x")
    assert caught.value.mend == "是不是“review_by”？"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "a: [" * 200,
        "[" * 5000,
        "a: b: c",
        "a: 1\n---\nb: 2",
        "x" * 500_000,
        "a: &x [1]\nb: [*x, *x]",
        "<<: {a: 1}",
        "a: 010",
        "a: .inf",
        "a: 1e400",
        "? [1]\n: 2",
        "a: !!set {b}",
        "a: \x01",
        "\n".join(f"k{index}: 1" for index in range(70_000)),
    ],
)
def test_hostile_or_broken_yaml_is_refused(text):
    with pytest.raises(DocumentError):
        parse_document(text, "x")


def test_bare_yes_no_on_off_stay_words():
    data = read_yaml("yes: on\nno: off\ntrue_one: true\ntime: 12:30\nrate: 0.1", "x").data
    assert data["yes"] == "on"
    assert data["no"] == "off"
    assert data["true_one"] is True
    assert data["time"] == "12:30"
    assert str(data["rate"]) == "0.1"
