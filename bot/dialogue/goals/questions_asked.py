"""The next question over rules and tables, remembered: it depends on nothing but the rules, the facts and the day.

Most owners begin with the same few facts, and choosing among the rows of a table takes some milliseconds.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date

from bot.dialogue.goals.documents import Document
from knowledge.loader import KnowledgeBase
from rules.facts import Facts
from rules.questions import Question, next_question

MOST = 2048
_remembered: OrderedDict[tuple[object, ...], tuple[tuple[Document, ...], Question | None]] = OrderedDict()
"""Holds the documents too, so that the identity in the key stays theirs."""


def question_over(
    knowledge: KnowledgeBase, documents: tuple[Document, ...], facts: Facts, today: date
) -> Question | None:
    """Return the fact that decides most for its cost, or None when all is decided."""
    key = (tuple(id(document) for document in documents), frozenset(facts.items()), today)
    if key in _remembered:
        _remembered.move_to_end(key)
        return _remembered[key][1]
    question = next_question(documents, facts, today, knowledge.facts)
    _remembered[key] = (documents, question)
    if len(_remembered) > MOST:
        _remembered.popitem(last=False)
    return question
