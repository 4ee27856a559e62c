"""Three hundred rules on one company and on 100,000: ours, zen-engine and OpenFisca-core, in one run on one core.

The answers of all three are compared first; only then is anything measured. Times of single companies are the
thread's own (`thread_time`), so that what else the machine does is not counted, each company's best of three runs
from the same start; others are wall-clock, the best of three (of seven for a single policy). `make bench-rules`, or
for fewer companies `PYTHONPATH=. .venv-bench/bin/python benchmarks/rule_engines.py [companies]`.

The file is not called rules.py: beside the other benchmarks that name would hide the package `rules` from them.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from other_engines import Encoded, OpenFisca, Zen
from population import DAY, Population
from rule_sets import described, kleene, three_hundred

from knowledge.base import KnowledgeBase
from knowledge.loader import load_knowledge
from rules.assess import assess
from rules.compile import CompiledRules, compile_rules
from rules.document import RuleDocument
from rules.facts import Facts
from rules.possible import Truth
from rules.vector import Companies, Matcher

MANY = 100_000
CHECKED, SEEN, MEASURED = 300, 40_000, 10_000
AIM_ONE, AIM_EXPLAINED, AIM_MANY, AIM_POLICY = 0.2, 2.0, 300.0, 5.0
CODE = {Truth.FALSE: 0, Truth.UNKNOWN: 1, Truth.TRUE: 2}
Row = tuple[str, str, str]


def main() -> None:
    """Check, measure, print the table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    knowledge = load_knowledge(Path(__file__).parent.parent / "knowledge")
    rules = three_hundred(knowledge, DAY)
    print(described(rules, DAY))
    population = Population(knowledge.facts, seed=5)
    companies = [population.known() for _ in range(SEEN + MEASURED)]
    encoded = Encoded(rules, DAY, knowledge.facts)
    zen, fisca = Zen(encoded), OpenFisca(encoded)
    compiled = compile_rules(rules, DAY, knowledge.facts)
    _check(knowledge, rules, compiled, companies[:CHECKED], encoded, zen, fisca)
    gc.collect()
    gc.freeze()
    rows = _one_company(knowledge, rules, companies, encoded, zen, fisca)
    rows += _all_companies(
        knowledge, rules, [companies[place % len(companies)] for place in range(many)], encoded, zen, fisca
    )
    print(f"\n{'measure':<66}{'value':>14}  aim")
    for name, value, aim in rows:
        print(f"{name:<66}{value:>14}  {aim}")


def _check(
    knowledge: KnowledgeBase,
    rules: Sequence[RuleDocument],
    compiled: CompiledRules,
    companies: Sequence[Facts],
    encoded: Encoded,
    zen: Zen,
    fisca: OpenFisca,
) -> None:
    """Stop unless all engines give the same answer for every rule and company."""
    matcher = Matcher(Companies(companies, knowledge.facts, compiled.names), DAY)
    matched = np.array([matcher.match(rule) for rule in rules]).T
    rows = [encoded.row(facts) for facts in companies]
    fiscal = np.array(fisca.codes(fisca.simulation(fisca.columns(rows)), range(len(rules)))).T
    more = 0
    for place, facts in enumerate(companies):
        ours = compiled.codes(facts)[0]
        plain = [CODE[kleene(rule, facts, DAY, knowledge.facts)] for rule in rules]
        if ours != matched[place].tolist():
            raise SystemExit("our compiled and vectorised answers differ")
        if plain != zen.codes(rows[place]) or plain != fiscal[place].tolist():
            raise SystemExit("the engines' answers differ")
        certain = [(a, b) for a, b in zip(ours, plain, strict=True) if a != b]
        if any(b != 1 for _, b in certain):
            raise SystemExit("our answer contradicts plain three-valued logic")
        more += len(certain)
    answers = len(companies) * len(rules)
    print(f"{answers:,} answers agree; {more} that plain three-valued logic leaves open are decided by ours")


def _one_company(
    knowledge: KnowledgeBase,
    rules: Sequence[RuleDocument],
    companies: Sequence[Facts],
    encoded: Encoded,
    zen: Zen,
    fisca: OpenFisca,
) -> list[Row]:
    first, later, named = _three_times(knowledge, rules, companies)
    chance = random.Random(3)
    pairs = [(chance.choice(rules), chance.choice(companies)) for _ in range(3000)]
    explained = _times(lambda pair: assess(pair[0], pair[1], DAY, knowledge.facts), pairs)
    rows = [encoded.row(facts) for facts in companies[SEEN : SEEN + 500]]
    others = _times(zen.codes, rows)
    columns = [fisca.columns([row]) for row in rows[:20]]
    fiscal = _times(lambda column: fisca.codes(fisca.simulation(column), range(len(rules))), columns)
    aim = f"p99 <= {AIM_ONE} ms"
    return [
        ("one company x 300: ours, truth and missing facts, the first 10,000 seen", _both(first), ""),
        ("one company x 300: ours, the next 10,000 after 40,000 seen", _both(later), aim),
        ("one company x 300: ours, the same with names instead of bits", _both(named), ""),
        ("one company x 300: zen-engine, truth only, no missing facts", _both(others), ""),
        ("one company x 300: OpenFisca-core, truth only, no missing facts", _both(fiscal), ""),
        ("one rule explained in full: ours, trace, articles, amount", _both(explained), f"p99 <= {AIM_EXPLAINED} ms"),
    ]  # fmt: skip


def _three_times(
    knowledge: KnowledgeBase, rules: Sequence[RuleDocument], companies: Sequence[Facts]
) -> tuple[list[float], list[float], list[float]]:
    """Measure the first companies seen, later ones, and later ones with names: each company's best of three.

    What is remembered of the companies before is part of what is measured, so that every run starts anew.
    """
    runs: list[tuple[list[float], list[float], list[float]]] = []
    for _ in range(3):
        compiled = compile_rules(rules, DAY, knowledge.facts)
        first = _each(compiled.codes, companies[:MEASURED])
        for facts in companies[MEASURED:SEEN]:
            compiled.codes(facts)
        later = _each(compiled.codes, companies[SEEN:])
        runs.append((first, later, _each(compiled.verdicts, companies[SEEN:])))
    first, later, named = (sorted(map(min, zip(*times, strict=True))) for times in zip(*runs, strict=True))
    return first, later, named


def _all_companies(
    knowledge: KnowledgeBase,
    rules: Sequence[RuleDocument],
    companies: Sequence[Facts],
    encoded: Encoded,
    zen: Zen,
    fisca: OpenFisca,
) -> list[Row]:
    began = time.perf_counter()
    columns = Companies(companies, knowledge.facts)
    loading = time.perf_counter() - began
    began = time.perf_counter()
    for rule in rules:
        columns.cases(rule.versions[rule.number_on(DAY) or 0].require.formal, DAY)
    preparing = time.perf_counter() - began
    ours = min(_once(lambda: _match_all(columns, rules)) for _ in range(3))
    policies = sorted(
        min(_once(lambda rule=rule: Matcher(columns, DAY).match(rule)) for _ in range(7)) for rule in rules
    )
    few = companies[:1000]
    rows = [encoded.row(facts) for facts in few]
    others = _once(lambda: [zen.codes(row) for row in rows]) * len(companies) / len(few)
    table = fisca.columns([encoded.row(facts) for facts in companies[:20_000]])
    share = len(companies) / min(20_000, len(companies))
    fiscal = _once(lambda: fisca.codes(fisca.simulation(table), range(len(rules)))) * share
    size = f"{len(companies):,}"
    return [
        (f"{size} companies x 300: ours", f"{ours * 1000:.0f} ms", f"<= {AIM_MANY:.0f} ms"),
        (f"{size} companies x 300: OpenFisca-core (20,000 measured)", f"{fiscal * 1000:.0f} ms", ""),
        (f"{size} companies x 300: zen-engine (1,000 measured)", f"{others * 1000:.0f} ms", ""),
        (f"one new policy x {size}: ours, in the middle", f"{policies[len(policies) // 2] * 1000:.1f} ms", f"<= {AIM_POLICY:.0f} ms"),
        (f"one new policy x {size}: ours, the slowest of 300", f"{policies[-1] * 1000:.1f} ms", f"<= {AIM_POLICY:.0f} ms"),
        ("once: facts into columns", f"{loading:.1f} s", ""),
        ("once: which cases the rules need", f"{preparing * 1000:.0f} ms", ""),
    ]  # fmt: skip


def _match_all(columns: Companies, rules: Sequence[RuleDocument]) -> None:
    matcher = Matcher(columns, DAY)
    for rule in rules:
        matcher.match(rule)


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _times(work: Callable[[Any], object], items: Iterable[Any]) -> list[float]:
    return sorted(_each(work, items))


def _each(work: Callable[[Any], object], items: Iterable[Any]) -> list[float]:
    took = []
    for item in items:
        began = time.thread_time()
        work(item)
        took.append((time.thread_time() - began) * 1000)
    return took


def _both(took: list[float]) -> str:
    return f"{took[len(took) // 2]:.3f}/{took[int(len(took) * 0.99)]:.3f}"


if __name__ == "__main__":
    main()
