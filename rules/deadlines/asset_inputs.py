"""The facts of one asset from `name=value` pairs, as the command line and the HTTP interface give them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import InputValue, day_of, read_value, refuse_unknown, shown
from rules.deadlines.life import WhatIf
from rules.deadlines.tables import LawTables

_PATENT = (
    "filing",
    "priority",
    "publication",
    "exam_request",
    "grant",
    "reduction",
    "reduction_ends",
    "owners",
    "licence_recorded",
    "licence_withdrawn",
    "compensation_days",
    "paid_through",
)
_NAMES: Mapping[AssetKind, tuple[str, ...]] = {
    AssetKind.INVENTION: _PATENT,
    AssetKind.UTILITY_MODEL: _PATENT,
    AssetKind.DESIGN: _PATENT,
    AssetKind.TRADEMARK: ("filing", "registration", "expiry", "classes", "efile"),
    AssetKind.CUSTOMS_RECORDAL: ("approval",),
    AssetKind.IC_LAYOUT: ("filing", "first_use", "completion"),
    AssetKind.PLANT_VARIETY: ("filing", "grant"),
    AssetKind.SOFTWARE: ("publication", "completion"),
    AssetKind.COPYRIGHT: ("publication", "completion"),
}
_WHAT_IF = ("give_up_year", "late_days", "lose_reduction_from")


def read_asset(tables: LawTables, kind: str, raw: Mapping[str, object], as_of: date) -> AssetFacts:
    """Return the facts. Raises `DeadlineInputError` naming the kind or field that cannot be used."""
    if kind not in set(AssetKind):
        allowed = "、".join(f"{item.value}（{item.label}）" for item in AssetKind)
        zh = wording.NOT_A_CHOICE.format(label="权利种类", name="kind", allowed=allowed, value=shown(kind))
        raise DeadlineInputError("kind", zh, f"must be one of {', '.join(AssetKind)}")
    asset_kind = AssetKind(kind)
    values = _read(tables, raw, _NAMES[asset_kind])
    _check_order(tables, values, as_of)
    given: dict[str, Any] = {**values, "kind": asset_kind}
    if "reduction" in given:
        given["reduction"] = int(given["reduction"])
    if "efile" in given:
        given["efile"] = given["efile"] == "yes"
    recorded, withdrawn = given.pop("licence_recorded", None), given.pop("licence_withdrawn", None)
    if recorded is not None:
        given["open_licence"] = {"recorded": recorded, "withdrawn": withdrawn}
    elif withdrawn is not None:
        label = tables.inputs["licence_recorded"].label
        zh = wording.MISSING.format(label=label, name="licence_recorded", hint="")
        raise DeadlineInputError("licence_recorded", zh, "missing input")
    return AssetFacts.model_validate(given)


def read_what_if(tables: LawTables, raw: Mapping[str, object]) -> WhatIf:
    """Return the choice to be weighed. Raises `DeadlineInputError` naming the field that cannot be used."""
    return WhatIf.model_validate(_read(tables, raw, _WHAT_IF))


def _read(tables: LawTables, raw: Mapping[str, object], allowed: tuple[str, ...]) -> dict[str, InputValue]:
    refuse_unknown(tables, raw, allowed)
    return {
        name: read_value(tables.inputs[name], name, value)
        for name, value in raw.items()
        if value is not None and value != ""
    }


def _check_order(tables: LawTables, values: Mapping[str, InputValue], as_of: date) -> None:
    for name, value in values.items():
        spec = tables.inputs[name]
        if isinstance(value, date) and spec.past and value > as_of:
            zh = wording.IN_FUTURE.format(label=spec.label, name=name, as_of=format_day(as_of))
            raise DeadlineInputError(name, zh, f"must not be after {as_of}")
    for earlier, later in tables.order:
        first, last = day_of(values, earlier), day_of(values, later)
        if first and last and last < first:
            zh = wording.ORDER.format(
                later=tables.inputs[later].label,
                later_name=later,
                earlier=tables.inputs[earlier].label,
                earlier_name=earlier,
                day=format_day(first),
            )
            raise DeadlineInputError(later, zh, f"must not be before {earlier} {first}")
