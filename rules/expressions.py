"""Parse the expressions of rule files: a small whitelist over Python's own grammar.

Allowed are names of facts, literals, one comparison at a time, `and or not`, `+ - * /`, `a if c else b`, lists and
sets of literals, `&` between sets, and the functions of `FUNCTIONS`; in amounts also `none`, for what does not apply
here. Everything else is refused with its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NoReturn

from pydantic_core import core_schema

from rules import syntax
from rules.errors import ExpressionError
from rules.functions import CONSTANT_FUNCTIONS, FUNCTIONS
from rules.syntax import Comparison, Node, Operator, Plain

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 25
MAX_NODES: Final = 400
LARGEST_LITERAL: Final = 10**15
AS_OF: Final = "as_of"  # the day for which the rule is assessed
NOTHING: Final = syntax.Literal(None)  # `none`: the value of what does not apply here

_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Eq: Comparison.EQUAL,
    ast.NotEq: Comparison.NOT_EQUAL,
    ast.Lt: Comparison.LESS,
    ast.LtE: Comparison.AT_MOST,
    ast.Gt: Comparison.MORE,
    ast.GtE: Comparison.AT_LEAST,
    ast.In: Comparison.IN,
    ast.NotIn: Comparison.NOT_IN,
}
_OPERATORS: Final[dict[type[ast.operator], Operator]] = {
    ast.Add: Operator.ADD,
    ast.Sub: Operator.SUBTRACT,
    ast.Mult: Operator.MULTIPLY,
    ast.Div: Operator.DIVIDE,
}
_REFUSED: Final[dict[type[ast.AST], str]] = {
    ast.Attribute: "不能用“.”取属性",
    ast.Subscript: "不能用“[ ]”取下标",
    ast.Lambda: "不能定义函数",
    ast.ListComp: "不能用推导式",
    ast.SetComp: "不能用推导式",
    ast.DictComp: "不能用推导式",
    ast.GeneratorExp: "不能用推导式",
    ast.JoinedStr: "不能用 f 字符串",
    ast.NamedExpr: "不能赋值",
    ast.Await: "不能用 await",
    ast.Yield: "不能用 yield",
    ast.YieldFrom: "不能用 yield",
    ast.Starred: "不能用“*”展开",
    ast.Dict: "不能写字典",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression with its source text and the names it reads, in reading order."""

    source: str
    root: Node
    names: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        """Return the names read, without `as_of`."""
        return tuple(name for name in self.names if name != AS_OF)

    def __str__(self) -> str:
        return self.source

    def __hash__(self) -> int:
        """Return the hash of the source: the rest is made from it, and it is looked up much more often."""
        return hash(self.source)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> core_schema.CoreSchema:
        """Let models hold parsed expressions; they are written out as their source text."""
        return core_schema.is_instance_schema(cls, serialization=core_schema.to_string_ser_schema())


def parse_expression(source: str) -> Expression:
    """Return the parsed expression. Raises ExpressionError with the place of what is not allowed."""
    if not isinstance(source, str):
        raise ExpressionError(str(source), 1, "表达式要写成文字", "给表达式加上引号")
    if len(source) > MAX_LENGTH:
        raise ExpressionError(source, MAX_LENGTH, f"表达式超过{MAX_LENGTH}个字符", "拆成几个条件")
    _check_nesting(source)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except SyntaxError as error:
        mend = "比较相等用“==”" if "==" in (error.msg or "") else "检查括号、引号和全角标点"
        raise ExpressionError(source, error.offset or 1, "表达式写法不对", mend) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(source, 1, "表达式写法不对", "检查括号、引号和全角标点") from None
    root = _Reader(source.strip()).read(tree.body)
    names = dict.fromkeys(node.name for node in syntax.walk(root) if isinstance(node, syntax.Name))
    return Expression(source, root, tuple(names))


def parse_condition(source: str) -> Expression:
    """Return a parsed condition: exactly one comparison, so that each can be cited and explained on its own.

    Raises ExpressionError when the text is no condition or joins several.
    """
    expression = parse_expression(source)
    inner = expression.root
    while isinstance(inner, syntax.Not):
        inner = inner.item
    for node in syntax.walk(inner):
        if node == NOTHING:
            raise ExpressionError(source, 1, "条件里不能写 none", "用 has(...) 判断有没有")
        if isinstance(node, syntax.And | syntax.Or) or (
            node is not inner and is_condition(node) and not isinstance(node, syntax.Literal)
        ):
            mend = "用 all、any、not 拆成几个条件，每个条件各写出处"
            raise ExpressionError(source, 1, "一个条件里只能有一次比较", mend)
    if not (is_condition(inner) or isinstance(inner, syntax.Name)):
        raise ExpressionError(source, 1, "这里要的是一个能判断真假的条件", "例如 从业人数 >= 20")
    return expression


def is_condition(node: Node) -> bool:
    """Return whether the node can only be true or false."""
    if isinstance(node, syntax.Call):
        return FUNCTIONS[node.function].is_condition
    if isinstance(node, syntax.Literal):
        return isinstance(node.value, bool)
    return isinstance(node, syntax.Compare | syntax.Overlap | syntax.Not | syntax.And | syntax.Or)


def _check_nesting(source: str) -> None:
    depth = 0
    for match in _BRACKETS.finditer(source):
        depth += 1 if match[0] in "([{" else -1
        if depth > MAX_DEPTH:
            raise ExpressionError(source, match.start() + 1, "括号嵌套太深", "拆成几个条件")


class _Reader:
    """Turns Python's syntax tree into ours, refusing everything not on the list."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.splitlines() or [""]
        self.nodes = 0
        self.readers: dict[type[ast.expr], Callable[..., Node]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Compare: self._compare,
            ast.BoolOp: self._bool,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.IfExp: self._choose,
            ast.Call: self._call,
            ast.List: self._members,
            ast.Set: self._members,
            ast.Tuple: self._members,
        }

    def read(self, node: ast.expr, depth: int = 0) -> Node:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            self._refuse(node, "表达式太复杂", "拆成几个条件")
        reader = self.readers.get(type(node))
        if reader is None:
            self._refuse(node, _REFUSED.get(type(node), "这种写法不允许"))
        return reader(node, depth + 1)

    def _refuse(self, node: ast.expr, message: str, mend: str = "") -> NoReturn:
        raise ExpressionError(self.source, self._column(node), message, mend)

    def _column(self, node: ast.expr) -> int:
        before = self.lines[: node.lineno - 1]
        line = self.lines[min(node.lineno, len(self.lines)) - 1]
        return (
            sum(len(text) + 1 for text in before)
            + len(line.encode()[: node.col_offset].decode(errors="ignore"))
            + 1
        )

    def _constant(self, node: ast.Constant, depth: int) -> Node:
        value = node.value
        if isinstance(value, bool | str):
            return syntax.Literal(value)
        if isinstance(value, int):
            number: int | Fraction = value
        elif isinstance(value, float):
            # The text, not the binary float: 0.3 must be three tenths exactly.
            text = (ast.get_source_segment(self.source, node) or repr(value)).replace("_", "")
            if "e" in text.lower():
                self._refuse(node, "数字不能用科学计数法")
            number = simplest(Fraction(Decimal(text)))
        else:
            return self._refuse(node, "这种取值不允许")
        if _is_too_large(number):
            self._refuse(node, "数字太大", "核对是不是多写了零")
        return syntax.Literal(number)

    def _name(self, node: ast.Name, depth: int) -> Node:
        if node.id in ("true", "false"):
            return syntax.Literal(node.id == "true")
        if node.id == "none":
            return NOTHING
        if node.id.startswith("__"):
            self._refuse(node, "这个名字不允许")
        return syntax.Name(node.id, self._column(node))

    def _compare(self, node: ast.Compare, depth: int) -> Node:
        if len(node.ops) != 1:
            self._refuse(node.comparators[1], "不能连着比较", "拆成两个条件，例如 all: [x >= 1, x <= 5]")
        operator = _COMPARISONS.get(type(node.ops[0]))
        if operator is None:
            self._refuse(node, "不能用 is 比较", "改用“==”")
        return syntax.Compare(operator, self.read(node.left, depth), self.read(node.comparators[0], depth))

    def _bool(self, node: ast.BoolOp, depth: int) -> Node:
        items = tuple(self.read(value, depth) for value in node.values)
        return syntax.And(items) if isinstance(node.op, ast.And) else syntax.Or(items)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Node:
        item = self.read(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return syntax.Not(item)
        if isinstance(node.op, ast.USub):
            if isinstance(item, syntax.Literal) and _is_number(item.value):
                return syntax.Literal(-item.value)  # type: ignore[operator]
            return syntax.Arithmetic(Operator.SUBTRACT, syntax.Literal(0), item)
        return self._refuse(node, "这个符号不允许")

    def _binary(self, node: ast.BinOp, depth: int) -> Node:
        left, right = self.read(node.left, depth), self.read(node.right, depth)
        if isinstance(node.op, ast.BitAnd):
            return syntax.Overlap(left, right)
        operator = _OPERATORS.get(type(node.op))
        if operator is None:
            self._refuse(node, "只能用 + - * / 四则运算")
        return syntax.Arithmetic(operator, left, right)

    def _choose(self, node: ast.IfExp, depth: int) -> Node:
        return syntax.Choose(
            self.read(node.test, depth), self.read(node.body, depth), self.read(node.orelse, depth)
        )

    def _members(self, node: ast.List | ast.Set | ast.Tuple, depth: int) -> Node:
        values: list[Plain] = []
        for element in node.elts:
            item = self.read(element, depth)
            if not isinstance(item, syntax.Literal) or item == NOTHING:
                self._refuse(element, "列表里只能写固定的取值")
            values.append(item.value)
        return syntax.Literal(tuple(values))

    def _call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = node.func.id if isinstance(node.func, ast.Name) else "这里"
            self._refuse(node, f"没有“{name}”这个函数", f"可用：{'、'.join(FUNCTIONS)}")
        if node.keywords:
            self._refuse(node, "函数的参数不能写名字")
        function = FUNCTIONS[node.func.id]
        if not function.fewest <= len(node.args) <= function.most:
            self._refuse(node, f"{node.func.id} 的参数个数不对", function.usage)
        arguments = tuple(self.read(argument, depth) for argument in node.args)
        if function.name not in CONSTANT_FUNCTIONS:
            return syntax.Call(function.name, arguments)
        return syntax.Literal(self._constant_call(node, function.name, arguments))

    def _constant_call(self, node: ast.Call, name: str, arguments: tuple[Node, ...]) -> Plain:
        values = [argument.value for argument in arguments if isinstance(argument, syntax.Literal)]
        if len(values) != len(arguments):
            self._refuse(node, f"{name}() 里只能写数字")
        try:
            value: Plain = CONSTANT_FUNCTIONS[name](*values)
        except (TypeError, ValueError, OverflowError):
            self._refuse(node, f"{name}() 的取值不对", FUNCTIONS[name].usage)
        if _is_too_large(value):
            self._refuse(node, "数字太大", "核对是不是多写了零")
        return value


def simplest(number: Fraction) -> int | Fraction:
    """Return an int when the fraction is whole."""
    return number.numerator if number.denominator == 1 else number


def _is_too_large(value: Any) -> bool:
    return isinstance(value, int | Fraction) and abs(Fraction(value)) > LARGEST_LITERAL


def _is_number(value: Plain) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)
