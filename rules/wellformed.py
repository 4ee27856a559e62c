"""Check that expressions use facts as the dictionary defines them: known names, fitting kinds, listed values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from rules import syntax
from rules.amount_form import Amount, Let
from rules.bracket_form import Brackets
from rules.document import DecisionTable, RuleDocument, Score
from rules.expressions import AS_OF, NOTHING, Expression
from rules.facts import FactDictionary, FactType
from rules.form import Document
from rules.functions import FUNCTIONS, ROUND_FUNCTIONS
from rules.prose import placeholders
from rules.selftest import Finding, finding
from rules.syntax import Comparison
from rules.tree import Condition, walk
from rules.yaml_text import Path, nearest


class Kind(StrEnum):
    """What an expression gives."""

    TRUTH = "是否"
    NUMBER = "数字"
    DAY = "日期"
    WORD = "选项"
    SET = "集合"
    FREE = "自由文字"
    UNKNOWN = "未知"


_KIND_OF_FACT: Final = {
    FactType.BOOL: Kind.TRUTH,
    FactType.INT: Kind.NUMBER,
    FactType.NUMBER: Kind.NUMBER,
    FactType.MONEY: Kind.NUMBER,
    FactType.DATE: Kind.DAY,
    FactType.ENUM: Kind.WORD,
    FactType.SET: Kind.SET,
    FactType.TEXT: Kind.FREE,
}
Problem = tuple[str, str]  # message, mend
Located = tuple[Path, Expression, frozenset[str]]  # where, what, names that are not facts there


def check_facts(document: RuleDocument | DecisionTable | Score, dictionary: FactDictionary) -> list[Finding]:
    """Return a finding for every unknown fact and every comparison that does not fit its fact."""
    found: dict[tuple[Path, str], Finding] = {}
    for path, expression, lets in expressions_of(document):
        for message, mend in problems(expression, dictionary, lets):
            found.setdefault((path, message), finding(document, path, message, mend))
    return [*found.values(), *_check_templates(document, dictionary)]


def facts_used(document: RuleDocument | DecisionTable | Score) -> frozenset[str]:
    """Return the names of all facts that the document's expressions read."""
    return frozenset(
        name
        for _, expression, lets in expressions_of(document)
        for name in expression.facts
        if name not in lets
    )


def unused_facts(
    documents: list[RuleDocument | DecisionTable | Score], dictionary: FactDictionary
) -> list[str]:
    """Return the facts of the dictionary that no document reads, in file order."""
    used = frozenset[str]().union(*(facts_used(document) for document in documents))
    return [name for name in dictionary if name not in used]


def expressions_of(document: RuleDocument | DecisionTable | Score) -> Iterator[Located]:
    """Yield every expression of the document with its path and the `let` names it may use."""
    match document:
        case RuleDocument():
            yield from _of_rule(document)
        case DecisionTable():
            yield from _of_table(document)
        case Score():
            yield from _of_score(document)


def _of_rule(rule: RuleDocument) -> Iterator[Located]:
    for number, version in enumerate(rule.versions):
        for path, node in walk(version.require, ("versions", number, "require")):
            if isinstance(node, Condition):
                yield (*path, "if"), node.test, frozenset()
        if version.amount:
            yield from _of_amount(version.amount, ("versions", number, "amount"))


def _of_amount(amount: Amount, path: Path) -> Iterator[Located]:
    lets = frozenset(amount.let)
    for name, let in amount.let.items():
        yield from _of_let(let, (*path, "let", name), lets)
    if amount.formula:
        yield (*path, "formula"), amount.formula, lets
    for field, limit in (("cap", amount.cap), ("floor", amount.floor)):
        if limit:
            yield (*path, field, "value"), limit.value, lets


def _of_let(let: Let, path: Path, lets: frozenset[str]) -> Iterator[Located]:
    if isinstance(let, Expression):
        yield path, let, lets
        return
    if isinstance(let, Brackets):
        yield from ((place, expression, lets) for place, expression in _of_brackets(let, path))
        return
    for number, row in enumerate(let.table):
        if row.test:
            yield (*path, "table", number, "if"), row.test, lets
        yield (*path, "table", number, "then"), row.then, lets


def _of_brackets(brackets: Brackets, path: Path) -> Iterator[tuple[Path, Expression]]:
    yield (*path, "of"), brackets.of
    if brackets.scale:
        yield (*path, "scale"), brackets.scale
    for number, row in enumerate(brackets.rows):
        for field, expression in (("up_to", row.up_to), ("rate", row.rate), ("fixed", row.fixed)):
            if expression:
                yield (*path, "rows", number, field), expression


def _of_table(table: DecisionTable) -> Iterator[Located]:
    for number, version in enumerate(table.versions):
        for place, row in enumerate(version.rows):
            if row.otherwise:
                continue
            # A table written with `rows` alone has no `versions` in its text: the place is found all the same.
            base: Path = ("versions", number, "rows", place)
            for _, node in walk(table.trees[number][row.id]):
                if isinstance(node, Condition):
                    column = node.id.removeprefix(f"{row.id}.").partition(".")[0]
                    yield (*base, "when", column), node.test, frozenset()


def _of_score(score: Score) -> Iterator[Located]:
    for number, version in enumerate(score.versions):
        for place, dimension in enumerate(version.dimensions):
            for index, indicator in enumerate(dimension.indicators):
                path: Path = ("versions", number, "dimensions", place, "indicators", index, "score")
                yield from _of_let(indicator.score, path, frozenset())


def problems(expression: Expression, dictionary: FactDictionary, lets: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with the expression as (message, mend)."""
    unknown = [name for name in expression.facts if name not in dictionary and name not in lets]
    for name in unknown:
        yield f"事实字典里没有“{name}”", nearest(name, [*dictionary, *lets]) or "先在 knowledge/facts 里登记"
    for node in syntax.walk(expression.root):
        yield from _Checker(dictionary, lets).node(node)
    root = expression.root.item if isinstance(expression.root, syntax.Not) else expression.root
    if isinstance(root, syntax.Name) and root.name in dictionary:
        kind = _KIND_OF_FACT[dictionary[root.name].type]
        if isinstance(expression.root, syntax.Not) and kind is not Kind.TRUTH:
            yield f"“{root.name}”是{kind.value}，不能直接当条件", "写出比较，例如 == 或 >="


class _Checker:
    def __init__(self, dictionary: FactDictionary, lets: frozenset[str]) -> None:
        self.dictionary = dictionary
        self.lets = lets

    def node(self, node: syntax.Node) -> Iterator[Problem]:
        match node:
            case syntax.Compare(operator, left, right):
                yield from self.comparison(operator, left, right)
            case syntax.Overlap(left, right):
                for side in (left, right):
                    if self.kind(side) not in (Kind.SET, Kind.UNKNOWN):
                        yield "“&”只用于集合", "单选的事实用 in"
                yield from self.listed(left, right)
                yield from self.listed(right, left)
            case syntax.Arithmetic(_, left, right):
                for side in (left, right):
                    if self.kind(side) not in (Kind.NUMBER, Kind.UNKNOWN):
                        yield f"{self.kind(side).value}不能做四则运算", ""
            case syntax.Call(function, (number, step)) if function in ROUND_FUNCTIONS:
                if self.kind(number) not in (Kind.NUMBER, Kind.UNKNOWN):
                    yield f"{self.kind(number).value}不能取整", ""
                if not (isinstance(step, syntax.Literal) and _is_above_zero(step.value)):
                    yield f"{function} 的第二个参数要是大于零的数字", FUNCTIONS[function].usage
            case syntax.Literal(tuple() as members) if len({_kind_of_value(item) for item in members}) > 1:
                yield "一个列表里混了几种取值", "只写同一种：都是数字，或都是选项"
        if not isinstance(node, syntax.Choose) and NOTHING in syntax.children(node):
            yield "none 只能写在 if … else … 里", "例如 万元(50) if 国家级 else none"

    def kind(self, node: syntax.Node) -> Kind:
        match node:
            case syntax.Literal(value):
                return _kind_of_value(value)
            case syntax.Name(name):
                if name == AS_OF:
                    return Kind.DAY
                return _KIND_OF_FACT[self.dictionary[name].type] if name in self.dictionary else Kind.UNKNOWN
            case syntax.Arithmetic():
                return Kind.NUMBER
            case syntax.Call("has"):
                return Kind.TRUTH
            case syntax.Call("min" | "max", arguments):
                return self.kind(arguments[0])
            case syntax.Call():
                return Kind.NUMBER
            case syntax.Choose(_, then, otherwise):
                return self.kind(otherwise if then == NOTHING else then)
            case _:
                return Kind.TRUTH

    def comparison(self, operator: Comparison, left: syntax.Node, right: syntax.Node) -> Iterator[Problem]:
        kinds = self.kind(left), self.kind(right)
        if Kind.FREE in kinds:
            yield "自由文字不能用来判断", "把事实改成可选项（enum）"
        elif operator in (Comparison.IN, Comparison.NOT_IN):
            if kinds[0] is Kind.SET:
                yield "多选的事实不能用 in", "改用“&”，例如 质押物 & {'商标'}"
            if kinds[1] not in (Kind.SET, Kind.UNKNOWN):
                yield "in 右边要是列表", "例如 in ['甲', '乙']"
            elif isinstance(right, syntax.Literal) and isinstance(right.value, tuple):
                strays = {_kind_of_value(member) for member in right.value} - {kinds[0]}
                if kinds[0] not in (Kind.SET, Kind.UNKNOWN) and strays:
                    yield f"{kinds[0].value}不能在{sorted(strays)[0].value}的列表里", "列表里写同一种取值"
        elif Kind.SET in kinds:
            yield f"多选的事实不能用“{operator.value}”比较", "改用“&”或 count()"
        elif Kind.UNKNOWN not in kinds and kinds[0] is not kinds[1]:
            yield f"{kinds[0].value}不能和{kinds[1].value}比较", ""
        elif kinds[0] in (Kind.WORD, Kind.TRUTH) and operator not in (Comparison.EQUAL, Comparison.NOT_EQUAL):
            yield f"{kinds[0].value}不能比较大小", "改用 == 或 in"
        yield from self.listed(left, right)
        yield from self.listed(right, left)

    def listed(self, subject: syntax.Node, other: syntax.Node) -> Iterator[Problem]:
        """The values compared with a fact of listed values must be among them."""
        if not (isinstance(subject, syntax.Name) and isinstance(other, syntax.Literal)):
            return
        definition = self.dictionary.get(subject.name)
        if definition is None or not definition.values:
            return
        values = other.value if isinstance(other.value, tuple) else (other.value,)
        for value in values:
            if value not in definition.values:
                mend = nearest(str(value), definition.values) or f"可选：{'、'.join(definition.values)}"
                yield f"“{value}”不是{subject.name}的可选值", mend


def _kind_of_value(value: syntax.Plain) -> Kind:
    if value is None:
        return Kind.UNKNOWN
    if isinstance(value, bool):
        return Kind.TRUTH
    if isinstance(value, int | Fraction):
        return Kind.NUMBER
    if isinstance(value, date):
        return Kind.DAY
    return Kind.SET if isinstance(value, tuple) else Kind.WORD


def _is_above_zero(value: syntax.Plain) -> bool:
    return _kind_of_value(value) is Kind.NUMBER and value > 0  # type: ignore[operator]


def _check_templates(document: Document, dictionary: FactDictionary) -> Iterator[Finding]:
    if not isinstance(document, RuleDocument):
        return
    for number, version in enumerate(document.versions):
        for path, node in walk(version.require, ("versions", number, "require")):
            texts: Mapping[str, str] = {"pass": node.pass_text, "fail": node.fail_text}
            for field, text in texts.items():
                yield from _unknown_places(document, (*path, field), text, set(dictionary), dictionary)
        if version.amount:
            known = {*dictionary, *version.amount.let, "raw", "cap", "上限"}
            path = ("versions", number, "amount", "explain")
            yield from _unknown_places(document, path, version.amount.explain, known, dictionary)


def _unknown_places(
    document: Document, path: Path, text: str, known: set[str], dictionary: FactDictionary
) -> Iterator[Finding]:
    for name in placeholders(text):
        if name not in known:
            yield finding(document, path, f"文字里的{{{name}}}不是事实", nearest(name, dictionary))
