"""Read the inputs of a kind: typed, complete, in order, or a `DeadlineInputError` naming the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.day_text import read_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.schema import InputSpec, InputType, Kind
from rules.deadlines.tables import LawTables, input_names
from rules.money import Fen, from_yuan

InputValue = date | tuple[date, ...] | tuple[int, ...] | int | str | bool

# Beyond this the day arithmetic has no room for the longest term of protection.
LAST_DAY = date(2200, 12, 31)
_YES = {"yes", "true", "1", "是", "有", "y"}
_NO = {"no", "false", "0", "否", "无", "没有", "n"}


def read_inputs(
    tables: LawTables, kind: Kind, raw: Mapping[str, object], as_of: date
) -> dict[str, InputValue]:
    """Return the values by name. Raises `DeadlineInputError` for the first input that cannot be used."""
    allowed = input_names(kind)
    raw = _by_own_names(tables, raw, allowed)
    refuse_unknown(tables, raw, allowed)
    values: dict[str, InputValue] = {}
    for name in allowed:
        given = raw.get(name)
        if given is not None and given != "":
            values[name] = read_value(tables.inputs[name], name, given)
    _require(tables, kind, values)
    _check_goods(values)
    _check_days(tables, kind, values, as_of)
    return values


def _by_own_names(tables: LawTables, raw: Mapping[str, object], allowed: Sequence[str]) -> dict[str, object]:
    """Return the inputs with aliases replaced. Raises `DeadlineInputError` when one is given twice."""
    own = {alias: name for name in allowed for alias in tables.inputs[name].aliases if alias not in allowed}
    named: dict[str, object] = {}
    for name, value in raw.items():
        target = own.get(name, name)
        if target in named:
            raise DeadlineInputError(target, wording.TWICE.format(name=target), "given twice")
        named[target] = value
    return named


def refuse_unknown(tables: LawTables, raw: Mapping[str, object], allowed: Sequence[str]) -> None:
    """Raise `DeadlineInputError` for the first name that is not among `allowed`."""
    for name in raw:
        if name not in allowed:
            words = "、".join(f"{tables.inputs[item].label}（{item}）" for item in allowed)
            raise DeadlineInputError(
                shown(name),
                wording.UNKNOWN_INPUT.format(name=shown(name), allowed=words),
                f"unknown input; allowed: {', '.join(allowed)}",
            )


def day_of(values: Mapping[str, InputValue], name: str) -> date | None:
    """Return the day given for `name`, if one was."""
    value = values.get(name)
    return value if isinstance(value, date) else None


def number_of(values: Mapping[str, InputValue], name: str, default: int = 0) -> int:
    """Return the whole number given for `name`, else `default`."""
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def needed_day(values: Mapping[str, InputValue], name: str) -> date:
    """Return the day given for `name`. Raises `DeadlineInputError` when none was."""
    day = day_of(values, name)
    if day is None:
        message = wording.MISSING.format(label="日期", name=name, hint="")
        raise DeadlineInputError(name, message, "missing input")
    return day


def reduction_of(values: Mapping[str, InputValue]) -> int:
    """Return the fee reduction given, in percent; 0 when none was."""
    given = values.get("reduction", 0)
    return int(given) if isinstance(given, int | str) else 0


def as_text(value: InputValue) -> str:
    """Return the value as it can be typed again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return str(value)


def _require(tables: LawTables, kind: Kind, values: Mapping[str, InputValue]) -> None:
    for group in kind.inputs:
        if group.endswith("?"):
            continue
        names = group.split("|")
        if any(name in values for name in names):
            continue
        if len(names) == 1:
            spec = tables.inputs[names[0]]
            message = wording.MISSING.format(label=spec.label, name=names[0], hint=input_hint(spec))
        else:
            labels = "、".join(f"{tables.inputs[name].label}（{name}）" for name in names)
            message = wording.MISSING_ONE.format(labels=labels, hint=input_hint(tables.inputs[names[0]]))
        raise DeadlineInputError(names[0], message, f"missing input; give {' or '.join(names)}")


def input_hint(spec: InputSpec) -> str:
    """Return what may be given, as the tail of a sentence."""
    if spec.type is InputType.DAY:
        return "，例如 2020-04-15"
    if spec.type is InputType.CHOICE:
        return "，可以填：" + _choices(spec)
    return ""


def _choices(spec: InputSpec) -> str:
    return "、".join(f"{key}（{label}）" for key, label in spec.choices.items())


def shown(value: object) -> str:
    """Return what was given, short and printable, to be quoted in a message."""
    text = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", str(value))
    return text if len(text) <= 40 else text[:40] + "…"


def _check_goods(values: Mapping[str, InputValue]) -> None:
    """Goods beyond ten are charged in each class, so their number must be given for each."""
    goods, classes = values.get("goods"), values.get("classes")
    if isinstance(goods, tuple) and isinstance(classes, int) and len(goods) != classes:
        zh = wording.GOODS_PER_CLASS.format(classes=classes)
        raise DeadlineInputError("goods", zh, f"must be {classes} numbers, one a class")


def _check_days(tables: LawTables, kind: Kind, values: Mapping[str, InputValue], as_of: date) -> None:
    for name, value in values.items():
        spec = tables.inputs[name]
        for day in value if isinstance(value, tuple) else (value,):
            if not isinstance(day, date):
                continue
            least = kind.not_before.get(name, kind.statute)
            if least and day < least:
                raise DeadlineInputError(
                    name,
                    wording.BEFORE_STATUTE.format(label=spec.label, name=name, statute=format_day(least)),
                    f"must not be before {least}",
                )
            if day > LAST_DAY:
                raise DeadlineInputError(
                    name,
                    wording.TOO_FAR.format(label=spec.label, name=name, last=format_day(LAST_DAY)),
                    f"must not be after {LAST_DAY}",
                )
            if spec.past and day > as_of:
                raise DeadlineInputError(
                    name,
                    wording.IN_FUTURE.format(label=spec.label, name=name, as_of=format_day(as_of)),
                    f"must not be after {as_of}",
                )
    for earlier, later in tables.order:
        first, last = day_of(values, earlier), day_of(values, later)
        if first and last and last < first:
            raise DeadlineInputError(
                later,
                wording.ORDER.format(
                    later=tables.inputs[later].label,
                    later_name=later,
                    earlier=tables.inputs[earlier].label,
                    earlier_name=earlier,
                    day=format_day(first),
                ),
                f"must not be before {earlier} {first}",
            )


def read_value(spec: InputSpec, name: str, given: object) -> InputValue:
    """Return the one value of an input. Raises `DeadlineInputError` saying what is allowed."""
    match spec.type:
        case InputType.DAY:
            return _read_day(spec, name, given)
        case InputType.DAYS:
            parts = given if isinstance(given, list | tuple) else re.split(r"[,，、;；]\s*", str(given))
            return tuple(_read_day(spec, name, part) for part in parts)
        case InputType.CHOICE:
            return _read_choice(spec, name, given)
        case InputType.COUNT:
            return _read_count(spec, name, given)
        case InputType.COUNTS:
            parts = given if isinstance(given, list | tuple) else re.split(r"[,，、;；]\s*", str(given))
            return tuple(_read_count(spec, name, part) for part in parts)
        case InputType.FLAG:
            return _read_flag(spec, name, given)
        case InputType.YUAN:
            return _read_yuan(spec, name, given)
        case InputType.TEXT:
            return shown(given)


def _read_day(spec: InputSpec, name: str, given: object) -> date:
    day = read_day(given)
    if day is None:
        raise DeadlineInputError(
            name,
            wording.NOT_A_DAY.format(label=spec.label, name=name, value=shown(given)),
            f"not a day: {shown(given)!r}; write YYYY-MM-DD",
        )
    return day


def _read_choice(spec: InputSpec, name: str, given: object) -> str:
    text = unicodedata.normalize("NFKC", str(given)).strip()
    if isinstance(given, bool):
        text = "yes" if given else "no"
    text = spec.also.get(text, text)
    for key, label in spec.choices.items():
        if text in (key, label):
            return key
    raise DeadlineInputError(
        name,
        wording.NOT_A_CHOICE.format(label=spec.label, name=name, allowed=_choices(spec), value=shown(given)),
        f"must be one of {', '.join(spec.choices)}, not {shown(given)!r}",
    )


def _read_count(spec: InputSpec, name: str, given: object) -> int:
    least = spec.least or 0
    text = unicodedata.normalize("NFKC", str(given)).strip()
    value = int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) and not isinstance(given, bool) else None
    if value is None or value < least or (spec.most is not None and value > spec.most):
        words = wording.NOT_A_COUNT if spec.most is not None else wording.NOT_A_COUNT_FROM
        bounds = f"{least} to {spec.most}" if spec.most is not None else f"{least} or more"
        raise DeadlineInputError(
            name,
            words.format(label=spec.label, name=name, least=least, most=spec.most, value=shown(given)),
            f"must be a whole number, {bounds}, not {shown(given)!r}",
        )
    return value


def _read_flag(spec: InputSpec, name: str, given: object) -> bool:
    text = str(given).strip().lower()
    if text in _YES or text in _NO:
        return text in _YES
    raise DeadlineInputError(
        name,
        wording.NOT_A_FLAG.format(label=spec.label, name=name, value=shown(given)),
        f"must be yes or no, not {shown(given)!r}",
    )


def _read_yuan(spec: InputSpec, name: str, given: object) -> Fen:
    text = unicodedata.normalize("NFKC", str(given)).replace(",", "").removesuffix("元").strip()
    try:
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text, re.ASCII):
            raise ValueError(text)
        return from_yuan(Decimal(text))
    except (ValueError, InvalidOperation) as error:
        raise DeadlineInputError(
            name,
            wording.NOT_YUAN.format(label=spec.label, name=name, value=shown(given)),
            f"must be an amount in yuan, not {shown(given)!r}",
        ) from error
