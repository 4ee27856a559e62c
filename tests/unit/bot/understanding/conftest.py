"""One trained understanding for all tests of this folder: training takes a second or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamples, load_intent_examples
from tests.trained_model import MODEL

KNOWLEDGE = Path(__file__).parents[4] / "knowledge"


@pytest.fixture(scope="session")
def intent_examples() -> tuple[IntentExamples, ...]:
    return load_intent_examples(KNOWLEDGE)


@pytest.fixture(scope="session")
def understanding(intent_examples: tuple[IntentExamples, ...]) -> Understanding:
    return Understanding.load(intent_examples, kept=MODEL)
