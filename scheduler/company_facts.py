"""What is stored of a company, as the facts that rules test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.errors import FactError
from rules.facts import FactDictionary, Facts, FactState, FactValue
from store.records import StoredFact


def read_facts(stored: Iterable[StoredFact], dictionary: FactDictionary, today: date) -> Facts:
    """Return the facts that may still be used today; stale ones and those no longer defined count as not asked."""
    known: dict[str, FactValue] = {}
    for fact in stored:
        definition = dictionary.get(fact.name)
        if definition is None:
            continue
        try:
            if FactState(fact.state) is FactState.VALUE:
                value = FactValue.read(definition, fact.value, source=fact.source, day=fact.day)
            else:
                value = FactValue(FactState(fact.state), None, fact.source, fact.day)
        except (FactError, ValueError):
            continue
        if value.is_fresh(definition, today):
            known[fact.name] = value
    return Facts(known)
