"""The interpreter, the compiled function, the vectorised matcher and SQLite's NULL logic say the same."""

from __future__ import annotations

import sqlite3
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import syntax
from rules.compile import CompiledRules
from rules.decide import decide, leaves, reduce
from rules.evaluate import Environment
from rules.expressions import Expression, parse_condition
from rules.facts import FactState
from rules.possible import Truth
from rules.tree import Needs, Negated
from rules.vector import Companies, Fit, Matcher
from tests.unit.rules.random_trees import AS_OF, COMPLETE, DICTIONARY, FACTS, TREES

FIT = {Truth.FALSE: Fit.NO, Truth.UNKNOWN: Fit.MAY, Truth.TRUE: Fit.FITS}
QUICK = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@settings(QUICK, max_examples=400)
@given(TREES, st.lists(FACTS, min_size=25, max_size=25))
def test_compiled_and_vectorised_agree_with_the_interpreter(tree, companies):
    compiled = CompiledRules([("规则", tree)], AS_OF, DICTIONARY)
    fits = Matcher(Companies(companies, DICTIONARY), AS_OF).match_tree(tree)
    for place, facts in enumerate(companies):
        decision = decide(tree, Environment(facts, AS_OF, DICTIONARY))
        verdict = compiled.verdicts(facts)[0]
        assert verdict.truth is decision.truth
        assert verdict.missing == decision.facts
        assert fits[place] == FIT[decision.truth]


@settings(QUICK, max_examples=150)
@given(TREES, FACTS, st.lists(COMPLETE, min_size=5, max_size=5))
def test_what_is_decided_stays_decided_whatever_the_rest(tree, facts, completions):
    decision = decide(tree, Environment(facts, AS_OF, DICTIONARY))
    open_facts = [
        name for name in DICTIONARY if facts.state(name) in (FactState.NOT_ASKED, FactState.DECLINED)
    ]
    for values in completions:
        full = facts
        for name in open_facts:
            full = full.with_value(name, values[name])
        final = decide(tree, Environment(full, AS_OF, DICTIONARY))
        assert final.truth is not Truth.UNKNOWN
        assert final.facts == ()
        if decision.truth is not Truth.UNKNOWN:
            assert final.truth is decision.truth


@settings(QUICK, max_examples=150)
@given(TREES, FACTS, COMPLETE)
def test_answering_what_is_missing_is_enough(tree, facts, values):
    for _ in DICTIONARY:
        decision = decide(tree, Environment(facts, AS_OF, DICTIONARY))
        if decision.truth is not Truth.UNKNOWN:
            assert decision.facts == ()
            return
        assert decision.facts
        for name in decision.facts:
            facts = facts.with_value(name, values[name])
    assert decide(tree, Environment(facts, AS_OF, DICTIONARY)).truth is not Truth.UNKNOWN


SIMPLE = st.one_of(
    st.sampled_from(["甲", "乙", "not 甲"]),
    st.builds("比率 {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-1, 2)),
).map(parse_condition)
SIMPLE_TREES = st.recursive(
    SIMPLE,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda items: Needs(len(items), tuple(items))),
        st.lists(parts, min_size=1, max_size=3).map(lambda items: Needs(1, tuple(items))),
        parts.map(Negated),
    ),
    max_leaves=8,
)
NULLABLE = st.fixed_dictionaries(
    {
        "甲": st.none() | st.booleans(),
        "乙": st.none() | st.booleans(),
        "比率": st.none() | st.integers(-2, 3),
    }
)


def _sql(tree: Any) -> str:
    if isinstance(tree, Expression):
        return _sql_node(tree.root)
    if isinstance(tree, Negated):
        return f"NOT ({_sql(tree.part)})"
    word = " AND " if tree.count == len(tree.parts) else " OR "
    return word.join(f"({_sql(part)})" for part in tree.parts)


def _sql_node(node: syntax.Node) -> str:
    match node:
        case syntax.Not(item):
            return f"NOT {_sql_node(item)}"
        case syntax.Name(name):
            return f":{name}"
        case syntax.Literal(value):
            return str(value)
        case syntax.Compare(operator, left, right):
            return f"{_sql_node(left)} {operator.value} {_sql_node(right)}"
    raise AssertionError(node)


@settings(QUICK, max_examples=150)
@given(SIMPLE_TREES, st.lists(NULLABLE, min_size=25, max_size=25))
def test_three_valued_logic_is_that_of_sqlite(tree, rows):
    with sqlite3.connect(":memory:") as database:
        for row in rows:
            (got,) = database.execute(f"SELECT {_sql(tree)}", row).fetchone()
            wanted = Truth.UNKNOWN if got is None else Truth.of(bool(got))
            facts = DICTIONARY.facts({name: value for name, value in row.items() if value is not None})
            rest = reduce(tree, Environment(facts, AS_OF, DICTIONARY))
            assert (rest if isinstance(rest, Truth) else Truth.UNKNOWN) is wanted
            refined = decide(tree, Environment(facts, AS_OF, DICTIONARY)).truth
            assert wanted in (refined, Truth.UNKNOWN)
    database.close()


def test_leaves_come_in_reading_order():
    tree = Needs(2, (parse_condition("乙"), Negated(parse_condition("甲"))))
    assert [test.source for test in leaves(tree)] == ["乙", "甲"]


def test_what_is_left_has_one_form():
    # The order of the parts, a part written twice and two negations change nothing of what is asked for.
    one, other, third = (parse_condition(test) for test in ("乙", "权利 & {'专利', '商标'}", "甲"))
    facts = DICTIONARY.facts({"甲": True})
    trees = [
        Needs(3, (third, Needs(1, (other, one, other)), Needs(1, (one,)))),
        Needs(3, (Needs(1, (one,)), Needs(1, (one, other)), Negated(Negated(third)))),
        Negated(Needs(1, (Negated(third), Negated(one), Negated(Needs(1, (other, one)))))),
    ]
    decisions = [decide(tree, Environment(facts, AS_OF, DICTIONARY)) for tree in trees]
    assert [decision.facts for decision in decisions] == [("乙",)] * 3


def test_of_an_equation_narrower_ranges_tell_more():
    # The threshold stands in a part that is decided already; twice a whole number is still never three.
    tree = Needs(
        1, (Needs(2, (parse_condition("人数 > 1"), parse_condition("乙"))), parse_condition("人数 * 2 == 3"))
    )
    facts = DICTIONARY.facts({"乙": False})
    assert decide(tree, Environment(facts, AS_OF, DICTIONARY)).truth is Truth.FALSE
    assert list(Matcher(Companies([facts], DICTIONARY), AS_OF).match_tree(tree)) == [Fit.NO]
