"""Chinese prose from the tree: for people who review a rule, and for what a trace says was wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from rules import syntax
from rules.amount_form import Amount, LetTable, Limit, Rounding
from rules.bracket_form import BracketKind, Brackets
from rules.days import format_day
from rules.document import RuleDocument, RuleVersion
from rules.expressions import AS_OF, Expression
from rules.facts import FactDictionary, FactType
from rules.form import Document, Period
from rules.syntax import Comparison, Operator
from rules.tree import AllOf, AnyOf, AtLeast, Condition, NotOf, TreeNode

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
_OF_NUMBERS: Final = {
    Comparison.LESS: "低于",
    Comparison.AT_MOST: "不超过",
    Comparison.MORE: "超过",
    Comparison.AT_LEAST: "不低于",
    Comparison.EQUAL: "等于",
    Comparison.NOT_EQUAL: "不等于",
}
_OF_DAYS: Final = {
    Comparison.LESS: "早于",
    Comparison.AT_MOST: "不晚于",
    Comparison.MORE: "晚于",
    Comparison.AT_LEAST: "不早于",
    Comparison.EQUAL: "是",
    Comparison.NOT_EQUAL: "不是",
}
_SIGN: Final = {Operator.ADD: "＋", Operator.SUBTRACT: "－", Operator.MULTIPLY: "×", Operator.DIVIDE: "÷"}
_ROUNDING: Final = {
    Rounding.DOWN: "不足一个单位的舍去",
    Rounding.UP: "不足一个单位的进一",
    Rounding.HALF_UP: "四舍五入",
    Rounding.HALF_DOWN: "五舍六入",
    Rounding.HALF_EVEN: "四舍六入五成双",
    Rounding.EXACT: "不取整",
}
_NUMERALS: Final = "零一二三四五六七八九十"


def format_number(number: int | Fraction | Decimal) -> str:
    """Return `120,001`, `0.5`, `60,000.5`; a fraction that does not end is cut after six places."""
    exact = Fraction(number)
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    text = f"{Decimal(exact.numerator) / Decimal(exact.denominator):,.6f}"
    return text.rstrip("0").rstrip(".")


def format_plain(value: object) -> str:
    """Return a value without its unit, as it stands inside a sentence that names the unit itself."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Fraction | Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, frozenset | set | tuple | list):
        return "、".join(sorted(map(format_plain, value))) or "无"
    return str(value)


def fill(template: str, lookup: Callable[[str], str]) -> str:
    """Return the template with every `{name}` replaced. Names are looked up, never evaluated."""
    return _PLACEHOLDER.sub(lambda match: lookup(match[1]), template)


def placeholders(template: str) -> list[str]:
    """Return the names a template mentions."""
    return _PLACEHOLDER.findall(template)


def expression_prose(expression: Expression | syntax.Node, dictionary: FactDictionary) -> str:
    """Return an expression in words: `从业人数不低于20人`."""
    root = expression.root if isinstance(expression, Expression) else expression
    return _Prose(dictionary).words(root)


def rule_prose(rule: RuleDocument, dictionary: FactDictionary, as_of: date | None = None) -> str:
    """Return the whole rule in words: all versions, or the one in force on `as_of`."""
    versions = [version for version in rule.versions if as_of is None or version.valid.holds(as_of)]
    head = f"{rule.title}（{rule.region}）" if rule.region else rule.title
    return "\n\n".join([head, *(version_prose(rule, version, dictionary) for version in versions)])


def version_prose(rule: Document, version: RuleVersion, dictionary: FactDictionary) -> str:
    """Return one version in words: validity, windows, conditions with their articles, amount, papers."""
    lines = [f"有效期：{_period(version.valid)}{_cited(rule, version.valid.cite)}"]
    lines += [
        f"申报窗口：{window.name}，{_period(window)}{_cited(rule, window.cite)}" for window in version.windows
    ]
    lines += ["条件：", *tree_prose(rule, version.require, dictionary)]
    if version.amount:
        lines += amount_prose(rule, version.amount, dictionary)
    if version.benefit:
        lines.append(f"支持内容：{version.benefit}")
    if version.papers:
        lines.append("材料：" + "；".join(paper.name for paper in version.papers))
    lines += [text for text in (version.deadline_hint, *version.notes) if text]
    return "\n".join(lines)


def tree_prose(
    rule: Document, node: TreeNode, dictionary: FactDictionary, depth: int = 0, number: str = ""
) -> list[str]:
    """Return the tree as numbered, indented lines, each condition with its article."""
    indent = "　" * depth + number
    if isinstance(node, Condition):
        words = expression_prose(node.test, dictionary)
        return [f"{indent}{words}（{node.pass_text}）{_cited(rule, node.cite)}"]
    lines = [f"{indent}{joint_prose(node)}{_cited(rule, node.cite)}"]
    for index, part in enumerate(node.parts, 1):
        lines += tree_prose(rule, part, dictionary, depth + 1, f"{index}. ")
    return lines


def joint_prose(node: AllOf | AnyOf | NotOf | AtLeast) -> str:
    """Return how the parts of a joint go together."""
    match node:
        case AllOf():
            return "同时满足以下各项："
        case AnyOf():
            return "满足以下任意一项："
        case NotOf():
            return "不得有以下情形："
        case AtLeast():
            count = _NUMERALS[node.count] if node.count <= 10 else str(node.count)
            return f"至少满足以下{count}项："


def amount_prose(rule: Document, amount: Amount, dictionary: FactDictionary) -> list[str]:
    """Return how the amount is computed, in lines."""
    if not amount.published:
        return [f"金额：{amount.note}{_cited(rule, amount.cite)}"]
    unit = amount.unit.value if amount.unit else ""
    formula = expression_prose(amount.formula, dictionary) if amount.formula else ""
    lines = [f"金额（{unit}{'，' + amount.per if amount.per else ''}）＝{formula}{_cited(rule, amount.cite)}"]
    for name, let in amount.let.items():
        if isinstance(let, LetTable):
            for row in let.table:
                when = expression_prose(row.test, dictionary) if row.test else "其他情形"
                then = expression_prose(row.then, dictionary)
                lines.append(f"　{name}：{when}的，为{then}{_cited(rule, row.cite)}")
        elif isinstance(let, Brackets):
            lines += _brackets_prose(rule, name, let, dictionary)
        else:
            lines.append(f"　{name}＝{expression_prose(let, dictionary)}")
    lines += _limit_prose(rule, "上限", amount.cap, unit, dictionary)
    lines += _limit_prose(rule, "下限", amount.floor, unit, dictionary)
    if amount.round:
        step = f"到{format_number(amount.round_to)}{unit}" if amount.round_to else f"到{unit}"
        lines.append(f"　取整：{step}，{_ROUNDING[amount.round]}")
    return lines


def _brackets_prose(rule: Document, name: str, brackets: Brackets, dictionary: FactDictionary) -> list[str]:
    subject = expression_prose(brackets.of, dictionary)
    by = f"（以{expression_prose(brackets.scale, dictionary)}的倍数计）" if brackets.scale else ""
    marginal = brackets.kind is BracketKind.MARGINAL
    how = "按以下各段累加" if marginal else "按以下各点均匀变化"
    lines = [f"　{name}：{subject}{by}{how}："]
    start = ""
    for row in brackets.rows:
        end = expression_prose(row.up_to, dictionary) if row.up_to else ""
        reach = f"{f'超过{start}' if start else ''}{f'不超过{end}' if end else ''}" or "全部"
        given = expression_prose(row.rate or row.fixed, dictionary)  # type: ignore[arg-type]  # the form wants one
        if not marginal:
            words = f"到{end}为{given}"
        elif row.rate:
            words = f"{reach}的部分，乘以{given}"
        else:
            words = f"{reach}的，计{given}"
        lines.append(f"　　{words}{_cited(rule, row.cite)}")
        start = end
    return lines


def _limit_prose(
    rule: Document, word: str, limit: Limit | None, unit: str, dictionary: FactDictionary
) -> list[str]:
    if limit is None:
        return []
    return [f"　{word}：{expression_prose(limit.value, dictionary)}{unit}{_cited(rule, limit.cite)}"]


def _cited(rule: Document, references: tuple[str, ...] | None) -> str:
    citations = rule.cite(references)
    return f"〔{'；'.join(str(citation) for citation in citations)}〕" if citations else ""


def _period(period: Period) -> str:
    start = f"自{format_day(period.start)}" if period.start else ""
    end = f"至{format_day(period.end)}" if period.end else "起，未定截止"
    return f"{start}{end}" if start or period.end else "长期"


class _Prose:
    """Words for expressions; knows units and the kinds of facts from the dictionary."""

    def __init__(self, dictionary: FactDictionary) -> None:
        self.dictionary = dictionary

    def words(self, node: syntax.Node) -> str:
        match node:
            case syntax.Literal(value):
                return self.value(value)
            case syntax.Name(name):
                return "评估日" if name == AS_OF else name
            case syntax.Not(item):
                return self.negative(item)
            case syntax.And(items):
                return "且".join(self.condition(item) for item in items)
            case syntax.Or(items):
                return "或".join(self.condition(item) for item in items)
            case syntax.Compare(operator, left, right):
                return self.comparison(operator, left, right)
            case syntax.Overlap(left, right):
                return f"{self.words(left)}含{self.choices(right)}"
            case syntax.Arithmetic(operator, left, right):
                return f"{self.term(left, operator)}{_SIGN[operator]}{self.term(right, operator, last=True)}"
            case syntax.Choose(test, then, otherwise):
                return f"{self.condition(test)}时为{self.words(then)}，否则为{self.words(otherwise)}"
            case syntax.Call(function, arguments):
                return self.call(function, arguments)

    def condition(self, node: syntax.Node) -> str:
        """A bare yes-or-no fact inside a sentence says that it is so."""
        return f"{node.name}为是" if isinstance(node, syntax.Name) else self.words(node)

    def negative(self, item: syntax.Node) -> str:
        match item:
            case syntax.Name(name):
                return f"{name}为否"
            case syntax.Compare(operator, left, right):
                return self.comparison(operator.opposite, left, right)
            case syntax.Overlap(left, right):
                return f"{self.words(left)}不含{self.choices(right)}"
            case syntax.Not(inner):
                return self.condition(inner)
            case syntax.Call("has", arguments):
                return f"没有{self.words(arguments[0])}"
            case _:
                return f"并非（{self.words(item)}）"

    def comparison(self, operator: Comparison, left: syntax.Node, right: syntax.Node) -> str:
        if isinstance(left, syntax.Literal) and not isinstance(right, syntax.Literal):
            if operator in (Comparison.IN, Comparison.NOT_IN):
                return f"{self.words(right)}{'含' if operator is Comparison.IN else '不含'}{self.words(left)}"
            operator, left, right = operator.mirrored, right, left
        subject = self.words(left)
        if operator in (Comparison.IN, Comparison.NOT_IN):
            return f"{subject}{'为' if operator is Comparison.IN else '不是'}{self.choices(right)}"
        value = right.value if isinstance(right, syntax.Literal) else None
        if isinstance(value, str | bool):
            return f"{subject}{'为' if operator is Comparison.EQUAL else '不是'}{self.value(value)}"
        words = _OF_DAYS if isinstance(value, date) or self.is_day(left) else _OF_NUMBERS
        return f"{subject}{words[operator]}{self.words(right)}{self.unit(left, right)}"

    def is_day(self, node: syntax.Node) -> bool:
        if not isinstance(node, syntax.Name):
            return False
        return node.name == AS_OF or self.kind(node.name) is FactType.DATE

    def kind(self, name: str) -> FactType | None:
        definition = self.dictionary.get(name)
        return definition.type if definition else None

    def unit(self, left: syntax.Node, right: syntax.Node) -> str:
        """The unit of the fact on the left, when a plain number stands on the right."""
        if not isinstance(right, syntax.Literal) or isinstance(right.value, date):
            return ""
        if isinstance(left, syntax.Name) and left.name in self.dictionary:
            return self.dictionary[left.name].unit
        if isinstance(left, syntax.Call):
            return {
                "age": "年",
                "years_between": "年",
                "months_between": "个月",
                "days_between": "天",
                "count": "项",
            }.get(left.function, "")
        return ""

    def choices(self, node: syntax.Node) -> str:
        if not (isinstance(node, syntax.Literal) and isinstance(node.value, tuple)):
            return self.words(node)
        values = [self.value(item) for item in node.value]
        return values[0] if len(values) == 1 else f"{'、'.join(values[:-1])}或{values[-1]}"

    def value(self, value: Any) -> str:
        if value is None:
            return "没有"
        return "、".join(map(format_plain, value)) if isinstance(value, tuple) else format_plain(value)

    def term(self, node: syntax.Node, within: Operator, *, last: bool = False) -> str:
        """One side of a calculation, in brackets where it binds less than the operator."""
        loose = isinstance(node, syntax.Choose)
        if isinstance(node, syntax.Arithmetic):
            sums = (Operator.ADD, Operator.SUBTRACT)
            loose = node.operator in sums and within not in sums
            loose = loose or (last and within in (Operator.SUBTRACT, Operator.DIVIDE))
        return f"（{self.words(node)}）" if loose else self.words(node)

    def call(self, function: str, arguments: tuple[syntax.Node, ...]) -> str:
        parts = [self.words(argument) for argument in arguments]
        match function:
            case "min":
                return f"{'、'.join(parts)}中较小的"
            case "max":
                return f"{'、'.join(parts)}中较大的"
            case "has":
                return f"有{parts[0]}"
            case "count":
                return f"{parts[0]}的项数"
            case "age":
                return f"{parts[0]}至评估日的整年数"
            case "round_down" | "round_up" | "round_half_up" | "round_half_down" | "round_half_even":
                return f"{parts[0]}（到{parts[1]}，{_ROUNDING[Rounding(function.removeprefix('round_'))]}）"
            case _:
                measure = {"days_between": "天数", "months_between": "整月数", "years_between": "整年数"}[
                    function
                ]
                return f"{parts[0]}至{parts[1]}的{measure}"


def facts_in_words(names: Mapping[str, str]) -> str:
    """Return `注册地：外地；企业规模：小型`."""
    return "；".join(f"{name}：{value}" for name, value in names.items())
