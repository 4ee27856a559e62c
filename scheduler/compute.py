"""From an asset as it is kept to its obligations as the deadlines engine computes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.counting import add_months
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import compute
from rules.deadlines.obligations import Obligation, obligations_of
from rules.deadlines.tables import LawTables
from scheduler.law import NotComputableError
from store.obligation_records import Computed, LateStep, ObligationDetails
from store.records import Asset

HORIZON = timedelta(days=731)  # two years ahead, computed anew every day
# The notice of termination is issued when a month has passed after the grace period (专利审查指南第五部分第九章4.2.2), and
# restoration may be asked for within 2 months of receiving it (专利法实施细则第6条): the window can not end earlier than this.
_RESTORE_MONTHS = 3
_ONE = timedelta(days=1)
_FIELDS = frozenset(AssetFacts.model_fields) - {"kind", "ref", "number", "title"}


def compute_obligations(tables: LawTables, asset: Asset, today: date) -> list[Computed]:
    """Return what is due for the asset within two years, and what is late and can still be put right.

    Raises NotComputableError naming the field that is missing or contradicts another.
    """
    facts = facts_of(asset)
    try:
        found = obligations_of(tables, facts, today, today + HORIZON)
    except DeadlineInputError as error:
        raise NotComputableError(asset.id, error.field, str(error)) from error
    return [_computed(tables, facts, obligation, today) for obligation in found]


def facts_of(asset: Asset) -> AssetFacts:
    """Return the asset's days and details as the engine takes them. Raises NotComputableError.

    A right without its first day is refused: an engine that finds nothing due for it would be silence.
    """
    known: Mapping[str, Any] = {**asset.details, **asset.dates}
    values = {name: value for name, value in known.items() if name in _FIELDS and value is not None}
    try:
        facts = AssetFacts(
            kind=AssetKind(asset.right_type),
            ref=str(asset.id),
            number=asset.number,
            title=asset.name,
            **values,
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise NotComputableError(asset.id, field, error.errors()[0]["msg"]) from error
    except ValueError as error:
        raise NotComputableError(asset.id, "right_type", f"no such kind: {asset.right_type}") from error
    if facts.kind.right_type is not None and facts.filing is None:
        raise NotComputableError(asset.id, "filing", "missing")
    if facts.kind is AssetKind.TRADEMARK and not (facts.registration or facts.expiry or facts.filing):
        raise NotComputableError(asset.id, "registration", "missing")
    return facts


def _computed(tables: LawTables, facts: AssetFacts, due: Obligation, today: date) -> Computed:
    return Computed(
        kind=due.kind,
        key=due.key,
        title=due.title_zh,
        nominal=due.nominal,
        legal=due.legal,
        safe=due.safe,
        grace_end=due.grace_end,
        amount_fen=due.amount,
        provisional=due.provisional,
        citations=due.citations,
        details=ObligationDetails(
            late_steps=_late_steps(tables, facts, due, today),
            grace_legal=due.grace_legal,
            restore_by=_restore_by(due),
            missed=due.missed,
            remedy=due.restore_hint,
            optional=due.optional,
            doubts=due.doubts,
        ),
    )


def _late_steps(tables: LawTables, facts: AssetFacts, due: Obligation, today: date) -> tuple[LateStep, ...]:
    if due.kind == "tm_renewal" and due.grace_end is not None:
        inputs: dict[str, object] = {
            "expiry": due.nominal,
            "classes": facts.classes,
            "efile": "yes" if facts.efile else "no",
            "in_grace": "yes",
        }
        late = compute(tables, due.kind, inputs, today)
        step = LateStep(
            first=due.legal + _ONE,
            last=due.grace_end,
            surcharge_fen=late.surcharge,
            total_fen=late.total_payable,
        )
        return (step,)
    return tuple(
        LateStep(
            first=bracket.first, last=bracket.last, surcharge_fen=bracket.surcharge, total_fen=bracket.total
        )
        for bracket in due.ladder
    )


def _restore_by(due: Obligation) -> date | None:
    if due.kind != "annuity" or due.grace_end is None:
        return None
    return add_months(due.grace_end, _RESTORE_MONTHS)
