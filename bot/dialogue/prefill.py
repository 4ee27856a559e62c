"""What a wish already says about the facts that its rules test, so that it is not asked again. Echoed before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from bot.dialogue.clauses import CLAUSE_END
from bot.dialogue.numbers_said import numbers_said
from bot.dialogue.stated import is_denied, values_stated
from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import Slot, SlotKind
from knowledge.base import Evaluated
from rules.document import DecisionTable, Score
from rules.errors import FactError
from rules.facts import FactDefinition, FactDictionary, FactType, FactValue
from rules.tree import conditions
from rules.wellformed import facts_used

SOURCE = "您说的"
LONGEST_BEFORE = 10
_OTHER_MONEY = re.compile(
    r"(营收|营业额|收入|销售额|产值|利润|贷款?|借|注册资本|资产|投资|投了|融资|工资|律师费|代理费|年费|成本|买)\D{0,6}$"
)
_SLOT_FACTS = {"注册地": SlotKind.DISTRICT}
_OURS = re.compile(r"(?:公司|我们?|厂|店|注册|登记)(?:就|是|都|也|开|设)?在(?:浙江)?(?:宁波)?市?$")
"""What makes a place the company's own, also where no rule asks for it: 公司在余姚."""


def only_tells_where(turn: Turn) -> bool:
    """Return whether the message says in which district the company is and nothing else: 注册在鄞州."""
    slot = turn.slot(SlotKind.DISTRICT)
    if slot is None or slot.value is None or not _OURS.search(turn.text[: slot.start]):
        return False
    return slot.start <= LONGEST_BEFORE and not any(mark.isalnum() for mark in turn.text[slot.end :])


def facts_said(
    turn: Turn, documents: Sequence[Evaluated], dictionary: FactDictionary
) -> dict[str, FactValue]:
    """Return the facts tested by the documents that the message states by the words of their values."""
    said: dict[str, FactValue] = {}
    tested = dict.fromkeys(name for document in documents for name in facts_tested(document))
    for name in (*tested, *(name for name in _SLOT_FACTS if name not in tested)):
        definition = dictionary.get(name)
        if definition is None:
            continue
        kind = _SLOT_FACTS.get(name)
        stated = _in_slots(turn, kind, name in tested) if kind else values_stated(definition, turn.text)
        if definition.type is FactType.SET and stated:
            said |= _read(definition, stated, turn.today)
        elif len(stated) == 1:
            said |= _read(definition, stated[0], turn.today)
    return said | _numbers(turn, documents, dictionary)


def _numbers(turn: Turn, documents: Sequence[Evaluated], dictionary: FactDictionary) -> dict[str, FactValue]:
    """Return the numbers that the message names, and its one amount as the one that a single document works with."""
    used = frozenset[str]().union(*(facts_used(document) for document in documents))
    wanted = [dictionary[name] for name in dictionary if name in used]
    said: dict[str, FactValue] = {}
    for name, number in numbers_said(turn, wanted).items():
        said |= _read(dictionary[name], number, turn.today)
    amounts = [
        slot for slot in turn.slots(SlotKind.AMOUNT) if isinstance(slot.value, int) and not slot.problem
    ]
    money = [definition for definition in wanted if definition.type is FactType.MONEY]
    if len(documents) == len(amounts) == len(money) == 1 and not said and not _is_of_else(turn, amounts[0]):
        said = _read(money[0], Decimal(str(amounts[0].value)) / 100, turn.today)
    return said


def _is_of_else(turn: Turn, amount: Slot) -> bool:
    """Return whether the words beside the amount say that it is something else: 去年营收2000万，诉讼费多少."""
    clause = CLAUSE_END.split(turn.text[: amount.start])[-1]
    return _OTHER_MONEY.search(clause) is not None


def _in_slots(turn: Turn, kind: SlotKind, tested: bool) -> list[str]:
    """Return the different values found of a kind that the message does not deny, and that are surely the company's own."""
    found = (slot for slot in turn.slots(kind) if slot.value is not None)
    ours = (slot for slot in found if tested or _OURS.search(turn.text[: slot.start]))
    return list(dict.fromkeys(str(slot.value) for slot in ours if not is_denied(turn.text, slot.start)))


def facts_tested(document: Evaluated) -> Iterator[str]:
    """Yield the facts that a rule's conditions or a table's rows test, in reading order."""
    if isinstance(document, Score):
        yield from facts_used(document)
        return
    if isinstance(document, DecisionTable):
        trees = [tree for version in document.trees for tree in version.values()]
    else:
        trees = [version.require for version in document.versions]
    for tree in trees:
        for condition in conditions(tree):
            yield from condition.test.facts


def _read(definition: FactDefinition, raw: object, today: date) -> dict[str, FactValue]:
    try:
        return {definition.name: FactValue.read(definition, raw, source=SOURCE, day=today)}
    except FactError:
        return {}
