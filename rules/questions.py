"""Choose the next question: the fact most likely to decide the open goals, for its worth and its cost.

For each open goal and each fact that still matters there, the fact's range is cut at the thresholds of the goal.
The gain is the probability that the goal is decided by the answer, plus a little for every condition it settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from rules.amounts import compute
from rules.citation import Citation
from rules.decide import decide, leaves, reduce, split
from rules.document import DecisionTable, RuleDocument, Score
from rules.evaluate import Environment, compare
from rules.facts import FactData, FactDefinition, FactDictionary, Facts, FactState
from rules.possible import Exactly, Possible, Subset, Truth
from rules.prose import expression_prose
from rules.scores import ScoreStatus, score
from rules.syntax import Comparison
from rules.table_form import HitPolicy
from rules.tables import TableStatus, decide_in
from rules.tree import Condition, Formal, TreeNode, conditions

Goal = RuleDocument | DecisionTable | Score
Prior = Mapping[str, Sequence[FactData]]  # values seen of a fact, for example among the known companies

PROGRESS_WORTH: Final = 0.1  # settling every condition of a goal, measured against deciding it
AMOUNT_WORTH: Final = 0.25  # making an amount exact, measured against deciding eligibility
POINT_WEIGHT: Final = 0.05  # how likely a number lies exactly on a threshold, measured against between two


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a question is asked: a goal that needs the fact, the condition, and its article."""

    goal: str
    title: str
    node: str
    wanted: str
    citations: tuple[Citation, ...]

    def __str__(self) -> str:
        """Return the reason in Chinese, for the person who is asked."""
        cited = f"（{'；'.join(str(citation) for citation in self.citations)}）" if self.citations else ""
        return f"“{self.title}”要看：{self.wanted}{cited}"


@dataclass(frozen=True, slots=True)
class Question:
    """The next fact to ask for, and why."""

    fact: str
    definition: FactDefinition
    reasons: tuple[Reason, ...]
    gain: float

    @property
    def text(self) -> str:
        """Return the question in Chinese."""
        return self.definition.ask

    @property
    def help(self) -> str:
        """Return what helps to answer."""
        return self.definition.help

    @property
    def options(self) -> tuple[str, ...]:
        """Return the answers to choose from; empty when the answer is free."""
        return self.definition.values

    @property
    def why(self) -> str:
        """Return in Chinese why this is asked."""
        lines = [self.definition.why] if self.definition.why else []
        return "\n".join([*lines, *map(str, self.reasons)])


def next_question(
    rules: Iterable[Goal],
    facts: Facts,
    as_of: date,
    dictionary: FactDictionary,
    prior: Prior | None = None,
) -> Question | None:
    """Return the best next question over the open goals, or None when every goal is decided or cannot be.

    A declined fact is never asked again. Ties go to the fact that the rules mention first.
    """
    return next(iter(next_questions(rules, facts, as_of, dictionary, prior, most=1)), None)


def next_questions(
    rules: Iterable[Goal],
    facts: Facts,
    as_of: date,
    dictionary: FactDictionary,
    prior: Prior | None = None,
    *,
    most: int,
) -> tuple[Question, ...]:
    """Return up to `most` questions over the open goals, the best first; each is rated as if it came next."""
    goals = list(rules)
    chooser = _Chooser(facts, as_of, dictionary, prior or {})
    for goal in goals:
        chooser.weigh(goal)
    return tuple(
        Question(name, dictionary[name], tuple(chooser.reasons(goals, name)), gain)
        for name, gain in chooser.best(most)
    )


class _Chooser:
    def __init__(self, facts: Facts, as_of: date, dictionary: FactDictionary, prior: Prior) -> None:
        self.facts = facts
        self.as_of = as_of
        self.dictionary = dictionary
        self.prior = prior
        self.environment = Environment(facts, as_of, dictionary)
        self.gains: dict[str, float] = {}
        self.needed: dict[str, set[str]] = {}

    def best(self, most: int) -> list[tuple[str, float]]:
        rated = {name: gain / float(self.dictionary[name].cost) for name, gain in self.gains.items()}
        return sorted(rated.items(), key=lambda item: -item[1])[:most]

    def weigh(self, goal: Goal) -> None:
        """Add what each fact would gain for the goal."""
        match goal:
            case RuleDocument():
                self._weigh_rule(goal)
            case DecisionTable():
                self._weigh_table(goal)
            case Score():
                self._weigh_score(goal)

    def _add(self, goal: Goal, name: str, gain: float) -> None:
        if name not in self.dictionary or self.facts.state(name) is not FactState.NOT_ASKED:
            return
        self.gains[name] = self.gains.get(name, 0.0) + gain * float(goal.worth)
        self.needed.setdefault(name, set()).add(goal.id)

    def _weigh_rule(self, rule: RuleDocument) -> None:
        number = rule.number_on(self.as_of)
        if number is None:
            return
        version = rule.versions[number]
        if version.windows and version.window_on(self.as_of) is None:
            return
        decision = decide(version.require.formal, self.environment)
        if decision.truth is Truth.TRUE and version.amount:
            missing = compute(version.amount, self.environment).missing
            for place, name in enumerate(missing, 1):  # the formula's facts come before the cap's
                self._add(rule, name, AMOUNT_WORTH / place)
        elif decision.truth is Truth.UNKNOWN:
            rest = reduce(version.require.formal, self.environment)
            for name in decision.facts:
                self._add(rule, name, 0.0 if isinstance(rest, Truth) else self._tree_gain(rest, name))

    def _tree_gain(self, rest: Formal, name: str) -> float:
        tests = list(leaves(rest))
        cases = split(name, self.environment.possible(name), tests)
        gain = 0.0
        for case, chance in zip(cases, self._chances(name, cases), strict=True):
            left = reduce(rest, self.environment.supposing(name, case), name)
            if isinstance(left, Truth):
                gain += chance
            else:
                settled = 1 - len(list(leaves(left))) / len(tests)
                gain += chance * PROGRESS_WORTH * settled
        return max(gain, PROGRESS_WORTH / (len(tests) + 1))

    def _weigh_table(self, table: DecisionTable) -> None:
        result = decide_in(table, self.environment)
        if result.status is not TableStatus.UNKNOWN or result.version is None:
            return
        trees = table.trees[result.version]
        rows = [reduce(trees[row].formal, self.environment) for row in result.unknown_rows]
        tests = [test for row in rows if not isinstance(row, Truth) for test in leaves(row)]
        for name in result.askable:
            cases = split(name, self.environment.possible(name), tests)
            chances = self._chances(name, cases)
            gains = (_rows_gain(table, rows, name, self.environment.supposing(name, case)) for case in cases)
            gain = sum(chance * gain for chance, gain in zip(chances, gains, strict=True))
            self._add(table, name, max(gain, PROGRESS_WORTH / (len(tests) + 1)))

    def _weigh_score(self, form: Score) -> None:
        result = score(form, self.facts, self.as_of, self.dictionary)
        if result.status is not ScoreStatus.UNKNOWN:
            return
        for dimension in result.dimensions:
            for indicator in dimension.indicators:
                for name in indicator.missing:
                    self._add(form, name, float(dimension.weight * indicator.weight))

    def _chances(self, name: str, cases: list[Possible]) -> list[float]:
        seen = self.prior.get(name)
        if not seen:
            weights = [POINT_WEIGHT if _is_point(case) else 1.0 for case in cases]
        else:
            weights = [1 + sum(_holds(case, value) for value in seen) for case in cases]
        total = sum(weights)
        return [weight / total for weight in weights]

    def reasons(self, goals: list[Goal], name: str) -> list[Reason]:
        """Return the goals that need the fact, with the conditions that test it."""
        wanted = self.needed.get(name, set())
        return [reason for goal in goals if goal.id in wanted for reason in self._reasons(goal, name)]

    def _reasons(self, goal: Goal, name: str) -> list[Reason]:
        number = goal.number_on(self.as_of)
        found: list[Reason] = []
        if isinstance(goal, RuleDocument) and number is not None:
            found = self._of_conditions(goal, [goal.versions[number].require], name)
        elif isinstance(goal, DecisionTable) and number is not None:
            found = self._of_conditions(goal, list(goal.trees[number].values()), name)[:1]
        return found or [Reason(goal.id, goal.title, "", f"{name}，用来算出结果", ())]

    def _of_conditions(self, goal: Goal, trees: list[TreeNode], name: str) -> list[Reason]:
        tested = (node for tree in trees for node in conditions(tree) if name in node.test.names)
        return [self._of_condition(goal, node) for node in tested]

    def _of_condition(self, goal: Goal, node: Condition) -> Reason:
        wanted = expression_prose(node.test, self.dictionary)
        return Reason(goal.id, goal.title, node.id, wanted, goal.cite(node.cite))


def _is_point(case: Possible) -> bool:
    """A number or day exactly on a threshold."""
    return (
        isinstance(case, Exactly)
        and isinstance(case.value, int | Fraction | date)
        and not isinstance(case.value, bool)
    )


def _holds(case: Possible, value: FactData) -> bool:
    plain = Fraction(value) if isinstance(value, Decimal) else value
    if isinstance(case, Subset):
        return isinstance(plain, frozenset) and case.must <= plain <= case.may
    return compare(Comparison.EQUAL, case, Exactly(plain)) is not Truth.FALSE


def _rows_gain(table: DecisionTable, rows: list[Truth | Formal], name: str, supposed: Environment) -> float:
    """How far a case of a fact decides the rows that are open: one when it does, else by the rows it settles."""
    still_open = settled = 0
    for row in rows:
        tested = not isinstance(row, Truth) and any(name in test.names for test in leaves(row))
        left = reduce(row, supposed) if tested and not isinstance(row, Truth) else row
        if left is Truth.TRUE and table.hit.gives_one:
            # The rows after it no longer count; under other policies than `first` those before it do not either.
            return 1.0 if not still_open or table.hit is not HitPolicy.FIRST else _part(settled, rows)
        if isinstance(left, Truth):
            settled += 1
        else:
            still_open += 1
    return 1.0 if not still_open else _part(settled, rows)


def _part(settled: int, rows: list[Truth | Formal]) -> float:
    return PROGRESS_WORTH * settled / len(rows)
