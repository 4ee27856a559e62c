"""Turn what a person typed, a YAML file wrote or an API sent into a fact's value, and back into words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from rules.days import format_day
from rules.errors import FactError

if TYPE_CHECKING:
    from rules.facts import FactData, FactDefinition

LARGEST_AMOUNT: Final = 10**14  # 100 万亿元; anything above is a slip of the keyboard
LARGEST_NUMBER: Final = 10**12
EARLIEST_DAY: Final = date(1900, 1, 1)
LATEST_DAY: Final = date(2200, 12, 31)

_YES: Final = {"是", "有", "对", "是的", "有的", "true", "yes", "y", "1", "真"}
_NO: Final = {"否", "没有", "不是", "无", "没", "不", "false", "no", "n", "0", "假"}
_NONE: Final = {"没有", "无", "没", "none", "还没", "都没有"}
_AMOUNT = re.compile(
    r"^(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)\s*(?P<scale>万亿|亿|千万|百万|十万|万|千)?\s*(?:元|块|人民币)?(?:整)?$"
)
_DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")
_SCALE: Final = {
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "万亿": 10**12,
}
_SEPARATORS = re.compile(r"[、,，;；/\s]+|和|以及|及")


class Absent:
    """The person says that the fact does not exist here (`absent` in the dictionary)."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def plain(value: object) -> FactData:
    """Return a plain Python value as fact data: lists and sets become frozensets, floats exact decimals."""
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(str(item) for item in value)
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, datetime):
        raise FactError("", "这里要的是日期，不带时刻")
    if isinstance(value, bool | int | Decimal | date | str):
        return value
    raise FactError("", f"不能作为事实的取值：{type(value).__name__}")


def coerce(definition: FactDefinition, raw: object) -> FactData | Absent:
    """Return `raw` as a value of the fact. Raises FactError."""
    word = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else None
    if definition.absent and (raw is None or word in _NONE or word == definition.absent):
        return ABSENT
    if raw is None or word == "":
        raise FactError(definition.name, f"{definition.name}还没有填写。{definition.ask}")
    value = _READERS[definition.type.value](definition, raw if word is None else word)
    _check_bounds(definition, value)
    return value


def format_value(definition: FactDefinition, value: object) -> str:
    """Return the value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, frozenset | set | tuple | list):
        order = {name: index for index, name in enumerate(definition.values)}
        return (
            "、".join(sorted(map(str, value), key=lambda name: (order.get(name, len(order)), name))) or "无"
        )
    if isinstance(value, int | Decimal):
        return f"{value:,f}{definition.unit}" if isinstance(value, Decimal) else f"{value:,}{definition.unit}"
    return str(value)


def _bool(definition: FactDefinition, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).lower()
    if word in _YES or word in definition.words("true"):
        return True
    if word in _NO or word in definition.words("false"):
        return False
    raise FactError(definition.name, f"{definition.name}请回答“是”或“否”。")


def _number(definition: FactDefinition, raw: object) -> Decimal:
    example = "例如 500万元" if definition.type.value == "money" else "例如 12"
    wanted = FactError(definition.name, f"没看懂“{raw}”，{definition.name}请写成数字，{example}。")
    if isinstance(raw, bool):
        raise wanted
    if isinstance(raw, int | float | Decimal):
        number = Decimal(str(raw))
        if not number.is_finite():
            raise wanted
        return number
    if not isinstance(raw, str):
        raise wanted
    text = raw
    percent = text.endswith("%")
    if percent:
        text = text[:-1].strip()
    elif definition.unit and text.endswith(definition.unit):
        text = text.removesuffix(definition.unit).strip()
    match = _AMOUNT.match(text)
    if match is None or len(match["number"]) > 30:
        raise wanted
    try:
        number = Decimal(match["number"].replace(",", "")) * _SCALE.get(match["scale"] or "", 1)
    except InvalidOperation:
        raise wanted from None
    if percent and definition.unit != "%":
        number /= 100
    return number


def _money(definition: FactDefinition, raw: object) -> int | Decimal:
    yuan = _number(definition, raw)
    if yuan < 0:
        raise FactError(definition.name, f"{definition.name}不能是负数，请重新填写金额。")
    if yuan > LARGEST_AMOUNT:
        raise FactError(definition.name, f"{definition.name}的金额太大了，请核对是不是多写了零。")
    if yuan * 100 != (yuan * 100).to_integral_value():
        raise FactError(definition.name, f"{definition.name}最多写到分，请重新填写金额。")
    return _shortest(yuan)


def _decimal(definition: FactDefinition, raw: object) -> int | Decimal:
    number = _number(definition, raw)
    if abs(number) > LARGEST_NUMBER:
        raise FactError(definition.name, f"{definition.name}的数字太大了，请核对。")
    return _shortest(number)


def _int(definition: FactDefinition, raw: object) -> int:
    number = _decimal(definition, raw)
    if not isinstance(number, int):
        raise FactError(definition.name, f"{definition.name}请写整数。")
    if number < 0 and definition.minimum is None:
        raise FactError(definition.name, f"{definition.name}不能是负数，请重新填写。")
    return number


def _date(definition: FactDefinition, raw: object) -> date:
    if isinstance(raw, datetime):
        raise FactError(definition.name, f"{definition.name}只要日期，不要时刻。")
    if isinstance(raw, date):
        day = raw
    else:
        match = _DAY.match(str(raw))
        if match is None:
            raise FactError(
                definition.name, f"没看懂“{raw}”，{definition.name}请写成 2026年11月20日 这样的日期。"
            )
        try:
            day = date(*(int(part) for part in match.groups()))
        except ValueError:
            raise FactError(definition.name, f"日历上没有“{raw}”这一天，请核对{definition.name}。") from None
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise FactError(definition.name, f"{format_day(day)}不像是真的，请核对{definition.name}的年份。")
    return day


def _one_of(definition: FactDefinition, word: str) -> str | None:
    folded = word.casefold()
    for value in definition.values:
        if any(unicodedata.normalize("NFKC", name).casefold() == folded for name in definition.words(value)):
            return value
    return None


def _enum(definition: FactDefinition, raw: object) -> str:
    value = _one_of(definition, str(raw)) if not isinstance(raw, bool) else None
    if value is None:
        raise FactError(
            definition.name, f"“{raw}”不在可选项里，{definition.name}可选：{'、'.join(definition.values)}。"
        )
    return value


def _set(definition: FactDefinition, raw: object) -> frozenset[str]:
    words: Iterable[object]
    if isinstance(raw, str):
        if raw in _NONE and _one_of(definition, raw) is None:
            return frozenset()
        whole = _one_of(definition, raw)
        words = [whole] if whole else [word for word in _SEPARATORS.split(raw) if word]
    elif isinstance(raw, list | tuple | set | frozenset):
        words = raw
    else:
        words = [raw]
    return frozenset(_enum(definition, word) for word in words)


def _text(definition: FactDefinition, raw: object) -> str:
    text = str(raw)
    if len(text) > 2000:
        raise FactError(definition.name, f"{definition.name}太长了，请写在2000字以内。")
    return text


def _check_bounds(definition: FactDefinition, value: FactData) -> None:
    if isinstance(value, bool | str | frozenset):
        return
    low, high = definition.minimum, definition.maximum
    if low is not None and value < low:  # type: ignore[operator]
        raise FactError(definition.name, f"{definition.name}不能小于{definition.format(low)}，请核对。")
    if high is not None and value > high:  # type: ignore[operator]
        raise FactError(definition.name, f"{definition.name}不能大于{definition.format(high)}，请核对。")


def _shortest(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


_READERS: Final[dict[str, Callable[[FactDefinition, object], FactData]]] = {
    "bool": _bool,
    "int": _int,
    "number": _decimal,
    "money": _money,
    "date": _date,
    "enum": _enum,
    "set": _set,
    "text": _text,
}
