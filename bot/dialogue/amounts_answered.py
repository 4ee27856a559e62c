"""Reads a message as the amount or the number that a question asks for; one that is told to be of something else is not."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.dialogue.readings import Reading, Unusable, given
from bot.dialogue.turn import Turn, say
from bot.understanding.slots.slot import AmountRange, CountRange, Slot, SlotKind
from rules.facts import FactDefinition

_NONE_OF = re.compile(
    r"^(?:我们?|公司|还|都|一直|去年|上年|现在)*没有?(收入|营业额|营收|销售额|库存|存货)[的了呢啊呀吧]*[。.!！]*$"
)
_LOSS = re.compile(r"亏(损|钱|了|的|本)")
_NAMED_NUMBER = re.compile(
    r"^[^\d\-负.]{1,8}?(\d{1,12}(?:\.\d{1,2})?)(?:块钱?|元)?(?:左右|上下)?[吧的呢。]?$"
)
"""月薪5000: a number after the few words that name it."""


def read_amount(definition: FactDefinition, turn: Turn) -> Reading:
    """Return the amount in 元 that the message answers with, or None."""
    slot = turn.slot(SlotKind.AMOUNT)
    if slot is not None:
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, AmountRange):
            return Unusable(say("ask.one_amount", said=slot.text))
        if isinstance(slot.value, int):
            other = _of_another_amount(definition, turn.text[: slot.start])
            return other or given(definition, Decimal(slot.value) / 100, turn)
    bare = turn.slot(SlotKind.NUMBER)
    if bare is not None and isinstance(bare.value, Decimal):
        return given(definition, bare.value, turn)
    if _LOSS.search(turn.text) and _LOSS.search(definition.help):
        return given(definition, 0, turn)  # the help says: 亏损按 0 填
    none_of = _NONE_OF.match(turn.text)
    if none_of is not None and none_of[1] in "".join((definition.name, definition.ask, *definition.called)):
        return given(definition, 0, turn)
    named = _NAMED_NUMBER.match(turn.text)
    if named is None:
        return None
    other = _of_another_amount(definition, turn.text[: named.start(1)])
    return other or given(definition, Decimal(named[1]), turn)


_AMOUNT_OF = re.compile(
    r"(营业收入|营收|营业额|收入|销售额|产值|净?利润|毛利|贷款|借款|注册资本|资产|投资|融资|月薪|年薪|工资|律师费|代理费|年费|成本|税)[^\d，,。；;]{0,4}$"
)


def _of_another_amount(definition: FactDefinition, before: str) -> Unusable | None:
    """Return what says that the amount is told to be something else: 营收500万, asked for the taxable income.

    What the help says it is not (不是营业收入) names another amount too, so that only the question itself counts.
    """
    named = _AMOUNT_OF.search(before)
    own = "".join((definition.name, definition.ask, *definition.called))
    if named is None or named[1] in own:
        return None
    return Unusable(say("ask.another_amount", said=named[1], name=definition.name))


def read_number(definition: FactDefinition, turn: Turn) -> Reading:
    """Return the number that the message answers with, or None."""
    for kind in (SlotKind.COUNT, SlotKind.NUMBER, SlotKind.PERCENT):
        slot = turn.slot(kind)
        if slot is None:
            continue
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, CountRange):
            return Unusable(say("ask.one_number", said=slot.text))
        if kind is SlotKind.COUNT and _counts_others(definition, turn.text, slot):
            return Unusable(say("ask.another_amount", said=slot.text, name=definition.name))
        return given(definition, slot.value, turn)
    return None


_COUNTED = frozenset({"人", "件", "家", "份", "次"})
_PERSONS = re.compile(r"(?:人|名|位)(?:左右|上下)?$")


def _counts_others(definition: FactDefinition, text: str, slot: Slot) -> bool:
    """Return whether persons were counted where things are asked for, or things where persons are: 50个人, asked for patents."""
    if definition.unit not in _COUNTED:
        return False
    persons = _PERSONS.search(slot.text) is not None or text[slot.end :].startswith(("人", "员工"))
    things = not persons and not slot.text.endswith("个")
    return persons if definition.unit != "人" else things
