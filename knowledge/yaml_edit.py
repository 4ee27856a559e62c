"""Edit single values of a rule's text in their place: everything else, comments and layout too, stays as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import yaml

from knowledge.diff import WORDS, label_of
from rules.yaml_text import Path, dotted, read_yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DAYS: Final = frozenset({"from", "to", "review_by"})
_TEXTS: Final = frozenset(
    {
        "title",
        "summary",
        "region",
        "pass",
        "fail",
        "fix",
        "benefit",
        "office",
        "note",
        "deadline_hint",
        "name",
    }
    | {"explain", "notes", "steps", "papers"}
)
_EXPRESSIONS: Final = frozenset({"if", "formula", "value", "then"})
_NOT_SHOWN: Final = frozenset({"tests", "sources", "inputs", "outputs"})
_LITERAL: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|(?P<day>date\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))|(?P<number>(?<![\w.])\d[\d_]*(?:\.\d+)?)"
)
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_PLAIN: Final = re.compile(r"[一-鿿A-Za-z][一-鿿\w（）《》〔〕“”、，。；？！·—-]*")


class FieldKind(StrEnum):
    """What may be written into a field."""

    DAY = "day"  # 2026-11-20, or nothing where the period is open
    NUMBER = "number"  # a threshold or an amount
    TEXT = "text"  # a sentence


@dataclass(frozen=True, slots=True)
class EditableField:
    """One value that people change often. `id` names it in the text; `value` is as written, empty where there is none."""

    id: str
    where: str
    kind: FieldKind
    value: str


class EditError(Exception):
    """A value cannot be written in its place; the message is for the person who typed it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A value with its place: `literal` is its number among the literals of an expression; `after` what it is put after."""

    path: Path
    field: EditableField
    node: Any = None
    literal: int | None = None
    parent: Any = None


def editable(text: str) -> tuple[EditableField, ...]:
    """Return the days, thresholds, amounts and sentences of a rule or table. Raises DocumentError."""
    return tuple(found.field for found in _find(text))


def with_value(text: str, field_id: str, value: str) -> str:
    """Return the text with another value in one field. Raises EditError and DocumentError."""
    found = next((one for one in _find(text) if one.field.id == field_id), None)
    if found is None:
        raise EditError("这一项在文件里找不到了，请刷新后再试。")
    value = value.strip()
    if value == found.field.value:
        return text
    if found.node is None:
        written = _inserted(text, found, _day(value))
        wanted: Any = date.fromisoformat(value)
    elif found.literal is not None:
        source = _with_literal(str(found.node.value), found, value)
        written, wanted = _spliced(text, found.node, json.dumps(source, ensure_ascii=False)), source
    else:
        rendered, wanted = _rendered(found.field.kind, value)
        written = _spliced(text, found.node, rendered)
    _only_changed(text, written, found.path, wanted)
    return written


def with_window(text: str, version: int, name: str, start: str, end: str, cite: str) -> str:
    """Return the text with one more application window in a version (from 0). Raises EditError and DocumentError."""
    if not name.strip():
        raise EditError("请写窗口的名字，例如“2027年第一批”。")
    root = _root(text)
    versions = child(root, "versions")
    if versions is None or version >= len(versions.value):
        raise EditError("这份文件没有这个版本。")
    holder = versions.value[version]
    parts = [f"name: {_text(name.strip())}", f"from: {_day(start)}"]
    parts += [f"to: {_day(end)}"] if end.strip() else []
    parts += [f"cite: {_text(cite)}"] if cite else []
    item = "{" + ", ".join(parts) + "}"
    windows = child(holder, "windows")
    if windows is not None and windows.value:
        last = windows.value[-1]
        lead = ", " if windows.flow_style else "\n" + " " * windows.start_mark.column + "- "
        at = end_of(last)
        written = text[:at] + lead + item + text[at:]
    else:
        key, valid = next(pair for pair in holder.value if pair[0].value == "valid")
        at = end_of(valid)
        lead = ", " if holder.flow_style else "\n" + " " * key.start_mark.column
        written = text[:at] + f"{lead}windows: [{item}]" + text[at:]
    read_yaml(written, "")
    return written


def _find(text: str) -> Iterator[_Found]:
    read_yaml(text, "")  # what is not allowed is refused before anything is composed
    yield from _walk(_root(text), (), ())


def _root(text: str) -> Any:
    return yaml.compose(text, Loader=_Loader)


def child(node: Any, name: str) -> Any:
    """Return the value of a key in a composed mapping, or None."""
    return next((value for key, value in node.value if key.value == name), None)


def _walk(node: Any, path: Path, words: tuple[str, ...]) -> Iterator[_Found]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value
            if path or name not in _NOT_SHOWN:
                yield from _walk(value, (*path, name), (*words, WORDS.get(name, name)))
        yield from _open_end(node, path, words)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _walk(item, (*path, number), (*words, label_of(_named(item), number + 1)))
    elif isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
        yield from _scalar(node, path, " · ".join(words))


def _named(node: Any) -> dict[str, str]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)}


def _open_end(node: Any, path: Path, words: tuple[str, ...]) -> Iterator[_Found]:
    """Offer the end of a period that has none."""
    keys = {key.value for key, _ in node.value}
    if "from" in keys and "to" not in keys:
        where = " · ".join((*words, WORDS["to"]))
        yield _Found(
            (*path, "to"), EditableField(dotted((*path, "to")), where, FieldKind.DAY, ""), parent=node
        )


def _scalar(node: Any, path: Path, where: str) -> Iterator[_Found]:
    keys = [step for step in path if isinstance(step, str)]
    last, within = keys[-1], frozenset(keys[:-1])
    plain = node.style is None
    if last in _DAYS:
        value = "" if node.tag.endswith(":null") else node.value
        yield _Found(path, EditableField(dotted(path), where, FieldKind.DAY, value), node)
    elif (
        ("amount" in within and last in _EXPRESSIONS | {"let"})
        or "let" in within
        or last in ("if", "formula")
    ):
        yield from _literals(node, path, where)
    elif "rows" in within and within & {"when", "then"}:
        kind = FieldKind.NUMBER if plain and _NUMBER.fullmatch(node.value) else FieldKind.TEXT
        yield _Found(path, EditableField(dotted(path), where, kind, node.value), node)
    elif last in _TEXTS and not node.tag.endswith((":null", ":bool")):
        yield _Found(path, EditableField(dotted(path), where, FieldKind.TEXT, node.value), node)


def _literals(node: Any, path: Path, where: str) -> Iterator[_Found]:
    """Yield the numbers and days of an expression; what is between quotes is no threshold."""
    matches = [match for match in _LITERAL.finditer(node.value) if match["day"] or match["number"]]
    for number, match in enumerate(matches):
        kind = FieldKind.DAY if match["day"] else FieldKind.NUMBER
        value = _iso(match["day"]) if match["day"] else match["number"]
        field = EditableField(f"{dotted(path)}#{number}", f"{where}：{node.value}", kind, value)
        yield _Found(path, field, node, literal=number)


def _iso(call: str) -> str:
    year, month, day = (int(part) for part in re.findall(r"\d+", call))
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return f"{year}-{month}-{day}"


def _with_literal(source: str, found: _Found, value: str) -> str:
    matches = [match for match in _LITERAL.finditer(source) if match["day"] or match["number"]]
    match = matches[found.literal or 0]
    if match["day"]:
        day = date.fromisoformat(_day(value))
        written = f"date({day.year}, {day.month}, {day.day})"
    else:
        written = _number(value)
    return source[: match.start()] + written + source[match.end() :]


def _rendered(kind: FieldKind, value: str) -> tuple[str, Any]:
    if kind is FieldKind.DAY:
        return ("null", None) if not value else (_day(value), date.fromisoformat(_day(value)))
    if kind is FieldKind.NUMBER:
        number = _number(value)
        return number, read_yaml(f"x: {number}", "").data["x"]
    return _text(value), value


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise EditError(f"没有“{value}”这一天，请写成2026-11-20这样的日期。") from None


def _number(value: str) -> str:
    plain = value.replace(",", "").replace("，", "").strip()
    if not _NUMBER.fullmatch(plain):
        raise EditError(f"“{value}”不是数字，请只写数字，例如20或0.5。")
    return plain


def _text(value: str) -> str:
    return value if _PLAIN.fullmatch(value) and _reads_as(value) else json.dumps(value, ensure_ascii=False)


def _reads_as(value: str) -> bool:
    return bool(read_yaml(f"x: {value}", "").data["x"] == value)


def _spliced(text: str, node: Any, written: str) -> str:
    return text[: node.start_mark.index] + written + text[end_of(node) :]


def _inserted(text: str, found: _Found, day: str) -> str:
    """Return the text with `to:` after the `from:` of its period."""
    key, value = next(pair for pair in found.parent.value if pair[0].value == "from")
    lead = ", " if found.parent.flow_style else "\n" + " " * key.start_mark.column
    at = end_of(value)
    return text[:at] + f"{lead}to: {day}" + text[at:]


def end_of(node: Any) -> int:
    """Return where a node ends. A block ends with its last value, not with the comments after it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(node, yaml.MappingNode) else last)


def _only_changed(before: str, after: str, path: Path, wanted: Any) -> None:
    """Make sure that what was written is read as meant, and nothing else reads differently. Raises EditError."""
    old, new = (dict(_leaves(read_yaml(text, "").data, ())) for text in (before, after))
    if new.get(path) != wanted or {**old, path: wanted} != new:
        raise EditError("这一处的写法比较特殊，请在“全文”里修改。")


def _leaves(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list) and data:
        for number, value in enumerate(data):
            yield from _leaves(value, (*path, number))
    else:
        yield path, data
