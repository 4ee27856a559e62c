"""Turn each comparison of a document round, one at a time: some inline test must notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from rules import syntax
from rules.amount_form import Amount, Let, LetTable
from rules.bracket_form import Brackets
from rules.document import DecisionTable, RuleDocument, RuleVersion
from rules.expressions import Expression
from rules.facts import FactDictionary
from rules.selftest import Finding, finding, run_test, test_facts
from rules.syntax import Comparison
from rules.tables import decide
from rules.tree import AllOf, AnyOf, AtLeast, Condition, NotOf, TreeNode
from rules.wellformed import expressions_of
from rules.yaml_text import Path

MAX_WORK: Final = (
    120_000  # conditions worked out by inline tests, over all changed documents: a second or two
)
_BOUNDARY = {
    Comparison.LESS: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.LESS,
    Comparison.MORE: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.MORE,
}
Mutant = tuple[Path, str, RuleDocument | DecisionTable]  # where, what was changed, the changed document


def check_mutations(
    document: RuleDocument | DecisionTable, dictionary: FactDictionary, *, boundaries: bool = False
) -> list[Finding]:
    """Return a finding for every turned comparison that all inline tests still pass.

    With `boundaries` also for every `>=` that may become `>` unnoticed: is there a test exactly on the threshold?
    """
    found: list[Finding] = []
    order = list(range(len(document.tests)))
    reaching = _reaching(document, dictionary)
    runs, most = 0, MAX_WORK // max(1, sum(1 for _ in expressions_of(document)))
    for path, changed, mutant in mutants(document, boundaries=boundaries):
        killer = None
        # The tests that reach the changed row are likely to notice, and so is the one that noticed the last change.
        near = reaching.get(path[:4], set())
        for index in sorted(order, key=lambda index: index not in near):
            runs += 1
            if run_test(mutant, index, dictionary):
                killer = index
                break
        if runs > most:
            message = f"条件和测试太多，试了{most}次还没试完"
            return [*found, finding(document, ("tests",), message, "拆成几份文件")]
        if killer is None:
            message = f"把“{changed}”反过来，没有一条测试发现"
            found.append(finding(document, path, message, "补一条恰好区分它的测试"))
        else:
            order.remove(killer)
            order.insert(0, killer)
    return found


def _reaching(document: RuleDocument | DecisionTable, dictionary: FactDictionary) -> dict[Path, set[int]]:
    """Return for each row of a table the tests in which it holds."""
    reaching: dict[Path, set[int]] = {}
    if not isinstance(document, DecisionTable):
        return reaching
    places = [{row.id: place for place, row in enumerate(version.rows)} for version in document.versions]
    for index, test in enumerate(document.tests):
        result = decide(document, test_facts(test, dictionary), test.as_of, dictionary)
        for hit in result.hits if result.version is not None else ():
            path: Path = ("versions", result.version or 0, "rows", places[result.version or 0][hit.row])
            reaching.setdefault(path, set()).add(index)
    return reaching


def mutants(document: RuleDocument | DecisionTable, *, boundaries: bool = False) -> Iterator[Mutant]:
    """Yield the document with one comparison changed at a time."""
    if isinstance(document, DecisionTable):
        yield from _of_table(document, boundaries)
        return
    for number, version in enumerate(document.versions):
        for path, changed, mutant in _of_version(version, ("versions", number), boundaries):
            versions = (*document.versions[:number], mutant, *document.versions[number + 1 :])
            yield path, changed, document.model_copy(update={"versions": versions})


def _of_version(
    version: RuleVersion, path: Path, boundaries: bool
) -> Iterator[tuple[Path, str, RuleVersion]]:
    for place, changed, tree in _of_tree(version.require, (*path, "require"), boundaries):
        yield place, changed, version.model_copy(update={"require": tree})
    if version.amount:
        for place, changed, amount in _of_amount(version.amount, (*path, "amount"), boundaries):
            yield place, changed, version.model_copy(update={"amount": amount})


def _of_tree(node: TreeNode, path: Path, boundaries: bool) -> Iterator[tuple[Path, str, TreeNode]]:
    if isinstance(node, Condition):
        for changed, test in turned(node.test, boundaries):
            yield (*path, "if"), changed, node.model_copy(update={"test": test})
        return
    for index, part in enumerate(node.parts):
        step: Path = (*path, "not") if isinstance(node, NotOf) else (*path, _FIELD[type(node)], index)
        for place, changed, mutant in _of_tree(part, step, boundaries):
            yield place, changed, _with_part(node, index, mutant)


_FIELD: dict[type, str] = {AllOf: "all", AnyOf: "any", AtLeast: "of"}


def _with_part(node: AllOf | AnyOf | NotOf | AtLeast, index: int, part: TreeNode) -> TreeNode:
    """A fresh node, so that nothing computed from the old parts is kept."""
    if isinstance(node, NotOf):
        return NotOf.model_construct(id=node.id, cite=node.cite, part=part)
    parts = (*node.parts[:index], part, *node.parts[index + 1 :])
    if isinstance(node, AtLeast):
        return AtLeast.model_construct(id=node.id, cite=node.cite, count=node.count, parts=parts)
    return type(node).model_construct(id=node.id, cite=node.cite, parts=parts)


def _of_amount(amount: Amount, path: Path, boundaries: bool) -> Iterator[tuple[Path, str, Amount]]:
    for name, let in amount.let.items():
        for place, changed, mutant in _of_let(let, (*path, "let", name), boundaries):
            yield place, changed, amount.model_copy(update={"let": {**amount.let, name: mutant}})
    if amount.formula:
        for changed, formula in turned(amount.formula, boundaries):
            yield (*path, "formula"), changed, amount.model_copy(update={"formula": formula})
    for field, limit in (("cap", amount.cap), ("floor", amount.floor)):
        if limit:
            for changed, value in turned(limit.value, boundaries):
                update = {field: limit.model_copy(update={"value": value})}
                yield (*path, field, "value"), changed, amount.model_copy(update=update)


def _of_let(let: Let, path: Path, boundaries: bool) -> Iterator[tuple[Path, str, Let]]:
    if isinstance(let, Expression):
        for changed, mutant in turned(let, boundaries):
            yield path, changed, mutant
        return
    if isinstance(let, Brackets):
        yield from _of_brackets(let, path)
        return
    for index, row in enumerate(let.table):
        if row.test is None:
            continue
        for changed, test in turned(row.test, boundaries):
            rows = (*let.table[:index], row.model_copy(update={"test": test}), *let.table[index + 1 :])
            yield (*path, "table", index, "if"), changed, LetTable.model_construct(table=rows)


def _of_brackets(brackets: Brackets, path: Path) -> Iterator[tuple[Path, str, Let]]:
    """Turn the sign of what each bracket gives: is there a test that reaches it?"""
    for index, row in enumerate(brackets.rows):
        for field, given in (("rate", row.rate), ("fixed", row.fixed)):
            if given is None or given.root == syntax.Literal(0):
                continue
            root = syntax.Arithmetic(syntax.Operator.SUBTRACT, syntax.Literal(0), given.root)
            changed = row.model_copy(update={field: replace(given, root=root)})
            rows = (*brackets.rows[:index], changed, *brackets.rows[index + 1 :])
            yield (*path, "rows", index, field), given.source, brackets.model_copy(update={"rows": rows})


def _of_table(table: DecisionTable, boundaries: bool) -> Iterator[Mutant]:
    for number, version in enumerate(table.versions):
        for place, row in enumerate(version.rows):
            if row.otherwise:
                continue
            path: Path = ("versions", number, "rows", place)
            for _, changed, tree in _of_tree(table.trees[number][row.id], path, boundaries):
                mutant = table.model_copy()
                trees = list(table.trees)
                trees[number] = {**trees[number], row.id: tree}
                mutant.__dict__["trees"] = tuple(trees)  # what the frozen model would compute from its rows
                yield path, changed, mutant


def turned(expression: Expression, boundaries: bool = False) -> Iterator[tuple[str, Expression]]:
    """Yield the expression with one comparison turned at a time, and what was turned."""
    for root in _turn(expression.root, boundaries):
        yield expression.source, replace(expression, root=root)


def _turn(node: syntax.Node, boundaries: bool) -> Iterator[syntax.Node]:
    match node:
        case syntax.Compare(operator, left, right):
            yield replace(node, operator=operator.opposite)
            if boundaries and operator in _BOUNDARY:
                yield replace(node, operator=_BOUNDARY[operator])
            for part in _turn(left, boundaries):
                yield replace(node, left=part)
            for part in _turn(right, boundaries):
                yield replace(node, right=part)
        case syntax.Overlap():
            yield syntax.Not(node)
        case syntax.Not(item):
            inner = list(_turn(item, boundaries))
            yield from (syntax.Not(part) for part in inner)
            if not inner:
                yield item
        case syntax.And(items) | syntax.Or(items):
            for index, item in enumerate(items):
                for part in _turn(item, boundaries):
                    yield replace(node, items=(*items[:index], part, *items[index + 1 :]))
        case syntax.Arithmetic(_, left, right):
            for part in _turn_number(left, boundaries):
                yield replace(node, left=part)
            for part in _turn_number(right, boundaries):
                yield replace(node, right=part)
        case syntax.Choose(test, then, otherwise):
            for part in _turn(test, boundaries):
                yield replace(node, test=part)
            for part in _turn_number(then, boundaries):
                yield replace(node, then=part)
            for part in _turn_number(otherwise, boundaries):
                yield replace(node, otherwise=part)
        case syntax.Call(function, arguments):
            if function == "has":
                yield syntax.Not(node)
                return
            for index, argument in enumerate(arguments):
                for part in _turn_number(argument, boundaries):
                    yield replace(node, arguments=(*arguments[:index], part, *arguments[index + 1 :]))
        case syntax.Name() | syntax.Literal():
            return


def _turn_number(node: syntax.Node, boundaries: bool) -> Iterator[syntax.Node]:
    """Inside arithmetic only what chooses between numbers can be turned, not the numbers."""
    if not isinstance(node, syntax.Name | syntax.Literal):
        yield from _turn(node, boundaries)
