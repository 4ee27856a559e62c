"""Shares: 85%, 百分之八十五, 三成, 八五折, 千分之三. Values are in percent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.understanding.slots.numerals import ARABIC, CHINESE, DIGITS, parse_number
from bot.understanding.slots.slot import Slot, SlotKind

_SIGN = re.compile(rf"(?<![\d.])(?P<minus>-)?(?P<n>{ARABIC})\s?(?P<sign>[%‰])")
_OF = re.compile(
    rf"(?P<of>百分之|千分之|万分之)\s?(?P<n>{ARABIC}|[{CHINESE}]+)(?:点(?P<rest>[零一二三四五六七八九]+))?"
)
_TENTHS = re.compile(
    r"(?<![第\d一二三四五六七八九十])(?P<n>[一二三四五六七八九]|[1-9])成(?P<half>半)?(?!立|功|员|本|果|都|交|为|了|年)"
)
_OFF = re.compile(r"(?:打)?(?P<n>[一二三四五六七八九]{1,2}|[1-9](?:\.\d|\d)?)折")
_SCALES = {"百分之": Decimal(1), "千分之": Decimal(10), "万分之": Decimal(100)}


def find_percents(text: str) -> Iterator[Slot]:
    """Yield each share in the normalised `text`."""
    for match in _SIGN.finditer(text):
        number = parse_number(match["n"])
        if number is None:
            continue
        if match["minus"]:
            yield _slot(match, None, "比例不能是负数，请重新写一下，比如 85%。")
        else:
            yield _slot(match, number if match["sign"] == "%" else number / 10)
    for match in _OF.finditer(text):
        number = parse_number(match["n"])
        if number is not None:
            rest = "".join(str(DIGITS[c]) for c in match["rest"] or "")
            yield _slot(match, (number + (Decimal(f"0.{rest}") if rest else 0)) / _SCALES[match["of"]])
    for match in _TENTHS.finditer(text):
        yield _slot(match, (parse_number(match["n"]) or Decimal(0)) * 10 + (5 if match["half"] else 0))
    for match in _OFF.finditer(text):
        number = parse_number(match["n"])
        if number is not None:
            yield _slot(match, number if number > 10 else number * 10)


def _slot(match: re.Match[str], value: Decimal | None, problem: str | None = None) -> Slot:
    return Slot(SlotKind.PERCENT, match.start(), match.end(), match[0], value, problem)
