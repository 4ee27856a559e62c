"""The rules, tables and scores that a goal is about."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.base import Evaluated
from knowledge.loader import KnowledgeBase
from rules.document import Score

Document = Evaluated
PURPOSE = "评分用途"
"""What a score is for: it says how much each dimension weighs. Kept in the goal, never asked: buttons change it."""


def documents(knowledge: KnowledgeBase, targets: Iterable[str]) -> tuple[Document, ...]:
    """Return the rules, tables and scores of these ids that the published knowledge has."""
    shelves = (knowledge.rules, knowledge.tables, knowledge.scores)
    found = (next((shelf[name] for shelf in shelves if name in shelf), None) for name in targets)
    return tuple(document for document in found if document is not None)


def purposes_of(document: Document) -> tuple[str, ...]:
    """Return what a score can be made for, the usual purpose first; nothing for rules and tables."""
    return tuple(document.versions[-1].purposes) if isinstance(document, Score) else ()
