"""What a wish already says about the facts that its rules test, so that it is not asked again. Echoed before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import SlotKind
from rules.document import DecisionTable, RuleDocument
from rules.errors import FactError
from rules.facts import FactDefinition, FactDictionary, FactType, FactValue
from rules.tree import conditions

SOURCE = "您说的"
SHORTEST_WORD = 2
_SLOT_FACTS = {SlotKind.DISTRICT: "注册地"}


def facts_said(
    turn: Turn, documents: Iterable[RuleDocument | DecisionTable], dictionary: FactDictionary
) -> dict[str, FactValue]:
    """Return the facts tested by the documents that the message states by the words of their values."""
    said: dict[str, FactValue] = {}
    for kind, name in _SLOT_FACTS.items():
        slot = turn.slot(kind)
        if slot is not None and slot.value is not None and name in dictionary:
            said |= _read(dictionary[name], str(slot.value), turn.today)
    for name in dict.fromkeys(name for document in documents for name in facts_tested(document)):
        definition = dictionary.get(name)
        if definition is None or name in said:
            continue
        words = _spoken(definition, turn.text)
        if definition.type is FactType.ENUM and len(words) == 1:
            said |= _read(definition, words[0], turn.today)
        elif definition.type is FactType.SET and words:
            said |= _read(definition, words, turn.today)
        elif definition.type is FactType.BOOL and definition.aliases:
            said |= _from_aliases(definition, turn)
    return said


def facts_tested(document: RuleDocument | DecisionTable) -> Iterator[str]:
    """Yield the facts that a rule's conditions or a table's rows test, in reading order."""
    if isinstance(document, DecisionTable):
        trees = [tree for version in document.trees for tree in version.values()]
    else:
        trees = [version.require for version in document.versions]
    for tree in trees:
        for condition in conditions(tree):
            yield from condition.test.facts


def _spoken(definition: FactDefinition, text: str) -> list[str]:
    """Return the values whose own word, or an alias of at least two characters, stands in the text."""
    return [
        value
        for value in definition.values
        if any(
            len(word) >= SHORTEST_WORD and word in text
            for word in (value, *definition.aliases.get(value, ()))
        )
    ]


def _from_aliases(definition: FactDefinition, turn: Turn) -> dict[str, FactValue]:
    for value, words in definition.aliases.items():
        if any(len(word) >= SHORTEST_WORD and word in turn.text for word in words):
            return _read(definition, value, turn.today)
    return {}


def _read(definition: FactDefinition, raw: object, today: date) -> dict[str, FactValue]:
    try:
        return {definition.name: FactValue.read(definition, raw, source=SOURCE, day=today)}
    except FactError:
        return {}
