"""The shipped knowledge and an understanding trained on it, once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.faq_index import FaqIndex
from bot.understanding.understand import Understanding
from knowledge.intent_examples import load_intent_examples
from knowledge.loader import KnowledgeBase, load_knowledge
from tests.trained_model import MODEL

KNOWLEDGE = Path(__file__).parents[4] / "knowledge"


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    return load_knowledge(KNOWLEDGE)


@pytest.fixture(scope="session")
def faq(knowledge: KnowledgeBase) -> FaqIndex:
    return FaqIndex.build(knowledge)


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return Understanding.load(load_intent_examples(KNOWLEDGE), kept=MODEL)
