"""A message → what it says, what it wants and how sure that is: answer, ask which of two, or say honestly "I do not know"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.understanding.exact import ExactTerms
from bot.understanding.intents import Intent
from bot.understanding.kept import KeptModel
from bot.understanding.masks import mask, without_filler
from bot.understanding.memory import give_back
from bot.understanding.model import Example, IntentModel, Ranked
from bot.understanding.normalise import normalise
from bot.understanding.rerank import Reranker
from bot.understanding.slots import Slot, SlotKind, find_slots
from bot.understanding.slots.numerals import CHINESE
from knowledge.intent_examples import IntentExamples


class Verdict(StrEnum):
    """What the conversation should do with the message."""

    ANSWER = "answer"  # the intent is sure enough to be acted on
    CHOOSE = "choose"  # ask: A 还是 B？
    REFUSE = "refuse"  # outside what we know: say so and offer a person


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything that was understood of one message."""

    original: str
    text: str
    slots: tuple[Slot, ...]
    intent: Intent
    """The likeliest wish; OUT_OF_SCOPE when refused."""
    confidence: float
    """The calibrated probability that `intent` is right, 0 to 1."""
    verdict: Verdict
    alternatives: tuple[tuple[Intent, float], ...]
    """The likeliest intents in scope with their probabilities, best first (also when refused: what was nearest)."""
    second: Intent | None
    """A second wish in the same message."""
    off_topic: bool
    """The message is not about intellectual property at all."""
    gate: float = 0.0
    """How far inside the field it is by the model; below 0 it is refused."""

    def settled_on(self, intent: Intent) -> Understood:
        """Return the message as one that wants `intent`, which must be among the alternatives."""
        likely = dict(self.alternatives)
        others = tuple(pair for pair in self.alternatives if pair[0] is not intent)
        return replace(
            self,
            intent=intent,
            confidence=likely[intent],
            verdict=Verdict.ANSWER,
            alternatives=((intent, likely[intent]), *others),
            second=None,
            off_topic=False,
        )


MOST_ALTERNATIVES = 5
SURE = 0.55
"""From this probability on the best intent is acted on."""
CLEARLY_AHEAD = 0.25
"""Below SURE it is acted on when it leads the next one by this much."""
SURE_WISH = 0.5
SURE_EXACT = 0.99
LEAST_KNOWN = 0.12
"""A text of which hardly an n-gram was ever seen is refused, whatever the bias says."""

_BREAK = re.compile(
    r"[,。!?;]+\s*|\s+(?=还有|另外|顺便|同时)|(?:还有就是|还有|另外|顺便|同时|以及|再问一下|再问下|对了)[,\s]*"
)
_BREAK_OR_AND = re.compile(rf"{_BREAK.pattern}|[和跟与、]")
"""商标续展和专利质押怎么办: only where the whole is not clear, for 和 stands in one wish as well."""
_KEEP = re.compile("记|登|加|录|盯|提醒|管|删|改|导入|上传|补|存")
_IDENTIFIERS = (SlotKind.APPLICATION_NUMBER, SlotKind.REGISTRATION_NUMBER)
_LETTERS = re.compile(r"[a-z\u4e00-\u9fff]", re.IGNORECASE)
_WORDS = re.compile(rf"(?![{CHINESE}])[a-z\u4e00-\u9fff]", re.IGNORECASE)
"""A letter or character that is no numeral."""


class Understanding:
    """Understands messages. Made by `load` once at start; `understand` may then be called from any thread."""

    def __init__(
        self, model: IntentModel, exact: ExactTerms, reranker: Reranker, names: dict[Intent, str]
    ) -> None:
        self._model = model
        self._exact = exact
        self._reranker = reranker
        self.names = names
        """What a button says of each intent."""

    @classmethod
    def load(
        cls, examples: Iterable[IntentExamples], day: date | None = None, kept: Path | None = None
    ) -> Understanding:
        """Train on `examples` (knowledge.intent_examples) and return what understands; takes some seconds.

        `day` only serves to mask the dates of the examples. With `kept`, a file, what was trained before on the same
        examples is taken from there, and kept there when it was not. Raises TooFewExamplesError for an intent without
        examples.
        """
        groups = [(Intent(group.intent), group) for group in examples]
        written = day or date(2026, 1, 1)
        file = KeptModel(kept, (written, *groups)) if kept is not None else None
        found = file.read() if file is not None else None
        if found is None:
            found = _trained(groups, written)
            if file is not None:
                file.write(*found)
        training, model = found
        return cls(
            model,
            ExactTerms(
                ((text, intent) for intent, group in groups for text in group.examples),
                {intent: group.aliases for intent, group in groups},
            ),
            Reranker(training),
            {intent: group.name for intent, group in groups},
        )

    def understand(self, text: str, today: date) -> Understood:
        """Return what `text` says and wants; `today` is its day in Asia/Shanghai. Never raises on any text."""
        normalised = normalise(text)
        slots = find_slots(normalised.text, today)
        bare = without_filler(normalised.text)
        exact = self._exact.find(normalised.text) or self._exact.find(bare)
        read = without_filler(mask(normalised.text, slots))
        ranked = self._model.rank(read)
        intents = self._reranker.rerank(read, ranked.intents)
        if exact is not None:
            verdict, intents = _settled(exact, intents)
        elif only := _only_an_identifier(normalised.text, slots):
            verdict, intents = only
        else:
            verdict = _verdict(normalised.text, slots, ranked, intents)
        refused = verdict is Verdict.REFUSE
        breaks = _BREAK_OR_AND if verdict is Verdict.CHOOSE else _BREAK
        wishes = [] if refused else self._wishes(breaks.split(normalised.text), today)
        if verdict is Verdict.CHOOSE and len({wish for _, wish in wishes}) > 1:
            # Not A or B but A and B: the one said first is answered first.
            verdict, intents = Verdict.ANSWER, _led_by(wishes[0][1], intents)
        return Understood(
            original=text,
            text=normalised.text,
            slots=slots,
            intent=Intent.OUT_OF_SCOPE if refused else intents[0][0],
            confidence=_refusal_confidence(ranked) if refused else intents[0][1],
            verdict=verdict,
            alternatives=intents[:MOST_ALTERNATIVES],
            second=max(
                ((likely, wish) for likely, wish in wishes if wish is not intents[0][0]), default=(0.0, None)
            )[1],
            off_topic=refused,
            gate=ranked.gate,
        )

    def _wishes(self, parts: Iterable[str], today: date) -> list[tuple[float, Intent]]:
        """Return the wishes that the parts of a message say surely, in their order, each with its probability."""
        clauses = [part.strip() for part in parts if len(part.strip()) >= 4]
        if not 2 <= len(clauses) <= 8:
            return []
        wishes: list[tuple[float, Intent]] = []
        for clause in clauses:
            read = without_filler(mask(clause, find_slots(clause, today)))
            ranked = self._model.rank(read)
            exact = self._exact.find(clause)
            best, likely = (exact, SURE_EXACT) if exact else ranked.intents[0]
            if best is Intent.ADD_ASSET and not _KEEP.search(clause):
                continue  # 我有一件发明专利 tells the story; it asks for nothing
            sure = likely >= SURE_WISH and (exact or ranked.gate > 0)
            if sure and best not in (Intent.SMALLTALK, Intent.OUT_OF_SCOPE):
                wishes.append((likely, best))
        return wishes


def _trained(
    groups: Iterable[tuple[Intent, IntentExamples]], written: date
) -> tuple[list[Example], IntentModel]:
    training = [
        Example(readable(text, written), intent)
        for intent, group in groups
        for text in (*group.examples, *group.aliases)
    ]
    model = IntentModel.train(training)
    give_back()
    return training, model


def readable(text: str, day: date) -> str:
    """Return `text` as the model reads it: normalised, masked, without filler."""
    plain = normalise(text).text
    return without_filler(mask(plain, find_slots(plain, day)))


def _settled(
    exact: Intent, intents: tuple[tuple[Intent, float], ...]
) -> tuple[Verdict, tuple[tuple[Intent, float], ...]]:
    if exact is Intent.OUT_OF_SCOPE:
        return Verdict.REFUSE, intents
    rest = 1.0 - SURE_EXACT
    others = tuple((intent, likely * rest) for intent, likely in intents if intent is not exact)
    return Verdict.ANSWER, ((exact, SURE_EXACT), *others)


def _led_by(first: Intent, intents: tuple[tuple[Intent, float], ...]) -> tuple[tuple[Intent, float], ...]:
    return tuple(sorted(intents, key=lambda pair: pair[0] is not first))


def _only_an_identifier(
    text: str, slots: tuple[Slot, ...]
) -> tuple[Verdict, tuple[tuple[Intent, float], ...]] | None:
    """A number and nothing else: to be remembered, or to be asked about? We ask."""
    numbers = [slot for slot in slots if slot.kind in _IDENTIFIERS]
    if not numbers:
        return None
    rest = text
    for slot in reversed(numbers):
        rest = rest[: slot.start] + rest[slot.end :]
    if _LETTERS.search(rest):
        return None
    asked = Intent.ANNUITY_FEE if numbers[0].kind is SlotKind.APPLICATION_NUMBER else Intent.TRADEMARK_RENEWAL
    return Verdict.CHOOSE, ((Intent.ADD_ASSET, 0.5), (asked, 0.3))


def _says_something(text: str, slots: tuple[Slot, ...]) -> bool:
    """A day, an amount or a place alone answers a question, if one is open; it is no wish."""
    rest = list(text)
    for slot in slots:
        if slot.kind is not SlotKind.RIGHT_TYPE:
            rest[slot.start : slot.end] = " " * (slot.end - slot.start)
    return bool(_WORDS.search("".join(rest)))


def _verdict(
    text: str, slots: tuple[Slot, ...], ranked: Ranked, intents: tuple[tuple[Intent, float], ...]
) -> Verdict:
    if not _says_something(text, slots) or ranked.known < LEAST_KNOWN or ranked.gate < 0:
        return Verdict.REFUSE
    best, next_best = intents[0][1], intents[1][1]
    if best >= SURE or best - next_best >= CLEARLY_AHEAD:
        return Verdict.ANSWER
    return Verdict.CHOOSE


def _refusal_confidence(ranked: Ranked) -> float:
    return min(0.99, 0.5 + max(0.0, -ranked.gate) / 2)
