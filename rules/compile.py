"""Compile many rules into one Python function, for one company at interactive speed.

The function is generated from parsed trees, never from text that an author wrote. It gives the truth of each rule's
conditions and the facts that still matter; explanations come from `rules.assess`. Where one rule tests an unknown
fact several times the interpreter is asked, so that both always say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from rules import syntax
from rules.decide import decide, leaves
from rules.document import RuleDocument
from rules.evaluate import Environment, evaluate
from rules.expressions import AS_OF, Expression, simplest
from rules.facts import FactDictionary, Facts, FactState
from rules.functions import SPAN_FUNCTIONS
from rules.possible import Truth, to_truth
from rules.syntax import Operator
from rules.tree import Formal, Negated

_FALSE, _UNKNOWN, _TRUE = 0, 1, 2
_TRUTH: Final = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)
_CODE: Final = {Truth.FALSE: _FALSE, Truth.UNKNOWN: _UNKNOWN, Truth.TRUE: _TRUE}
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the conditions of one rule say, and the facts that can still change it, in reading order."""

    rule: str
    truth: Truth
    missing: tuple[str, ...]


class CompiledRules:
    """Named trees of conditions, compiled for one day."""

    def __init__(self, rules: Sequence[tuple[str, Formal]], as_of: date, dictionary: FactDictionary) -> None:
        self.as_of = as_of
        self.dictionary = dictionary
        self.rules = list(rules)
        writer = _Writer([tree for _, tree in self.rules], as_of, dictionary)
        self.names = writer.names
        self._run: Callable[[dict[str, Any], Facts], tuple[list[int], list[int]]] = writer.function()
        self._orders = [_reading_order(tree, writer.bits) for _, tree in self.rules]
        self._ask_again = [_shared_bits(tree, writer.bits) for _, tree in self.rules]

    def codes(self, facts: Facts) -> tuple[list[int], list[int]]:
        """Return for each rule 0 (no), 1 (unknown) or 2 (yes), and the missing facts as bits of `names`."""
        truths, missing = self._run(_plain(facts), facts)
        for place, shared in enumerate(self._ask_again):
            if truths[place] == _UNKNOWN and missing[place] & shared:
                decision = decide(self.rules[place][1], Environment(facts, self.as_of, self.dictionary))
                truths[place] = _CODE[decision.truth]
                missing[place] = sum(1 << self.names.index(name) for name in decision.facts)
        return truths, missing

    def verdicts(self, facts: Facts) -> list[Verdict]:
        """Return what each rule says of the facts."""
        truths, missing = self.codes(facts)
        return [
            Verdict(name, _TRUTH[truth], tuple(fact for fact, bit in order if bit & bits))
            for (name, _), truth, bits, order in zip(self.rules, truths, missing, self._orders, strict=True)
        ]


def compile_rules(rules: Iterable[RuleDocument], as_of: date, dictionary: FactDictionary) -> CompiledRules:
    """Return the rules in force on the day, compiled by their ids."""
    in_force = ((rule, rule.number_on(as_of)) for rule in rules)
    trees = [
        (rule.id, rule.versions[number].require.formal) for rule, number in in_force if number is not None
    ]
    return CompiledRules(trees, as_of, dictionary)


def _reading_order(tree: Formal, bits: Mapping[str, int]) -> list[tuple[str, int]]:
    names = dict.fromkeys(name for test in leaves(tree) for name in test.facts)
    return [(name, bits[name]) for name in names]


def _shared_bits(tree: Formal, bits: Mapping[str, int]) -> int:
    """The facts that several conditions of the rule test."""
    times = Counter(name for test in leaves(tree) for name in test.facts)
    return sum(bits[name] for name, count in times.items() if count > 1)


def _plain(facts: Facts) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, fact in facts.items():
        if fact.state is FactState.VALUE:
            value = fact.value
            values[name] = simplest(Fraction(value)) if isinstance(value, Decimal) else value
        elif fact.state is FactState.NOT_APPLICABLE:
            values[name] = _ABSENT
    return values


class _Writer:
    """Writes the source of the function: facts into locals, each distinct comparison once, then the rules."""

    def __init__(self, trees: list[Formal], as_of: date, dictionary: FactDictionary) -> None:
        self.trees = trees
        self.as_of = as_of
        self.dictionary = dictionary
        self.tests = {test.root: test for tree in trees for test in leaves(tree)}
        self.names = list(dict.fromkeys(name for test in self.tests.values() for name in test.facts))
        self.bits = {name: 1 << place for place, name in enumerate(self.names)}
        self.locals = {name: f"x{place}" for place, name in enumerate(self.names)}
        self.leaf_locals = {root: f"t{place}" for place, root in enumerate(self.tests)}
        self.constants: dict[str, Any] = {"ABSENT": _ABSENT, "AS_OF": as_of, "quotient": _quotient}
        self.constants.update(SPAN_FUNCTIONS)
        self.lines: list[str] = []
        self.count = 0

    def function(self) -> Callable[[dict[str, Any], Facts], tuple[list[int], list[int]]]:
        self.emit(0, "def run(values, facts):")
        self.emit(1, "get = values.get")
        for name, local in self.locals.items():
            self.emit(1, f"{local} = get({self.constant(name)})")
        for root, test in self.tests.items():
            self.emit(1, f"{self.leaf_locals[root]} = {self.leaf(test)}")
        results = [self.tree(tree, 1) for tree in self.trees]
        truths = ", ".join(truth for truth, _ in results)
        missing = ", ".join(f"{bits} if {truth} == 1 else 0" for truth, bits in results)
        self.emit(1, f"return [{truths}], [{missing}]")
        space: dict[str, Any] = self.constants
        exec("\n".join(self.lines), space)  # noqa: S102 - the source is written above, from parsed trees only
        run: Callable[[dict[str, Any], Facts], tuple[list[int], list[int]]] = space["run"]
        return run

    def emit(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def constant(self, value: Any) -> str:
        name = self.fresh("c")
        self.constants[name] = value
        return name

    def leaf(self, test: Expression) -> str:
        """The truth of a comparison; the interpreter is asked for what is not there or depends on two facts."""
        if not test.facts:
            return str(_CODE[to_truth(evaluate(test.root, self.environment(Facts())))])
        ask = f"{self.constant(self.interpreter(test))}(facts)"
        locals_ = [self.locals[name] for name in test.facts]
        unknown = (
            ask if len(locals_) > 1 else str(_CODE[to_truth(evaluate(test.root, self.environment(Facts())))])
        )
        missing = " or ".join(f"{local} is None" for local in locals_)
        absent = " or ".join(f"{local} is ABSENT" for local in locals_)
        return f"{unknown} if {missing} else {ask} if {absent} else 2 if {self.python(test.root)} else 0"

    def environment(self, facts: Facts) -> Environment:
        return Environment(facts, self.as_of, self.dictionary)

    def interpreter(self, test: Expression) -> Callable[[Facts], int]:
        return lambda facts: _CODE[to_truth(evaluate(test.root, self.environment(facts)))]

    def tree(self, tree: Formal, depth: int) -> tuple[str, str]:
        """Write the tree; return the locals that hold its truth and its missing facts."""
        if isinstance(tree, Expression):
            return self.leaf_locals[tree.root], self.missing_of(tree)
        if isinstance(tree, Negated):
            truth, missing = self.tree(tree.part, depth)
            turned = self.fresh("r")
            self.emit(depth, f"{turned} = 2 - {truth}")
            return turned, missing
        parts = [self.tree(part, depth) for part in tree.parts]
        truth, missing = self.fresh("r"), self.fresh("m")
        count = len(parts)
        truths = [part for part, _ in parts]
        if tree.count <= 0:
            yes, no = "True", "False"
        elif tree.count > count:
            yes, no = "False", "True"
        elif tree.count == count:
            yes, no = _joined(truths, " and ", _TRUE), _joined(truths, " or ", _FALSE)
        elif tree.count == 1:
            yes, no = _joined(truths, " or ", _TRUE), _joined(truths, " and ", _FALSE)
        else:
            yes = f"{' + '.join(f'({part} == 2)' for part in truths)} >= {tree.count}"
            no = f"{' + '.join(f'({part} != 0)' for part in truths)} < {tree.count}"
        self.emit(depth, f"{missing} = 0")
        self.emit(depth, f"if {no}: {truth} = 0")
        self.emit(depth, f"elif {yes}: {truth} = 2")
        self.emit(depth, "else:")
        self.emit(depth + 1, f"{truth} = 1")
        for part, bits in parts:
            self.emit(depth + 1, f"if {part} == 1: {missing} |= {bits}")
        return truth, missing

    def missing_of(self, test: Expression) -> str:
        names = [(self.bits[name], self.locals[name]) for name in test.facts]
        return (
            "(" + " | ".join(f"({bit} if {local} is None else 0)" for bit, local in names or [(0, "0")]) + ")"
        )

    def python(self, node: syntax.Node) -> str:
        match node:
            case syntax.Literal(value):
                return self.constant(frozenset(value) if isinstance(value, tuple) else value)
            case syntax.Name(name):
                return "AS_OF" if name == AS_OF else self.locals[name]
            case syntax.Not(item):
                return f"(not {self.python(item)})"
            case syntax.And(items):
                return "(" + " and ".join(map(self.python, items)) + ")"
            case syntax.Or(items):
                return "(" + " or ".join(map(self.python, items)) + ")"
            case syntax.Compare(operator, left, right):
                return f"({self.python(left)} {operator.value} {self.python(right)})"
            case syntax.Overlap(left, right):
                return f"(not {self.python(left)}.isdisjoint({self.python(right)}))"
            case syntax.Arithmetic(Operator.DIVIDE, left, right):
                return f"quotient({self.python(left)}, {self.python(right)})"
            case syntax.Arithmetic(operator, left, right):
                return f"({self.python(left)} {operator.value} {self.python(right)})"
            case syntax.Choose(test, then, otherwise):
                return f"({self.python(then)} if {self.python(test)} else {self.python(otherwise)})"
            case syntax.Call(function, arguments):
                return self.call(function, [self.python(argument) for argument in arguments])

    def call(self, function: str, arguments: list[str]) -> str:
        match function:
            case "has":
                return "True"  # a fact that is unknown or absent does not come here
            case "count":
                return f"len({arguments[0]})"
            case "age":
                return f"years_between({arguments[0]}, AS_OF)"
            case "min" | "max":
                return f"{function}(({', '.join(arguments)},))"
            case _:
                return f"{function}({', '.join(arguments)})"


def _joined(parts: list[str], word: str, code: int) -> str:
    return word.join(f"{part} == {code}" for part in parts)


def _quotient(left: Any, right: Any) -> int | Fraction:
    return simplest(Fraction(left) / Fraction(right))
