"""Run the tests that a knowledge document carries, and report what does not come out as expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from rules.assess import assess
from rules.document import DecisionTable, RuleDocument, Score
from rules.errors import FactError, RulesError
from rules.facts import FactDictionary, Facts
from rules.form import Document, InlineTest
from rules.yaml_text import Path, dotted, nearest


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a document: where, what, and a proposed mend. Chinese, for the author."""

    line: int
    column: int
    field: str
    message: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.line}:{self.column} {self.field}: {self.message}" + (
            f"（建议：{self.mend}）" if self.mend else ""
        )


def finding(document: Document, path: Path, message: str, mend: str = "") -> Finding:
    """Return the finding for a part of the document."""
    line, column = document.place(path)
    return Finding(line, column, dotted(path), message, mend)


def test_facts(test: InlineTest, dictionary: FactDictionary) -> Facts:
    """Return the facts of an inline test. Raises FactError."""
    facts = dictionary.facts(test.facts)
    for name in test.declined:
        facts = facts.declined(name)
    for name in test.not_applicable:
        facts = facts.not_applicable(name)
    return facts


def run_tests(document: RuleDocument | DecisionTable | Score, dictionary: FactDictionary) -> list[Finding]:
    """Return a finding for every inline test that does not come out as expected; empty when all pass."""
    return [
        problem for index in range(len(document.tests)) for problem in run_test(document, index, dictionary)
    ]


def run_test(
    document: RuleDocument | DecisionTable | Score, index: int, dictionary: FactDictionary
) -> list[Finding]:
    """Return what is wrong with one inline test."""
    test = document.tests[index]
    path: Path = ("tests", index)
    try:
        facts = test_facts(test, dictionary)
        differences = list(differences_of(document, test, facts, dictionary))
    except FactError as error:
        mend = nearest(error.fact, dictionary)
        return [finding(document, (*path, "facts", error.fact), f"测试“{test.name}”：{error.message}", mend)]
    except RulesError as error:
        return [finding(document, path, f"测试“{test.name}”算不出结果：{error}")]
    return [
        finding(document, (*path, "expect", field), f"测试“{test.name}”：应为 {wanted}，得到 {got}")
        for field, wanted, got in differences
    ]


def differences_of(
    document: RuleDocument | DecisionTable | Score, test: InlineTest, facts: Facts, dictionary: FactDictionary
) -> Iterator[tuple[str, str, str]]:
    """Yield (field, wanted, got) for each expectation that is not met."""
    results = _results(document, test, facts, dictionary)
    for field in sorted(test.expect.model_fields_set):
        wanted = getattr(test.expect, field)
        if field not in results:
            yield field, str(wanted), "这种文档没有这个结果"
            continue
        got = results[field]()
        if not _same(wanted, got):
            yield field, _shown(wanted), _shown(got)


def _results(
    document: RuleDocument | DecisionTable | Score, test: InlineTest, facts: Facts, dictionary: FactDictionary
) -> dict[str, Callable[[], object]]:
    if isinstance(document, RuleDocument):
        return _rule_results(document, test, facts, dictionary)
    if isinstance(document, DecisionTable):
        return _table_results(document, test, facts, dictionary)
    return _score_results(document, test, facts, dictionary)


def _rule_results(
    document: RuleDocument, test: InlineTest, facts: Facts, dictionary: FactDictionary
) -> dict[str, Callable[[], object]]:
    result = assess(document, facts, test.as_of, dictionary)
    amounts = result.amount_range
    return {
        "status": lambda: result.status.value,
        "because": lambda: result.because,
        "missing": lambda: result.missing,
        "declined": lambda: result.declined,
        "window": lambda: result.window.name if result.window else None,
        "next_window": lambda: result.next_window.name if result.next_window else None,
        "amount": lambda: _yuan(result.amount),
        "amount_range": lambda: (_yuan(amounts[0]), _yuan(amounts[1])) if amounts else None,
        "capped": lambda: result.capped,
    }


def _table_results(
    document: DecisionTable, test: InlineTest, facts: Facts, dictionary: FactDictionary
) -> dict[str, Callable[[], object]]:
    from rules.tables import decide

    result = decide(document, facts, test.as_of, dictionary)
    return {
        "status": lambda: result.status.value,
        "rows": lambda: tuple(hit.row for hit in result.hits),
        "missing": lambda: result.missing,
        "declined": lambda: result.declined,
        "outputs": lambda: result.outputs_as_written(document),
    }


def _score_results(
    document: Score, test: InlineTest, facts: Facts, dictionary: FactDictionary
) -> dict[str, Callable[[], object]]:
    from rules.scores import score

    result = score(document, facts, test.as_of, dictionary, purpose=test.purpose or None)
    return {
        "status": lambda: result.status.value,
        "missing": lambda: result.missing,
        "declined": lambda: result.declined,
        "total": lambda: result.total,
        "total_range": lambda: result.total_range,
        "dimensions": lambda: {axis.id: axis.points for axis in result.dimensions},
        "level": lambda: result.level.id if result.level else None,
    }


def _yuan(fen: int | None) -> Fraction | None:
    return None if fen is None else Fraction(fen, 100)


def _same(wanted: object, got: object) -> bool:
    if isinstance(wanted, dict) and isinstance(got, dict):
        return all(name in got and _same(value, got[name]) for name, value in wanted.items())
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        return len(wanted) == len(got) and all(_same(*pair) for pair in zip(wanted, got, strict=True))
    if isinstance(wanted, int | Decimal) and isinstance(got, int | Decimal | Fraction):
        return isinstance(wanted, bool) is isinstance(got, bool) and Fraction(wanted) == Fraction(got)
    return wanted == got


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, Fraction):
        return str(value.numerator if value.denominator == 1 else float(value))
    return str(value)
