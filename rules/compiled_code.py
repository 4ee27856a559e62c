"""Python generated from parsed trees: comparisons of one fact, and the parts of a rule that join several.

Truths are 0 (no), 1 (unknown) and 2 (yes); missing facts are bits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

from rules import syntax
from rules.decide import decide, leaves
from rules.evaluate import Environment, evaluate
from rules.expressions import AS_OF, Expression, simplest
from rules.facts import FactDictionary, Facts
from rules.functions import SPAN_FUNCTIONS
from rules.possible import Truth, to_truth
from rules.syntax import Operator
from rules.tree import Formal, Negated

FALSE, UNKNOWN, TRUE = 0, 1, 2
ABSENT: Final = object()  # the value of a fact that does not exist here
MOST_REMEMBERED: Final = 4096  # ways in which the comparisons of a rule can stand, kept with the answer
_CODE: Final = {Truth.FALSE: FALSE, Truth.UNKNOWN: UNKNOWN, Truth.TRUE: TRUE}

Judge = Callable[[dict[str, Any], Facts, int, int], tuple[int, int]]


def code_of(test: Expression, facts: Facts, as_of: date, dictionary: FactDictionary) -> int:
    """Return what the interpreter says of a comparison."""
    return _CODE[to_truth(evaluate(test.root, Environment(facts, as_of, dictionary)))]


def predicate(test: Expression, as_of: date) -> Callable[[Any], bool]:
    """Return the comparison of one fact as a function of its value."""
    writer = _Writer(as_of, {test.facts[0]: "value"})
    return writer.made("holds", [f"def holds(value): return bool({writer.python(test.root)})"])  # type: ignore[no-any-return]


def judge(
    tree: Formal,
    rest: tuple[Formal, ...],
    shared: int,
    bits: Mapping[str, int],
    as_of: date,
    dictionary: FactDictionary,
) -> Judge:
    """Return the function that works through the parts of a rule that is not ruled out by its requirements.

    It is given the values, the facts, the unknown facts and the requirements left open, and returns truth and missing
    facts. `shared` are the facts that the rule tests several times.
    """
    tests = {test.root: test for part in rest for test in leaves(part)}
    names = dict.fromkeys(name for test in tests.values() for name in test.facts)
    writer = _Writer(as_of, {name: f"x{place}" for place, name in enumerate(names)})
    lines = ["def work(values, facts, unknown, missing):", "    get = values.get"]
    lines += [f"    {writer.locals[name]} = get({writer.constant(name)})" for name in names]
    places = {root: f"t{place}" for place, root in enumerate(tests)}
    for root, test in tests.items():
        lines.append(f"    {places[root]} = {writer.leaf(test, dictionary)}")
    parts = _Parts(writer, places, bits, lines)
    for part in rest:
        truth, missing = parts.write(part)
        lines.append(f"    if {truth} == 0: return 0, 0")
        lines.append(f"    if {truth} == 1: missing |= {missing}")
    lines.append("    if not missing: return 2, 0")
    if shared:
        facts_bits = sum({bits[name] for test in leaves(tree) for name in test.facts})
        ask = writer.constant(_asking(tree, bits, as_of, dictionary))
        joined = dict.fromkeys(name for test in leaves(tree) if len(test.facts) > 1 for name in test.facts)
        ways = [*places.values(), *(f"get({writer.constant(name)})" for name in joined)]
        lines.append(f"    if missing & {shared}:")
        lines.append(
            f"        return {ask}(({''.join(f'{way}, ' for way in ways)}unknown & {facts_bits}), facts)"
        )
    lines.append("    return 1, missing")
    work: Judge = writer.made("work", lines)
    return work


def _asking(
    tree: Formal, bits: Mapping[str, int], as_of: date, dictionary: FactDictionary
) -> Callable[[Hashable, Facts], tuple[int, int]]:
    """Ask the interpreter once for each way the comparisons can stand: nothing else can change its answer."""
    seen: dict[Hashable, tuple[int, int]] = {}

    def ask(way: Hashable, facts: Facts) -> tuple[int, int]:
        answer = seen.get(way)
        if answer is None:
            if len(seen) >= MOST_REMEMBERED:
                seen.clear()
            decision = decide(tree, Environment(facts, as_of, dictionary))
            answer = _CODE[decision.truth], sum(bits[name] for name in decision.facts)
            seen[way] = answer
        return answer

    return ask


class _Parts:
    """Writes the joints of a tree; gives the locals that hold truth and missing facts."""

    def __init__(
        self, writer: _Writer, places: Mapping[syntax.Node, str], bits: Mapping[str, int], lines: list[str]
    ) -> None:
        self.writer = writer
        self.places = places
        self.bits = bits
        self.lines = lines

    def write(self, tree: Formal) -> tuple[str, str]:
        if isinstance(tree, Expression):
            return self.places[tree.root], f"(unknown & {sum({self.bits[name] for name in tree.facts})})"
        if isinstance(tree, Negated):
            truth, missing = self.write(tree.part)
            turned = self.writer.fresh("r")
            self.emit(f"{turned} = 2 - {truth}")
            return turned, missing
        parts = [self.write(part) for part in tree.parts]
        truth, missing = self.writer.fresh("r"), self.writer.fresh("m")
        yes, no = _settled([part for part, _ in parts], tree.count)
        self.emit(f"{missing} = 0")
        self.emit(f"if {no}: {truth} = 0")
        self.emit(f"elif {yes}: {truth} = 2")
        self.emit("else:")
        self.emit(f"    {truth} = 1")
        for part, bits in parts:
            self.emit(f"    if {part} == 1: {missing} |= {bits}")
        return truth, missing

    def emit(self, line: str) -> None:
        self.lines.append("    " + line)


def _settled(truths: list[str], count: int) -> tuple[str, str]:
    """When at least `count` of the parts hold for sure, and when they can no longer."""
    if count <= 0:
        return "True", "False"
    if count > len(truths):
        return "False", "True"
    if count == len(truths):
        return _joined(truths, " and ", TRUE), _joined(truths, " or ", FALSE)
    if count == 1:
        return _joined(truths, " or ", TRUE), _joined(truths, " and ", FALSE)
    yes = " + ".join(f"({part} == 2)" for part in truths)
    may = " + ".join(f"({part} != 0)" for part in truths)
    return f"{yes} >= {count}", f"{may} < {count}"


def _joined(parts: list[str], word: str, code: int) -> str:
    return word.join(f"{part} == {code}" for part in parts)


class _Writer:
    """Writes Python for expressions. Values stand in the function's own names, never in its text."""

    def __init__(self, as_of: date, places: Mapping[str, str]) -> None:
        self.as_of = as_of
        self.locals = places
        self.space: dict[str, Any] = {
            "ABSENT": ABSENT,
            "AS_OF": as_of,
            "quotient": _quotient,
            **SPAN_FUNCTIONS,
        }
        self.count = 0

    def made(self, name: str, lines: list[str]) -> Any:
        """Return the function of this name."""
        exec("\n".join(lines), self.space)  # noqa: S102 - written by this module, from parsed trees only
        return self.space[name]

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def constant(self, value: Any) -> str:
        name = self.fresh("c")
        self.space[name] = value
        return name

    def leaf(self, test: Expression, dictionary: FactDictionary) -> str:
        """The truth of a comparison; the interpreter is asked for what is not there or depends on two facts."""

        def ask(facts: Facts) -> int:
            return code_of(test, facts, self.as_of, dictionary)

        if not test.facts:
            return str(ask(Facts()))
        if len(test.facts) == 1:
            (name,) = test.facts
            local, absent = self.locals[name], ask(Facts().not_applicable(name))
            computed = f"2 if {self.python(test.root)} else 0"
            return f"{ask(Facts())} if {local} is None else {absent} if {local} is ABSENT else {computed}"
        asked = f"{self.constant(ask)}(facts)"
        places = [self.locals[name] for name in test.facts]
        gone = " or ".join(f"{local} is None or {local} is ABSENT" for local in places)
        # Not looked at: the interpreter's answer, which may be certain although a fact is missing.
        return f"{asked} if {gone} else 2 if {self.python(test.root)} else 0"

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


def _quotient(left: Any, right: Any) -> int | Fraction:
    return simplest(Fraction(left) / Fraction(right))
