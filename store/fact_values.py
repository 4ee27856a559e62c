"""Facts between their stored JSON form and the values that rules test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rules.errors import FactError
from rules.facts import FactDictionary, Facts, FactState, FactValue
from store.records import StoredFact


def to_json(value: Any) -> Any:
    """Return a fact's value as JSON: days as ISO text, sets as sorted lists, decimals as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal):
        return str(value)
    return value


def to_stored(facts: Mapping[str, FactValue], today: date) -> list[StoredFact]:
    """Return facts as the store keeps them."""
    return [
        StoredFact(
            name=name,
            state=fact.state.value,
            value=to_json(fact.value),
            source=fact.source,
            day=fact.day or today,
        )
        for name, fact in facts.items()
    ]


def from_stored(stored: Iterable[StoredFact], dictionary: FactDictionary, today: date) -> Facts:
    """Return stored facts as values. Facts that the dictionary no longer has, or that are stale, are left out."""
    known: dict[str, FactValue] = {}
    for fact in stored:
        definition = dictionary.get(fact.name)
        if definition is None:
            continue
        try:
            state = FactState(fact.state)
            read = (
                FactValue.read(definition, fact.value, source=fact.source, day=fact.day)
                if state is FactState.VALUE
                else FactValue(state, None, fact.source, fact.day)
            )
        except (FactError, ValueError):
            continue  # the dictionary's values changed since, or it is of a newer version: it is asked again
        if read.is_fresh(definition, today):
            known[fact.name] = read
    return Facts(known)
