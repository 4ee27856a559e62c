"""The clairvoyant bound: the fewest facts that decide a rule or table for somebody who knows every answer before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations

from rules.decide import decide, reduce
from rules.document import DecisionTable, RuleDocument
from rules.evaluate import Environment
from rules.expressions import Expression
from rules.facts import FactDictionary, Facts
from rules.possible import Truth
from rules.table_form import HitPolicy
from rules.tables import decide as decide_table
from rules.tree import Formal, Negated

Sets = list[frozenset[str]]
MOST = 400  # ways to decide one part that are kept, the smallest first


def fewest(
    goals: Sequence[RuleDocument | DecisionTable], facts: Facts, day: date, dictionary: FactDictionary
) -> int:
    """Return how many answers at least decide all goals, when all facts are given."""
    environment = Environment(facts, day, dictionary)
    ways = [found for goal in goals if (found := _ways(goal, environment))]
    return _smallest_union(sorted(ways, key=len))


def _ways(goal: RuleDocument | DecisionTable, environment: Environment) -> Sets:
    number = goal.number_on(environment.as_of)
    if number is None:
        return []
    if isinstance(goal, RuleDocument):
        version = goal.versions[number]
        if version.windows and version.window_on(environment.as_of) is None:
            return []
        return _certificates(version.require.formal, environment)
    rows = [row for row in goal.versions[number].rows if row.valid.holds(environment.as_of)]
    trees = {row.id: goal.trees[number][row.id].formal for row in rows if not row.otherwise}
    holding = {row for row, tree in trees.items() if reduce(tree, environment) is Truth.TRUE}
    if goal.hit in (HitPolicy.UNIQUE, HitPolicy.ANY) and holding:
        return _pruned([way for row in holding for way in _certificates(trees[row], environment)])
    needed: list[Formal] = []
    for row, tree in trees.items():
        needed.append(tree)
        if goal.hit is HitPolicy.FIRST and row in holding:
            break
    return _joined([_certificates(tree, environment) for tree in needed])


def _certificates(tree: Formal, environment: Environment) -> Sets:
    """The sets of facts each of which makes the tree as certain as it is."""
    if isinstance(tree, Expression):
        return [frozenset(tree.facts)]
    if isinstance(tree, Negated):
        return _certificates(tree.part, environment)
    truth = reduce(tree, environment)
    wanted = Truth.TRUE if truth is Truth.TRUE else Truth.FALSE
    fitting = [part for part in tree.parts if reduce(part, environment) is wanted]
    count = tree.count if wanted is Truth.TRUE else len(tree.parts) - tree.count + 1
    ways = [_certificates(part, environment) for part in fitting]
    found: Sets = []
    for chosen in combinations(ways, max(count, 0)):
        found += _joined(chosen)
    return _pruned(found)


def _joined(ways: Iterable[Sets]) -> Sets:
    joined: Sets = [frozenset()]
    for sets in ways:
        joined = _pruned([before | way for before in joined for way in sets])
    return joined


def _pruned(sets: Sets) -> Sets:
    """Without sets that hold another one."""
    kept: Sets = []
    for candidate in sorted(set(sets), key=len):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
            if len(kept) == MOST:
                break
    return kept


def _smallest_union(ways: Sequence[Sets]) -> int:
    """The fewest facts that decide all goals at once: branch and bound."""
    best = len(frozenset().union(*(min(sets, key=len) for sets in ways))) if ways else 0

    def search(place: int, taken: frozenset[str]) -> None:
        nonlocal best
        if len(taken) >= best:
            return
        while place < len(ways) and any(way <= taken for way in ways[place]):
            place += 1
        if place == len(ways):
            best = len(taken)
            return
        for way in sorted(ways[place], key=lambda way: len(way - taken)):
            search(place + 1, taken | way)

    search(0, frozenset())
    return best


def is_decided(
    goal: RuleDocument | DecisionTable, facts: Facts, day: date, dictionary: FactDictionary
) -> bool:
    """Return whether the facts decide the goal's conditions."""
    number = goal.number_on(day)
    if number is None:
        return True
    if isinstance(goal, DecisionTable):
        return decide_table(goal, facts, day, dictionary).status.value != "unknown"
    version = goal.versions[number]
    if version.windows and version.window_on(day) is None:
        return True
    return decide(version.require.formal, Environment(facts, day, dictionary)).truth is not Truth.UNKNOWN


def missing(
    goal: RuleDocument | DecisionTable, facts: Facts, day: date, dictionary: FactDictionary
) -> tuple[str, ...]:
    """Return the facts that still matter to the goal's conditions, in reading order."""
    number = goal.number_on(day)
    if number is None:
        return ()
    if isinstance(goal, DecisionTable):
        return decide_table(goal, facts, day, dictionary).askable
    version = goal.versions[number]
    if version.windows and version.window_on(day) is None:
        return ()
    return decide(version.require.formal, Environment(facts, day, dictionary)).facts
