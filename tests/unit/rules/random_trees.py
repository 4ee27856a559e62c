"""Random dictionaries, trees and facts for comparing the readers of the one tree with each other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from rules.expressions import parse_condition
from rules.facts import FactDefinition, FactDictionary, Facts, FactState, FactType, FactValue
from rules.tree import Needs, Negated

AS_OF = date(2026, 11, 20)
DICTIONARY = FactDictionary.parse(
    {
        "甲": {"type": "bool", "ask": "？"},
        "乙": {"type": "bool", "ask": "？"},
        "人数": {"type": "int", "ask": "？", "unit": "人"},
        "比率": {"type": "number", "ask": "？"},
        "收入": {"type": "money", "ask": "？", "unit": "元"},
        "成立日": {"type": "date", "ask": "？"},
        "登记日": {"type": "date", "ask": "？", "absent": "没有登记"},
        "规模": {"type": "enum", "values": ["微", "小", "中"], "ask": "？"},
        "权利": {"type": "set", "values": ["专利", "商标", "著作权"], "ask": "？"},
    }
)
_ORDERS = ["<", "<=", ">", ">=", "==", "!="]
_DAYS = [date(2020, 1, 1), date(2023, 6, 15), date(2026, 11, 20)]


def _day(day: date) -> str:
    return f"date({day.year}, {day.month}, {day.day})"


def _members(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return chosen.map(lambda names: ", ".join(f"'{name}'" for name in names))


LEAVES = st.one_of(
    st.sampled_from(["甲", "乙", "not 甲", "not 乙", "甲 == true", "has(成立日)", "not has(人数)"]),
    st.builds("人数 {} {}".format, st.sampled_from(_ORDERS), st.integers(0, 4)),
    st.builds("{} {} 人数".format, st.integers(0, 4), st.sampled_from(_ORDERS)),
    st.builds("比率 {} {}".format, st.sampled_from(_ORDERS), st.sampled_from(["0.1", "0.3", "-1"])),
    st.builds("收入 {} 万元({})".format, st.sampled_from(_ORDERS), st.integers(0, 2)),
    st.builds("成立日 {} {}".format, st.sampled_from(_ORDERS), st.sampled_from(_DAYS).map(_day)),
    st.builds("age(成立日) {} {}".format, st.sampled_from(_ORDERS), st.integers(0, 6)),
    st.builds("规模 {} [{}]".format, st.sampled_from(["in", "not in"]), _members(("微", "小", "中"))),
    st.builds("规模 {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(["微", "小", "中"])),
    st.builds("权利 & {{{}}}".format, _members(("专利", "商标", "著作权"))),
    st.builds("'{}' {} 权利".format, st.sampled_from(["专利", "商标"]), st.sampled_from(["in", "not in"])),
    st.builds("count(权利) {} {}".format, st.sampled_from(_ORDERS), st.integers(0, 3)),
    st.builds(
        "{}(人数, 比率) {} {}".format,
        st.sampled_from(["min", "max"]),
        st.sampled_from(_ORDERS),
        st.integers(0, 3),
    ),
    st.builds(
        "round_{}(人数, 2) {} {}".format,
        st.sampled_from(["up", "half_even"]),
        st.sampled_from(_ORDERS),
        st.integers(0, 4),
    ),
    st.builds(
        "人数 {} 比率 {} {}".format, st.sampled_from("+-"), st.sampled_from(_ORDERS), st.integers(0, 4)
    ),
    st.builds("人数 * 2 {} {}".format, st.sampled_from(_ORDERS), st.integers(0, 6)),
    st.builds(
        "{} {} {}".format, st.sampled_from(["成立日", "as_of"]), st.sampled_from(_ORDERS), st.just("登记日")
    ),
    st.builds(
        "{}_between({}) {} {}".format,
        st.sampled_from(["days", "months", "years"]),
        st.sampled_from(["成立日, 登记日", "登记日, 成立日", "成立日, as_of"]),
        st.sampled_from(_ORDERS),
        st.integers(-1, 3),
    ),
    st.sampled_from(["人数 >= 比率", "收入 * 比率 > 万元(1)", "人数 in [1, 2]", "not 人数 + 比率 < 1"]),
    st.builds(
        "人数 {} 收入 * 2 {} {}".format,
        st.sampled_from("+-"),
        st.sampled_from(_ORDERS),
        st.integers(0, 20_003),
    ),
).map(parse_condition)


def _joint(parts):
    lists = st.lists(parts, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        lists.map(lambda items: Needs(len(items), items)),
        lists.map(lambda items: Needs(1, items)),
        st.tuples(lists, st.integers(1, 4)).map(lambda pair: Needs(min(pair[1], len(pair[0])), pair[0])),
        parts.map(Negated),
    )


TREES = st.recursive(LEAVES, _joint, max_leaves=8)


def values(definition: FactDefinition) -> st.SearchStrategy[object]:
    """Plain values near the thresholds."""
    match definition.type:
        case FactType.BOOL:
            return st.booleans()
        case FactType.INT:
            return st.integers(0, 5)
        case FactType.NUMBER:
            return st.sampled_from([Decimal("0.1"), Decimal("0.2"), Decimal("0.3"), -1, -2, 7])
        case FactType.MONEY:
            return st.sampled_from([0, 9999, Decimal("9999.99"), 10000, 10001, 20000, 30000])
        case FactType.DATE:
            return st.builds(lambda day, by: day + timedelta(by), st.sampled_from(_DAYS), st.integers(-1, 1))
        case FactType.ENUM:
            return st.sampled_from(definition.values)
        case _:
            return st.frozensets(st.sampled_from(definition.values))


def fact(definition: FactDefinition) -> st.SearchStrategy[FactValue]:
    """A fact in any of its four states, most often with a value or not asked."""
    known = values(definition).map(lambda value: FactValue(FactState.VALUE, value))
    unknown = st.sampled_from([FactValue(FactState.NOT_ASKED), FactValue(FactState.DECLINED)])
    return st.one_of(known, known, unknown, st.just(FactValue(FactState.NOT_APPLICABLE)))


FACTS = st.fixed_dictionaries({name: fact(definition) for name, definition in DICTIONARY.items()}).map(Facts)
COMPLETE = st.fixed_dictionaries({name: values(definition) for name, definition in DICTIONARY.items()})
