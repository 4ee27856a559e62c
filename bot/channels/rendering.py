"""A neutral message in words: lines with an emphasis, packed into pieces as long as a channel takes.

Channels that draw nothing themselves (Telegram, the terminal, e-mail) all begin here.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from store.messages import (
    CardPart,
    ChartPart,
    CitationPart,
    DocumentPart,
    Outgoing,
    Part,
    TablePart,
    TextPart,
)


class Emphasis(Enum):
    """How a line is shown where the channel can."""

    PLAIN = "plain"
    TITLE = "title"  # of a card, a table or a chart
    FOLDED = "folded"  # what an answer rests on: there, but out of the way
    TABLE = "table"  # one row of columns that are aligned where every character has its own fixed width


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message; an empty one parts two paragraphs."""

    text: str
    emphasis: Emphasis = Emphasis.PLAIN


_GAP = Line("")
# Unicode Standard Annex 29: what belongs to the character before it, and what joins two.
_JOINER = "\u200d"
_JOINED = f"{_JOINER}\ufe0e\ufe0f\u20e3"
_SKIN = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_FLAG = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of these letters are one flag
_LONGEST_SIGN = 16
_BAR = 10  # a chart's longest bar, in characters
# How many narrow characters of fixed width stand beside each other on a phone.
NARROW = 34


def utf16_units(text: str) -> int:
    """Return the length as Telegram counts it: a character outside the basic plane, as most emoji, counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Return the length as WeCom counts it: a Chinese character counts three."""
    return len(text.encode())


def citations_last(parts: Sequence[Part]) -> list[Part]:
    """Return the parts in their order, what the answer rests on behind all others."""
    return sorted(parts, key=lambda part: isinstance(part, CitationPart))


def lines_of(message: Outgoing, *, aligned: bool = False) -> list[Line]:
    """Return all of the message that is words, in order, citations last.

    `aligned` is for channels that can set characters of a fixed width: narrow tables keep their columns there.
    """
    lines: list[Line] = []
    for part in citations_last(message.parts):
        of_part = _lines(part, aligned=aligned)
        if lines and of_part:
            lines.append(_GAP)
        lines += of_part
    return lines


def plain_text(lines: Sequence[Line]) -> str:
    """Return the lines as text without any markup."""
    return "\n".join(line.text for line in lines).strip()


def telegram_html(lines: Sequence[Line]) -> str:
    """Return the lines as Telegram's HTML: titles bold, tables in characters of a fixed width, what an answer rests
    on in a quotation that unfolds."""
    written: list[str] = []
    for emphasis, together in groupby(lines, key=lambda line: line.emphasis):
        texts = [escape(line.text) for line in together]
        match emphasis:
            case Emphasis.FOLDED:
                written.append("<blockquote expandable>" + "\n".join(texts) + "</blockquote>")
            case Emphasis.TABLE:
                written.append("<pre>" + "\n".join(texts) + "</pre>")
            case Emphasis.TITLE:
                written += [f"<b>{text}</b>" for text in texts]
            case Emphasis.PLAIN:
                written += texts
    return "\n".join(written).strip()


def escape(text: str) -> str:
    """Return the text with what HTML reads as markup made harmless."""
    return html.escape(text, quote=False)


def pack(lines: Sequence[Line], limit: int, length: Callable[[Sequence[Line]], int]) -> list[list[Line]]:
    """Return the lines in pieces of at most `limit`, parted where paragraphs end, else where lines do."""
    pieces: list[list[Line]] = []
    current: list[Line] = []
    for paragraph in _paragraphs(lines):
        if current and length([*current, _GAP, *paragraph]) > limit:
            pieces.append(current)
            current = []
        if length(paragraph) <= limit:
            current = [*current, _GAP, *paragraph] if current else list(paragraph)
            continue
        for line in paragraph:
            for part in _cut(line, limit, length):
                if current and length([*current, part]) > limit:
                    pieces.append(current)
                    current = []
                current.append(part)
    return [*pieces, current] if current else pieces


def telegram_length(lines: Sequence[Line]) -> int:
    """Return the length of the lines as Telegram's HTML, in its own units. Never less than what Telegram counts."""
    return utf16_units(telegram_html(lines))


def _cut(line: Line, limit: int, length: Callable[[Sequence[Line]], int]) -> list[Line]:
    """Return a line too long for a piece in parts, at the end of a sentence where there is one."""
    parts = []
    rest = line.text
    while length([Line(rest, line.emphasis)]) > limit:
        fits = _longest(rest, line.emphasis, limit, length)
        sentence = max(rest.rfind(mark, fits // 2, fits) for mark in "。；！？")
        end = sentence + 1 if sentence > 0 else _between_signs(rest, fits)
        parts.append(Line(rest[:end], line.emphasis))
        rest = rest[end:]
    return [*parts, Line(rest, line.emphasis)] if rest else parts


def _between_signs(text: str, at_most: int) -> int:
    """Return the last place up to there that parts no sign made of several characters, as a family or a flag is."""
    for place in range(at_most, max(at_most - _LONGEST_SIGN, 0), -1):
        if not _is_one_sign(text[place - 1], text[place]):
            return place
    return at_most


def _is_one_sign(before: str, after: str) -> bool:
    added = unicodedata.combining(after) or after in _JOINED or after in _SKIN
    return bool(added) or before == _JOINER or (before in _FLAG and after in _FLAG)


def _longest(text: str, emphasis: Emphasis, limit: int, length: Callable[[Sequence[Line]], int]) -> int:
    """Return how many characters of the text fit."""
    fits, too_many = 1, len(text)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if length([Line(text[:middle], emphasis)]) <= limit:
            fits = middle
        else:
            too_many = middle
    return fits


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    paragraphs: list[list[Line]] = [[]]
    for line in lines:
        if line == _GAP:
            paragraphs.append([])
        else:
            paragraphs[-1].append(line)
    return [paragraph for paragraph in paragraphs if paragraph]


def _lines(part: Part, *, aligned: bool) -> list[Line]:
    match part:
        case TextPart(text=text):
            return [Line(line) for line in text.strip("\n").split("\n")]
        case CardPart():
            lines = [Line(part.title, Emphasis.TITLE)]
            lines += [Line(f"{label}：{value}") for label, value in part.lines]
            return [*lines, *(Line(note) for note in part.note.splitlines())]
        case TablePart():
            head = [Line(part.title, Emphasis.TITLE)] if part.title else []
            return [*head, *((_columns(part) if aligned else None) or _rows(part))]
        case ChartPart():
            return [Line(part.title, Emphasis.TITLE), *_bars(part)]
        case DocumentPart(filename=filename):
            return [Line(f"［文件］{filename}")]
        case CitationPart():
            day = f"（截至{part.as_of}）" if part.as_of else ""
            rests_on = Line(f"依据{day}：", Emphasis.FOLDED)
            return [rests_on, *(Line(f"· {citation}", Emphasis.FOLDED) for citation in part.lines)]


def _columns(table: TablePart) -> list[Line] | None:
    """Return the rows with their columns aligned; None where they are too wide for a phone, or only two.

    In each column every cell is given as many wide and as many narrow blanks as it lacks: so the columns stay aligned
    whatever a phone takes a Chinese character's width to be.
    """
    rows = [table.columns, *table.rows]
    if len(table.columns) < 3 or not table.rows:
        return None
    wide = [max(_wide(row[at]) for row in rows) for at in range(len(table.columns))]
    narrow = [max(len(row[at]) - _wide(row[at]) for row in rows) for at in range(len(table.columns))]
    if 2 * sum(wide) + sum(narrow) + 2 * (len(table.columns) - 1) > NARROW:
        return None
    return [
        Line(
            "  ".join(
                cell + "　" * (most - _wide(cell)) + " " * (few - len(cell) + _wide(cell))
                for cell, most, few in zip(row, wide, narrow, strict=True)
            ).rstrip(),
            Emphasis.TABLE,
        )
        for row in rows
    ]


def _wide(text: str) -> int:
    """Return how many characters of the text are as wide as a Chinese one."""
    return sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def _rows(table: TablePart) -> list[Line]:
    """Return a line a row, for where nothing stays aligned."""
    if len(table.columns) == 2:
        return [Line(f"{row[0]}：{row[1]}") for row in table.rows]
    named = [zip(table.columns[1:], row[1:], strict=False) for row in table.rows]
    return [
        Line(f"{row[0]}：" + "，".join(f"{column}{value}" for column, value in cells))
        for row, cells in zip(table.rows, named, strict=True)
    ]


def _bars(chart: ChartPart) -> list[Line]:
    greatest = max((value for value in chart.values), default=0) or 1
    return [
        Line(f"{'█' * max(round(max(value, 0) / greatest * _BAR), 0)} {label} {value:g}{chart.unit}".strip())
        for label, value in zip(chart.labels, chart.values, strict=False)
    ]
