"""1,000,000 assets → all obligations of the next 24 months: the vectorised path and the plain one.

    python benchmarks/deadlines.py [assets]

Answers are compared before anything is timed: a fast wrong day is worth nothing. Prints one line a path.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from knowledge.law_tables import load_law_tables
from rules.deadlines.assets import AssetFacts
from rules.deadlines.batch import KINDS, BatchObligations, Columns, Due
from rules.deadlines.obligations import obligations_of
from rules.deadlines.tables import LawTables

AS_OF, HORIZON = date(2026, 11, 20), date(2028, 11, 20)
COMPARED = 4_000
CHUNK = 100_000
KEPT = ("annuity", "tm_renewal", "customs_recordal")


def random_columns(count: int, seed: int) -> Columns:
    """Return assets as a big agency has them: mostly patents, some without a grant day, some reduced."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(5, size=count, p=[0.35, 0.3, 0.12, 0.2, 0.03]).astype(np.int8)
    start = rng.integers(date(2007, 1, 1).toordinal(), date(2026, 6, 1).toordinal(), count).astype(np.int32)
    wait = rng.integers(120, 1800, count)
    grant = np.minimum(start + wait, AS_OF.toordinal()).astype(np.int32)
    grant[(rng.random(count) < 0.1) | (kind >= 3)] = 0
    reduction = rng.choice([0, 70, 85], size=count).astype(np.int32)
    reduction[kind >= 3] = 0
    paid = np.zeros(count, dtype=np.int32)
    known = (rng.random(count) < 0.5) & (kind < 3)
    elapsed = (AS_OF.toordinal() - start) // 366
    paid[known] = np.maximum(elapsed, 0)[known]
    classes = rng.integers(1, 4, count).astype(np.int32)
    return Columns(kind, start, grant, reduction, paid, classes)


def as_facts(columns: Columns, index: int) -> AssetFacts:
    """Return one asset of the columns as the plain path takes it."""
    start = date.fromordinal(int(columns.start[index]))
    kind = KINDS[int(columns.kind[index])]
    grant = int(columns.grant[index])
    if kind.right_type is None:
        named = "registration" if kind.value == "trademark" else "approval"
        return AssetFacts.model_validate({"kind": kind, named: start, "classes": int(columns.classes[index])})
    return AssetFacts(
        kind=kind,
        filing=start,
        grant=date.fromordinal(grant) if grant else None,
        reduction=int(columns.reduction[index]),
        paid_through=int(columns.paid_through[index]) or None,
    )


def plain(tables: LawTables, columns: Columns, index: int) -> list[tuple[int, ...]]:
    """Return the obligations of one asset by the plain path, in the form of the columns."""
    told = []
    for item in obligations_of(tables, as_facts(columns, index), AS_OF, HORIZON):
        if item.kind in KEPT:
            days = (item.nominal, item.legal, item.safe)
            grace = item.grace_end.toordinal() if item.grace_end else 0
            amount = -1 if item.amount is None else item.amount
            number = int(item.key.partition(":")[2])
            told.append((number, *(day.toordinal() for day in days), grace, amount))
    return told


def batched(due: Due, count: int) -> list[list[tuple[int, ...]]]:
    """Return the obligations by asset."""
    told: list[list[tuple[int, ...]]] = [[] for _ in range(count)]
    columns = (due.number, due.nominal, due.legal, due.safe, due.grace_end, due.amount)
    for place in range(len(due)):
        told[int(due.asset[place])].append(tuple(int(column[place]) for column in columns))
    return told


def piece(columns: Columns, first: int, last: int) -> Columns:
    """Return some of the assets."""
    cut = slice(first, last)
    return Columns(
        columns.kind[cut],
        columns.start[cut],
        columns.grant[cut],
        columns.reduction[cut],
        columns.paid_through[cut],
        columns.classes[cut],
    )


def compare(tables: LawTables, count: int = COMPARED, seed: int = 7) -> int:
    """Return how many obligations agree. Raises AssertionError for the first asset whose answers differ."""
    columns = random_columns(count, seed)
    fast = batched(BatchObligations(tables, AS_OF, HORIZON).of(columns), count)
    agreed = 0
    for index in range(count):
        wanted = plain(tables, columns, index)
        if fast[index] != wanted:
            raise AssertionError(
                f"{as_facts(columns, index)!r}\nvectorised {fast[index]}\nplain      {wanted}"
            )
        agreed += len(wanted)
    return agreed


def main() -> None:
    """Compare, then time both paths on one core."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    tables = load_law_tables(Path(__file__).parents[1] / "knowledge")
    started = time.perf_counter()
    agreed = compare(tables)
    spent = time.perf_counter() - started
    print(f"answers: {agreed:,} obligations of {COMPARED:,} assets agree ({spent:.1f} s)")
    columns = random_columns(count, 1)
    started = time.perf_counter()
    batch = BatchObligations(tables, AS_OF, HORIZON)
    found = sum(len(batch.of(piece(columns, at, at + CHUNK))) for at in range(0, count, CHUNK))
    spent = time.perf_counter() - started
    print(
        f"vectorised: {count:,} assets, {found:,} obligations in {spent:.2f} s = {count / spent:,.0f} assets/s"
    )
    sample = min(count, 5_000)
    started = time.perf_counter()
    told = sum(len(plain(tables, columns, index)) for index in range(sample))
    spent = time.perf_counter() - started
    print(f"plain: {sample:,} assets, {told:,} obligations in {spent:.2f} s = {sample / spent:,.0f} assets/s")


if __name__ == "__main__":
    main()
