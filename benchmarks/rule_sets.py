"""Three hundred rules: the published ones, and variations on them in other districts with other thresholds."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from knowledge.base import KnowledgeBase
from rules import syntax
from rules.decide import decide, leaves, reduce
from rules.document import RuleDocument
from rules.evaluate import Environment
from rules.expressions import Expression
from rules.facts import FactDictionary, Facts, FactType
from rules.possible import Truth
from rules.syntax import Comparison
from rules.tree import AllOf, AnyOf, AtLeast, Condition, NotOf, TreeNode, conditions

_FACTORS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(5, 4), Fraction(3, 2), 2, 3, 4)


def rules_in_force(knowledge: KnowledgeBase, day: date) -> list[RuleDocument]:
    """Return the published rules that are in force."""
    return [rule for rule in knowledge.rules.values() if rule.number_on(day) is not None]


def three_hundred(knowledge: KnowledgeBase, day: date, seed: int = 11) -> list[RuleDocument]:
    """Return the published rules in force, made up to 300 by variations."""
    shipped = rules_in_force(knowledge, day)
    varied = _Variations(knowledge.facts, shipped, day, random.Random(seed))
    rules = list(shipped)
    while len(rules) < 300:
        rules.append(varied.next_rule(len(rules)))
    return rules


class _Variations:
    def __init__(
        self, facts: FactDictionary, shipped: list[RuleDocument], day: date, chance: random.Random
    ) -> None:
        self.facts = facts
        self.day = day
        self.chance = chance
        self.shipped = shipped
        self.trees = [rule.versions[rule.number_on(day) or 0].require for rule in shipped]
        self.pool = [node.test for tree in self.trees for node in conditions(tree)]

    def next_rule(self, number: int) -> RuleDocument:
        """Return a rule of the shape policies have: where, who, a few thresholds, and what a published rule asks."""
        template = self.chance.choice(self.shipped)
        source = {"S1": template.sources[next(iter(template.sources))].model_dump()}
        while True:
            self.count = 0
            parts = [self._where(), *self._general(), self._varied(self.chance.choice(self.trees))]
            if self.chance.random() < 0.4:
                parts.append({"any": [self._leaf(self._test()) for _ in range(self.chance.randint(2, 3))]})
            if self.chance.random() < 0.2:
                parts.append({"not": {"any": [self._leaf(self._test()), self._leaf(self._test())]}})
            if self.chance.random() < 0.15:
                parts.append({"at_least": 2, "of": [self._leaf(self._test()) for _ in range(3)]})
            rule = RuleDocument.model_validate(
                {
                    "schema": "rules/1", "id": f"bench.rule-{number}", "kind": "bench", "title": f"规则{number}",
                    "owner": "测试", "review_by": self.day, "sources": source,
                    "versions": [{"valid": {"from": date(2024, 1, 1), "cite": "S1"}, "require": {"all": parts}}],
                }
            )  # fmt: skip
            if self._sensible(rule):
                return rule

    def _sensible(self, rule: RuleDocument) -> bool:
        """Somebody can fit the rule; otherwise its author made a mistake."""
        tree = rule.versions[0].require.formal
        return decide(tree, Environment(Facts(), self.day, self.facts)).truth is Truth.UNKNOWN

    def _leaf(self, test: str) -> dict[str, Any]:
        self.count += 1
        return {
            "id": f"n{self.count}", "if": test, "cite": f"S1#第{self.count}条",
            "pass": "这一项符合", "fail": "这一项不符合", "fix": "补齐这一项",
        }  # fmt: skip

    def _where(self) -> dict[str, Any]:
        districts = self.facts["注册地"].values
        if self.chance.random() < 0.6:
            return self._leaf(f"注册地 == '{self.chance.choice(districts)}'")
        return self._leaf(f"注册地 in {self._several(districts)}")

    def _several(self, values: tuple[str, ...]) -> str:
        chosen = self.chance.sample(values, self.chance.randint(1, max(1, len(values) // 2)))
        return "[" + ", ".join(f"'{value}'" for value in chosen) + "]"

    def _general(self) -> list[dict[str, Any]]:
        chance = self.chance
        tests = (
            f"从业人数 >= {chance.randint(3, 300)}",
            f"从业人数 <= {chance.randint(100, 2000)}",
            f"年营业收入 >= {chance.randint(10, 5000)}0000",
            f"资产总额 <= {chance.randint(1000, 40000)}0000",
            f"研发费用占比 >= {chance.randint(1, 10)}",
            f"有效发明专利数 >= {chance.randint(1, 60)}",
            f"age(成立日) >= {chance.randint(1, 10)}",
            f"参保人数 >= {chance.randint(2, 100)}",
            "not 失信或异常",
            "主体类型 == '企业'",
        )
        return [self._leaf(test) for test in chance.sample(tests, chance.randint(2, 4))]

    def _test(self) -> str:
        return self._other(self.chance.choice(self.pool))

    def _varied(self, node: TreeNode) -> dict[str, Any]:
        """The tree of a published rule with other values."""
        match node:
            case Condition():
                return self._leaf(self._other(node.test))
            case AllOf():
                return {"all": [self._varied(part) for part in node.parts]}
            case AnyOf():
                return {"any": [self._varied(part) for part in node.parts]}
            case AtLeast():
                return {"at_least": node.count, "of": [self._varied(part) for part in node.parts]}
            case NotOf():
                return {"not": self._varied(node.part)}

    def _other(self, test: Expression) -> str:
        match test.root:
            case syntax.Compare(operator, syntax.Name(name), syntax.Literal(value)):
                return self._compared(name, operator, value) or test.source
            case _:
                return test.source

    def _compared(self, name: str, operator: Comparison, value: Any) -> str | None:
        definition = self.facts[name]
        if definition.type is FactType.ENUM:
            if operator in (Comparison.IN, Comparison.NOT_IN):
                return f"{name} {operator.value} {self._several(definition.values)}"
            return f"{name} {operator.value} '{self.chance.choice(definition.values)}'"
        if definition.type is FactType.DATE:
            day = value + timedelta(self.chance.randint(-500, 500))
            return f"{name} {operator.value} date({day.year}, {day.month}, {day.day})"
        if definition.type in (FactType.INT, FactType.NUMBER, FactType.MONEY) and not isinstance(
            value, tuple
        ):
            return f"{name} {operator.value} {max(1, int(value * self.chance.choice(_FACTORS)))}"
        return None


def described(rules: list[RuleDocument], day: date) -> str:
    """Return in words how large the set is."""
    trees = [rule.versions[rule.number_on(day) or 0].require.formal for rule in rules]
    sizes = sorted(len(list(leaves(tree))) for tree in trees)
    distinct = {test.root for tree in trees for test in leaves(tree)}
    facts = {name for tree in trees for test in leaves(tree) for name in test.facts}
    return (
        f"{len(rules)} rules, {sum(sizes)} comparisons ({len(distinct)} distinct) of {len(facts)} facts, "
        f"{sizes[0]} to {sizes[-1]} a rule, {sizes[len(sizes) // 2]} in the middle"
    )


def kleene(rule: RuleDocument, facts: Facts, day: date, dictionary: FactDictionary) -> Truth:
    """Return what plain three-valued logic says of a rule's conditions."""
    tree = rule.versions[rule.number_on(day) or 0].require.formal
    rest = reduce(tree, Environment(facts, day, dictionary))
    return rest if isinstance(rest, Truth) else Truth.UNKNOWN
