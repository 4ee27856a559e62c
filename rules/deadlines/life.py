"""The whole life of an asset: every obligation with its day and amount, what it costs by year, and what-ifs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from rules.citation import Citation
from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.annuity import annuity, due_day, patent_year, payment_on, term_years
from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.counting import add_months, add_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.fees import fee_amounts, total
from rules.deadlines.inputs import LAST_DAY, InputValue
from rules.deadlines.kinds import compute
from rules.deadlines.obligations import Obligation, check_asset, from_annuity, from_deadline
from rules.deadlines.renewal import mark_expiry
from rules.deadlines.tables import LawTables
from rules.money import Fen

_ONE = timedelta(days=1)


class WhatIf(BaseModel):
    """A choice to be weighed. All fields None means: everything is paid in time."""

    model_config = ConfigDict(frozen=True)

    give_up_year: int | None = None  # the annuity of this patent year and all later ones are not paid
    late_days: int | None = None  # every annuity is paid this many days after its due day
    lose_reduction_from: date | None = None  # annuities due from this day on are paid in full

    @property
    def chosen(self) -> bool:
        """Tell whether anything differs from paying in time."""
        return any(
            value is not None for value in (self.give_up_year, self.late_days, self.lose_reduction_from)
        )


class LifeLine(BaseModel):
    """One line of a life; `obligation` is None for a cost whose day is not known from these facts."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    obligation: Obligation | None
    day: date  # what the cost is booked on: the nominal day, or the day of the notice it comes with
    amount: Fen | None
    surcharge: Fen = Fen(0)
    note: str = ""

    @property
    def cost(self) -> Fen:
        """Return what is paid in all, in 分; an unknown amount counts nothing and says so in `note`."""
        return Fen((self.amount or 0) + self.surcharge)


class Life(BaseModel):
    """Everything that falls due for an asset up to a day, and what it costs."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[LifeLine, ...]
    cost_by_year: Mapping[int, Fen]  # calendar year of the booked day → 分
    total: Fen
    ends_on: date | None  # last day of protection, when it is known
    lapsed: bool  # ends earlier than the term
    citations: tuple[Citation, ...]
    provisional: bool
    notes: tuple[str, ...]


def life(
    tables: LawTables, asset: AssetFacts, until: date, as_of: date, what_if: WhatIf | None = None
) -> Life:
    """Return all obligations of `asset` from its first day to `until`, with costs.

    Raises `DeadlineInputError` when the first day is missing or the facts contradict each other.
    """
    check_asset(asset)
    start = _first_day(asset)
    if not start <= until <= LAST_DAY:
        zh = wording.UNTIL_RANGE.format(first=format_day(start), last=format_day(LAST_DAY))
        raise DeadlineInputError("to", zh, f"must be from {start} to {LAST_DAY}")
    chosen = what_if or WhatIf()
    if asset.kind.right_type is not None:
        lines, ends, lapsed, notes = _patent_life(tables, asset, as_of, chosen)
    elif asset.kind is AssetKind.TRADEMARK:
        lines, ends, lapsed, notes = _mark_life(tables, asset, until, as_of), None, False, []
    else:
        lines, ends, lapsed, notes = _other_life(tables, asset, as_of), None, False, []
    for event in asset.events:
        answer = compute(tables, event.kind, event.inputs, as_of)
        if answer.nominal is not None:
            lines.append(_line(from_deadline(asset, f"{event.kind}:{event.id}", answer)))
    kept = sorted((line for line in lines if line.day <= until), key=lambda line: (line.day, line.key))
    costs: dict[int, Fen] = {}
    for line in kept:
        costs[line.day.year] = Fen(costs.get(line.day.year, 0) + line.cost)
    cited = {str(c): c for line in kept if line.obligation for c in line.obligation.citations}
    return Life(
        lines=tuple(kept),
        cost_by_year=costs,
        total=Fen(sum(costs.values())),
        ends_on=ends,
        lapsed=lapsed,
        citations=tuple(cited.values()),
        provisional=any(line.obligation.provisional for line in kept if line.obligation),
        notes=tuple(notes),
    )


def saving(plain: Life, changed: Life) -> Fen:
    """Return what `changed` costs less than `plain`, in 分 (negative when it costs more)."""
    return Fen(plain.total - changed.total)


def _first_day(asset: AssetFacts) -> date:
    days = (asset.filing, asset.registration, asset.expiry, asset.approval, asset.grant, asset.first_use)
    known = [day for day in (*days, asset.completion) if day is not None]
    if asset.kind.right_type is not None and asset.filing is None:
        known = []
    if not known:
        message = wording.MISSING.format(label="申请日或注册日", name="filing", hint="，例如 2020-04-15")
        raise DeadlineInputError("filing", message, "missing input")
    return min(known)


def _line(made: Obligation, *, surcharge: int = 0, note: str = "") -> LifeLine:
    return LifeLine(
        key=made.key,
        title=made.title_zh,
        obligation=made,
        day=made.nominal,
        amount=made.amount,
        surcharge=Fen(surcharge),
        note=note,
    )


def _patent_life(
    tables: LawTables, asset: AssetFacts, as_of: date, chosen: WhatIf
) -> tuple[list[LifeLine], date, bool, list[str]]:
    right, filing = asset.kind.right_type, asset.filing
    if right is None or filing is None:
        raise DeadlineInputError(
            "filing", wording.NOT_A_DAY.format(label="申请日", name="filing", value=""), "missing"
        )
    lines = _prosecution(tables, asset, filing, as_of)
    years, _ = term_years(tables, right, filing)
    ends = add_years(filing, years) + timedelta(days=asset.compensation_days) - _ONE
    notes: list[str] = []
    granted = patent_year(filing, asset.grant) if asset.grant else None
    if granted is None:
        notes.append(wording.GRANT_UNKNOWN)
    if chosen.give_up_year is not None and not (granted or 1) < chosen.give_up_year <= years:
        zh = wording.GIVE_UP_RANGE.format(first=(granted or 1) + 1, last=years)
        raise DeadlineInputError("give_up_year", zh, f"must be {(granted or 1) + 1} to {years}")
    if chosen.late_days is not None and not 0 <= chosen.late_days <= 3650:
        raise DeadlineInputError("late_days", wording.LATE_DAYS_RANGE, "must be 0 to 3650")
    if granted is not None and asset.grant is not None:
        lines.append(_grant_year(tables, asset, filing, granted, asset.grant, as_of))
    for year in range((granted or 1) + 1, years + 1):
        line = _annuity_line(tables, asset, filing, year, as_of, chosen)
        if year == chosen.give_up_year or (line.obligation and line.amount is None):
            notes.append(wording.ENDS_UNPAID.format(year=year, day=format_day(line.day)))
            if year != chosen.give_up_year:
                lines.append(line)
            return lines, line.day - _ONE, True, notes
        lines.append(line)
    if asset.compensation_days:
        inputs = {"filing": filing, "compensation_days": asset.compensation_days}
        answer = compute(tables, "annuity_compensation", inputs, max(as_of, filing))
        lines.append(_line(from_deadline(asset, "annuity_compensation", answer)))
    return lines, ends, False, notes


def _annuity_line(
    tables: LawTables, asset: AssetFacts, filing: date, year: int, as_of: date, chosen: WhatIf
) -> LifeLine:
    right = asset.kind.right_type
    due = due_day(filing, year)
    lost = chosen.lose_reduction_from is not None and due >= chosen.lose_reduction_from
    owed = annuity(
        tables,
        right or "",
        filing,
        year,
        grant=asset.grant,
        reduction=0 if lost else asset.reduction_on(due),
        open_licence=asset.open_licence or False,
        as_of=max(as_of, filing, asset.grant or filing),
    )
    made = from_annuity(asset, owed)
    if chosen.late_days is None:
        return _line(made)
    paid = payment_on(owed, due + timedelta(days=chosen.late_days))
    if paid.total is None:
        return _line(made.model_copy(update={"amount": None}), note=paid.words)
    return _line(made, surcharge=paid.surcharge or 0, note=paid.words)


def _grant_year(
    tables: LawTables, asset: AssetFacts, filing: date, granted: int, grant: date, as_of: date
) -> LifeLine:
    """Return the annuity paid at registration: its day comes with the notice (细则第60、114条)."""
    right = asset.kind.right_type
    owed = annuity(
        tables,
        right or "",
        filing,
        granted,
        grant=grant,
        reduction=asset.reduction_on(grant),
        as_of=max(as_of, grant),
    )
    return LifeLine(
        key=f"annuity:{granted}",
        title=owed.title,
        obligation=None,
        day=grant,
        amount=owed.payable,
        note=wording.GRANT_YEAR_NOTE,
    )


def _prosecution(tables: LawTables, asset: AssetFacts, filing: date, as_of: date) -> list[LifeLine]:
    today = max(as_of, filing)
    right = asset.kind.right_type
    fee_inputs: dict[str, object] = {
        "filing": filing,
        "right_type": right or "",
        "reduction": asset.reduction or "",
    }
    lines = [_line(from_deadline(asset, "filing_fee", compute(tables, "filing_fee", fee_inputs, today)))]
    if asset.kind is AssetKind.INVENTION:
        inputs: dict[str, object] = {
            "filing": filing,
            "priority": asset.priority or "",
            "reduction": asset.reduction or "",
        }
        asked = _line(from_deadline(asset, "exam_request", compute(tables, "exam_request", inputs, today)))
        # A granted application was examined: its fee was paid by then, whatever the last day would have been.
        done = asset.exam_request or asset.grant
        lines.append(asked.model_copy(update={"day": min(asked.day, done)}) if done else asked)
    return lines


def _mark_life(tables: LawTables, asset: AssetFacts, until: date, as_of: date) -> list[LifeLine]:
    efile = "yes" if asset.efile else "no"
    lines = []
    if asset.registration is not None:
        values: dict[str, InputValue] = {"classes": asset.classes, "efile": efile}
        _, payable = total(fee_amounts(tables, ("tm_application",), values, asset.registration))
        lines.append(
            LifeLine(
                key="tm_application",
                title="商标注册申请费",
                obligation=None,
                day=asset.filing or asset.registration,
                amount=payable,
            )
        )
    terms = 1
    while True:
        if asset.registration is not None:
            expiry = mark_expiry(asset.registration, terms)
        elif asset.expiry is not None:
            expiry = add_months(asset.expiry, 120 * (terms - 1))
        else:
            return lines
        if expiry > until:
            return lines
        inputs: dict[str, object] = {"expiry": expiry, "classes": asset.classes, "efile": efile}
        answer = compute(tables, "tm_renewal", inputs, as_of)
        lines.append(_line(from_deadline(asset, f"tm_renewal:{expiry.year}", answer)))
        terms += 1


def _other_life(tables: LawTables, asset: AssetFacts, as_of: date) -> list[LifeLine]:
    asked: list[tuple[str, dict[str, object]]] = []
    if asset.kind is AssetKind.CUSTOMS_RECORDAL and (asset.approval or asset.registration):
        asked.append(("customs_recordal", {"approval": asset.approval or asset.registration}))
    elif asset.kind is AssetKind.IC_LAYOUT:
        days = {"filing": asset.filing, "first_use": asset.first_use, "completion": asset.completion}
        asked.append(("ic_term", {name: day for name, day in days.items() if day}))
    elif asset.kind in (AssetKind.SOFTWARE, AssetKind.COPYRIGHT) and (asset.publication or asset.completion):
        kind = "software_term" if asset.kind is AssetKind.SOFTWARE else "copyright_term_org"
        days = {"first_publication": asset.publication, "completion": asset.completion}
        asked.append((kind, {name: day for name, day in days.items() if day}))
    lines = []
    for kind, inputs in asked:
        answer = compute(tables, kind, inputs, as_of)
        if answer.nominal is not None:
            lines.append(_line(from_deadline(asset, kind, answer)))
    return lines
