"""The intents' examples: every intent has enough of its own, and none says two things."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.errors import TooFewExamplesError
from bot.understanding.intents import IN_SCOPE, Intent
from bot.understanding.masks import key_of
from bot.understanding.model import Example, IntentModel
from bot.understanding.normalise import normalise
from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamples, IntentExamplesError, load_intent_examples


def test_every_intent_has_its_file_with_enough_examples(intent_examples: tuple[IntentExamples, ...]) -> None:
    numbers = {group.intent: len(group.examples) for group in intent_examples}
    assert set(numbers) == {intent.value for intent in Intent}
    assert min(numbers[intent] for intent in IN_SCOPE) >= 40
    assert numbers[Intent.OUT_OF_SCOPE] >= 400


def test_examples_differ_by_more_than_punctuation(intent_examples: tuple[IntentExamples, ...]) -> None:
    homes: dict[str, set[str]] = {}
    for group in intent_examples:
        for text in group.examples:
            homes.setdefault(key_of(normalise(text).text) or text, set()).add(group.intent)
    assert {key: intents for key, intents in homes.items() if len(intents) > 1} == {}


def test_every_intent_has_a_name_for_its_button(understanding: Understanding) -> None:
    assert set(understanding.names) == set(Intent)


def test_an_intent_without_examples_is_refused() -> None:
    with pytest.raises(TooFewExamplesError, match="annuity_fee"):
        IntentModel.train([Example("年费逾期", Intent.ANNUITY_LATE)] * 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("intent: x\n", "name"),
        ("intent: other\nname: 甲\ncovers: c\nexamples: [a, b]\n", "named"),
        ("intent: x\nname: 甲\ncovers: c\nexamples: [a, a]\n", "written twice"),
        ("intent: x\nname: 甲\ncovers: c\nexamples: [yes, b]\n", "string"),
        ("intent: x\nname: 甲\ncovers: c\nexamples: ['  ']\n", "blank"),
        ("intent: [\n", "x.yaml"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "x.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(IntentExamplesError, match=reason):
        load_intent_examples(tmp_path)


def test_an_example_under_two_intents_is_refused(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    for name in ("x", "y"):
        text = f"intent: {name}\nname: 甲\ncovers: c\nexamples: [同一句话]\n"
        (tmp_path / "intents" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(IntentExamplesError, match="both x and y"):
        load_intent_examples(tmp_path)


def test_no_examples_at_all(tmp_path: Path) -> None:
    with pytest.raises(IntentExamplesError, match="no intent examples"):
        load_intent_examples(tmp_path)
