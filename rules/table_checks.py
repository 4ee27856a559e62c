"""Check decision tables over every region of their facts: gaps, overlaps, rows that can never count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from rules.decide import leaves, reduce, split, unknown_facts
from rules.document import DecisionTable
from rules.evaluate import Environment
from rules.facts import FactDictionary, Facts
from rules.possible import Exactly, OneOf, Possible, Span, Subset, Truth
from rules.prose import format_plain
from rules.selftest import Finding, finding
from rules.table_form import HitPolicy, Row, TableVersion
from rules.tree import Formal
from rules.yaml_text import Path

MAX_REGIONS: Final = 5_000
MAX_WORK: Final = 60_000  # rows times regions
MAX_SHOWN: Final = 3
MAX_OVERLAPS: Final = 20  # shown of one version: more are one mistake


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the space of facts in which the truth of every row is the same."""

    cases: Mapping[str, Possible]
    truths: Mapping[str, Truth]

    def __str__(self) -> str:
        """Return the region in Chinese: `从业人数低于20；营业收入1,000,000`."""
        return "；".join(f"{name}{_case_words(case)}" for name, case in self.cases.items()) or "任何情形"


def check_table(table: DecisionTable, dictionary: FactDictionary) -> list[Finding]:
    """Return gaps (of a table said to be complete), forbidden overlaps, and rows that can never count."""
    found: list[Finding] = []
    for number, version in enumerate(table.versions):
        path: Path = ("versions", number, "rows")
        as_of = version.valid.start or version.valid.end or date(2026, 1, 1)
        most = min(MAX_REGIONS, MAX_WORK // len(version.rows))
        regions = list(_regions(table, number, Environment(Facts(), as_of, dictionary), most))
        if len(regions) > most:
            found.append(finding(table, path, f"情形超过{most}种，查不完空档和重叠", "拆成几张表"))
            continue
        found += _gaps(table, version, path, regions)
        found += _overlaps(table, version, path, regions)
        found += _dead_rows(table, version, path, regions)
    return found


def _regions(table: DecisionTable, number: int, environment: Environment, most: int) -> Iterator[Region]:
    rows = [row for row in table.versions[number].rows if not row.otherwise]
    trees: dict[str, Truth | Formal] = {row.id: table.trees[number][row.id].formal for row in rows}
    yield from _Divider(most).divide(trees, environment, {})


class _Divider:
    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0

    def divide(
        self, trees: Mapping[str, Truth | Formal], environment: Environment, cases: Mapping[str, Possible]
    ) -> Iterator[Region]:
        if self.count > self.most:
            return  # said to be too many: not looked at
        rests = {
            row: tree if isinstance(tree, Truth) else reduce(tree, environment) for row, tree in trees.items()
        }
        tests = [test for rest in rests.values() if not isinstance(rest, Truth) for test in leaves(rest)]
        names = Counter(name for test in tests for name in unknown_facts(test, environment))
        for name, _ in names.most_common():
            pieces = split(name, environment.possible(name), tests)
            if len(pieces) > 1:
                for piece in pieces:
                    yield from self.divide(rests, environment.supposing(name, piece), {**cases, name: piece})
                return
        self.count += 1
        yield Region(
            cases, {row: rest if isinstance(rest, Truth) else Truth.UNKNOWN for row, rest in rests.items()}
        )


def _gaps(
    table: DecisionTable, version: TableVersion, path: Path, regions: list[Region]
) -> Iterator[Finding]:
    if not table.complete or any(row.otherwise for row in version.rows):
        return
    gaps = [region for region in regions if all(truth is Truth.FALSE for truth in region.truths.values())]
    for region in gaps[:MAX_SHOWN]:
        mend = "补一行，或加 else: true，或写 complete: false"
        yield finding(table, path, f"空档：{region}时没有一行成立", mend)


def _overlaps(
    table: DecisionTable, version: TableVersion, path: Path, regions: list[Region]
) -> Iterator[Finding]:
    if table.hit not in (HitPolicy.UNIQUE, HitPolicy.ANY):
        return
    rows = {row.id: (place, row) for place, row in enumerate(version.rows)}
    reported: set[tuple[str, str]] = set()
    for region in regions:
        holding = [name for name, truth in region.truths.items() if truth is Truth.TRUE]
        for index, first in enumerate(holding):
            for second in holding[index + 1 :]:
                same = rows[first][1].then == rows[second][1].then
                if (first, second) in reported or (same and table.hit is HitPolicy.ANY):
                    continue
                if len(reported) == MAX_OVERLAPS:
                    return
                reported.add((first, second))
                message = f"重叠：{region}时“{first}”和“{second}”两行同时成立"
                yield finding(table, (*path, rows[second][0]), message, "收紧其中一行，或改用 hit: first")


def _dead_rows(
    table: DecisionTable, version: TableVersion, path: Path, regions: list[Region]
) -> Iterator[Finding]:
    order = [row for row in version.rows if not row.otherwise]
    for place, row in enumerate(version.rows):
        if row.otherwise:
            shadowed = all(any(truth is Truth.TRUE for truth in region.truths.values()) for region in regions)
        elif all(region.truths[row.id] is Truth.FALSE for region in regions):
            yield finding(table, (*path, place), f"“{row.id}”这一行不可能成立", "检查条件是否互相矛盾")
            continue
        else:
            shadowed = table.hit is HitPolicy.FIRST and all(
                region.truths[row.id] is Truth.FALSE or _taken_before(region, order, row)
                for region in regions
            )
        if shadowed:
            yield finding(table, (*path, place), f"“{row.id}”这一行总被前面的行挡住", "移到前面或删去")


def _taken_before(region: Region, order: list[Row], row: Row) -> bool:
    before = order[: order.index(row)]
    return any(region.truths[other.id] is Truth.TRUE for other in before)


def _case_words(case: Possible) -> str:
    match case:
        case Exactly(value):
            return f"为{format_plain(value)}"
        case OneOf(values):
            return f"为{'、'.join(sorted(map(format_plain, values)))}之一"
        case Span(low, high, low_open, high_open):
            lowest = "" if _is_endless(low) else f"{'大于' if low_open else '不小于'}{format_plain(low)}"
            highest = "" if _is_endless(high) else f"{'小于' if high_open else '不大于'}{format_plain(high)}"
            return "且".join(filter(None, (lowest, highest))) or "为任意值"
        case Subset(must, may):
            return f"含{format_plain(must)}，不超出{format_plain(may)}"
        case _:
            return "为任意值"


def _is_endless(bound: int | float | Fraction | date) -> bool:
    return isinstance(bound, float) or bound in (date.min, date.max)
