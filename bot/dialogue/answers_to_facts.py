"""Reads a message as the answer to an open question about a fact of the dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.dialogue.turn import Turn, say
from bot.understanding.fuzzy import match_name
from bot.understanding.slots.slot import AmountRange, CountRange, Period, Slot, SlotKind
from bot.understanding.slots.yes_no import Answer
from rules.errors import FactError
from rules.facts import FactDefinition, FactType, FactValue

SAID = "您说的"


@dataclass(frozen=True, slots=True)
class Given:
    """The fact as the person gave it."""

    fact: FactValue


@dataclass(frozen=True, slots=True)
class Declined:
    """不清楚: not asked again in this goal."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """It is meant as an answer, and this is what is wrong with it."""

    problem: str


Reading = Given | Declined | Unusable | None


def read_answer(definition: FactDefinition, turn: Turn) -> Reading:
    """Return how the message answers the question, or None when it is not an answer to it."""
    answer = turn.slot(SlotKind.ANSWER)
    if answer is not None and answer.value == Answer.UNCLEAR:
        return Declined()
    found = _from_slots(definition, turn, answer)
    if found is not None:
        return found
    return read_words(definition, turn.text, turn.today)


def read_words(definition: FactDefinition, text: str, today: date) -> Reading:
    """Return how plain words answer the question: the words of its values, their aliases, or close to one."""
    try:
        return Given(FactValue.read(definition, text, source=SAID, day=today))
    except FactError as error:
        if definition.type in (FactType.ENUM, FactType.SET):
            return _by_name(definition, text, today)
        if definition.type in (FactType.MONEY, FactType.INT, FactType.NUMBER) and _looks_like_number(text):
            return Unusable(str(error))
        return None


def _looks_like_number(text: str) -> bool:
    return any(character.isdigit() for character in text) and len(text) <= 24


def _by_name(definition: FactDefinition, text: str, today: date) -> Reading:
    if definition.type is FactType.SET:
        named = [value for value in definition.values if _names(definition, value, text)]
        if named:
            return Given(FactValue.read(definition, named, source=SAID, day=today))
    said = [value for value in definition.values if _names(definition, value, text)]
    if len(said) == 1:
        return Given(FactValue.read(definition, said[0], source=SAID, day=today))
    if len(text) > 12:
        return None
    match = match_name(text, definition.values)
    if match.name is not None:
        return Given(FactValue.read(definition, match.name, source=SAID, day=today))
    return None


def _names(definition: FactDefinition, value: str, text: str) -> bool:
    return value in text or any(alias in text for alias in definition.aliases.get(value, ()))


def _from_slots(definition: FactDefinition, turn: Turn, answer: Slot | None) -> Reading:
    match definition.type:
        case FactType.BOOL if answer is not None:
            return _given(definition, answer.value == Answer.YES, turn)
        case FactType.DATE:
            if answer is not None and answer.value in (Answer.NONE, Answer.NO) and definition.absent:
                return _given(definition, definition.absent, turn)
            return _day(definition, turn)
        case FactType.MONEY:
            return _amount(definition, turn)
        case FactType.INT | FactType.NUMBER:
            if answer is not None and answer.value == Answer.NONE:
                return _given(definition, 0, turn)
            return _number(definition, turn)
    return None


def _given(definition: FactDefinition, raw: object, turn: Turn) -> Reading:
    try:
        return Given(FactValue.read(definition, raw, source=SAID, day=turn.today))
    except FactError as error:
        return Unusable(str(error))


def _day(definition: FactDefinition, turn: Turn) -> Reading:
    slot = turn.slot(SlotKind.DATE)
    if slot is None:
        return None
    if slot.problem:
        return Unusable(slot.problem)
    if isinstance(slot.value, date):
        return _given(definition, slot.value, turn)
    return Unusable(which_day(slot))


def which_day(slot: Slot) -> str:
    """Return the sentence that asks which day was meant."""
    if isinstance(slot.value, Period):
        return say("ask.whole_day", said=slot.text)
    return say("ask.which_day", said=slot.text)


def _amount(definition: FactDefinition, turn: Turn) -> Reading:
    slot = turn.slot(SlotKind.AMOUNT)
    if slot is not None:
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, AmountRange):
            return Unusable(say("ask.one_amount", said=slot.text))
        if isinstance(slot.value, int):
            return _given(definition, Decimal(slot.value) / 100, turn)
    bare = turn.slot(SlotKind.NUMBER)
    if bare is not None and isinstance(bare.value, Decimal):
        return _given(definition, bare.value, turn)
    return None


def _number(definition: FactDefinition, turn: Turn) -> Reading:
    for kind in (SlotKind.COUNT, SlotKind.NUMBER, SlotKind.PERCENT):
        slot = turn.slot(kind)
        if slot is None:
            continue
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, CountRange):
            return Unusable(say("ask.one_number", said=slot.text))
        return _given(definition, slot.value, turn)
    return None
