"""Kinds that ask for an amount only: one official fee, a refund."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from rules.deadlines import wording
from rules.deadlines.annuity import (
    rate_of,
)
from rules.deadlines.counted import run_row
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.fees import fee_amounts, reduced, total
from rules.deadlines.inputs import InputValue, number_of, reduction_of
from rules.deadlines.placing import compute_counted, echo, without_day
from rules.deadlines.result import Amount, Deadline
from rules.deadlines.schema import Kind, RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen

_ONE = timedelta(days=1)
Values = Mapping[str, InputValue]


def _right(values: Values) -> RightType:
    return RightType(str(values["right_type"]))


def refund_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return what was paid too much and until when it can be claimed back (细则第111条第3款)."""
    row = kind.rows[0]
    counted = run_row(tables, kind, row, values)
    made = compute_counted(tables, kind, values, as_of)
    owed, paid = values.get("due_amount"), values.get("paid_amount")
    if isinstance(owed, int) and isinstance(paid, int):
        over = Fen(max(0, paid - owed))
        line = Amount(
            item="refund",
            title="可以请求退还",
            full=over,
            payable=over,
            citations=tables.cite(row.cites, row.confidence),
            confidence=made.confidence,
        )
        made = made.model_copy(
            update={"amounts": (line,), "total_full": over, "total_payable": over, "total": over}
        )
    return made if counted is None else made.model_copy(update={"inputs": echo(values)})


def single_fee(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the amount of one fee or group of fees, with no day."""
    made = without_day(tables, kind, kind.rows[0], values, as_of)
    name = str(values["item"])
    if name == "annuity":
        return _annuity_amount(tables, made, values, as_of)
    if name not in tables.fees and name not in tables.fee_groups:
        known = "、".join([*tables.fee_groups, *tables.fees])
        zh = wording.NOT_A_CHOICE.format(label="费用", name="item", allowed=known, value=name)
        raise DeadlineInputError("item", zh, f"unknown fee {name!r}")
    amounts = fee_amounts(tables, (name,), values, as_of)
    full, payable = total(amounts)
    citations = {str(c): c for line in amounts for c in line.citations}
    confidence = max((line.confidence for line in amounts), key="HML".index, default=made.confidence)
    unknown = (
        wording.FEE_NONE
        if not amounts
        else "；".join(f"{line.title}：{line.note}" for line in amounts if line.full is None)
    )
    return made.model_copy(
        update={
            "title": amounts[0].title if len(amounts) == 1 else made.title,
            "amounts": amounts,
            "total_full": full,
            "total_payable": payable,
            "total": payable,
            "citations": tuple(citations.values()),
            "confidence": confidence,
            "unknown": unknown,
        }
    )


def _annuity_amount(tables: LawTables, made: Deadline, values: Values, as_of: date) -> Deadline:
    for name, label in (("right_type", "专利类型"), ("year", "年度")):
        if name not in values:
            raise DeadlineInputError(
                name, wording.MISSING.format(label=label, name=name, hint=""), "missing input"
            )
    year = number_of(values, "year")
    rate = rate_of(tables, _right(values), year, as_of)
    payable = reduced(rate.yuan, reduction_of(values))
    line = Amount(
        item="annuity",
        title=wording.ANNUITY_TITLE.format(year=year),
        full=rate.yuan,
        payable=payable,
        citations=tables.cite(rate.cites, rate.confidence),
        confidence=rate.confidence,
    )
    return made.model_copy(
        update={
            "title": line.title,
            "amounts": (line,),
            "total_full": rate.yuan,
            "total_payable": payable,
            "total": payable,
            "citations": line.citations,
            "confidence": rate.confidence,
        }
    )
