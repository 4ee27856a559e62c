"""Fields: what is asked for one computation and is no lasting fact of the company. Defined like facts, in `fields.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.dialogue.goals.inputs import PREFIX, definition_of_input
from bot.dialogue.turn import Turn
from rules.facts import FactDefinition, FactDictionary

FIELDS = FactDictionary.parse(
    yaml.safe_load(Path(__file__).with_name("fields.yaml").read_text(encoding="utf-8"))
)


def definition_of(turn: Turn, name: str) -> FactDefinition:
    """Return the definition of a field, an input of the law tables, or a fact. Raises KeyError."""
    if name in FIELDS:
        return FIELDS[name]
    if name.startswith(PREFIX):
        return definition_of_input(turn.world.knowledge.law, name.removeprefix(PREFIX))
    return turn.world.knowledge.facts[name]


def is_known(turn: Turn, name: str) -> bool:
    """Return whether there is a field, input or fact of this name."""
    try:
        definition_of(turn, name)
    except KeyError:
        return False
    return True


def is_company_fact(turn: Turn, name: str) -> bool:
    """Return whether the name is a fact of the published dictionary."""
    return name not in FIELDS and not name.startswith(PREFIX) and name in turn.world.knowledge.facts


def label_of(turn: Turn, name: str) -> str:
    """Return what the field, input or fact is called before people."""
    if name.startswith(PREFIX):
        return turn.world.knowledge.law.inputs[name.removeprefix(PREFIX)].label
    return name
