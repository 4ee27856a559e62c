"""Numbers as they are typed: 3.5亿, 两百五十万, 一万五, 壹佰贰拾, 80多, 一两百, 二十几."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = (
    {c: i for i, c in enumerate("零一二三四五六七八九")}
    | {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
    | {"两": 2}
)
TENS = {"廿": 20, "卅": 30}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE_UNITS = {"万": 10**4, "亿": 10**8}
CHINESE = "".join([*DIGITS, *TENS, *SMALL_UNITS, *LARGE_UNITS])

# Possessive and bounded: a message of 2,000 figures must not be read 2,000 times over.
ARABIC = r"(?<!\d)(?:\d{1,3}(?:,\d{3}){1,6}+(?:\.\d{1,8}+)?|\d{1,20}+(?:\.\d{1,8}+)?)"
QUANTITY = rf"(?>(?:{ARABIC}|[{CHINESE}])(?:(?:(?<![万亿])\s)?(?:{ARABIC}|[{CHINESE}])){{0,24}})"
"""One number, written in either or both scripts; `parse_number` says whether it is one. 30万 一家 are two."""

_TOKEN = re.compile(rf"{ARABIC}|[{CHINESE}]")
_DIGIT_ROW = re.compile(rf"[{''.join(DIGITS)}]{{2,}}\Z")
_MOST = 40


def parse_number(text: str) -> Decimal | None:
    """Return the number that `text` writes, or None when it writes none (two numbers in a row, a unit alone)."""
    text = text.replace(" ", "")
    if not text or len(text) > _MOST:
        return None
    if _DIGIT_ROW.match(text):
        return Decimal("".join(str(DIGITS[c]) for c in text))
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        return None
    return _sum(tokens)


def _sum(tokens: list[str]) -> Decimal | None:
    total = section = Decimal(0)
    pending: Decimal | None = None  # a figure that waits for its unit
    unit, after_zero = 0, False
    for token in tokens:
        if token in SMALL_UNITS:
            if pending is None and token not in "十拾":
                return None  # 百八十 is about a hundred or less, not 180
            unit = SMALL_UNITS[token]
            section += (Decimal(1) if pending is None else pending) * unit
            pending, after_zero = None, False
        elif token in LARGE_UNITS:
            unit = LARGE_UNITS[token]
            section += pending or 0
            if section + total == 0:
                return None
            if unit == 10**8:
                total = (total + section) * unit
            elif section and not total % 10**8:  # 十万八万 is no number
                total += section * unit
            else:
                return None
            section, pending, after_zero = Decimal(0), None, False
        elif token == "零":
            after_zero = True
        elif token in TENS:
            section, unit = section + TENS[token], 10
        elif pending is not None:
            return None
        else:
            pending = Decimal(DIGITS[token]) if token in DIGITS else Decimal(token.replace(",", ""))
    if pending is None:
        return total + section if (total + section or after_zero) else None
    # 一万五 is 15,000 and 三千二 is 3,200; 一百零五 and 二十五 are what they say.
    short = unit >= 100 and not after_zero and pending < 10 and pending == pending.to_integral_value()
    return total + section + (pending * unit / 10 if short else pending)


def step_of(number: Decimal) -> Decimal:
    """Return the place of the last figure that is not zero, at least 1: what 多 may add (80多 is below 90)."""
    whole, step = int(number), 1
    while whole and whole % 10 == 0:
        whole //= 10
        step *= 10
    return Decimal(step)


def parse_vague(text: str) -> tuple[Decimal, Decimal] | None:
    """Return the bounds that a vague number allows (一两百, 几十万, 二十几, 80多万, 三五万), or None when it is not one."""
    text = text.replace(" ", "")
    for pattern, read in _VAGUE:
        if match := pattern.fullmatch(text):
            return read(match)
    return None


def _unit(written: str) -> Decimal | None:
    return parse_number("一" + written) if written else Decimal(1)


def _more(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    base, unit = parse_number(match["base"]), _unit(match["unit"])
    if base is None or unit is None or base == 0:
        return None
    return base * unit, (base + step_of(base)) * unit


def _several(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    written = match["base"]
    base = parse_number(written) if written else Decimal(0)
    unit = _unit(match["unit"])
    if base is None or unit is None or (base and base % 10):
        return None
    return (base + (1 if base else 2)) * unit, (base + 9) * unit


def _either(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    low, high = DIGITS[match["low"]], DIGITS[match["high"]]
    unit = _unit(match["unit"])
    tens = match["tens"]
    base = Decimal(0) if not tens else parse_number(tens)
    if low >= high or unit is None or base is None or (low == 0):
        return None
    return (base + low) * unit, (base + high) * unit


_UNITS = "[十百千万亿]{0,3}"
_VAGUE = (
    (re.compile(rf"(?P<base>{QUANTITY})[多余来](?P<unit>[百千万亿]{{0,2}})"), _more),
    (
        re.compile(
            rf"(?P<base>(?:[一二三四五六七八九]?十|[1-9]0|[一二两三四五六七八九]百)?)好?几(?P<unit>{_UNITS})"
        ),
        _several,
    ),
    (
        re.compile(
            rf"(?P<tens>(?:[一二三四五六七八九]?十)?)(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?P<unit>{_UNITS})"
        ),
        _either,
    ),
)
VAGUE = (
    rf"(?:{QUANTITY})[多余来][百千万亿]{{0,2}}"
    rf"|(?:[一二三四五六七八九]?十|[1-9]0|[一二两三四五六七八九]百)?好?几{_UNITS}"
    rf"|(?:[一二三四五六七八九]?十)?(?:一[两二]|两三|三[四五]|四五|五六|六七|七八|八九){_UNITS}"
)
"""A vague number; `parse_vague` says which bounds it allows."""
