"""What falls due for an asset: one row each, with a stable key and a hash that changes when the answer does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

from rules.citation import Citation, Confidence
from rules.deadlines import wording
from rules.deadlines.annuity import (
    Annuity,
    Bracket,
    annuity,
    due_day,
    late_rule,
    patent_year,
    term_years,
)
from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.calendar import CalendarKind
from rules.deadlines.counting import add_months, add_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import compute
from rules.deadlines.renewal import mark_expiry
from rules.deadlines.result import Deadline
from rules.deadlines.schema import RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen

# A grant is published some weeks after registration; an anniversary in between makes the year's fee doubtful.
_REGISTRATION_MONTHS = 3
_PTA_YEARS = 4


class Obligation(BaseModel):
    """Something due for an asset. Days as in `Deadline`, amounts in 分 as they stand when paid in time."""

    model_config = ConfigDict(frozen=True)

    kind: str
    key: str  # stable within the asset: `annuity:8`, `tm_renewal:2028`
    title_zh: str
    nominal: date
    legal: date
    safe: date
    opens: date | None = None  # cannot be done earlier
    grace_end: date | None = None  # nominal end of the grace period
    grace_legal: date | None = None
    ladder: tuple[Bracket, ...] = ()
    amount: Fen | None = None  # payable; None when there is none or it is not known
    amount_full: Fen | None = None
    missed: str = ""
    restore_hint: str = ""
    optional: bool = False  # a chance that ends, not a duty
    citations: tuple[Citation, ...] = ()
    confidence: Confidence = Confidence.LOW
    provisional: bool = False
    doubts: tuple[str, ...] = ()
    inputs_hash: str = ""


def obligations_of(tables: LawTables, asset: AssetFacts, as_of: date, horizon: date) -> list[Obligation]:
    """Return what is open for `asset` on `as_of` and falls due up to `horizon`, in order of the nominal day.

    An annuity stays as long as its grace period runs; one known to be unpaid (`paid_through`) stays for good,
    because silence never means give up. Raises `DeadlineInputError` when the facts contradict each other.
    """
    check_asset(asset)
    found: list[Obligation] = []
    if asset.kind.right_type is not None:
        found.extend(_patent(tables, asset, as_of, horizon))
    elif asset.kind is AssetKind.TRADEMARK:
        found.extend(_trademark(tables, asset, as_of, horizon))
    elif asset.kind is AssetKind.CUSTOMS_RECORDAL:
        found.extend(_customs(tables, asset, as_of))
    elif asset.kind is AssetKind.IC_LAYOUT and asset.first_use and not asset.registration:
        found.append(
            _from_kind(tables, asset, "ic_filing", "ic_filing", {"first_use": asset.first_use}, as_of)
        )
    for event in asset.events:
        key = f"{event.kind}:{event.id}"
        found.append(_from_kind(tables, asset, event.kind, key, dict(event.inputs), as_of))
    kept = [item for item in found if item.nominal <= horizon and _lives(asset, item)]
    return sorted(kept, key=lambda item: (item.nominal, item.key))


def check_asset(asset: AssetFacts) -> None:
    """Raise `DeadlineInputError` when facts of the asset contradict each other."""
    if asset.filing and asset.grant and asset.grant < asset.filing:
        zh = wording.ASSET_ORDER.format(later="授权公告日", earlier="申请日")
        raise DeadlineInputError("grant", zh, "grant before filing")
    if asset.reduction == 85 and asset.owners > 1:
        raise DeadlineInputError("reduction", wording.JOINT_REDUCTION, "joint owners get 70, not 85")


def _lives(asset: AssetFacts, item: Obligation) -> bool:
    return asset.active if asset.ended is None else item.nominal <= asset.ended


def _patent(tables: LawTables, asset: AssetFacts, as_of: date, horizon: date) -> Iterator[Obligation]:
    right, filing = asset.kind.right_type, asset.filing
    if right is None or filing is None:
        return
    if asset.grant is None and asset.pending:
        yield from _application(tables, asset, filing, as_of)
        return
    yield from annuity_obligations(tables, asset, as_of, horizon)
    if asset.compensation_days:
        inputs: dict[str, object] = {"filing": filing, "compensation_days": asset.compensation_days}
        made = _from_kind(
            tables, asset, "annuity_compensation", "annuity_compensation", inputs, max(as_of, filing)
        )
        if made.amount:
            yield made
    if asset.grant is None or add_months(asset.grant, _REGISTRATION_MONTHS) < as_of:
        return
    yield _from_kind(
        tables, asset, "inventor_award", "inventor_award", {"grant": asset.grant, "right_type": right}, as_of
    )
    if right is RightType.INVENTION and add_years(filing, _PTA_YEARS) < asset.grant:
        made = _from_kind(tables, asset, "pta_request", "pta_request", {"grant": asset.grant}, as_of)
        yield made.model_copy(update={"optional": True})


def _application(tables: LawTables, asset: AssetFacts, filing: date, as_of: date) -> Iterator[Obligation]:
    if asset.kind is AssetKind.INVENTION and asset.exam_request is None:
        inputs: dict[str, object] = {"filing": filing, "priority": asset.priority or ""}
        inputs["reduction"] = asset.reduction or ""
        yield _from_kind(tables, asset, "exam_request", "exam_request", inputs, as_of)
    if asset.priority is None:
        kind = "paris_design" if asset.kind is AssetKind.DESIGN else "pct_filing"
        made = _from_kind(tables, asset, kind, kind, {"first_filing": filing}, as_of)
        if made.legal >= as_of:
            yield made.model_copy(update={"optional": True})


def annuity_years(tables: LawTables, asset: AssetFacts, as_of: date, horizon: date) -> list[int]:
    """Return the patent years whose annuities are open on `as_of` and due up to `horizon`."""
    right, filing = asset.kind.right_type, asset.filing
    if right is None or filing is None:
        return []
    last, _ = term_years(tables, right, filing)
    first = 2
    if asset.grant is not None:
        granted = patent_year(filing, asset.grant)
        close = due_day(filing, granted) > add_months(asset.grant, -_REGISTRATION_MONTHS)
        first = max(2, granted if close else granted + 1)
    if asset.paid_through is not None:
        first = max(first, asset.paid_through + 1)
    years = []
    for year in range(first, last + 1):
        due = due_day(filing, year)
        if due > horizon:
            break
        end = add_months(due, late_rule(tables, due).steps[-1].months)
        still_open = tables.holidays.roll(end, CalendarKind.PATENT).day >= as_of
        if still_open or asset.paid_through is not None:
            years.append(year)
    return years


def annuity_obligations(
    tables: LawTables, asset: AssetFacts, as_of: date, horizon: date
) -> Iterator[Obligation]:
    """Yield the annuities of a patent, each patent year once."""
    right, filing = asset.kind.right_type, asset.filing
    if right is None or filing is None:
        return
    granted = patent_year(filing, asset.grant) if asset.grant else None
    for year in annuity_years(tables, asset, as_of, horizon):
        due = due_day(filing, year)
        owed = annuity(
            tables,
            right,
            filing,
            year,
            grant=asset.grant,
            reduction=asset.reduction_on(due),
            open_licence=asset.open_licence or False,
            as_of=max(as_of, filing),
        )
        made = from_annuity(asset, owed)
        if year == granted:
            made = made.model_copy(update={"doubts": (tables.annuities.boundary_doubt, *made.doubts)})
        yield made


def from_annuity(asset: AssetFacts, owed: Annuity) -> Obligation:
    """Return `owed` as an obligation of `asset`."""
    made = Obligation(
        kind="annuity",
        key=f"annuity:{owed.year}",
        title_zh=owed.title,
        nominal=owed.nominal,
        legal=owed.legal,
        safe=owed.safe,
        grace_end=owed.grace_end,
        grace_legal=owed.grace_legal,
        ladder=owed.ladder,
        amount=owed.payable,
        amount_full=owed.full,
        missed=owed.lapse,
        restore_hint=owed.restoration,
        citations=owed.citations,
        confidence=owed.confidence,
        provisional=owed.provisional or owed.grace_provisional,
        doubts=owed.doubts,
    )
    return _hashed(asset, made, {"filing": str(owed.filing), "reduction": str(owed.reduction)})


def _trademark(tables: LawTables, asset: AssetFacts, as_of: date, horizon: date) -> Iterator[Obligation]:
    if asset.registration is None and asset.expiry is None:
        if asset.filing is not None and asset.priority is None:
            made = _from_kind(
                tables, asset, "paris_trademark", "paris_trademark", {"first_filing": asset.filing}, as_of
            )
            if made.legal >= as_of:
                yield made.model_copy(update={"optional": True})
        return
    for expiry in _expiries(asset, as_of, horizon):
        inputs: dict[str, object] = {
            "expiry": expiry,
            "classes": asset.classes,
            "efile": "yes" if asset.efile else "no",
        }
        yield _from_kind(tables, asset, "tm_renewal", f"tm_renewal:{expiry.year}", inputs, as_of)


def _expiries(asset: AssetFacts, as_of: date, horizon: date) -> Iterator[date]:
    """Yield the ends of terms from the first whose grace period still runs, up to `horizon`."""
    known = asset.expiry
    if known is not None:
        # A known expiry is the end of the present term: it stays open until the register shows a later one.
        yield known
        return
    registration = asset.registration
    terms = 1
    while registration is not None:
        expiry = mark_expiry(registration, terms)
        if expiry > horizon:
            return
        if add_months(expiry, 6) >= as_of:
            yield expiry
        terms += 1


def _customs(tables: LawTables, asset: AssetFacts, as_of: date) -> Iterator[Obligation]:
    approval = asset.approval or asset.registration
    if approval is not None:
        key = f"customs_recordal:{approval.year + 10}"
        yield _from_kind(tables, asset, "customs_recordal", key, {"approval": approval}, as_of)


def _from_kind(
    tables: LawTables,
    asset: AssetFacts,
    kind: str,
    key: str,
    inputs: Mapping[str, object],
    as_of: date,
) -> Obligation:
    answer = compute(tables, kind, inputs, as_of)
    if answer.nominal is None or answer.legal is None or answer.safe is None:
        zh = wording.NO_DAY.format(title=answer.title)
        raise DeadlineInputError("kind", zh, f"{kind} gives no day for these inputs")
    return from_deadline(asset, key, answer)


def from_deadline(asset: AssetFacts, key: str, answer: Deadline) -> Obligation:
    """Return a computed deadline that has a day as an obligation of `asset` under `key`."""
    if answer.nominal is None or answer.legal is None or answer.safe is None:
        raise ValueError(f"{answer.kind} has no day")
    opens = answer.window.start if answer.window and answer.window.start <= answer.nominal else None
    made = Obligation(
        kind=answer.kind,
        key=key,
        title_zh=answer.title,
        nominal=answer.nominal,
        legal=answer.legal,
        safe=answer.safe,
        opens=opens,
        grace_end=answer.grace_end,
        grace_legal=answer.grace_legal,
        amount=answer.total_payable,
        amount_full=answer.total_full,
        missed=answer.missed,
        restore_hint=answer.remedy,
        optional=answer.information,
        citations=answer.citations,
        confidence=answer.confidence,
        provisional=answer.provisional,
        doubts=answer.doubts,
    )
    return _hashed(asset, made, answer.inputs)


def _hashed(asset: AssetFacts, made: Obligation, inputs: dict[str, str]) -> Obligation:
    """Set the hash of the inputs and of what they led to: it changes exactly when the row must be sent again."""
    told = {
        "asset": asset.kind.value,
        "key": made.key,
        "inputs": inputs,
        "days": [str(day) for day in (made.nominal, made.legal, made.safe, made.grace_end, made.grace_legal)],
        "amount": made.amount,
        "provisional": made.provisional,
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    return made.model_copy(update={"inputs_hash": hashlib.sha256(text.encode()).hexdigest()})
