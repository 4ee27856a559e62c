"""Read YAML strictly: no duplicate keys, no aliases or tags, no YAML 1.1 booleans, and every value has its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NoReturn

import yaml

from rules.errors import DocumentError

MAX_CHARACTERS: Final = 400_000
MAX_DEPTH: Final = 40
MAX_EVENTS: Final = 120_000

Path = tuple[str | int, ...]
Place = tuple[int, int]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_STRAY: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class YamlText:
    """A parsed text: plain data, and for each path in it the line and column (from 1)."""

    name: str
    data: Any
    places: Mapping[Path, Place] = field(repr=False)

    def place(self, path: Iterable[str | int]) -> Place:
        """Return line and column of the value at `path`, or of the nearest value around it that exists.

        Steps that are not in the text (names of alternatives in a schema) are passed over.
        """
        at: Path = ()
        for step in path:
            if (*at, step) in self.places:
                at = (*at, step)
        return self.places[at]

    def error(self, path: Iterable[str | int], message: str, mend: str = "") -> DocumentError:
        """Return the error to raise for the value at `path`."""
        steps = tuple(path)
        line, column = self.place(steps)
        return DocumentError(self.name, line, column, dotted(steps), message, mend)


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as people write it: `versions[0].require.all[2].fail`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a proposal when `word` looks like a slip for one of `words`, else an empty string."""
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"是不是“{found[0]}”？" if found else ""


def read_yaml(text: str, name: str) -> YamlText:
    """Return data and places. Raises DocumentError."""
    check_text(text, name)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _not_yaml(error, name) from None
    if root is None:
        raise DocumentError(name, 1, 1, "", "文件是空的")
    places: dict[Path, Place] = {}
    return YamlText(name, _Builder(name, places).build(root, ()), places)


def check_text(text: str, name: str) -> None:
    """Refuse what could blow up before anything is built: size, aliases, anchors, depth, stray characters.

    Raises DocumentError, also for text that is no YAML.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(name, 1, 1, "", f"文件超过{MAX_CHARACTERS}个字符", "拆成几个文件")
    if stray := _STRAY.search(text):
        line = text.count("\n", 0, stray.start()) + 1
        column = stray.start() - text.rfind("\n", 0, stray.start())
        raise DocumentError(
            name, line, column, "", f"有看不见的字符（U+{ord(stray[0]):04X}）", "删去它，另存为 UTF-8"
        )
    try:
        _check_events(text, name)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _not_yaml(error, name) from None


# What the parser says, by the part of it that tells the mistake, and the same for who writes rules.
_MISTAKES = (
    ("',' or ']'", "方括号 [ ] 没有配对，或者两项之间少了逗号"),
    ("',' or '}'", "花括号 { } 没有配对，或者两项之间少了逗号"),
    ("cannot start any token", "有制表符（Tab），或者有不能放在开头的符号，例如 @ 和 %，要加引号"),
    ("mapping values are not allowed", "这一行缩进多了，或者多了一个冒号；文字里本来就有冒号时，整段加引号"),
    ("unexpected end of stream", "引号没有配对"),
    ("expected ':'", "这一行少了冒号，或者引号没有配对"),
    ("expected '-' indicator", "列表各项的短横线没有对齐"),
    ("expected key", "缩进和上面几行没有对齐，或者引号后面还有字"),
    ("expected <document start>", "缩进和上面几行没有对齐"),
    ("node content", "这里缺了内容，可能是括号没有配对"),
    ("control characters", "有看不见的字符"),
)


def _not_yaml(error: Exception, name: str) -> DocumentError:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = getattr(error, "problem", None) or ""
    problem = next((words for part, words in _MISTAKES if part in said), said or "无法解析")
    return DocumentError(
        name, line, column, "", f"YAML 写法不对：{problem}", "检查缩进、冒号和引号，缩进只用空格"
    )


def _check_events(text: str, name: str) -> None:
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        mark: Any = event.start_mark
        place = (mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DocumentError(
                name,
                *place,
                "",
                "不能用 YAML 锚点和别名（& 和 *）",
                "以 & 开头的条件要加引号；重复的内容原样写出来",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > MAX_DEPTH:
            raise DocumentError(name, *place, "", "嵌套太深", "检查缩进和括号")
        if count > MAX_EVENTS or documents > 1:
            raise DocumentError(name, *place, "", "内容太多" if documents <= 1 else "一个文件只能有一份文档")


class _Builder:
    """Builds plain data from YAML nodes, noting where each value stands."""

    def __init__(self, name: str, places: dict[Path, Place]) -> None:
        self.name = name
        self.places = places

    def build(self, node: Any, path: Path) -> Any:
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, path, "seq")
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _fail(self, node: Any, path: Path, message: str, mend: str = "") -> NoReturn:
        mark = node.start_mark
        raise DocumentError(self.name, mark.line + 1, mark.column + 1, dotted(path), message, mend)

    def _check_tag(self, node: Any, path: Path, kind: str) -> None:
        if node.tag != _TAG + kind:
            self._fail(node, path, f"不能用 YAML 标签 {node.tag}", "去掉“!”开头的标签")

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        self._check_tag(node, path, "map")
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                self._fail(key_node, path, "键只能是文字", "检查冒号和缩进")
            # `yes`, `no`, `on` and `off` stay words: YAML 1.1 would read them as booleans.
            key = key_node.value
            if key in data:
                self._fail(key_node, (*path, key), f"“{key}”写了两次", "删去或合并其中一个")
            data[key] = self.build(value_node, (*path, key))
        return data

    def _scalar(self, node: Any, path: Path) -> Any:
        kind, text = node.tag.removeprefix(_TAG), node.value
        if node.style in ("'", '"', "|", ">"):
            self._check_tag(node, path, "str")
            return text
        match kind:
            case "null":
                return None
            case "bool":
                # `true` and `false` only: YAML 1.1 would also take `yes`, `no`, `on`, `off`.
                return {"true": True, "false": False}.get(text.lower(), text)
            case "int":
                return self._int(node, text, path)
            case "float":
                return self._float(node, text, path)
            case "timestamp":
                return self._day(node, text, path)
            case "str":
                return text
            case _:
                return self._fail(node, path, f"不能用 YAML 标签 {node.tag}", "去掉“!”开头的标签")

    def _int(self, node: Any, text: str, path: Path) -> int | str:
        digits = text.lstrip("+-").replace("_", "")
        if not digits.isdecimal():
            return str(text)  # 12:30 or 0x1F: YAML 1.1 would make a number of it
        if len(digits) > 1 and digits.startswith("0"):
            self._fail(node, path, f"“{text}”以0开头，会被当成八进制", "编号请加引号")
        if len(digits) > 18:
            self._fail(node, path, f"数字“{text[:24]}”太长", "编号请加引号")
        return int(text.replace("_", ""))

    def _float(self, node: Any, text: str, path: Path) -> Decimal | str:
        plain = text.replace("_", "")
        if len(plain) > 40 or not plain.lstrip("+-").replace(".", "", 1).isdecimal():
            self._fail(node, path, f"数字“{text[:24]}”写法不对", "写成普通小数，例如 0.5")
        return Decimal(plain)

    def _day(self, node: Any, text: str, path: Path) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._fail(node, path, f"日历上没有“{text}”这一天", "写成 2026-03-01 这样的日期")
