"""How many questions decide a goal on the published rules: ours, a fixed form, file order, and the clairvoyant bound.

Companies are made up in realistic proportions (`population.py`); each answers whatever is asked. A goal is one rule or
table, or all of a kind, as the assistant pursues them. The bound is the fewest facts that decide the goal for somebody
who knows every answer before asking: nobody can do better. `python benchmarks/questions.py [companies a goal]`.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from certificates import fewest, is_decided, missing
from population import DAY, company

from knowledge.base import KnowledgeBase
from knowledge.loader import load_knowledge
from rules.document import DecisionTable, RuleDocument
from rules.facts import FactData, Facts, FactState, FactValue
from rules.questions import Prior, next_question
from rules.wellformed import facts_used

AIM = 1.25
AIM_TURN = 8.0
KINDS = ("subsidy", "qualification", "pledge", "crime")
Goal = RuleDocument | DecisionTable
Choose = Callable[[Sequence[Goal], Facts], str | None]


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    knowledge = load_knowledge(Path(__file__).parent.parent / "knowledge")
    chance = random.Random(7)
    seen = [company(chance, knowledge.facts) for _ in range(300)]
    prior: Prior = {name: [values[name] for values in seen] for name in knowledge.facts}
    took: list[float] = []
    rows = []
    for name, goals in _goals(knowledge):
        people = [company(chance, knowledge.facts) for _ in range(count)]
        rows.append((name, *_means(knowledge, goals, people, prior, took)))
    print(f"{'goal':<44}{'bound':>7}{'ours':>7}{'+prior':>8}{'file order':>12}{'form':>7}{'ours/bound':>12}")
    for name, bound, ours, with_prior, in_order, form in rows:
        print(
            f"{name:<44}{bound:>7.2f}{ours:>7.2f}{with_prior:>8.2f}{in_order:>12.2f}{form:>7.1f}{ours / bound:>12.2f}"
        )
    bound, ours, with_prior, in_order, form = (
        statistics.mean(row[place] for row in rows) for place in range(1, 6)
    )
    print(
        f"{'mean of all goals':<44}{bound:>7.2f}{ours:>7.2f}{with_prior:>8.2f}{in_order:>12.2f}{form:>7.1f}{ours / bound:>12.2f}"
    )
    took.sort()
    print(f"\nours / bound {ours / bound:.2f}, with a prior {with_prior / bound:.2f} (aim <= {AIM})")
    print(f"choosing a question over all subsidies: p50 {took[len(took) // 2]:.2f} ms, "
          f"p99 {took[int(len(took) * 0.99)]:.2f} ms (aim < {AIM_TURN} ms)")  # fmt: skip


def _goals(knowledge: KnowledgeBase) -> list[tuple[str, list[Goal]]]:
    single: list[tuple[str, list[Goal]]] = []
    for goal in (*knowledge.rules.values(), *knowledge.tables.values()):
        if len(missing(goal, Facts(), DAY, knowledge.facts)) > 1:
            single.append((goal.id, [goal]))
    kinds = [(f"all of {kind}", [g for g in knowledge.documents() if g.kind == kind]) for kind in KINDS]
    return [*single, *kinds]


def _means(
    knowledge: KnowledgeBase,
    goals: Sequence[Goal],
    people: Sequence[dict[str, FactData]],
    prior: Prior,
    took: list[float],
) -> tuple[float, float, float, float, float]:
    def ours(goals: Sequence[Goal], facts: Facts) -> str | None:
        began = time.thread_time()
        question = next_question(goals, facts, DAY, knowledge.facts)
        if goals[0].kind == "subsidy" and len(goals) > 1:
            took.append((time.thread_time() - began) * 1000)
        return None if question is None else question.fact

    def with_prior(goals: Sequence[Goal], facts: Facts) -> str | None:
        question = next_question(goals, facts, DAY, knowledge.facts, prior)
        return None if question is None else question.fact

    def in_order(goals: Sequence[Goal], facts: Facts) -> str | None:
        still = (name for goal in goals for name in missing(goal, facts, DAY, knowledge.facts))
        return next(still, None)

    def mean(choose: Choose) -> float:
        return statistics.mean(_asked(knowledge, goals, values, choose) for values in people)

    bounds = [
        fewest(goals, Facts({name: FactValue(FactState.VALUE, value) for name, value in values.items()}), DAY, knowledge.facts)
        for values in people
    ]  # fmt: skip
    form = frozenset().union(*(facts_used(goal) for goal in goals))
    return statistics.mean(bounds), mean(ours), mean(with_prior), mean(in_order), float(len(form))


def _asked(
    knowledge: KnowledgeBase, goals: Sequence[Goal], values: dict[str, FactData], choose: Choose
) -> int:
    """How many questions one company is asked until all goals are decided."""
    facts, count = Facts(), 0
    while not all(is_decided(goal, facts, DAY, knowledge.facts) for goal in goals):
        name = choose(goals, facts)
        if name is None:
            raise SystemExit(f"nothing to ask, yet not decided: {[goal.id for goal in goals]}")
        facts = facts.with_fact(name, FactValue(FactState.VALUE, values[name]))
        count += 1
    return count


if __name__ == "__main__":
    main()
