"""Amounts of money: 五百万, 500w, 3.5亿, 1,200块, 80多万, 10到20万, 500万以上. Values are integer 分."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.understanding.slots.context import just_before
from bot.understanding.slots.numerals import QUANTITY, VAGUE, parse_number, parse_vague
from bot.understanding.slots.slot import AmountRange, Slot, SlotKind
from rules.money import Fen

TOO_MUCH_YUAN = Decimal(10) ** 15

_CURRENCY = r"元整?|块钱?|人民币|(?:rmb|cny)(?![a-z])"
_FOREIGN = r"美元|美金|美刀|欧元|港币|港元|日元|英镑|韩元|(?:usd|eur)(?![a-z])"
_LETTER = r"[wk](?![a-z0-9])"
_MEASURED = r"多?[件个项家人名份款种条张台套只间次户位字页亩天年月日号类平米股吨公里]"
_MEASURE, _SPACED_MEASURE = re.compile(_MEASURED), re.compile(r"\s?" + _MEASURED)
_TO = r"\s?(?:到|至|-|~)\s?"
_PATTERN = re.compile(
    rf"(?P<minus>(?<![\d\-a-z])-\s?|负)?(?P<sign>[¥$€])?\s?"
    rf"(?:(?P<low>{QUANTITY})(?P<lowunit>\s?(?:{_LETTER}|元|块))?{_TO}(?P<high>{QUANTITY})|(?P<vague>{VAGUE})|(?P<one>{QUANTITY}(?:个[万亿])?))"
    rf"\s?(?P<letter>{_LETTER})?(?P<tail>多|不到)?\s?(?P<unit>{_CURRENCY}|{_FOREIGN})?(?P<jiao>(?<=[元块])\d角)?",
    re.IGNORECASE,
)
_MONEY_WORD = re.compile(
    r"(?:[花付交罚收赔补给要贷借缴值费价款钱额]|预算|工资|营收|产值|注册资本)[了到是有约为:我你他们]{0,3}$"
)
_OPEN_LOW = re.compile(r"(?:不到|不超过|最多|低于|少于|不足|小于)[了有]?$")
_OPEN_HIGH = re.compile(r"(?:(?<!不)超过|大于|(?<!不)高于|至少|不低于|起码|多于|上)[了有]?$")
_ABOUT_BEFORE = re.compile(r"(?:大约|大概|差不多|约|将近|接近|近|估计|(?<![大从])小)[有是]?$")
_AFTER = re.compile(r"\s?(?:(?P<high>以上|往上|起)|(?P<low>以下|以内|之内)|(?P<about>左右|上下|的样子))")

_UNCOUNTED = re.compile(
    r"(?:(?<![线网以马早晚身路市店])上|(?P<near>将近|接近|近|快|小))"
    r"(?P<n>[百千]?[万亿](?:元|块钱?)?|[百千](?:元|块钱?))(?=[的了吧左,。?!、 ]|$)"
)
"""上百万 is a million or more, 近千万 about ten million."""
_FACTORS = {"w": 10_000, "k": 1_000}


def find_amounts(text: str) -> Iterator[Slot]:
    """Yield each amount of money in the normalised `text`; figures without a sign of money are left alone."""
    for match in _UNCOUNTED.finditer(text):
        yield _uncounted(match)
    for match in _PATTERN.finditer(text):
        if _is_money(match, text):
            yield _read(match, text)


def _is_money(match: re.Match[str], text: str) -> bool:
    if match["sign"] or match["unit"] or match["letter"]:
        return match["letter"] is None or not _SPACED_MEASURE.match(text, match.end())
    if _MEASURE.match(text, match.end()):
        return False
    written = match["one"] or match["high"] or match["vague"]
    if re.search("[万亿]", written):
        return not re.match("[万亿]|[百千万亿]+$", written)
    return bool(re.search("[百千]", written) and _MONEY_WORD.search(just_before(match)))


def _uncounted(match: re.Match[str]) -> Slot:
    unit = Fen(int((parse_number("一" + match["n"].rstrip("元块钱")) or 0) * 100))
    if match["near"]:
        return Slot(SlotKind.AMOUNT, match.start(), match.end(), match[0], unit, about=True)
    return Slot(SlotKind.AMOUNT, match.start(), match.end(), match[0], AmountRange(unit, None))


def _bounds(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    factor = Decimal(_FACTORS.get((match["letter"] or "").lower(), 1))
    if match["vague"]:
        bounds = parse_vague(match["vague"])
        return (None, None) if bounds is None else (bounds[0] * factor, bounds[1] * factor)
    if match["low"] is None:
        one = parse_number(match["one"].replace("个", ""))
        if one is None:
            return None, None
        extra = Decimal(match["jiao"][0]) / 10 if match["jiao"] else Decimal(0)
        return one * factor + extra, one * factor + extra
    low, high = parse_number(match["low"]), parse_number(match["high"])
    if low is None or high is None:
        return None, None
    own = (match["lowunit"] or "").strip().lower()
    if own in _FACTORS:
        low *= _FACTORS[own]
    elif low < high or factor > 1:
        # 10到20万: the unit of the second figure holds for the first as well.
        low *= factor
    written = re.search("[万亿]+$", match["high"])
    if written and not re.search("[万亿元块]", match["low"] + own) and own not in _FACTORS:
        low *= parse_number("一" + written[0]) or 1
    return low, high * factor


def _read(match: re.Match[str], text: str) -> Slot:
    end = match.start() + len(match[0].rstrip())
    before = just_before(match)
    after = _AFTER.match(text, end)
    about = bool(_ABOUT_BEFORE.search(before))
    low, high = _bounds(match)
    if after:
        end = after.end()
        about = about or after["about"] is not None
    problem = _problem(match, low, high)
    value: Fen | AmountRange | None = None
    if problem is None and low is not None and high is not None:
        first, last = Fen(int(low * 100)), Fen(int(high * 100))
        if match["tail"] == "多":
            value = AmountRange(first, Fen(int(_with_more(high) * 100)))
        elif (after and after["high"]) or (_OPEN_HIGH.search(before) and low == high):
            value = AmountRange(first, None)
        elif (after and after["low"]) or (_OPEN_LOW.search(before) and low == high):
            value = AmountRange(None, last)
        else:
            value = first if first == last else AmountRange(first, last)
    return Slot(SlotKind.AMOUNT, match.start(), end, text[match.start() : end], value, problem, about=about)


def _with_more(number: Decimal) -> Decimal:
    step = Decimal(1)
    while number and number % (step * 10) == 0:
        step *= 10
    return number + step


def _problem(match: re.Match[str], low: Decimal | None, high: Decimal | None) -> str | None:
    said = match[0].strip()
    if low is None or high is None:
        return f"“{said}”这个金额我没看懂，请用数字写，比如 500万元。"
    if match["minus"]:
        return "金额不能是负数，请重新写一下，比如 500万元。"
    if match["sign"] in ("$", "€") or (
        match["unit"] and re.fullmatch(_FOREIGN, match["unit"], re.IGNORECASE)
    ):
        return "这里按人民币计算，请折成人民币再告诉我。"
    if high >= TOO_MUCH_YUAN:
        return "这个金额太大了，请核对一下是不是多写了几位。"
    if low > high:
        return f"“{said}”前面的数比后面的大，请再写一遍。"
    if (low * 100) % 1 or (high * 100) % 1:
        return "金额最小到分，请核对小数点后面的位数。"
    return None
