"""How many: 30件, 三十来件, 5个专利, 一百多人. And a bare number that is the whole message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.understanding.slots.context import just_before
from bot.understanding.slots.numerals import CHINESE, QUANTITY, VAGUE, parse_number, parse_vague
from bot.understanding.slots.slot import CountRange, Slot, SlotKind

_THINGS = r"件|项|篇|款|家|名|位|份|批|张|人(?![民力工])|个(?=专利|商标|发明|实用|外观|软著|版权|员工|人|产品|案子|权利|店|公司|证|作品|类|[,。!?]|$)"
_ABOUT = re.compile(r"(?:大约|大概|差不多|约|将近|估计)[有是]?$")
_PATTERN = re.compile(
    rf"(?<![第\d.{CHINESE}])(?P<minus>-)?(?:(?P<low>\d+)\s?[到至~-]\s?(?P<high>\d+)|(?P<vague>{VAGUE})|(?P<one>{QUANTITY}))"
    rf"(?P<more>多)?\s?(?:{_THINGS})(?P<about>左右|上下)?(?P<open>以上|以下|以内)?",
)
_BARE = re.compile(rf"\s?(?P<n>-?\s?\d[\d,]*(?:\.\d+)?|{QUANTITY})\s?[。.!]?\s?")
_UNCOUNTED = re.compile(rf"上(?P<n>[百千万])\s?(?:{_THINGS})")
"""上百件: a hundred or more."""
MOST_THINGS = 10**9


def find_counts(text: str) -> Iterator[Slot]:
    """Yield each number of countable things in the normalised `text`."""
    for match in _PATTERN.finditer(text):
        bounds = _bounds(match)
        if bounds is None:
            continue
        low, high = bounds
        about = match["about"] is not None or _ABOUT.search(just_before(match)) is not None
        problem = None
        if match["minus"]:
            problem = "数量不能是负数，请重新写一下，比如 30件。"
        elif low != int(low):
            problem = "数量要是整数，请重新写一下，比如 30件。"
        elif high > MOST_THINGS:
            problem = "这个数量太大了，请核对一下。"
        elif low > high:
            problem = f"“{match[0]}”前面的数比后面的大，请再写一遍。"
        value = None if problem else _value(int(low), int(high), match["open"])
        yield Slot(SlotKind.COUNT, match.start(), match.end(), match[0], value, problem, about=about)
    yield from _uncounted(text)


def _uncounted(text: str) -> Iterator[Slot]:
    for match in _UNCOUNTED.finditer(text):
        least = parse_number("一" + match["n"])
        yield Slot(SlotKind.COUNT, match.start(), match.end(), match[0], CountRange(int(least or 0), None))


def _value(low: int, high: int, bound: str | None) -> int | CountRange:
    if bound == "以上":
        return CountRange(low, None)
    if bound:
        return CountRange(None, high)
    return low if low == high else CountRange(low, high)


def _bounds(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    if match["vague"]:
        return parse_vague(match["vague"])
    if match["low"]:
        return Decimal(match["low"]), Decimal(match["high"])
    if match["more"]:
        return parse_vague(match["one"] + "多")
    one = parse_number(match["one"])
    return None if one is None else (one, one)


def find_bare_number(text: str) -> Iterator[Slot]:
    """Yield the number when the whole message is one: the answer to 多少, whose unit the open question knows."""
    match = _BARE.fullmatch(text)
    if match is None:
        return
    written = match["n"].replace(" ", "")
    number = parse_number(written.removeprefix("-"))
    if number is not None:
        value = -number if written.startswith("-") else number
        yield Slot(SlotKind.NUMBER, match.start("n"), match.end("n"), match["n"], value)
