"""What is wrong with a file's YAML is said in the words of who writes rules, not of the parser."""

from __future__ import annotations

import re

import pytest

from rules.errors import DocumentError
from rules.yaml_text import read_yaml


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: [1, 2\nb: 3\n", 2, "方括号 [ ] 没有配对"),
        ("a: {x: 1\nb: 2\n", 2, "花括号 { } 没有配对"),
        ("a:\n\tb: 1\n", 2, "制表符"),
        ("a: @x\n", 1, "要加引号"),
        ("a: 甲: 乙\n", 1, "多了一个冒号"),
        ("a: 1\n  b: 2\n", 2, "缩进多了"),
        ('a: "没有完\nb: 1\n', 3, "引号没有配对"),
        ("a: 1\nb\nc: 2\n", 3, "少了冒号"),
        ("a:\n  - x\n  y: 1\n", 3, "短横线没有对齐"),
        ("a:\n - 1\n  - 2\n- 3\n", 4, "没有对齐"),
        ("? x\n: [\n", 3, "缺了内容"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_without_the_parsers_english(
    text: str, line: int, said: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        read_yaml(text, "a.yaml")
    assert (refused.value.line, said in refused.value.message) == (line, True)
    assert not re.search(r"[a-z]{4}", refused.value.message)
