"""Trademark registration numbers (第12345678号, 注册号12345678, G1234567) and classes of the Nice list (第9类, 9类和42类)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.slots.context import just_before
from bot.understanding.slots.numerals import parse_number
from bot.understanding.slots.slot import Slot, SlotKind

_CUE = r"(?:商标)?(?:注册号|注册证号|商标号|注册证)(?:码)?\s?(?:是|为|:)?\s?(?:第\s?)?"
_CUED = re.compile(_CUE + r"(?P<n>[Gg]?\d{3,12}[A-Za-z]?)(?![0-9A-Za-z.])\s?号?")
_ORDINAL = re.compile(r"第\s?(?P<n>[Gg]?\d{5,9}[A-Za-z]?)\s?号(?!文|令|公告)")
_AFTER_MARK = re.compile(
    r"商标[^\d,。;]{0,6}?(?<![\d.])(?P<n>[Gg]?\d{6,9}[A-Za-z]?)(?![0-9A-Za-z.年]|\s?[万亿元件个])"
)
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z])(?P<n>[Gg]\d{6,7}[A-Za-z]?)(?![0-9A-Za-z])")

_ARABIC_CLASS = re.compile(
    r"(?<![\d.])(?P<list>第?\d{1,3}(?:\s?(?:类|[、,和及与/]|类[、,和及与/])\s?第?\d{1,3}){0,44})\s?(?:大?类)(?!似|型|别)"
)
_CHINESE_CLASS = re.compile(
    r"第\s?(?P<c>[一二三四五六七八九十]{1,4}|[零一二三四五六七八九十百]{1,5})\s?类(?!似|型)"
)
_FIGURE = re.compile(r"\d{1,3}")
_TOO_MANY_KINDS = re.compile(r"[分有共几这那各两]\s?$")


def find_registration_numbers(text: str) -> Iterator[Slot]:
    """Yield each trademark registration number in the normalised `text`."""
    for pattern in (_CUED, _ORDINAL, _AFTER_MARK, _INTERNATIONAL):
        for match in pattern.finditer(text):
            number = match["n"].upper()
            figures = re.sub(r"\D", "", number)
            problem = None
            if not 5 <= len(figures) <= 8:
                problem = f"商标注册号一般是5到8位数字，这里是{len(figures)}位，请对照注册证核对。"
            yield Slot(
                SlotKind.REGISTRATION_NUMBER,
                match.start("n"),
                match.end("n"),
                match["n"],
                None if problem else number,
                problem,
            )


def find_nice_classes(text: str) -> Iterator[Slot]:
    """Yield each class of goods or services, 1 to 45; 0类 or 46类 comes with what is wrong."""
    for match in _ARABIC_CLASS.finditer(text):
        if _TOO_MANY_KINDS.search(just_before(match)):
            continue
        start = match.start("list")
        for figure in _FIGURE.finditer(match["list"]):
            yield _class(int(figure[0]), start + figure.start(), start + figure.end(), figure[0])
    for match in _CHINESE_CLASS.finditer(text):
        number = parse_number(match["c"])
        if number is not None:
            yield _class(int(number), match.start(), match.end(), match[0])


def _class(number: int, start: int, end: int, text: str) -> Slot:
    if 1 <= number <= 45:
        return Slot(SlotKind.NICE_CLASS, start, end, text, number)
    return Slot(
        SlotKind.NICE_CLASS, start, end, text, None, f"商标分类只有第1类到第45类，没有第{number}类，请核对。"
    )
