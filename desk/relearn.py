"""What filed messages would teach: trained with and without them, compared on examples that neither has seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.understanding.evaluate import Labelled, Report, check_not_trained_on, evaluate
from bot.understanding.intents import Intent
from bot.understanding.masks import key_of
from bot.understanding.normalise import normalise
from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamples, parse_intent_examples
from knowledge.learned import PATH, learned, with_filed, with_learned
from knowledge.service import Content

RUN: Final = 4  # neighbours in a file often vary one another: a whole run is held out
EVERY: Final = 5
MOST_WORSE: Final = 0.01
Filed = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both figures on the same held-out examples, and the text that would be published."""

    before: Report
    after: Report
    added: int
    text: str

    @property
    def worse(self) -> bool:
        """Return whether what is understood today would suffer by more than chance: then it is not published."""
        inside, outside = self.before.in_scope, self.before.rows - self.before.in_scope
        return (
            _lost(self.before.accuracy_end_to_end, self.after.accuracy_end_to_end, inside)
            or _lost(self.before.out_of_scope_recall, self.after.out_of_scope_recall, outside)
            or _lost(1 - self.before.false_refusals, 1 - self.after.false_refusals, inside)
        )

    def rows(self) -> tuple[tuple[str, float, float], ...]:
        """Return each figure's name with its share before and after."""
        before, after = self.before, self.after
        return (
            ("直接答对", before.accuracy_end_to_end, after.accuracy_end_to_end),
            ("前三个里有正确的", before.top_three, after.top_three),
            ("误拒（越低越好）", before.false_refusals, after.false_refusals),
            ("认出不归我们管的", before.out_of_scope_recall, after.out_of_scope_recall),
        )

    def note(self) -> str:
        """Return the comparison in a line, for the second person."""
        figures = "，".join(f"{name}{old:.1%}→{new:.1%}" for name, old, new in self.rows())
        return f"新增{self.added}句说法；留出{self.before.rows}句比较：{figures}"


def compare(content: Content, filed: Filed, today: date) -> Comparison:
    """Train twice and return how both do. Takes some seconds. Raises KnowledgeError for what contradicts the examples."""
    text = with_filed(content.documents, filed)
    shipped = parse_intent_examples(content.documents)
    whole = with_learned(
        shipped, learned({PATH: text})
    )  # a contradiction shows here, before anything is trained
    kept, rows = hold_out(shipped)
    old, new = (_trainable(kept, shipped, learned(documents))
                for documents in (content.documents, {PATH: text}))  # fmt: skip
    trained = {_key(example) for group in new for example in (*group.examples, *group.aliases)}
    unseen = [row for row in rows if _key(row.text) not in trained]
    check_not_trained_on(unseen, new)
    added = sum(len(group.examples) for group in whole) - sum(
        len(group.examples) for group in content.examples
    )
    return Comparison(
        evaluate(Understanding.load(old), unseen, today),
        evaluate(Understanding.load(new), unseen, today),
        added,
        text,
    )


def _lost(before: float, after: float, rows: int) -> bool:
    """Return whether a share fell by more than a point and more than its standard error.

    A single new example moves the border of the gate a little, and with it a few of some eighty rows out of scope.
    """
    error = math.sqrt(before * (1 - before) / rows) if rows else 1.0
    return before - after > max(MOST_WORSE, error)


def hold_out(examples: Iterable[IntentExamples]) -> tuple[tuple[IntentExamples, ...], tuple[Labelled, ...]]:
    """Return the examples without every fifth run of neighbours, and those runs as labelled messages."""
    kept: list[IntentExamples] = []
    rows: list[Labelled] = []
    for group in examples:
        out = [text for place, text in enumerate(group.examples) if place // RUN % EVERY == EVERY - 1]
        rest = tuple(text for place, text in enumerate(group.examples) if place // RUN % EVERY != EVERY - 1)
        rows += [Labelled(text, frozenset({Intent(group.intent)}), {}) for text in out]
        kept.append(group.model_copy(update={"examples": rest}))
    return tuple(kept), tuple(rows)


def _trainable(
    kept: Sequence[IntentExamples], shipped: Sequence[IntentExamples], filed: dict[str, tuple[str, ...]]
) -> tuple[IntentExamples, ...]:
    """Return the kept examples with the filed messages that are not held-out examples themselves."""
    known = {_key(text) for group in shipped for text in group.examples}
    fresh = {
        intent: tuple(text for text in messages if _key(text) not in known)
        for intent, messages in filed.items()
    }
    return with_learned(kept, fresh)


def _key(text: str) -> str:
    return key_of(normalise(text).text)
