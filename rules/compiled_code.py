"""Python generated from parsed trees: comparisons of one fact, and the parts of a rule that join several.

Truths are 0 (no), 1 (unknown) and 2 (yes); missing facts are bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any, Final

from rules import syntax
from rules.day_pairs import DayPair, Range
from rules.decide import decide, leaves, split
from rules.evaluate import Environment, domain, evaluate
from rules.expressions import AS_OF, Expression, simplest
from rules.facts import FactDictionary, Facts
from rules.functions import ROUND_FUNCTIONS, SPAN_FUNCTIONS
from rules.possible import ABSENT as NOT_HERE
from rules.possible import Exactly, Possible, Truth, span, to_truth
from rules.syntax import Operator
from rules.tree import Formal, Negated

FALSE, UNKNOWN, TRUE = 0, 1, 2
ABSENT: Final = object()  # the value of a fact that does not exist here
MOST_REMEMBERED: Final = 4096  # ways in which the comparisons of a rule can stand, kept with the answer
_CODE: Final = {Truth.FALSE: FALSE, Truth.UNKNOWN: UNKNOWN, Truth.TRUE: TRUE}

Judge = Callable[[dict[str, Any], Facts, int, int], tuple[int, int]]
Standing = Callable[[tuple[Any, ...]], tuple[int, ...]]


def code_of(test: Expression, facts: Facts, as_of: date, dictionary: FactDictionary) -> int:
    """Return what the interpreter says of a comparison."""
    return _CODE[to_truth(evaluate(test.root, Environment(facts, as_of, dictionary)))]


def predicate(test: Expression, as_of: date) -> Callable[[Any], bool]:
    """Return the comparison of one fact as a function of its value."""
    writer = _Writer(as_of, {test.facts[0]: "value"})
    return writer.made("holds", [f"def holds(value): return bool({writer.python(test.root)})"])  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Work:
    """Parts of a rule that must be judged together: their tree, single-fact requirements in it, and the others."""

    tree: Formal
    required: tuple[str, ...]  # facts of requirements that stay open while the fact is unknown
    rest: tuple[Formal, ...]


def judge(works: Sequence[Work], asking: Asking) -> Judge:
    """Return the function that works through the groups of a rule that its requirements do not rule out.

    It is given the values, the facts, the unknown facts and what is missing elsewhere in the rule, and returns truth
    and missing facts.
    """
    names = {name for work in works for part in work.rest for test in leaves(part) for name in test.facts}
    writer = _Writer(asking.as_of, {name: f"x{place}" for place, name in enumerate(sorted(names))})
    lines = ["def work(values, facts, unknown, missing):", "    get = values.get"]
    for work in works:
        _write_group(work, writer, asking, lines)
    lines.append("    return (1, missing) if missing else (2, 0)")
    made: Judge = writer.made("work", lines)
    return made


def _write_group(work: Work, writer: _Writer, asking: Asking, lines: list[str]) -> None:
    """Add the truth of a group; while all its facts are unknown it is always the same."""
    bits, facts_bits = asking.bits, asking.all_facts(work.tree)
    untold = decide(work.tree, Environment(Facts(), asking.as_of, asking.dictionary))
    lines.append(f"    if unknown & {facts_bits} == {facts_bits}:")
    if untold.truth is Truth.FALSE:
        lines.append("        return 0, 0")
    lines.append(f"        missing |= {sum(bits[name] for name in untold.facts)}")
    lines.append("    else:")
    tests = {test.root: test for part in work.rest for test in leaves(part)}
    for name in dict.fromkeys(name for test in tests.values() for name in test.facts):
        lines.append(f"        {writer.locals[name]} = get({writer.constant(name)})")
    places = {root: writer.fresh("t") for root in tests}
    for root, test in tests.items():
        lines.append(f"        {places[root]} = {writer.leaf(test, asking)}")
    parts = _Parts(writer, places, bits, lines)
    lines.append(f"        m = unknown & {sum({bits[name] for name in work.required})}")
    ways: list[str] = []  # how each part stands: what is decided no longer matters, nor do the facts in it
    for part in work.rest:
        truth, missing, way = parts.write(part)
        lines.append(f"        if {truth} == 0: return 0, 0")
        lines.append(f"        if {truth} == 1: m |= {missing}")
        ways.append(f"{way}, ")
    shared = asking.shared(work.tree)
    if shared:
        joined = writer.constant(asking.joined(work.tree))
        several = any(len(test.facts) > 1 for test in tests.values())
        known = f"{joined}(values, unknown), " if several else ""
        ask = writer.constant(asking.of(work.tree))
        lines.append(f"        if m & {shared}:")
        lines.append(f"            t, m = {ask}(({''.join(ways)}{known}m), facts)")
        lines.append("            if t == 0: return 0, 0")
    lines.append("        missing |= m")


class Asking:
    """Asks the interpreter about parts that test an unknown fact several times.

    It is asked once for each way in which the comparisons can stand, since nothing else can change its answer; parts
    that several rules have in common share what was answered.
    """

    def __init__(self, bits: Mapping[str, int], as_of: date, dictionary: FactDictionary) -> None:
        self.bits = bits
        self.as_of = as_of
        self.dictionary = dictionary
        self._of: dict[Formal, Callable[[Hashable, Facts], tuple[int, int]]] = {}
        self._profiles: dict[Hashable, Standing] = {}

    def all_facts(self, tree: Formal) -> int:
        """Return the facts of the tree as bits."""
        return sum({self.bits[name] for test in leaves(tree) for name in test.facts})

    def shared(self, tree: Formal) -> int:
        """Return the facts that are tested several times and whose range falls into cases, as bits."""
        return sum(self.bits[name] for name in self._cases(tree))

    def _cases(self, tree: Formal) -> dict[str, list[Possible]]:
        tests = list(leaves(tree))
        times = Counter(name for test in tests for name in test.facts)
        nothing = Environment(Facts(), self.as_of, self.dictionary)
        cases = {
            name: split(name, nothing.possible(name), tests) for name, count in times.items() if count > 1
        }
        return {name: pieces for name, pieces in cases.items() if len(pieces) > 1}

    def of(self, tree: Formal) -> Callable[[Hashable, Facts], tuple[int, int]]:
        """Return the function that answers with truth and missing facts."""
        if tree not in self._of:
            self._of[tree] = self._asking(tree)
        return self._of[tree]

    def _asking(self, tree: Formal) -> Callable[[Hashable, Facts], tuple[int, int]]:
        seen: dict[Hashable, tuple[int, int]] = {}

        def ask(way: Hashable, facts: Facts) -> tuple[int, int]:
            answer = seen.get(way)
            if answer is None:
                if len(seen) >= MOST_REMEMBERED:
                    seen.clear()
                decision = decide(tree, Environment(facts, self.as_of, self.dictionary))
                answer = _CODE[decision.truth], sum(self.bits[name] for name in decision.facts)
                seen[way] = answer
            return answer

        return ask

    def joined(self, tree: Formal) -> Callable[[dict[str, Any], int], Hashable]:
        """Return what is to be known of comparisons of several facts: how each stands in every case of its facts.

        A known day matters only through this: in which cases of the unknown one the comparison can hold.
        """
        cases = self._cases(tree)
        several = dict.fromkeys(test for test in leaves(tree) if len(test.facts) > 1)
        profiles = [
            (
                test.facts,
                sum(self.bits[name] for name in test.facts if name in cases),
                self.standing(test, cases),
            )
            for test in several
        ]

        def look(values: dict[str, Any], unknown: int) -> Hashable:
            return tuple(
                [
                    profile(tuple([values.get(name) for name in names]))
                    for names, bits, profile in profiles
                    if unknown & bits
                ]
            )

        return look

    def standing(self, test: Expression, cases: Mapping[str, list[Possible]]) -> Standing:
        """Return how a comparison of several facts stands; rules that have it in common share what was found."""
        own = {name: tuple(cases[name]) for name in test.facts if name in cases}
        key = (test.root, tuple(own.items()))
        if key not in self._profiles:
            self._profiles[key] = _standing(test, own, self.as_of, self.dictionary)
        return self._profiles[key]


def _standing(
    test: Expression, cases: Mapping[str, tuple[Possible, ...]], as_of: date, dictionary: FactDictionary
) -> Standing:
    """Return how a comparison of several facts stands, given their values, in each case of those that are unknown."""
    seen: dict[tuple[Any, ...], tuple[int, ...]] = {}
    pair = DayPair.of(test, dictionary)
    ranges = None if pair is None else _ranges(test, cases, dictionary)

    def of_days(pair: DayPair, ranges: list[list[Range]], values: tuple[Any, ...]) -> Iterator[int]:
        first, second = (
            choice if value is None else [(value, value)]
            for value, choice in zip(values, ranges, strict=True)
        )
        starts_first = test.facts[0] == pair.start
        for one, other in product(first, second):
            yield pair.truth(one, other) if starts_first else pair.truth(other, one)

    def computed(values: tuple[Any, ...]) -> Iterator[int]:
        if pair is not None and ranges is not None and ABSENT not in values:
            yield from of_days(pair, ranges, values)
            return
        environment = Environment(Facts(), as_of, dictionary)
        supposed = environment.values  # of this environment alone: written over from case to case
        unknown = []
        for name, value in zip(test.facts, values, strict=True):
            if value is not None:
                supposed[name] = NOT_HERE if value is ABSENT else Exactly(value)
            elif name in cases:
                unknown.append(name)
        for pieces in product(*(cases[name] for name in unknown)):
            supposed.update(zip(unknown, pieces, strict=True))
            yield _CODE[to_truth(evaluate(test.root, environment))]

    def stands(values: tuple[Any, ...]) -> tuple[int, ...]:
        found = seen.get(values)
        if found is None:
            if len(seen) >= MOST_REMEMBERED:
                seen.clear()
            found = seen[values] = tuple(computed(values))
        return found

    return stands


def _ranges(
    test: Expression, cases: Mapping[str, tuple[Possible, ...]], dictionary: FactDictionary
) -> list[list[Range]] | None:
    """Return for each day of the comparison its cases, the whole range where there are none; None for other things."""
    found: list[list[Range]] = []
    for name in test.facts:
        spans = [span(piece) for piece in cases.get(name, (domain(dictionary[name]),))]
        ends = [(piece.low, piece.high) for piece in spans if piece is not None]
        if len(ends) < len(spans) or not all(isinstance(day, date) for pair in ends for day in pair):
            return None
        found.append(ends)  # type: ignore[arg-type]  # days, as was just made sure
    return found


class _Parts:
    """Writes the joints of a tree; gives the locals that hold truth and missing facts."""

    def __init__(
        self, writer: _Writer, places: Mapping[syntax.Node, str], bits: Mapping[str, int], lines: list[str]
    ) -> None:
        self.writer = writer
        self.places = places
        self.bits = bits
        self.lines = lines

    def write(self, tree: Formal) -> tuple[str, str, str]:
        """Return the locals of truth and missing facts, and an expression for how the undecided parts stand."""
        if isinstance(tree, Expression):
            place = self.places[tree.root]
            return place, f"(unknown & {sum({self.bits[name] for name in tree.facts})})", place
        if isinstance(tree, Negated):
            truth, missing, way = self.write(tree.part)
            turned = self.writer.fresh("r")
            self.emit(f"{turned} = 2 - {truth}")
            return turned, missing, way
        parts = [self.write(part) for part in tree.parts]
        truth, missing = self.writer.fresh("r"), self.writer.fresh("m")
        yes, no = _settled([part for part, _, _ in parts], tree.count)
        self.emit(f"{missing} = 0")
        self.emit(f"if {no}: {truth} = 0")
        self.emit(f"elif {yes}: {truth} = 2")
        self.emit("else:")
        self.emit(f"    {truth} = 1")
        for part, bits, _ in parts:
            self.emit(f"    if {part} == 1: {missing} |= {bits}")
        return (
            truth,
            missing,
            f"(({''.join(f'{way}, ' for _, _, way in parts)}) if {truth} == 1 else {truth})",
        )

    def emit(self, line: str) -> None:
        self.lines.append("        " + line)


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
            **ROUND_FUNCTIONS,
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

    def leaf(self, test: Expression, asking: Asking) -> str:
        """The truth of a comparison; the interpreter is asked for what is not there or depends on two facts."""

        def ask(facts: Facts) -> int:
            return code_of(test, facts, self.as_of, asking.dictionary)

        if not test.facts:
            return str(ask(Facts()))
        if len(test.facts) == 1:
            (name,) = test.facts
            local, absent = self.locals[name], ask(Facts().not_applicable(name))
            computed = f"2 if {self.python(test.root)} else 0"
            return f"{ask(Facts())} if {local} is None else {absent} if {local} is ABSENT else {computed}"
        places = [self.locals[name] for name in test.facts]
        gone = " or ".join(f"{local} is None or {local} is ABSENT" for local in places)
        # Not looked at: the interpreter's answer, which may be certain although a fact is missing.
        asked = f"{self.constant(asking.standing(test, {}))}(({', '.join(places)}))[0]"
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
