"""Everything the author of a document is told before it is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from rules.assess import NodeKind, assess
from rules.decide import MAX_CASES, leaves, thresholds
from rules.document import DecisionTable, RuleDocument, Score
from rules.errors import RulesError
from rules.facts import FactDictionary
from rules.form import Document
from rules.mutation import check_mutations
from rules.possible import Truth
from rules.scores import score
from rules.selftest import Finding, finding, run_tests, test_facts
from rules.table_checks import check_table
from rules.tables import decide
from rules.tree import Condition, walk
from rules.wellformed import check_facts, expressions_of
from rules.yaml_text import Path

SOON: Final = timedelta(days=30)
MAX_CONDITIONS: Final = 400
MAX_CASES_TRIED: Final = 150_000
MAX_WORK: Final = 25_000  # conditions times inline tests: what is run again and again must end soon
_WANTED: Final = {Truth.TRUE: "通过", Truth.FALSE: "不通过", Truth.UNKNOWN: "未知"}


def check_document(
    document: RuleDocument | DecisionTable | Score, dictionary: FactDictionary
) -> list[Finding]:
    """Return all findings that do not depend on the day, in the order of the file; empty when all is well."""
    if too_much := _too_much(document):
        return [finding(document, ("tests",), too_much, "拆成几份文件")]
    found = [*check_facts(document, dictionary), *check_periods(document), *run_tests(document, dictionary)]
    if not found:  # what follows runs the tests again and again: they must pass first
        found += check_coverage(document, dictionary)
        if isinstance(document, DecisionTable):
            found += check_table(document, dictionary)
        if not isinstance(document, Score):
            found += check_mutations(document, dictionary)
    return sorted(found, key=lambda item: (item.line, item.column))


def _too_much(document: RuleDocument | DecisionTable | Score) -> str:
    """Say what is too much to be checked in a second or two; empty when nothing is."""
    conditions, tests = sum(1 for _ in expressions_of(document)), len(document.tests)
    if conditions > MAX_CONDITIONS:
        return f"有{conditions}个条件和算式，一份文件最多{MAX_CONDITIONS}个"
    if conditions * tests > MAX_WORK:
        return f"条件和测试太多（{conditions}×{tests}，不能超过{MAX_WORK}）"
    if isinstance(document, RuleDocument) and (cost := _cost(document) * tests) > MAX_CASES_TRIED:
        return f"同一个事实比较得太多，测试要试{cost}次，不能超过{MAX_CASES_TRIED}次"
    return ""


def _cost(rule: RuleDocument) -> int:
    """Return how often a test may look at a condition: once for each case of the facts that are compared often."""
    cost = 0
    for version in rule.versions:
        tests = list(leaves(version.require.formal))
        times = Counter(name for test in tests for name in test.facts)
        cases = sum(2 * len(thresholds(name, tests)) + 1 for name, count in times.items() if count > 1)
        cost += len(tests) * (1 + min(cases, MAX_CASES))
    return cost


def check_periods(document: Document) -> list[Finding]:
    """Return versions that overlap or leave a hole, and windows outside their version's validity."""
    found: list[Finding] = []
    for number, (earlier, later) in enumerate(zip(document.periods, document.periods[1:], strict=False), 1):
        path: Path = ("versions", number, "valid")
        if earlier.valid.end is None or later.valid.start is None or later.valid.start <= earlier.valid.end:
            found.append(finding(document, path, "和前一个版本的有效期重叠", "让两个版本首尾相接"))
        elif later.valid.start != earlier.valid.next_day:
            mend = f"从 {earlier.valid.next_day} 开始，或写明为什么中断"
            found.append(finding(document, path, "和前一个版本之间有空档", mend))
    if isinstance(document, RuleDocument):
        found += _check_windows(document)
    return found


def _check_windows(rule: RuleDocument) -> Iterator[Finding]:
    for number, version in enumerate(rule.versions):
        for place, window in enumerate(version.windows):
            days = [day for day in (window.start, window.end) if day]
            if not all(version.valid.holds(day) for day in days):
                path: Path = ("versions", number, "windows", place)
                yield finding(rule, path, f"申报窗口“{window.name}”超出版本的有效期", "核对两处日期")


def check_expiry(document: Document, today: date) -> list[Finding]:
    """Return what is due for review or runs out within 30 days, with nothing after it."""
    found: list[Finding] = []
    if document.review_by <= today + SOON:
        found.append(
            finding(document, ("review_by",), f"应在{document.review_by}前复核", "核对来源后改写 review_by")
        )
    last = document.periods[-1].valid.end
    if last is not None and today <= last <= today + SOON:
        path: Path = ("versions", len(document.periods) - 1, "valid", "to")
        found.append(finding(document, path, f"{last}到期，之后没有版本", "查有没有新办法，补下一个版本"))
    return found


def check_coverage(
    document: RuleDocument | DecisionTable | Score, dictionary: FactDictionary
) -> list[Finding]:
    """Return nodes without a passing, a failing and an unknown test; rows never hit; purposes never scored."""
    match document:
        case RuleDocument():
            return list(_uncovered_nodes(document, dictionary))
        case DecisionTable():
            return list(_uncovered_rows(document, dictionary))
        case Score():
            return list(_uncovered_purposes(document, dictionary))


def _uncovered_nodes(rule: RuleDocument, dictionary: FactDictionary) -> Iterator[Finding]:
    seen: set[tuple[int, str, Truth]] = set()
    for test in rule.tests:
        try:
            result = assess(rule, test_facts(test, dictionary), test.as_of, dictionary)
        except RulesError:
            continue  # reported by run_tests
        nodes = (node for node in result.trace if node.kind is NodeKind.CONDITION)
        seen.update((result.version, node.id, node.truth) for node in nodes if result.version is not None)
    for number, version in enumerate(rule.versions):
        for path, node in walk(version.require, ("versions", number, "require")):
            if isinstance(node, Condition):
                lacking = [word for truth, word in _WANTED.items() if (number, node.id, truth) not in seen]
                if lacking:
                    yield finding(
                        rule, path, f"条件“{node.id}”没有{'、'.join(lacking)}的测试", "在 tests 里补上"
                    )


def _uncovered_rows(table: DecisionTable, dictionary: FactDictionary) -> Iterator[Finding]:
    seen: set[tuple[int, str]] = set()
    for test in table.tests:
        try:
            result = decide(table, test_facts(test, dictionary), test.as_of, dictionary)
        except RulesError:
            continue  # reported by run_tests
        seen.update((result.version, hit.row) for hit in result.hits if result.version is not None)
    for number, version in enumerate(table.versions):
        for place, row in enumerate(version.rows):
            if (number, row.id) not in seen:
                yield finding(
                    table, ("versions", number, "rows", place), f"“{row.id}”这一行没有测试", "在 tests 里补上"
                )


def _uncovered_purposes(form: Score, dictionary: FactDictionary) -> Iterator[Finding]:
    seen: set[tuple[str, bool]] = set()
    for test in form.tests:
        try:
            result = score(form, test_facts(test, dictionary), test.as_of, dictionary, test.purpose or None)
        except RulesError:
            continue  # reported by run_tests
        seen.add((result.purpose, result.total is not None))
    for number, version in enumerate(form.versions):
        for name in version.purposes:
            for exact, word in ((True, "算出总分"), (False, "资料不全")):
                if (name, exact) not in seen:
                    path: Path = ("versions", number, "purposes", name)
                    yield finding(form, path, f"用途“{name}”没有{word}的测试", "在 tests 里补上")
