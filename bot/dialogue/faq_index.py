"""The FAQ made searchable by words, once a revision: as a whole and within each intent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.understanding.search import WordSearch
from knowledge.base import KnowledgeBase
from knowledge.forms import Answer


@dataclass(frozen=True, slots=True)
class FaqIndex:
    """Finds entries that hold on a day."""

    entries: dict[str, Answer]
    whole: WordSearch
    within: dict[str, WordSearch]

    @classmethod
    def build(cls, knowledge: KnowledgeBase) -> FaqIndex:
        """Return the index of a revision."""
        entries = dict(knowledge.faq)
        intents = {entry.intent for entry in entries.values()}
        return cls(
            entries,
            _search(entries.values()),
            {intent: _search(e for e in entries.values() if e.intent == intent) for intent in intents},
        )

    def find(self, text: str, today: date, intent: str = "") -> list[Answer]:
        """Return at most three entries that fit the words, best first; of one intent where one is named."""
        search = self.within.get(intent) if intent else self.whole
        if search is None:
            return []
        found = [self.entries[hit.id] for hit in search.find(text)]
        return [entry for entry in found if entry.valid.holds(today)]


def _search(entries: Iterable[Answer]) -> WordSearch:
    return WordSearch((entry.id, " ".join([entry.question, *entry.aliases]), entry.text) for entry in entries)
