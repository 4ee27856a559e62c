"""The rules and tables that a goal is about."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.loader import KnowledgeBase
from rules.document import DecisionTable, RuleDocument

Document = RuleDocument | DecisionTable


def documents(knowledge: KnowledgeBase, targets: Iterable[str]) -> tuple[Document, ...]:
    """Return the rules and tables of these ids that the published knowledge has."""
    found = (knowledge.rules.get(target) or knowledge.tables.get(target) for target in targets)
    return tuple(document for document in found if document is not None)
