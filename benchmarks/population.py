"""Made-up companies in realistic proportions, from a fixed seed: for measuring, never for answers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

from rules.facts import FactData, FactDefinition, FactDictionary, Facts, FactState, FactType, FactValue

DAY = date(2026, 11, 20)
_DISTRICTS = {
    "鄞州区": 17, "慈溪市": 14, "余姚市": 12, "北仑区": 10, "海曙区": 9, "宁波国家高新区": 8, "镇海区": 6,
    "江北区": 6, "宁海县": 5, "前湾新区": 5, "奉化区": 4, "象山县": 3, "外地": 3, "宁波保税区": 1,
}  # fmt: skip
_KINDS = {"企业": 90, "个体工商户": 5, "个人": 3, "高校或科研院所": 1, "事业单位": 1}
_INDUSTRIES = {"工业": 52, "批发业": 14, "软件和信息技术服务业": 9, "零售业": 6, "建筑业": 4, "其他行业": 15}
_LIKELY = {
    "失信或异常": 0.03,
    "重大违法": 0.01,
    "有知识产权部门": 0.3,
    "已办质押贷款": 0.12,
    "有研发平台": 0.2,
}
# What comes with the register or is asked first is nearly always known.
_KNOWN_WELL = ("注册地", "主体类型", "所属行业", "成立日", "从业人数")


def company(chance: random.Random, dictionary: FactDictionary) -> dict[str, FactData]:
    """Return every fact of one company."""
    size = min(max(math.exp(chance.gauss(3.3, 1.2)), 1), 20_000)
    values: dict[str, FactData] = {}
    for name, definition in dictionary.items():
        value = _SPECIAL[name](chance, size) if name in _SPECIAL else _any(chance, definition, size)
        values[name] = _within(definition, value)
    return values


def _weighted(weights: dict[str, int]) -> Callable[[random.Random, float], FactData]:
    return lambda chance, _: chance.choices(list(weights), list(weights.values()))[0]


_SPECIAL: dict[str, Callable[[random.Random, float], FactData]] = {
    "注册地": _weighted(_DISTRICTS),
    "主体类型": _weighted(_KINDS),
    "所属行业": _weighted(_INDUSTRIES),
    "从业人数": lambda _, size: int(size),
    "参保人数": lambda chance, size: int(size * chance.uniform(0.5, 1)),
    "年营业收入": lambda chance, size: int(size * math.exp(chance.gauss(12.8, 0.7))),
    "资产总额": lambda chance, size: int(size * math.exp(chance.gauss(12.6, 0.9))),
    "成立日": lambda chance, _: DAY - timedelta(int(chance.expovariate(1 / 3300))),
    "有效发明专利数": lambda chance, size: int(chance.expovariate(1 / (0.3 + size / 25))),
    "研发费用占比": lambda chance, _: round(chance.expovariate(1 / 3.5)),
    "知识产权人员数": lambda chance, size: int(chance.expovariate(1 / (0.4 + size / 120))),
}


def _any(chance: random.Random, definition: FactDefinition, size: float) -> FactData:
    match definition.type:
        case FactType.BOOL:
            return chance.random() < _LIKELY.get(definition.name, 0.35)
        case FactType.ENUM:
            # The last value is most often "none of these"; it is also the most common one.
            return definition.values[-1] if chance.random() < 0.4 else chance.choice(definition.values)
        case FactType.SET:
            return frozenset(value for value in definition.values if chance.random() < 0.3)
        case FactType.DATE:
            return DAY - timedelta(int(chance.uniform(-400, 2500)))
        case FactType.MONEY:
            return int(math.exp(chance.gauss(12, 1.8)))
        case FactType.INT:
            return int(chance.expovariate(1 / (1 + size / 30)))
        case FactType.NUMBER:
            return round(chance.expovariate(1 / 8))
        case _:
            return "—"


def _within(definition: FactDefinition, value: FactData) -> FactData:
    if isinstance(value, bool | str | frozenset):
        return value
    low, high = definition.minimum, definition.maximum
    value = low if low is not None and value < low else value  # type: ignore[operator,assignment]
    return high if high is not None and value > high else value  # type: ignore[operator,return-value]


class Population:
    """Many companies of which not everything is known. Equal facts are shared, as memory is not what is measured."""

    def __init__(self, dictionary: FactDictionary, seed: int) -> None:
        self._dictionary = dictionary
        self._chance = random.Random(seed)
        self._shared: dict[tuple[str, FactData], FactValue] = {}

    def known(self) -> Facts:
        """Return what is known of the next company: the register's facts nearly always, others often not."""
        facts: dict[str, FactValue] = {}
        told = self._chance.choice((0.05, 0.2, 0.4, 0.7))  # how far the company has told about itself
        for name, value in company(self._chance, self._dictionary).items():
            if self._chance.random() < (0.95 if name in _KNOWN_WELL else told):
                key = (name, value)
                if key not in self._shared:
                    self._shared[key] = FactValue(FactState.VALUE, value)
                facts[name] = self._shared[key]
        return Facts(facts)
