"""Between the fields asked in the dialogue and the inputs of `rules.deadlines`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.dialogue.right_types import IDS
from rules.deadlines.schema import InputSpec, InputType
from rules.deadlines.tables import LawTables
from rules.facts import FactDefinition, FactType

OWN_FIELDS = {
    "right_type": "专利类型",
    "filing": "申请日",
    "registration": "商标注册日",
    "expiry": "商标有效期至",
    "classes": "类别数",
    "grant": "授权公告日",
    "reduction": "年费减缴",
    "year": "年度",
    "issue": "发文日",
    "received": "收到日",
    "delivery": "送达方式",
    "preliminary_publication": "初步审定公告日",
}
"""Inputs that have a question of their own in `fields.yaml`."""

PREFIX = "期限_"
REDUCTIONS = {"没有减缴": 0, "减缴85%": 85, "减缴70%": 70}
_FACT_TYPES = {
    InputType.DAY: FactType.DATE,
    InputType.CHOICE: FactType.ENUM,
    InputType.COUNT: FactType.INT,
    InputType.FLAG: FactType.BOOL,
    InputType.YUAN: FactType.MONEY,
}


def field_of(name: str) -> str:
    """Return the name of the field that asks for an input."""
    return OWN_FIELDS.get(name, PREFIX + name)


def definition_of_input(tables: LawTables, name: str) -> FactDefinition:
    """Return the question for an input of the law tables. Raises KeyError when there is none."""
    spec: InputSpec = tables.inputs[name]
    return FactDefinition(
        name=spec.label,  # what a person reads when an answer cannot be used; the goal knows it by its field
        type=_FACT_TYPES.get(spec.type, FactType.TEXT),
        values=tuple(dict.fromkeys(spec.choices.values())),
        ask=f"请告诉我{spec.label}。" if spec.type is not InputType.CHOICE else f"{spec.label}：是哪一种？",
        help=spec.help,
        why=f"期限要用{spec.label}来计算。",
    )


def input_value(tables: LawTables, name: str, value: Any) -> Any:
    """Return what was said for a field as the law tables read it."""
    if name == "right_type":
        return IDS.get(value, value)
    if name == "reduction":
        return REDUCTIONS.get(value, value)
    spec = tables.inputs[name]
    if spec.type is InputType.CHOICE:
        return next((key for key, words in spec.choices.items() if words == value), value)
    return value


def inputs_from(tables: LawTables, values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the inputs that are known, by their names in the law tables."""
    return {
        name: input_value(tables, name, values[field_of(name)])
        for name in names
        if values.get(field_of(name)) is not None
    }


def known_day(values: Mapping[str, Any], field: str) -> date | None:
    """Return the day that was said for a field, or None."""
    value = values.get(field)
    return date.fromisoformat(value) if isinstance(value, str) else None
